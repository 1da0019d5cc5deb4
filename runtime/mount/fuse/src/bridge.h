#pragma once

#define FUSE_USE_VERSION 312
#include <fuse3/fuse_lowlevel.h>

#include <cstdint>

#include "open_files.h"
#include "removed_nodes.h"
#include "seabag/mount/kernel_mount.h"
#include "seabag/vfs/file_system.h"

namespace seabag::mount {

/// One mounted file system, as the operations see it: what `userdata` of a request points to. Safe
/// for concurrent use.
struct Bridge {
  vfs::FileSystem& files;
  vfs::WritableFileSystem* writable;  ///< null: read-only
  Changes changes;
  RemovedNodes removed = {};
  OpenFiles open = {};

  [[nodiscard]] bool is_immutable() const { return files.capabilities().immutable; }
  /// Whether the kernel may believe what it was told until it is told otherwise.
  [[nodiscard]] bool is_cached_without_limit() const {
    return is_immutable() || changes == Changes::by_mount;
  }
  /// For how many seconds it may.
  [[nodiscard]] double validity() const;

  /// Attributes of a node, also of one that was removed and is not forgotten.
  [[nodiscard]] Result<vfs::Attributes> attributes(vfs::NodeId node) const;
};

/// The file system behind a request.
[[nodiscard]] Bridge& bridge_of(fuse_req_t request);

/// The operations that a file system has: those that read, and, when it is writable, the others.
[[nodiscard]] fuse_lowlevel_ops operations_for(const Bridge& bridge);

void add_read_operations(fuse_lowlevel_ops& operations, const Bridge& bridge);
void add_write_operations(fuse_lowlevel_ops& operations);

[[nodiscard]] inline OpenFile* open_file(const fuse_file_info* info) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): libfuse keeps handles as numbers
  return info == nullptr ? nullptr : reinterpret_cast<OpenFile*>(info->fh);
}
/// Hands a file over to the kernel, which gives it back to `release`.
void give_to_kernel(OpenFile file, Bridge& bridge, fuse_file_info& info);

[[nodiscard]] fuse_entry_param entry_for(const Bridge& bridge, const vfs::Attributes& attributes);

/// Answers. What the kernel does not take any more, because the caller was interrupted, is lost.
void reply_error(fuse_req_t request, const Error& error);
void reply_done(fuse_req_t request, const Result<void>& done);
void reply_attributes(fuse_req_t request, const Result<vfs::Attributes>& attributes);
void reply_entry(fuse_req_t request, const Result<vfs::Attributes>& attributes);

}  // namespace seabag::mount
