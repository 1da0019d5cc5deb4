#include "seabag/bundle/error.h"

namespace seabag::bundle {
namespace {

class BundleCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "bundle"; }
  std::string message(int value) const override {
    switch (static_cast<BundleErrc>(value)) {
      case BundleErrc::no_bundle:
        return "no bundle inside";
      case BundleErrc::not_a_bundle:
        return "not a bundle and not an executable that can hold one";
      case BundleErrc::truncated:
        return "the bundle is truncated";
      case BundleErrc::corrupt:
        return "the bundle is damaged";
      case BundleErrc::unsupported:
        return "the bundle needs a newer version of seabag";
    }
    return "unknown bundle error";
  }
};

}  // namespace

const std::error_category& bundle_category() {
  static const BundleCategory kCategory;
  return kCategory;
}

std::error_code make_error_code(BundleErrc code) {
  return {static_cast<int>(code), bundle_category()};
}

Error bundle_error(BundleErrc code, const char* operation, std::string detail) {
  return {.code = make_error_code(code),
          .operation = operation,
          .path = {},
          .detail = std::move(detail)};
}

}  // namespace seabag::bundle
