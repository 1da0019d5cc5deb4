#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "seabag/http2/priority.h"
#include "seabag/http2/session.h"

namespace seabag::http2 {

inline constexpr Slot kNoSlot = 0xffff;

/// One open stream.
struct Stream {
  std::uint32_t id = 0;  ///< 0: the slot is free
  bool client_has_ended = false;
  bool we_have_ended = false;
  bool is_discarded = false;  ///< nobody reads its content
  bool is_queued = false;     ///< in the send order
  bool ends_after_pending = false;
  Priority priority;
  std::int64_t send_window = 0;
  std::int64_t receive_window = 0;
  std::uint32_t credit = 0;   ///< content that was taken, and not told yet
  std::uint64_t pending = 0;  ///< content of the answer that is to be sent
  /// Content-Length less what has come; absent when there is none.
  std::optional<std::uint64_t> missing = {};
  Slot next = kNoSlot;  ///< in the send order, or of the free slots
  Slot previous = kNoSlot;
};

/// How a stream came to be closed.
enum class Closure : std::uint8_t {
  unknown,      ///< so long ago that nobody remembers, or it was never open
  by_client,    ///< it has said its last word, or has reset it
  reset_by_us,  ///< before that: the client may not have known, and what it sends is ignored
};

/// The streams of a connection, in slots that are used again. One thread at a time.
class Streams {
 public:
  [[nodiscard]] Stream& operator[](Slot slot) { return slots_[slot]; }
  [[nodiscard]] const Stream& operator[](Slot slot) const { return slots_[slot]; }
  [[nodiscard]] std::size_t slot_count() const { return slots_.size(); }
  [[nodiscard]] std::size_t open_count() const { return open_; }

  Slot open(std::uint32_t id);
  void close(Slot slot, Closure closure);
  /// Remembers one that is not open, in place of what was known of it.
  void remember(std::uint32_t id, Closure closure);
  /// kNoSlot when it is not open.
  [[nodiscard]] Slot find(std::uint32_t id) const;
  [[nodiscard]] Closure closure_of(std::uint32_t id) const;
  /// Gives memory back when nothing is open.
  void shrink();

 private:
  static constexpr std::size_t kEnded = 64;
  static constexpr std::size_t kReset = 128;

  std::vector<Stream> slots_;
  Slot first_free_ = kNoSlot;
  std::size_t open_ = 0;
  // Apart from each other: streams that end well, of which there are many, must not push out the
  // few whose frames are still to be ignored.
  std::array<std::uint32_t, kEnded> ended_{};
  std::size_t next_ended_ = 0;
  std::vector<std::uint32_t> reset_;  ///< by us; at most kReset
  std::size_t next_reset_ = 0;
};

/// Streams with something to send, in the order of RFC 9218 §10: by urgency, then as they came;
/// one that is incremental goes behind the others after each frame. One thread at a time.
class SendOrder {
 public:
  explicit SendOrder(Streams& streams) : streams_(&streams) {}

  void add(Slot slot);
  void remove(Slot slot);
  /// Behind the others of its urgency.
  void rotate(Slot slot);
  /// kNoSlot when there is none.
  [[nodiscard]] Slot first() const;

 private:
  struct Queue {
    Slot first = kNoSlot;
    Slot last = kNoSlot;
  };

  Streams* streams_;
  std::array<Queue, kUrgencies> queues_;
  std::uint8_t used_ = 0;  ///< a bit for each queue that holds something
};

}  // namespace seabag::http2
