#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

class MountTable;
class MountState;

/// Whether a mount lets mutations through to a WritableFileSystem. A FileSystem that cannot be
/// written is mounted read-only in any case.
enum class MountAccess : std::uint8_t { full, read_only };

struct MountOptions {
  MountAccess access = MountAccess::full;
};

/// What to do about files that are still open on a mount: refuse with EBUSY, or take the mount away
/// at once and let the files work until they are closed (MNT_DETACH of umount2(2)).
enum class UnmountMode : std::uint8_t { if_idle, lazy };

/// One mount, as told by Namespace::mounts.
struct MountRecord {
  std::string point;  ///< absolute and normalised
  MountAccess access = MountAccess::full;
  std::shared_ptr<FileSystem> file_system;
  /// What mutations through the namespace tell; null where nobody does. Valid while the mount is.
  ChangeFeed* changes = nullptr;
};

enum class MountChange : std::uint8_t { mounted, unmounted };

/// Called on the thread that mounts or unmounts, in the order of the changes, when a walk already
/// sees them: it may use the namespace, but must neither mount nor unmount in it, nor start or end
/// an observation.
using MountObserver = std::function<void(MountChange, const MountRecord&)>;

/// An observation of a namespace's mounts, which ends with this object: afterwards the observer is
/// not called any more. May outlive the namespace. Move-only; one thread at a time.
class [[nodiscard]] MountObservation {
 public:
  MountObservation(MountObservation&& other) noexcept = default;
  MountObservation& operator=(MountObservation&& other) noexcept;
  ~MountObservation();

 private:
  friend class Namespace;
  MountObservation(std::weak_ptr<MountTable> table, std::shared_ptr<const MountObserver> observer);

  std::weak_ptr<MountTable> table_;
  std::shared_ptr<const MountObserver> observer_;
};

/// A file system mounted in a Namespace, for as long as this object lives: its destructor unmounts,
/// lazily, because it cannot refuse. May outlive the namespace. Move-only; one thread at a time.
class [[nodiscard]] Mount {
 public:
  Mount(Mount&& other) noexcept;
  Mount& operator=(Mount&& other) noexcept;
  ~Mount();

  /// Takes the mount away; what it hid shows again, and mounts below it stay where they are.
  /// Errors: EBUSY when files are open and `mode` is if_idle (the mount then stays), EINVAL when it
  /// has been unmounted already.
  Result<void> unmount(UnmountMode mode = UnmountMode::if_idle);

  /// Leaves the mount in place after this object is gone, until Namespace::unmount or the end of
  /// the namespace.
  void keep();

  /// Where it is mounted: absolute and normalised. Valid as long as this object.
  [[nodiscard]] const std::string& point() const { return point_; }

 private:
  friend class Namespace;
  Mount(std::weak_ptr<MountTable> table, std::shared_ptr<const MountState> state);

  std::weak_ptr<MountTable> table_;
  std::shared_ptr<const MountState> state_;
  std::string point_;
};

}  // namespace seabag::vfs
