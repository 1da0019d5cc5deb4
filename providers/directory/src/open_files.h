#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "descriptor.h"
#include "seabag/vfs/node.h"

namespace seabag::providers {

/// The descriptors that are open on nodes. Registering one allocates nothing, because every open of
/// a file does it. Safe for concurrent use.
class OpenFiles {
 public:
  enum class Mode : std::uint8_t { reading, writing };

  /// One open file. Its owner keeps it in place from `add` to `remove`.
  struct Link {
    vfs::NodeId node{};
    int descriptor = -1;  ///< the owner's, closed after `remove`
    Mode mode = Mode::reading;
    Link* next = nullptr;
    Link** held_by = nullptr;  ///< what points here: the list's head or another's `next`
  };

  void add(Link& link);
  void remove(Link& link);
  [[nodiscard]] bool contains(vfs::NodeId node) const;

  /// A duplicate of a descriptor that is open on the node, one for writing if there is any; closed
  /// when there is none.
  struct Borrowed {
    Descriptor descriptor;
    Mode mode = Mode::reading;
  };
  [[nodiscard]] Borrowed borrow(vfs::NodeId node) const;

 private:
  static constexpr std::size_t kLists = 256;
  static std::size_t list_of(vfs::NodeId node) { return static_cast<std::size_t>(node) % kLists; }

  mutable std::mutex mutex_;
  std::array<Link*, kLists> lists_ = {};
};

}  // namespace seabag::providers
