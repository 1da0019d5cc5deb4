#include "seabag/console/exit_code.h"

#include <cerrno>

namespace seabag::console {

ExitCode exit_code_of(const Error& error) {
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
