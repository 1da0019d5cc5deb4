#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

#include "seabag/vfs/watch.h"

namespace seabag::vfs {

/// Events between mutations and whoever takes them. Safe for concurrent use.
class WatchQueue {
 public:
  explicit WatchQueue(std::size_t capacity) : capacity_(capacity) {}

  /// A full queue takes one overflow event instead, and then nothing until there is room.
  void push(WatchEvent event);

  [[nodiscard]] std::optional<WatchEvent> try_pop();
  [[nodiscard]] std::optional<WatchEvent> pop(const std::stop_token& stop);

  void close();

 private:
  [[nodiscard]] std::optional<WatchEvent> take_first();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<WatchEvent> events_;  ///< guarded by mutex_
  bool is_closed_ = false;         ///< guarded by mutex_
  const std::size_t capacity_;
};

}  // namespace seabag::vfs
