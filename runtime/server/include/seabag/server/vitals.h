#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "seabag/server/latencies.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::server {

/// How far a server has come in its life.
enum class LoopState : std::uint32_t {
  starting,  ///< it does not serve yet
  serving,
  draining,  ///< it takes no more connections and finishes what is under way
  ended,
};

/// What a server shows of itself while it runs; what changes most comes first. Written by
/// the thread that runs it; read at any time by other threads, and by other processes when it lies
/// in memory that they share. Each value is true for itself, all of them together are no snapshot.
struct alignas(64) Vitals {
  using Counter = std::atomic<std::uint64_t>;

  std::atomic<LoopState> state{LoopState::starting};
  /// Connections that are open now.
  std::atomic<std::uint32_t> connections{0};
  /// CLOCK_MONOTONIC in milliseconds at the last turn of the loop: at most kBeat and what the
  /// machine is late behind the present, unless the loop is stuck. 0: it has not turned yet.
  std::atomic<std::uint64_t> heartbeat{0};
  /// Connections that have been accepted, in total.
  std::atomic<std::uint64_t> accepted{0};
  /// Requests that have been answered or refused, in total.
  std::atomic<std::uint64_t> requests{0};
  /// Bytes of content in those answers, in total, sent or still to be sent.
  std::atomic<std::uint64_t> bytes{0};
  /// Requests that are being answered now.
  std::atomic<std::uint64_t> in_flight{0};

  // Totals too:
  /// Answers by the first digit of their status.
  std::array<Counter, 10> statuses{};
  /// Answers by the encoding of their content, in the order of vfs::Encoding.
  std::array<Counter, vfs::kEncodingCount> encodings{};
  /// Those of the requests that came in HTTP/2.
  Counter http2_requests{0};
  /// Connections that were closed because they were too many.
  Counter rejected{0};
  /// TLS handshakes that came to an end, those that went on from an earlier connection, and those
  /// that failed.
  Counter full_handshakes{0};
  Counter resumed_handshakes{0};
  Counter failed_handshakes{0};
  /// From the turn of the loop in which a request was complete until the last byte of its answer
  /// was with the kernel.
  Latencies latencies;

  /// A loop with nothing to do turns this often, in milliseconds.
  static constexpr std::uint64_t kBeat = 500;

  /// For the only thread that writes: no instruction that locks the bus is needed.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t count) {
    counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }

  /// Says that nobody serves any more, or not yet; the totals stay.
  void restart() {
    state.store(LoopState::starting, std::memory_order_relaxed);
    connections.store(0, std::memory_order_relaxed);
    in_flight.store(0, std::memory_order_relaxed);
    heartbeat.store(0, std::memory_order_release);
  }
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared between processes");

}  // namespace seabag::server
