#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "descriptor.h"
#include "inotify_events.h"
#include "seabag/vfs/change_feed.h"
#include "tree.h"

namespace seabag::providers {

/// Tells what anybody changes in watched directories of a real tree. Safe for concurrent use.
class ForeignChanges final : public vfs::ChangeInterest {
 public:
  /// `tree` must outlive this object.
  explicit ForeignChanges(Tree& tree) : tree_(tree), feed_(this) {}
  ~ForeignChanges() override;
  ForeignChanges(const ForeignChanges&) = delete;
  ForeignChanges& operator=(const ForeignChanges&) = delete;

  [[nodiscard]] vfs::ChangeFeed& feed() { return feed_; }

  [[nodiscard]] Result<void> begin(vfs::NodeId node) override;
  void end(vfs::NodeId node) override;

 private:
  struct Watched {
    vfs::NodeId node{};
    vfs::FileType type = vfs::FileType::directory;
    std::size_t count = 0;
  };

  Result<void> start();
  void run();
  [[nodiscard]] bool wait_for_event(int milliseconds) const;
  void read_events(std::vector<InotifyEvent>& events);
  void tell(const InotifyChange& change);
  void tell_own(const Watched& watched, const InotifyEvent& event);
  void tell_move(const Watched& from, const InotifyChange& change);

  [[nodiscard]] std::optional<Watched> find(int watch);
  /// The node that a name has now; 0 and what the event says when it has gone.
  void describe(const InotifyEvent& event, vfs::NodeId parent, vfs::NodeId& node,
                vfs::FileType& type);

  Tree& tree_;
  vfs::ChangeFeed feed_;
  std::mutex mutex_;
  std::map<int, Watched> watched_;  ///< by watch descriptor; guarded by mutex_
  Descriptor inotify_;              ///< open once the thread runs
  Descriptor stop_;
  std::vector<std::byte> buffer_;  ///< the thread's
  std::thread thread_;
};

}  // namespace seabag::providers
