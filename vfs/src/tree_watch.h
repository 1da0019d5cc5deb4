#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "name_index.h"
#include "seabag/vfs/change_feed.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/watch.h"
#include "watch_queue.h"

namespace seabag::vfs {

/// Turns the changes of one file system into events of what lies below one node. Safe for
/// concurrent use.
class TreeWatch {
 public:
  struct Target {
    std::shared_ptr<FileSystem> file_system;
    ChangeFeed* changes = nullptr;  ///< owned by file_system, or by `keeper`
    std::shared_ptr<void> keeper;
    NodeId node{};
    std::string path;  ///< of the node, without a trailing slash: empty for `/`
  };

  TreeWatch(Target target, WatchDepth depth, std::shared_ptr<WatchQueue> queue);
  ~TreeWatch();
  TreeWatch(const TreeWatch&) = delete;
  TreeWatch& operator=(const TreeWatch&) = delete;

  /// Reads the tree and begins to tell. Once.
  Result<void> start();

 private:
  /// Whether what a scan finds is news.
  enum class Scan : std::uint8_t { silent, announce };

  void on_change(const Change& change);
  void on_created(const Change& change);
  void on_removed(const Change& change);
  void on_moved(const Change& change);
  void on_exchanged(const Change& change);
  void on_node(const Change& change, WatchEventKind kind);
  void on_lost();

  /// Whether the names in a directory are watched.
  [[nodiscard]] bool covers(NodeId directory) const;
  void add(NodeId parent, std::string_view name, NameIndex::Found found, Scan scan);
  void drop(const NameIndex::Found& gone);
  Result<void> scan(NodeId top, Scan mode);
  Result<void> scan_one(NodeId directory, Scan mode, std::vector<NodeId>& pending);
  Result<void> begin_interest(NodeId node);
  void end_interest(NodeId node);
  void tell(WatchEventKind kind, FileType type, const std::optional<std::string>& path,
            std::string from = {});

  Target target_;
  WatchDepth depth_;
  std::shared_ptr<WatchQueue> queue_;
  std::mutex mutex_;
  NameIndex index_;                   ///< guarded by mutex_
  std::unordered_set<NodeId> begun_;  ///< whose interest is begun; guarded by mutex_
  ChangeFeed::Observation observation_;
};

}  // namespace seabag::vfs
