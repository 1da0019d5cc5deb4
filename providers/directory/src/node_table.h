#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "numbered.h"
#include "open_files.h"
#include "posix_status.h"
#include "seabag/vfs/node.h"

namespace seabag::providers {

/// Which node numbers stand for which objects, where those were last seen, and which are open.
///
/// A number stands for one object (device, inode, type and birth), whatever its names; the names of
/// its ancestors make its path. It is forgotten when this provider takes away its last name, or
/// when its inode number comes back with another birth. Safe for concurrent use.
class NodeTable {
 public:
  enum class Births : std::uint8_t {
    tell_apart,  ///< a reused inode number shows in the time of birth
    change,      ///< an object's birth can change (overlayfs, at the first write)
  };

  NodeTable(const Status& root, Births births);

  /// A point in the history of names. What was looked at after it and before the next change of
  /// names by this provider still holds.
  struct Moment {
    std::uint64_t changes = 0;
    std::uint64_t last_node = 0;
  };
  [[nodiscard]] Moment moment() const;

  /// Enclose each change of names with what it tells the table; by one thread at a time.
  void begin_change() { ++changes_; }
  void end_change() { ++changes_; }

  /// The number of an object that has been seen under this name since that moment, a new one if
  /// need be. Nothing when names have changed meanwhile in a way that matters: look again.
  [[nodiscard]] std::optional<vfs::NodeId> see(const Status& status, vfs::NodeId parent,
                                               std::string_view name, const Moment& since);

  /// The same for one that this provider made since that moment: it is none of those known then,
  /// even if it looks like one that was removed behind our back.
  [[nodiscard]] std::optional<vfs::NodeId> see_new(const Status& status, vfs::NodeId parent,
                                                   std::string_view name, const Moment& since);

  /// The number of an object that may have been renamed since it was seen under this name. For who
  /// keeps others from changing names, as the next.
  vfs::NodeId find_or_place(const Status& status, vfs::NodeId parent, std::string_view name);

  /// The number of an object that was last seen under this path (names with one `/` between two).
  /// Nothing when it was not.
  [[nodiscard]] std::optional<vfs::NodeId> find_at(const Status& status,
                                                   std::string_view path) const;

  /// Whatever was known of the object, this is its name now.
  vfs::NodeId place(const Status& status, vfs::NodeId parent, std::string_view name);

  /// The number of a new object that has no name yet.
  vfs::NodeId see_nameless(const Status& status);

  /// A number for an object that is gone already: every use of it is ESTALE.
  [[nodiscard]] vfs::NodeId number_of_nobody();

  /// The `nth` known path of a node (0: the one seen last) relative to the root, empty for the root
  /// itself. Nothing when there is none: the node is gone, unknown or nameless.
  [[nodiscard]] std::optional<std::string> path(vfs::NodeId node, std::size_t nth) const;

  /// Whether what was found is that node.
  [[nodiscard]] bool is_node(vfs::NodeId node, const Status& status) const;

  /// This provider has taken the name from the object; `was_last` when it had no other.
  enum class Names : std::uint8_t { remain, all_gone };
  void lose(const Status& status, vfs::NodeId parent, std::string_view name, Names names);

  using Opened = OpenFiles::Mode;
  using Borrowed = OpenFiles::Borrowed;
  /// As OpenFiles: `add`, `remove` (which may be the end of an orphan) and `borrow`.
  void open(OpenFiles::Link& link) { open_.add(link); }
  void close(OpenFiles::Link& link);
  [[nodiscard]] Borrowed borrow(vfs::NodeId node) const { return open_.borrow(node); }

 private:
  struct Key {
    std::uint64_t file_system;
    std::uint64_t inode;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct NodeHash {
    std::size_t operator()(vfs::NodeId node) const;
  };
  struct Place {
    vfs::NodeId parent{};  ///< 0: no name
    std::string name;
    friend bool operator==(const Place&, const Place&) = default;
  };
  enum class Life : std::uint8_t {
    named,
    orphan,  ///< has no name anywhere, so that it goes with the last descriptor
  };
  struct Entry {
    Key key;
    vfs::Timestamp born;
    vfs::FileType type;
    Place place;
    Life life;
  };
  static Key key_of(const Status& status) {
    return {.file_system = status.file_system, .inode = status.attributes.inode};
  }
  [[nodiscard]] bool is_entry(const Entry& entry, const Status& status) const;
  [[nodiscard]] const Place* known_place(vfs::NodeId node, std::size_t nth) const;
  vfs::NodeId find(const Status& status) const;
  vfs::NodeId add(const Status& status);
  void forget(vfs::NodeId node);
  void set_life(Entry& entry, Life life);
  vfs::NodeId place_locked(const Status& status, vfs::NodeId parent, std::string_view name);
  void move_to(vfs::NodeId node, Place place, bool keeps_others);
  [[nodiscard]] bool holds(const Moment& since) const {
    return since.changes % 2 == 0 && since.changes == changes_;
  }

  const std::uint64_t root_file_system_;
  const Births births_;
  /// Odd while names change.
  std::atomic<std::uint64_t> changes_ = 0;
  mutable std::shared_mutex mutex_;
  std::atomic<std::uint64_t> last_node_ = 0;
  Numbered<Entry> entries_;
  std::unordered_map<Key, vfs::NodeId, KeyHash> nodes_;
  /// Further names of files that have several.
  std::unordered_multimap<vfs::NodeId, Place, NodeHash> other_places_;
  OpenFiles open_;
  /// Entries that are orphans. Read without the lock by who has closed a file: an entry becomes an
  /// orphan first, and is then asked for open files.
  std::atomic<std::size_t> orphans_ = 0;
};

}  // namespace seabag::providers
