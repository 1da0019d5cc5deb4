#include "seabag/console/exit_code.h"

#include <cerrno>
#include <utility>

namespace seabag::console {

namespace {

class UsageCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "seabag.usage"; }
  [[nodiscard]] std::string message(int /*code*/) const override { return "wrong use"; }
};

const std::error_category& usage_category() {
  static const UsageCategory category;
  return category;
}

}  // namespace

Error usage_error(std::string message) {
  return {.code = {1, usage_category()}, .operation = "arguments", .detail = std::move(message)};
}

bool is_usage_error(const Error& error) { return error.code.category() == usage_category(); }

ExitCode exit_code_of(const Error& error) {
  if (is_usage_error(error)) {
    return ExitCode::usage;
  }
  if (error.code.category() != std::generic_category() &&
      error.code.category() != std::system_category()) {
    return ExitCode::damaged;
  }
  switch (error.code.value()) {
    case ENOENT:
    case ENOTDIR:
      return ExitCode::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
    case EADDRINUSE:
    case EADDRNOTAVAIL:
    case ETXTBSY:
      return ExitCode::not_allowed;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ExitCode::no_space;
    case EEXIST:
    case ENOTEMPTY:
      return ExitCode::in_the_way;
    case EINVAL:
    case ENAMETOOLONG:
      return ExitCode::usage;
    case EBADMSG:
    case EILSEQ:
      return ExitCode::damaged;
    default:
      return ExitCode::failure;
  }
}

}  // namespace seabag::console
