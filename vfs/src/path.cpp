#include "seabag/vfs/path.h"

namespace seabag::vfs {

bool is_valid_name(std::string_view name) {
  // Most names are so short that a loop beats memchr(3).
  for (const char byte : name) {
    if (byte == '/' || byte == '\0') {
      return false;
    }
  }
  return !name.empty() && name.size() <= kMaxNameLength && name != "." && name != "..";
}

Result<void> check_name(std::string_view name, const char* operation) {
  if (is_valid_name(name)) {
    return {};
  }
  if (name.size() > kMaxNameLength) {
    return make_error(std::errc::filename_too_long, operation, {}, "a name has at most 255 bytes");
  }
  return make_error(std::errc::invalid_argument, operation, {},
                    "a name is not empty, not '.' or '..', and has no '/' and no NUL");
}

Result<void> check_path(std::string_view path, const char* operation) {
  if (path.empty()) {
    return make_error(std::errc::no_such_file_or_directory, operation, path, "the path is empty");
  }
  if (path.size() >= kMaxPathLength) {
    return make_error(std::errc::filename_too_long, operation, path,
                      "a path has at most 4095 bytes");
  }
  if (path.find('\0') != std::string_view::npos) {
    return make_error(std::errc::invalid_argument, operation, path, "the path contains a NUL byte");
  }
  return {};
}

Result<void> check_link_target(std::string_view target, const char* operation) {
  if (target.empty()) {
    return make_error(std::errc::no_such_file_or_directory, operation, {},
                      "a symlink's target is not empty");
  }
  if (target.size() >= kMaxPathLength) {
    return make_error(std::errc::filename_too_long, operation, {},
                      "a symlink's target has at most 4095 bytes");
  }
  if (target.find('\0') != std::string_view::npos) {
    return make_error(std::errc::invalid_argument, operation, {},
                      "a symlink's target contains a NUL byte");
  }
  return {};
}

PathComponents::PathComponents(std::string_view path) : path_(path) { skip_slashes(); }

std::string_view PathComponents::next() {
  const std::size_t start = position_;
  const std::size_t slash = path_.find('/', start);
  position_ = slash == std::string_view::npos ? path_.size() : slash;
  const std::string_view component = path_.substr(start, position_ - start);
  skip_slashes();
  return component;
}

void PathComponents::skip_slashes() {
  while (position_ < path_.size() && path_[position_] == '/') {
    ++position_;
  }
}

}  // namespace seabag::vfs
