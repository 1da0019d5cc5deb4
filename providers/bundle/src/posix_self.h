#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "posix_file.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// The slot segment of the running executable.
struct OwnSlot {
  std::span<const std::byte> bytes;  ///< as mapped by the kernel, for the life of the process
  std::uint64_t file_offset = 0;
  Descriptor file;  ///< the executable, where it can be read; else closed
};

/// Finds it from the program headers in memory: no /proc, no environment, no scanning. Errors of
/// the bundle category: no_bundle (linked without a slot, or nothing packed), truncated, corrupt.
[[nodiscard]] Result<OwnSlot> find_own_slot();

}  // namespace seabag::bundle
