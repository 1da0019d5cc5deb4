#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/file_system.h"

namespace seabag::inspect {

/// Visits everything below a directory, each directory before what is in it, in the file system's
/// own order. Symlinks are shown, not followed. Memory grows with the depth, not with the number of
/// files. One thread at a time.
class TreeWalk {
 public:
  struct Item {
    std::string_view path;  ///< starts with the path given; valid until the next call
    vfs::NodeId parent{};
    vfs::DirectoryEntry entry;
    std::size_t depth = 0;  ///< 0 for what is directly below the start
    bool is_last = false;   ///< of its directory
  };

  /// `files` must outlive this object. `path` is what the start is called: `/` or without a
  /// trailing slash.
  TreeWalk(vfs::FileSystem& files, vfs::NodeId directory, std::string path);

  /// The next one, or null at the end; valid until the next call. Errors: those of
  /// FileSystem::list, with the directory's path.
  [[nodiscard]] Result<const Item*> next();

  /// Does not enter the directory that `next` gave last.
  void skip() { enters_ = false; }

 private:
  struct Frame {
    vfs::NodeId directory{};
    std::size_t path_length = 0;
    std::vector<vfs::DirectoryEntry> entries;  ///< read ahead: never empty unless at the end
    std::size_t position = 0;
    std::uint64_t cookie = 0;
    bool is_complete = false;
  };

  [[nodiscard]] Result<void> push(vfs::NodeId directory);
  [[nodiscard]] Result<void> read_ahead(Frame& frame);
  void show(Frame& frame);

  vfs::FileSystem& files_;
  std::string path_;
  std::vector<Frame> frames_;
  Item item_;
  vfs::NodeId start_;
  bool is_started_ = false;
  bool enters_ = false;
};

}  // namespace seabag::inspect
