#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/providers/directory.h"
#include "support/temp_dir.h"

namespace seabag::testing {

/// What must never be read: the content of every file that lies outside.
inline constexpr std::string_view kMarker = "outside: nobody may read this";

/// Both ways to follow a path; every test of an escape runs with each.
std::vector<providers::DirectoryOptions::Resolution> both_resolutions();

/// A directory to be sandboxed, `root`, among directories and files that are outside of it:
///
///   outside/secret, outside/sub/secret, root2/secret   with the marker
///   root/d/secret, root/d/sub/secret                   with "inside"
class Sandbox {
 public:
  Sandbox();

  /// The file system of `root`; fails the test when it cannot be opened.
  [[nodiscard]] std::shared_ptr<providers::DirectoryFileSystem> open(
      const providers::DirectoryOptions& options = {}) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] const std::filesystem::path& outside() const { return outside_; }

  /// Whether all that lies outside is as it was made.
  [[nodiscard]] bool is_outside_untouched() const;

 private:
  TempDir directory_;
  std::filesystem::path root_;
  std::filesystem::path outside_;
};

/// Replaces or makes a file of the host.
void write_host_file(const std::filesystem::path& path, std::string_view content);
[[nodiscard]] std::string read_host_file(const std::filesystem::path& path);

/// The node at a path of plain names; an error when there is none.
[[nodiscard]] Result<vfs::Attributes> find(vfs::FileSystem& files, std::string_view path);

/// The whole content of a node, or why it cannot be read.
[[nodiscard]] Result<std::string> content(vfs::FileSystem& files, vfs::NodeId node);

/// The errno of a failure, 0 of a success.
template <typename T>
[[nodiscard]] int error_number(const Result<T>& result) {
  return result ? 0 : result.error().code.value();
}

/// Runs `body` in a thread of its own, where changing the mounts, the user or the system calls that
/// exist is nobody else's business. Failures of the test come through.
void on_own_thread(const std::function<void()>& body);

/// The rest is for such threads alone. Each says whether the process is allowed to do it.

/// Gives the thread mounts of its own.
[[nodiscard]] bool isolate_mounts();
/// Makes the thread an unprivileged user (nobody).
[[nodiscard]] bool drop_privileges();

/// System calls that an older kernel, or a filter, does not know.
enum class Missing : std::uint8_t {
  openat2,            ///< ENOSYS
  openat2_forbidden,  ///< EPERM, as filters of containers answered
  everything_new,     ///< openat2, fchmodat2, AT_EMPTY_PATH of linkat and utimensat, RWF_APPEND
};
[[nodiscard]] bool take_away(Missing what);

}  // namespace seabag::testing
