#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connection.h"
#include "content.h"
#include "seabag/providers/sqlite.h"
#include "seabag/vfs/file_system.h"
#include "session.h"
#include "store.h"
#include "turns.h"

namespace seabag::providers {

class SqliteFileSystem final : public vfs::WritableFileSystem {
 public:
  /// Of a database whose schema is complete.
  SqliteFileSystem(std::unique_ptr<Session> session, std::string path,
                   const SqliteOptions& options);

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

  // For open files. The first two take a turn; the rest needs one.
  [[nodiscard]] Result<Reading> reading(const char* operation);
  [[nodiscard]] Result<Changing> changing(const char* operation);
  [[nodiscard]] Result<Inode> existing(vfs::NodeId node);
  [[nodiscard]] Result<vfs::Attributes> describe(const Inode& inode);
  [[nodiscard]] ChunkedContent& content() { return content_; }
  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] vfs::Timestamp now() const { return clock_(); }
  /// Moves the access time forward after a read, if the policy says so. The reading ends.
  void touch_accessed(const Inode& inode);
  /// A File on the node was closed; an orphan goes with its last, in whichever process that is.
  /// Takes a turn.
  void close(vfs::NodeId node);
  /// EIO, ENOSPC for more than there is where the database lies.
  [[nodiscard]] Result<void> check_space(std::uint64_t bytes) const;

 private:
  /// What is known of a node because it is open.
  struct OpenNode {
    std::uint64_t opens = 0;
    /// Made by `create_unnamed` and not named yet: `link` may bring it back.
    bool is_unnamed = false;
  };

  [[nodiscard]] Result<Inode> existing_directory(vfs::NodeId node);
  /// The directory of a name that a mutation speaks of: ENOENT instead of ESTALE.
  [[nodiscard]] Result<Inode> parent_for(vfs::NodeId node);
  [[nodiscard]] Result<std::unique_ptr<vfs::WritableFile>> open_node(vfs::NodeId node);
  [[nodiscard]] Result<Inode> insert_node(const vfs::NewNode& what, const Inode& parent,
                                          std::uint64_t links);
  /// Takes one name's link from a node, and the node itself with the last, unless it is open.
  [[nodiscard]] Result<void> unlink_node(Inode inode, vfs::Timestamp when);
  /// What the last close of a node leaves to do.
  [[nodiscard]] Result<void> finish(std::int64_t number);
  /// After the change that unlinked a node: somebody who had it open may have closed it before that
  /// was to be seen, and left it to us.
  void finish_left_open();
  /// Runs a change and commits it, in a turn that somebody has already.
  template <typename Work>
  [[nodiscard]] Result<void> change_now(Work work);
  [[nodiscard]] Result<void> check_openable(vfs::NodeId node);
  [[nodiscard]] Result<void> change(Inode& inode, const vfs::AttributeChanges& changes);
  [[nodiscard]] Error fail(std::errc condition, std::string detail = {}) const;

  /// A rename, as it was found.
  struct Move {
    const Inode& from;
    const Inode& to;
    std::string_view to_name;
    std::optional<Child> source = {};
    std::optional<Child> target = {};
  };
  [[nodiscard]] Result<void> check_move(const Move& move, vfs::RenameMode mode);
  [[nodiscard]] Result<void> replace(const Move& move, vfs::Timestamp when);
  [[nodiscard]] Result<void> exchange(const Move& move, vfs::Timestamp when);
  [[nodiscard]] Result<void> touch_parents(const Move& move, std::int64_t from_links,
                                           std::int64_t to_links, vfs::Timestamp when);
  [[nodiscard]] Result<void> touch_changed(Inode inode, vfs::Timestamp when);

  const std::string path_;
  const vfs::Clock clock_;
  const vfs::AccessTimes access_times_;

  const std::unique_ptr<Session> session_;
  Connection* const connection_;  ///< the session's
  // By its turns.
  Store store_;
  ChunkedContent content_;
  std::unordered_map<vfs::NodeId, OpenNode> open_nodes_;
  /// What this change has unlinked while only others had it open; 0: nothing.
  std::int64_t left_open_ = 0;
};

}  // namespace seabag::providers
