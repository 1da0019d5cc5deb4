#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "seabag/vfs/file.h"

namespace seabag::mount {

/// A file that the kernel has open; its address is the handle.
struct OpenFile {
  std::unique_ptr<vfs::File> file;
  vfs::WritableFile* writable = nullptr;  ///< the same file, where it was opened for writing
};

/// The files that the kernel has open. It never gives back those that are open when the mount ends,
/// and a file system may be waiting for the last close to let go of an unlinked one. Safe for
/// concurrent use.
class OpenFiles {
 public:
  /// Valid until it is closed.
  [[nodiscard]] OpenFile& add(OpenFile file);
  void close(OpenFile* file);
  void close_all();

 private:
  std::mutex mutex_;
  std::unordered_map<OpenFile*, std::unique_ptr<OpenFile>> files_;  ///< guarded by mutex_
};

}  // namespace seabag::mount
