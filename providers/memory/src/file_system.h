#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "node.h"
#include "nodes.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/path_access.h"
#include "seabag/vfs/rules.h"
#include "sharded_mutex.h"
#include "space.h"

namespace seabag::providers {

class MemoryFileSystem final : public vfs::WritableFileSystem, public vfs::PathAccess {
 public:
  explicit MemoryFileSystem(MemoryOptions options);

  // file_system.cpp
  [[nodiscard]] const vfs::Capabilities& capabilities() const override;
  [[nodiscard]] Result<vfs::Attributes> lookup(vfs::NodeId parent, std::string_view name) override;
  [[nodiscard]] Result<vfs::Attributes> attributes(vfs::NodeId node) override;
  [[nodiscard]] Result<std::unique_ptr<vfs::File>> open(vfs::NodeId node) override;
  [[nodiscard]] Result<std::vector<vfs::DirectoryEntry>> list(vfs::NodeId directory,
                                                              std::uint64_t cookie,
                                                              std::size_t limit) override;
  [[nodiscard]] Result<std::string> read_link(vfs::NodeId node) override;
  [[nodiscard]] Result<vfs::Statistics> statistics() override;
  [[nodiscard]] Result<std::unique_ptr<vfs::WritableFile>> open_writable(vfs::NodeId node) override;
  [[nodiscard]] Result<vfs::Attributes> set_attributes(
      vfs::NodeId node, const vfs::AttributeChanges& changes) override;
  [[nodiscard]] Result<void> sync() override;

  // paths.cpp
  [[nodiscard]] vfs::PathAccess* path_access() override { return this; }
  [[nodiscard]] std::unique_ptr<vfs::File> open_path(std::string_view path) override;
  [[nodiscard]] Result<vfs::Attributes> path_attributes(std::string_view path) override;

  // names.cpp
  [[nodiscard]] Result<vfs::Attributes> create(vfs::NodeId parent, std::string_view name,
                                               const vfs::NewNode& what) override;
  [[nodiscard]] Result<std::unique_ptr<vfs::WritableFile>> create_unnamed(
      vfs::NodeId directory, const vfs::NewNode& what) override;
  [[nodiscard]] Result<vfs::Attributes> link(vfs::NodeId node, vfs::NodeId parent,
                                             std::string_view name) override;
  [[nodiscard]] Result<void> remove(vfs::NodeId parent, std::string_view name,
                                    vfs::RemoveKind kind) override;

  // rename.cpp
  [[nodiscard]] Result<void> rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to,
                                    std::string_view to_name, vfs::RenameMode mode) override;

  // xattrs.cpp
  [[nodiscard]] Result<std::string> xattr(vfs::NodeId node, std::string_view name) override;
  [[nodiscard]] Result<std::vector<std::string>> xattrs(vfs::NodeId node) override;
  [[nodiscard]] Result<void> set_xattr(vfs::NodeId node, std::string_view name,
                                       std::string_view value, vfs::XattrMode mode) override;
  [[nodiscard]] Result<void> remove_xattr(vfs::NodeId node, std::string_view name) override;

  // For open files.
  [[nodiscard]] vfs::Timestamp now() const { return clock_(); }
  /// Whether reading the node should move its access time; `node.mutex` is held.
  [[nodiscard]] bool is_access_due(const Node& node) const;
  /// Moves the access time to the present; `node.mutex` is not held.
  void touch_accessed(Node& node);
  /// A File on the node was closed; an orphan goes with its last.
  void close(Node& node);

 private:
  /// One name on its way to another, as `rename` found them.
  struct Move {
    Node& from;
    Node& to;
    std::string_view from_name;  ///< the caller's
    std::string_view to_name;    ///< the caller's
    Node* source = nullptr;
    Node* target = nullptr;  ///< null when the name is free
  };

  // The tree's lock is held for all of these; `changing` calls need it exclusively.
  [[nodiscard]] Node* find(vfs::NodeId id) const;
  /// What the names lead to, through directories alone; null when they lead nowhere.
  [[nodiscard]] Node* find_path(std::string_view path) const;
  [[nodiscard]] Result<Node*> existing(vfs::NodeId id, const char* operation) const;
  [[nodiscard]] Result<Node*> existing_directory(vfs::NodeId id, const char* operation) const;
  /// The directory of a name that a mutation speaks of: ENOENT instead of ESTALE.
  [[nodiscard]] Result<Node*> parent_for(vfs::NodeId id, const char* operation) const;
  [[nodiscard]] Result<Node*> openable(vfs::NodeId id, const char* operation) const;
  [[nodiscard]] Result<Node*> make_node(const vfs::NewNode& what, const Node& parent,
                                        const char* operation);
  /// Makes what a node takes another user's: EDQUOT; `node.mutex` is held.
  [[nodiscard]] Result<void> change_owner(Node& node, std::uint32_t uid);
  void touch_if_due(Node& node);
  void touch_directory(Node& directory, vfs::Timestamp when);
  void touch_changed(Node& node, vfs::Timestamp when);
  void add_links(Node& node, std::int64_t count, vfs::Timestamp when);
  void forget_if_unused(Node& node);
  void unlink_node(Node& node, vfs::Timestamp when);
  [[nodiscard]] static Result<void> check_move(const Move& move, vfs::RenameMode mode);
  void exchange(const Move& move);
  void replace(const Move& move);

  const vfs::Clock clock_;
  const vfs::AccessTimes access_times_;
  Accounts accounts_;
  mutable ShardedMutex tree_;
  MemoryNodes nodes_;
};

}  // namespace seabag::providers
