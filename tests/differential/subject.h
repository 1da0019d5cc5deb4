#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operation.h"
#include "seabag/vfs/node.h"

namespace seabag::testing {

/// What one operation answered.
struct Outcome {
  int error = 0;  ///< errno
  std::uint64_t count = 0;
  std::string bytes = {};
  std::optional<vfs::Attributes> node = {};
  std::vector<vfs::DirectoryEntry> entries = {};  ///< sorted by name, without cookies
};

/// A file system that operations can be made on: the kernel's, or a provider's in a Namespace.
/// Paths start at its root. One thread at a time.
class Subject {
 public:
  virtual ~Subject() = default;

  virtual Outcome run(const Operation& operation) = 0;
};

/// Bytes of a regular file that `read` operations on a slot of its own tell.
inline constexpr unsigned kInspectionSlot = kSlots;

}  // namespace seabag::testing
