#include "seabag/vfs/result.h"

namespace seabag {

std::string Error::message() const {
  std::string text;
  if (*operation != '\0') {
    text += operation;
  }
  if (!path.empty()) {
    text += text.empty() ? "'" : " '";
    text += path;
    text += '\'';
  }
  if (!text.empty()) {
    text += ": ";
  }
  text += code.message();
  if (!detail.empty()) {
    text += " (" + detail + ")";
  }
  return text;
}

Error make_error(std::errc condition, const char* operation, std::string_view path,
                 std::string detail) {
  return {.code = std::make_error_code(condition),
          .operation = operation,
          .path = std::string(path),
          .detail = std::move(detail)};
}

Error errno_error(int number, const char* operation, std::string_view path) {
  return {.code = std::error_code(number, std::generic_category()),
          .operation = operation,
          .path = std::string(path)};
}

Error with_path(Error error, std::string_view path) {
  if (error.path.empty()) {
    error.path = path;
  }
  return error;
}

}  // namespace seabag
