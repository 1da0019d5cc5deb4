#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "seabag/vfs/clock.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/rules.h"

/// Files that live in memory and go with the process, with the semantics of Linux's tmpfs: hard
/// links, orphans, holes, special files, extended attributes, O_TMPFILE.
///
///   auto files = providers::make_memory_file_system();
///   auto made = files->create(vfs::kRootNode, "hello.txt", {.mode = 0644});
namespace seabag::providers {

struct MemoryOptions {
  /// Most bytes that contents, in parts of 4 KiB, and extended attributes may take; beyond it
  /// writes are ENOSPC. Absent: half of the machine's memory, as tmpfs has it. Names and nodes
  /// themselves are not counted here.
  std::optional<std::uint64_t> capacity_bytes = {};
  /// Most nodes, the root counted; beyond it `create` is ENOSPC. Absent: one for every two pages of
  /// the machine's memory.
  std::optional<std::uint64_t> max_nodes = {};
  /// Quota: most bytes and most nodes that any one user may own, user 0 excepted; beyond it, also
  /// when a chown would give more, the answer is EDQUOT. Absent: none.
  std::optional<std::uint64_t> user_capacity_bytes = {};
  std::optional<std::uint64_t> user_max_nodes = {};
  vfs::AccessTimes access_times = vfs::AccessTimes::relative;
  /// The root directory's own.
  std::uint32_t root_mode = 0755;
  std::uint32_t root_uid = 0;
  std::uint32_t root_gid = 0;
  /// Where every time comes from; absent: `vfs::system_now`.
  vfs::Clock clock = {};
};

/// An empty file system: a root directory and nothing else.
///
/// Contents are kept in pages of 64 KiB (`Attributes::block_size`); a page that was never written
/// takes nothing and a page that is not full takes the next power of two, so that small files stay
/// small. `Attributes::blocks` counts parts of 4 KiB as tmpfs does. Listing order is the order of
/// creation.
///
/// Safe for concurrent use: readers of the tree do not wait for each other, a change of the tree
/// waits for its readers; contents are locked file by file. Must outlive the files opened on it.
[[nodiscard]] std::unique_ptr<vfs::WritableFileSystem> make_memory_file_system(
    MemoryOptions options = {});

}  // namespace seabag::providers
