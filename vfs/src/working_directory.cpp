#include "seabag/vfs/working_directory.h"

#include <utility>

namespace seabag::vfs {

Result<void> WorkingDirectory::change(std::string_view path) {
  constexpr const char* kOperation = "chdir";
  const auto named = [&](Error error) {
    error.operation = kOperation;
    error.path = path;
    return error;
  };
  auto place = files_->real_path(*this / path);
  if (!place) {
    return named(std::move(place).error());
  }
  const auto attributes = files_->stat(*place);
  if (!attributes) {
    return named(attributes.error());
  }
  if (attributes->type != FileType::directory) {
    return make_error(std::errc::not_a_directory, kOperation, path);
  }
  path_ = std::move(place).take();
  return {};
}

std::string WorkingDirectory::operator/(std::string_view path) const {
  if (path.empty() || path.starts_with('/')) {
    return std::string(path);
  }
  std::string whole = path_;
  if (!whole.ends_with('/')) {
    whole.push_back('/');
  }
  return whole.append(path);
}

}  // namespace seabag::vfs
