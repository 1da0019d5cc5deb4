#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

/// Files and directories whose content comes into being when somebody first asks for it.
///
///   auto files = vfs::make_lazy_file_system([] {
///     return Result<std::vector<vfs::LazyEntry>>({
///         vfs::lazy_file("version", [] { return Result<std::string>("1.2.3\n"); }),
///         vfs::lazy_directory("users", list_users),
///     });
///   });
namespace seabag::vfs {

struct LazyEntry;

/// All bytes of a file.
using LazyContent = std::function<Result<std::string>()>;
/// All entries of a directory.
using LazyEntries = std::function<Result<std::vector<LazyEntry>>()>;

/// One entry of a directory that is being produced.
struct LazyEntry {
  std::string name;
  FileType type = FileType::regular;  ///< regular, directory or symlink
  std::uint32_t mode = 0644;          ///< 07777
  Timestamp modified = {};
  LazyContent content = {};  ///< regular files
  LazyEntries entries = {};  ///< directories
  std::string target = {};   ///< symlinks
  /// The length that `content` will have, where it is known: a stat then produces nothing.
  std::optional<std::uint64_t> size = {};
};

[[nodiscard]] LazyEntry lazy_file(std::string name, LazyContent content);
[[nodiscard]] LazyEntry lazy_directory(std::string name, LazyEntries entries);
[[nodiscard]] LazyEntry lazy_symlink(std::string name, std::string target);

/// A read-only file system whose root has what `root` produces.
///
/// A callback is called at most once at a time for each node, and never again after it succeeded:
/// for a directory when a name in it is looked up or listed, for a file when it is opened or its
/// attributes are asked for without a `size`. Its error is the answer, under the operation that
/// asked, and the next one tries again. Callbacks run on the asking thread; they may use other file
/// systems, and this one as long as that does not ask for the same node. EIO for entries that
/// cannot be: a name that is none or is given twice, another type, a bad symlink target, no
/// callback, or content of another length than `size`.
///
/// What was produced stays in memory. Directories do not count their subdirectories (1 link).
/// Listings are sorted by name. Safe for concurrent use.
[[nodiscard]] std::shared_ptr<FileSystem> make_lazy_file_system(LazyEntries root);

}  // namespace seabag::vfs
