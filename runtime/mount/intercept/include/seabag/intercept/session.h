#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "seabag/vfs/faulty.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/result.h"

/// File systems shown to programs that know nothing of them, without root and without a kernel
/// mount: the program's own libc calls are answered for paths below a mount.
///
///   auto session = SEABAG_TRY(intercept::Session::start());
///   auto mount = SEABAG_TRY(session->mount("/app", files));
///   // Start a program with session->environment() added to its own.
namespace seabag::intercept {

/// Which paths below a mount's prefix are virtual.
enum class View : std::uint8_t {
  /// All of them: what is really there is hidden.
  whole,
  /// Those that exist in the file system; every other path is the real one. Directories that both
  /// have show the entries of both. A new name goes where its directory is: into the file system
  /// when it has that directory, unless the name really exists.
  overlay,
};

/// Who changes a file system while it is mounted.
enum class Changes : std::uint8_t {
  /// Others too, unannounced: a program asks at every open.
  by_others,
  /// Nobody but the programs and `Session::files`, or somebody whose changes the file system's feed
  /// tells before they return: a program remembers the files that it has opened. Once a change has
  /// returned, no open anywhere finds what was before.
  by_session,
};

struct MountOptions {
  View view = View::whole;
  vfs::MountAccess access = vfs::MountAccess::full;
  /// Of no meaning for an immutable file system, and with `faults`: nothing is remembered then.
  Changes changes = Changes::by_others;
  /// Faults for every call on the mount, reads and writes of the program included. Null: none.
  std::shared_ptr<vfs::FaultPlan> faults = {};
  /// Longest read(2) that is answered in full; longer ones come short. 0: no limit. Has effect
  /// together with `faults` only.
  std::uint32_t longest_read = 0;
};

class Host;

/// A file system that intercepted programs see, for as long as this object lives. Files opened
/// before its end go on working, and what was written to them is in the file system. Move-only;
/// may outlive its session; one thread at a time.
class [[nodiscard]] Mount {
 public:
  Mount(Mount&& other) noexcept = default;
  Mount& operator=(Mount&& other) noexcept;
  ~Mount();

  /// Absolute and normalised. Valid as long as this object.
  [[nodiscard]] const std::string& point() const { return point_; }

 private:
  friend class Session;
  Mount(std::weak_ptr<Host> host, std::uint64_t number, std::string point);

  std::weak_ptr<Host> host_;
  std::uint64_t number_;
  std::string point_;
};

/// Answers for the mounts in this process: the programs ask over a Unix socket with an abstract
/// name, which only the same user (and root) may use, and get real kernel descriptors.
///
/// The content of a file that was opened lives in one memory file, which all who have it open
/// share: reads, writes, maps, appends and locks of different programs agree, and `files` sees
/// them. It is brought into the mounted file system by fsync(2), when a program that wrote ends, by
/// `flush` and at the end of the mount. Needs /proc. Safe for concurrent use.
class Session {
 public:
  /// Starts answering, on threads of its own. Errors: those of memfd_create(2) and socket(2).
  [[nodiscard]] static Result<std::unique_ptr<Session>> start();

  /// Ends every mount; programs that are still running get EIO below them.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Mounts a file system at an absolute path, which need not exist; the longest prefix wins.
  /// EINVAL for a relative path or one with `..`, and as Namespace::mount. One that cannot be
  /// written is read-only in any case.
  template <std::derived_from<vfs::FileSystem> T>
  [[nodiscard]] Result<Mount> mount(std::string_view prefix, std::shared_ptr<T> file_system,
                                    const MountOptions& options = {}) {
    std::shared_ptr<vfs::WritableFileSystem> writable;
    if constexpr (std::is_base_of_v<vfs::WritableFileSystem, T>) {
      writable = file_system;
    }
    return attach(prefix, std::move(file_system), std::move(writable), options);
  }

  /// The mounts as the programs see them at this moment, what they wrote included; without what is
  /// real. Valid as long as the session.
  [[nodiscard]] vfs::Namespace& files();

  /// Brings everything that was written into the mounted file systems. What cannot be written
  /// (ENOSPC, a source that is gone) is told with its path, after all others were written.
  Result<void> flush();

  /// The variables, `NAME=value`, with which a dynamically linked program is intercepted.
  /// `preloaded` is the current value of LD_PRELOAD, which is kept.
  [[nodiscard]] std::vector<std::string> environment(std::string_view preloaded = {}) const;

  /// For the hooks in this process.
  [[nodiscard]] Host& host() { return *host_; }

 private:
  explicit Session(std::shared_ptr<Host> host) : host_(std::move(host)) {}
  Result<Mount> attach(std::string_view prefix, std::shared_ptr<vfs::FileSystem> file_system,
                       std::shared_ptr<vfs::WritableFileSystem> writable,
                       const MountOptions& options);

  std::shared_ptr<Host> host_;
};

}  // namespace seabag::intercept
