#include "inotify_events.h"

#include <sys/inotify.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace seabag::providers {
namespace {

bool has(const InotifyEvent& event, std::uint32_t bits) { return (event.mask & bits) != 0; }

bool is_of_same_name(const InotifyEvent& left, const InotifyEvent& right) {
  return left.watch == right.watch && left.name == right.name;
}

bool says_nothing_new(const InotifyEvent& before, const InotifyEvent& event) {
  if (!is_of_same_name(before, event) || !has(event, IN_ATTRIB)) {
    return false;
  }
  return has(before, IN_CREATE | IN_ATTRIB);
}

}  // namespace

std::vector<InotifyEvent> parse_events(std::span<const std::byte> bytes) {
  std::vector<InotifyEvent> events;
  while (bytes.size() >= sizeof(inotify_event)) {
    inotify_event head = {};  // the kernel's own layout, copied out because of alignment
    std::memcpy(&head, bytes.data(), sizeof(head));
    bytes = bytes.subspan(sizeof(head));
    const std::size_t length = std::min<std::size_t>(head.len, bytes.size());
    std::string name(length, '\0');
    std::memcpy(name.data(), bytes.data(), length);
    name.resize(std::string_view(name).find('\0') == std::string_view::npos ? length
                                                                            : name.find('\0'));
    events.push_back(
        {.watch = head.wd, .mask = head.mask, .cookie = head.cookie, .name = std::move(name)});
    bytes = bytes.subspan(length);
  }
  return events;
}

std::vector<InotifyChange> merge_events(std::vector<InotifyEvent> events) {
  std::vector<InotifyChange> changes;
  std::vector<bool> is_taken(events.size(), false);
  for (std::size_t at = 0; at < events.size(); ++at) {
    InotifyEvent& event = events[at];
    if (is_taken[at] || (!changes.empty() && says_nothing_new(changes.back().event, event))) {
      continue;
    }
    InotifyChange change{.event = event, .moved_to = {}};
    if (has(event, IN_MOVED_FROM)) {
      for (std::size_t other = at + 1; other < events.size(); ++other) {
        if (has(events[other], IN_MOVED_TO) && events[other].cookie == event.cookie) {
          change.moved_to = events[other];
          is_taken[other] = true;
          break;
        }
      }
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

bool ends_in_half_a_move(const std::vector<InotifyEvent>& events) {
  return !events.empty() && has(events.back(), IN_MOVED_FROM);
}

}  // namespace seabag::providers
