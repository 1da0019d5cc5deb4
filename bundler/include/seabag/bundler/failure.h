#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// Why a pack was refused where errno has no word for it. Every error of this kind also names the
/// path and, in its detail, the remedy.
enum class Failure : std::uint8_t {
  nothing_to_pack = 1,  ///< the inputs hold no file at all
  conflict,             ///< two different things at one path of the tree
  special_file,         ///< a fifo, socket or device among the inputs
  changed_while_read,   ///< an input was modified while it was packed
  link_outside,         ///< a symlink leaves the packed tree (LinkPolicy::inside)
  archive_damaged,      ///< truncated, corrupt, encrypted or not an archive
  archive_refused,      ///< an entry that would escape or overwrite: `..`, absolute, duplicate
  archive_limit,        ///< more than ArchiveLimits allow: a bomb
  output_is_input,      ///< the output file is one of the inputs
  damaged_variant,      ///< a stored variant does not decode to its file
  unsupported_name,     ///< a path that cannot be in a bundle or in the wanted archive format
};

/// The category of `Failure`: "seabag.pack".
[[nodiscard]] const std::error_category& failure_category();

[[nodiscard]] inline std::error_code make_error_code(Failure failure) {
  return {static_cast<int>(failure), failure_category()};
}

/// An Error of this kind. `operation` is a string literal; `detail` says cause and remedy.
[[nodiscard]] Error make_failure(Failure failure, const char* operation, std::string_view path,
                                 std::string detail);

}  // namespace seabag::bundler

template <>
struct std::is_error_code_enum<seabag::bundler::Failure> : std::true_type {};
