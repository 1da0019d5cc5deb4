#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// What is wrong with a bundle, in a category of its own. File-system calls on a bundle answer with
/// `std::errc` like every provider (EIO where the tables make no sense).
enum class BundleErrc {
  no_bundle = 1,  ///< an executable with an empty slot: nothing has been packed into it
  not_a_bundle,   ///< neither a bundle nor an executable that can hold one
  truncated,      ///< the file ends before the bundle does
  corrupt,        ///< a checksum, a hash or an offset does not fit
  unsupported,    ///< a newer version, or an incompatible feature
};

[[nodiscard]] const std::error_category& bundle_category();
[[nodiscard]] std::error_code make_error_code(BundleErrc code);

/// An Error of the bundle category. `operation` is a string literal.
[[nodiscard]] Error bundle_error(BundleErrc code, const char* operation, std::string detail = {});

}  // namespace seabag::bundle

template <>
struct std::is_error_code_enum<seabag::bundle::BundleErrc> : std::true_type {};
