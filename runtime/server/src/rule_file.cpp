#include "rule_file.h"

#include <span>

namespace seabag::server {

Result<std::optional<std::string>> RuleFile::read() {
  using Text = std::optional<std::string>;
  const auto asset = assets_->find(path_);
  if (!asset || asset->type != vfs::FileType::regular) {
    is_there_ = false;
    return Text(std::string());
  }
  if (is_there_ && asset->content_hash == content_hash_ && asset->modified == modified_) {
    return Text();
  }
  // Remembered before it is read: a file with a fault is told of once.
  is_there_ = true;
  content_hash_ = asset->content_hash;
  modified_ = asset->modified;
  const vfs::Representation& content = asset->representation(vfs::Encoding::identity);
  if (content.length > longest_) {
    return make_error(std::errc::file_too_large, "read", path_, "longer than its rules can be");
  }
  std::string text(static_cast<std::size_t>(content.length), '\0');
  if (asset->file != nullptr && content.bytes.empty()) {
    text.resize(SEABAG_TRY(asset->file->read_at(std::as_writable_bytes(std::span(text)), 0)));
    return Text(std::move(text));
  }
  for (std::size_t i = 0; i < content.bytes.size(); ++i) {
    text[i] = static_cast<char>(content.bytes[i]);
  }
  return Text(std::move(text));
}

}  // namespace seabag::server
