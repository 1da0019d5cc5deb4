#include "seabag/bundler/failure.h"

#include <utility>

namespace seabag::bundler {
namespace {

class FailureCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "seabag.pack"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<Failure>(value)) {
      case Failure::nothing_to_pack:
        return "nothing to pack";
      case Failure::conflict:
        return "two different things at one path";
      case Failure::special_file:
        return "not a file, directory or symlink";
      case Failure::changed_while_read:
        return "changed while it was read";
      case Failure::link_outside:
        return "symlink leaves the packed tree";
      case Failure::archive_damaged:
        return "archive cannot be read";
      case Failure::archive_refused:
        return "archive entry refused";
      case Failure::archive_limit:
        return "archive exceeds a limit";
      case Failure::output_is_input:
        return "output is also an input";
      case Failure::damaged_variant:
        return "variant does not decode to its file";
      case Failure::unsupported_name:
        return "unsupported name";
    }
    return "unknown failure";
  }
};

}  // namespace

const std::error_category& failure_category() {
  static const FailureCategory category;
  return category;
}

Error make_failure(Failure failure, const char* operation, std::string_view path,
                   std::string detail) {
  return {.code = make_error_code(failure),
          .operation = operation,
          .path = std::string(path),
          .detail = std::move(detail)};
}

}  // namespace seabag::bundler
