#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "descriptor.h"
#include "node_table.h"
#include "posix_resolver.h"
#include "posix_status.h"
#include "seabag/providers/directory.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// A node that has been found: the descriptor is of that very object, whatever happens to its name.
struct Pinned {
  Descriptor owned;     ///< closed for the root, whose descriptor is the tree's
  int descriptor = -1;  ///< O_PATH, or a duplicate of an open file's
  Status status;
  /// No name leads to it any more (it may have gone outside): found because it is open.
  bool is_lost = false;
};

/// Where a node is to be found: an entry of a directory below the root.
struct Located {
  Descriptor owned;  ///< closed when the directory is the root
  int directory = -1;
  std::string name;
};

/// Turns nodes into descriptors of what lies below the root, and nothing else. Errors that say
/// that a node is not where it was last seen come out as ESTALE. Safe for concurrent use.
class Tree {
 public:
  Tree(Descriptor root, const Status& status, NodeTable::Births births,
       const DirectoryOptions& options);

  [[nodiscard]] const DirectoryOptions& options() const { return options_; }
  [[nodiscard]] int root() const { return resolver_.root(); }
  [[nodiscard]] const Resolver& resolver() const { return resolver_; }
  [[nodiscard]] NodeTable& nodes() { return nodes_; }

  /// Keeps names as they are, so that those who did not find a node can look again at a table that
  /// agrees with the tree.
  [[nodiscard]] std::unique_lock<std::mutex> lock_names() { return std::unique_lock(names_); }

  /// Held by whoever takes a name away or moves it, until the table knows.
  class NameChange {
   public:
    explicit NameChange(Tree& tree) : lock_(tree.names_), nodes_(tree.nodes_) {
      nodes_.begin_change();
    }
    ~NameChange() { nodes_.end_change(); }
    NameChange(const NameChange&) = delete;
    NameChange& operator=(const NameChange&) = delete;

   private:
    std::lock_guard<std::mutex> lock_;
    NodeTable& nodes_;
  };

  /// Held by appends where the kernel cannot append by itself.
  [[nodiscard]] std::unique_lock<std::mutex> lock_appends() { return std::unique_lock(appends_); }

  [[nodiscard]] Result<Pinned> pin(vfs::NodeId node, const char* operation);

  /// The same for a directory; ENOTDIR for anything else. `status` is not filled for the root.
  [[nodiscard]] Result<Pinned> pin_directory(vfs::NodeId node, const char* operation);

  /// The same for one whose entries are to change: ENOENT when it is gone, as in open(2).
  [[nodiscard]] Result<Pinned> pin_parent(vfs::NodeId node, const char* operation);

  /// What a directory has under `name`, with its node. ENOENT.
  [[nodiscard]] Result<Status> look_up(int directory, vfs::NodeId parent, std::string_view name,
                                       const char* operation);

  /// The node of what `made` refers to and this provider has just made under that name, in a
  /// directory and since a moment before.
  [[nodiscard]] Result<vfs::NodeId> note_made(const Status& made, int descriptor,
                                              vfs::NodeId parent, std::string_view name,
                                              const NodeTable::Moment& since);

  /// EXDEV when the policy on mounts keeps what was found out of reach.
  [[nodiscard]] Result<void> check_mount(const Status& status, const char* operation) const;

  enum class Wanted : std::uint8_t {
    read,   ///< a regular file, O_RDONLY
    write,  ///< a regular file, O_RDWR
    size,   ///< a regular file, O_WRONLY
    /// A regular file or a directory, for calls that take no O_PATH: O_RDONLY, or O_WRONLY where
    /// only that is allowed.
    metadata,
  };
  struct Content {
    Descriptor descriptor;
    Status status;
  };
  /// Opens the content of a node. EISDIR, ELOOP, ENXIO by type; EPERM by the policy on linked
  /// files. Never blocks, and opens nothing but that node: its type and identity are verified
  /// before, so that no device is touched, and after.
  [[nodiscard]] Result<Content> open_content(vfs::NodeId node, Wanted wanted,
                                             const char* operation);

  /// link(2) by name, for systems without another way: what got the new name is verified.
  [[nodiscard]] Result<void> link_by_name(vfs::NodeId node, int directory, const char* name,
                                          const char* operation);

  /// EPERM when the policy on linked files forbids to change (or, for `read`, to read) it.
  [[nodiscard]] Result<void> check_links(const Status& status, Wanted wanted,
                                         const char* operation) const;

  /// EROFS for a read-only tree.
  [[nodiscard]] Result<void> check_writable(const char* operation) const;

 private:
  /// By the `nth` known name of a node, which is not the root. ESTALE when that is not known,
  /// ENOENT and the like when it leads nowhere.
  [[nodiscard]] Result<Located> locate(vfs::NodeId node, std::size_t nth, const char* operation);
  [[nodiscard]] Result<Pinned> find(vfs::NodeId node, const char* operation);
  [[nodiscard]] Result<Pinned> pin_open(vfs::NodeId node, const char* operation);
  [[nodiscard]] Result<Content> find_content(vfs::NodeId node, Wanted wanted,
                                             const char* operation);
  [[nodiscard]] Result<Content> open_at(int directory, const char* name, vfs::NodeId node,
                                        Wanted wanted, const char* operation);
  [[nodiscard]] Result<Content> open_orphan(vfs::NodeId node, Wanted wanted, const char* operation);

  DirectoryOptions options_;
  Resolver resolver_;
  NodeTable nodes_;
  std::mutex names_;
  std::mutex appends_;
};

}  // namespace seabag::providers
