#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace seabag::providers {

/// One event as the kernel tells it (inotify(7)).
struct InotifyEvent {
  int watch = -1;
  std::uint32_t mask = 0;
  std::uint32_t cookie = 0;
  std::string name;
};

/// One logical operation: an event, or both halves of a move.
struct InotifyChange {
  InotifyEvent event;
  InotifyEvent moved_to;  ///< watch is -1 where there is no second half
};

/// The events that one read gave.
[[nodiscard]] std::vector<InotifyEvent> parse_events(std::span<const std::byte> bytes);

/// Brings halves of moves together and leaves out what says nothing new: changes of attributes
/// that directly follow the creation of the node, or the same change.
[[nodiscard]] std::vector<InotifyChange> merge_events(std::vector<InotifyEvent> events);

/// Whether the second half of the last move may still be on its way.
[[nodiscard]] bool ends_in_half_a_move(const std::vector<InotifyEvent>& events);

}  // namespace seabag::providers
