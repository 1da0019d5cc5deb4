#include "redirects.h"

#include <string_view>
#include <utility>

namespace seabag::server {
namespace {

constexpr std::string_view kPath = "/_redirects";
/// More than the most rules of the longest lines.
constexpr std::uint64_t kMaxLength =
    (http::kMaxStaticRedirects + http::kMaxDynamicRedirects) * (http::kMaxRuleLine + 2);

Result<std::string> read_content(const vfs::Asset& asset) {
  const vfs::Representation& content = asset.representation(vfs::Encoding::identity);
  if (content.length > kMaxLength) {
    return make_error(std::errc::file_too_large, "read", kPath, "longer than its rules can be");
  }
  std::string text(static_cast<std::size_t>(content.length), '\0');
  if (asset.file != nullptr && content.bytes.empty()) {
    const std::size_t size =
        SEABAG_TRY(asset.file->read_at(std::as_writable_bytes(std::span(text)), 0));
    text.resize(size);
    return text;
  }
  for (std::size_t i = 0; i < content.bytes.size(); ++i) {
    text[i] = static_cast<char>(content.bytes[i]);
  }
  return text;
}

}  // namespace

Result<void> Redirects::load() {
  const auto asset = assets_->find(kPath);
  if (!asset || asset->type != vfs::FileType::regular) {
    rules_ = http::RedirectRules();
    is_loaded_ = false;
    return {};
  }
  if (is_loaded_ && asset->content_hash == content_hash_ && asset->modified == modified_) {
    return {};
  }
  // Remembered before it is read: a file with a fault is told of once.
  is_loaded_ = true;
  content_hash_ = asset->content_hash;
  modified_ = asset->modified;
  const std::string text = SEABAG_TRY(read_content(*asset));
  rules_ = SEABAG_TRY(http::RedirectRules::parse(text));
  return {};
}

}  // namespace seabag::server
