#include "streams.h"

#include <algorithm>
#include <bit>

namespace seabag::http2 {

Slot Streams::open(std::uint32_t id) {
  Slot slot = first_free_;
  if (slot == kNoSlot) {
    slot = static_cast<Slot>(slots_.size());
    slots_.emplace_back();
  } else {
    first_free_ = slots_[slot].next;
  }
  slots_[slot] = Stream{.id = id};
  ++open_;
  return slot;
}

void Streams::close(Slot slot, Closure closure) {
  Stream& stream = slots_[slot];
  remember(stream.id, closure);
  stream.id = 0;
  stream.next = first_free_;
  first_free_ = slot;
  --open_;
}

void Streams::remember(std::uint32_t id, Closure closure) {
  if (closure == Closure::by_client) {
    ended_[next_ended_] = id;
    next_ended_ = (next_ended_ + 1) % kEnded;
    std::replace(reset_.begin(), reset_.end(), id, std::uint32_t{0});
  } else if (reset_.size() < kReset) {
    reset_.push_back(id);
  } else {
    reset_[next_reset_] = id;
    next_reset_ = (next_reset_ + 1) % kReset;
  }
}

Slot Streams::find(std::uint32_t id) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(),
                                  [id](const Stream& stream) { return stream.id == id; });
  return found == slots_.end() ? kNoSlot : static_cast<Slot>(found - slots_.begin());
}

Closure Streams::closure_of(std::uint32_t id) const {
  if (std::find(reset_.begin(), reset_.end(), id) != reset_.end()) {
    return Closure::reset_by_us;
  }
  const bool has_ended = std::find(ended_.begin(), ended_.end(), id) != ended_.end();
  return has_ended ? Closure::by_client : Closure::unknown;
}

void Streams::shrink() {
  if (open_ == 0) {
    slots_ = {};
    first_free_ = kNoSlot;
  }
}

void SendOrder::add(Slot slot) {
  Stream& stream = (*streams_)[slot];
  if (stream.is_queued) {
    return;
  }
  Queue& queue = queues_[stream.priority.urgency];
  stream.is_queued = true;
  stream.next = kNoSlot;
  stream.previous = queue.last;
  (queue.last == kNoSlot ? queue.first : (*streams_)[queue.last].next) = slot;
  queue.last = slot;
  used_ = static_cast<std::uint8_t>(used_ | 1U << stream.priority.urgency);
}

void SendOrder::remove(Slot slot) {
  Stream& stream = (*streams_)[slot];
  if (!stream.is_queued) {
    return;
  }
  Queue& queue = queues_[stream.priority.urgency];
  stream.is_queued = false;
  (stream.previous == kNoSlot ? queue.first : (*streams_)[stream.previous].next) = stream.next;
  (stream.next == kNoSlot ? queue.last : (*streams_)[stream.next].previous) = stream.previous;
  if (queue.first == kNoSlot) {
    used_ = static_cast<std::uint8_t>(used_ & ~(1U << stream.priority.urgency));
  }
}

void SendOrder::rotate(Slot slot) {
  remove(slot);
  add(slot);
}

Slot SendOrder::first() const {
  return used_ == 0 ? kNoSlot : queues_[static_cast<std::size_t>(std::countr_zero(used_))].first;
}

}  // namespace seabag::http2
