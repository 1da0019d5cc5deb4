#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "descriptor.h"
#include "page_store.h"
#include "seabag/intercept/session.h"
#include "seabag/vfs/change_feed.h"
#include "seabag/vfs/namespace.h"

namespace seabag::intercept {

/// How long programs may remember what they found in a mount.
enum class Validity : std::uint8_t {
  none,
  until_change,  ///< as long as ChangeCount tells nothing
  until_mounts,  ///< as long as the mounts are the same
};

/// One mount of a session.
struct MountPoint {
  std::uint64_t number = 0;
  std::string point;  ///< absolute and normalised; empty for `/`
  std::uint64_t device = 0;
  MountOptions options;
  bool is_read_only = false;
  Validity validity = Validity::none;
  std::shared_ptr<PageStore> pages;
  /// What programs and the namespace see: with pages and faults.
  std::shared_ptr<vfs::FileSystem> files;
  vfs::WritableFileSystem* writable = nullptr;  ///< `files`, or null
  std::optional<vfs::Mount> shown;              ///< in the session's namespace
  /// Of those who change `files` past the session.
  vfs::ChangeFeed::Observation others;

  /// Libraries that programs load by a path of this process, until the mount ends.
  std::mutex pinned_mutex;
  std::map<vfs::NodeId, Descriptor> pinned;

  /// Files whose reads and writes go through the host, by the inode of their memory file.
  std::mutex governed_mutex;
  std::map<std::uint64_t, std::shared_ptr<vfs::File>> governed;
  std::map<std::uint64_t, std::shared_ptr<vfs::WritableFile>> governed_writable;
};

}  // namespace seabag::intercept
