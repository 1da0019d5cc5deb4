#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/overlay_records.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// Whether a path of the overlay was there before, still is, or both.
enum class DifferenceKind : std::uint8_t { added, modified, removed };

/// One path at which an overlay differs from its lowers.
struct Difference {
  std::string path;  ///< absolute, of the overlay
  DifferenceKind kind = DifferenceKind::added;
  FileType type = FileType::regular;  ///< of what is there now; what was there, when removed
};

/// One writable file system (the upper) over any number of read-only ones (the lowers), seen as one
/// tree: reads come from the topmost that has the name, changes go into the upper alone.
///
///   auto files = SEABAG_TRY(make_overlay({.upper = make_memory_file_system(), .lowers = {app}}));
///
/// What is removed is hidden by a whiteout, a new directory in its place shows nothing of the old
/// one, and directories that several have are merged. Node numbers are the overlay's own and stay
/// with a node when it is copied up; `Attributes::inode` equals them.
///
/// *Copy-up.* The first change of a lower's node copies it into the upper: parents first, a file as
/// an unnamed one that is linked when it is complete, with mode, owner, times, holes, extended
/// attributes and all its names. chmod and utimes copy the content too. Opening for reading never
/// copies; a file opened for reading before the copy-up reads what is written after it. A directory
/// is renamed without its content. Nothing else moves while a file is copied up.
///
/// *Crash.* Every step leaves the tree as it was before or after the call, whatever the upper and
/// the records remember of an interrupted one, as long as they keep the order of changes.
///
/// The lowers must not change while the overlay lives, and nobody else may change the upper. About
/// 100 bytes are kept for every lower node that was looked up. `statistics` are the upper's. Safe
/// for concurrent use. Must outlive the files opened on it.
class Overlay : public WritableFileSystem {
 public:
  /// Where the overlay differs from its lowers, sorted bytewise by path, so that directories come
  /// before what is in them. What is below a removed directory is not told. A renamed node is
  /// removed in one place and added in another. A directory is modified by its mode, owner and
  /// extended attributes, not by its entries; a file also by its times and content, and as soon as
  /// it is copied up when it has several names.
  [[nodiscard]] virtual Result<std::vector<Difference>> diff() = 0;

  /// Makes the overlay equal to its lowers again: empties the upper and the records. Node numbers
  /// have to be looked up again, files that are open live on as orphans. Not atomic: after an error
  /// some of it is gone.
  [[nodiscard]] virtual Result<void> discard() = 0;

  /// Whether the lowers alone answer for a path (absolute, normalised): nothing on the way to it
  /// was removed, moved or changed and nothing on the way is a symlink. Who knows a faster way to
  /// the lowers' own content may then use it. True also for what neither has.
  [[nodiscard]] virtual Result<bool> is_untouched(std::string_view path) = 0;
};

struct OverlayOptions {
  /// Where changes go: must know `create_unnamed`, never reuse node numbers, and belong to the
  /// overlay alone.
  std::shared_ptr<WritableFileSystem> upper;
  /// The topmost first; may be none.
  std::vector<std::shared_ptr<FileSystem>> lowers;
  /// Those that belong to the upper; absent: kept in memory, for an upper that starts empty.
  std::shared_ptr<OverlayRecords> records = {};
};

/// The overlay of what is there; the first time it gives the upper's root the mode, owner, times
/// and extended attributes of the topmost lower's. EINVAL for a missing file system. Errors: those
/// of the upper and the records.
[[nodiscard]] Result<std::shared_ptr<Overlay>> make_overlay(OverlayOptions options);

/// Writes what `diff` tells into `target`, usually the one that the lowers came from: removes,
/// makes and replaces, with mode, owner, times, extended attributes, holes, and hard links among
/// what is written. Files are replaced by rename, so nobody sees half of one. The overlay stays as
/// it is. Not atomic: what was written before an error stays. A second run finishes it, unless the
/// target is one of the overlay's own lowers, which must be kept apart for that case. Errors:
/// those of both.
Result<void> commit(Overlay& overlay, WritableFileSystem& target);

}  // namespace seabag::vfs
