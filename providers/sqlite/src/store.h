#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connection.h"
#include "inode.h"
#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// The rows of the tables, typed. Whoever changes more than one row opens a Transaction around it.
/// Rows that no file system of ours or AgentFS's would write are EIO.
class Store {
 public:
  /// `connection` must outlive the store.
  explicit Store(Connection& connection) : connection_(connection) {}

  [[nodiscard]] Connection& connection() { return connection_; }

  [[nodiscard]] Result<std::optional<Inode>> inode(std::int64_t number);
  /// Gives the new inode its number.
  [[nodiscard]] Result<void> insert_inode(Inode& inode);
  [[nodiscard]] Result<void> update_inode(const Inode& inode);
  /// A directory's entries changed: its times, and its links when subdirectories came or went.
  [[nodiscard]] Result<void> touch_directory(std::int64_t number, std::int64_t new_links,
                                             vfs::Timestamp when);
  /// Takes an inode away with all that hangs on it.
  [[nodiscard]] Result<void> delete_inode(std::int64_t number);
  [[nodiscard]] Result<std::uint64_t> count_inodes();

  [[nodiscard]] Result<std::optional<Child>> child(std::int64_t parent, std::string_view name);
  [[nodiscard]] Result<bool> has_entry(std::int64_t parent, std::string_view name);
  [[nodiscard]] Result<bool> has_entries(std::int64_t directory);
  [[nodiscard]] Result<std::vector<vfs::DirectoryEntry>> list(std::int64_t directory,
                                                              std::int64_t after,
                                                              std::int64_t limit);
  [[nodiscard]] Result<void> insert_entry(std::int64_t parent, std::string_view name,
                                          std::int64_t number);
  /// Whether `number` is `directory` or lies below it.
  [[nodiscard]] Result<bool> is_within(std::int64_t number, std::int64_t directory);

  [[nodiscard]] Result<std::string> target(std::int64_t number);

  /// Nodes that were unlinked while open, and whether they have a name all the same.
  [[nodiscard]] Result<std::vector<std::pair<std::int64_t, bool>>> orphans();
  /// Files that were being appended to when the database was last used.
  [[nodiscard]] Result<std::vector<std::int64_t>> padded_files();

 private:
  Connection& connection_;
};

}  // namespace seabag::providers
