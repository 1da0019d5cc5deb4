#pragma once

#include <mutex>
#include <utility>

#include "seabag/vfs/result.h"
#include "session.h"

namespace seabag::providers {

/// A call's turn at the database: the lock, and one state of the database until the end of scope.
class Reading {
 public:
  /// Begun, with the session's lock held.
  Reading(Session& session, std::unique_lock<std::mutex> lock)
      : session_(session), lock_(std::move(lock)) {}
  ~Reading() {
    if (lock_.owns_lock()) {
      session_.end_reading();
    }
  }
  Reading(Reading&&) noexcept = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  Reading& operator=(Reading&&) = delete;

 private:
  Session& session_;
  std::unique_lock<std::mutex> lock_;  ///< empty in what was moved from
};

/// A turn that changes the database: undone at the end of scope unless it was committed.
class Changing {
 public:
  /// Begun, with the session's lock held.
  Changing(Session& session, std::unique_lock<std::mutex> lock)
      : session_(session), lock_(std::move(lock)) {}
  ~Changing() {
    if (lock_.owns_lock() && !is_committed_) {
      session_.abort_change();
    }
  }
  Changing(Changing&&) noexcept = default;
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;
  Changing& operator=(Changing&&) = delete;

  [[nodiscard]] Result<void> commit() {
    SEABAG_TRY(session_.commit_change());
    is_committed_ = true;
    return {};
  }

 private:
  Session& session_;
  std::unique_lock<std::mutex> lock_;  ///< empty in what was moved from
  bool is_committed_ = false;
};

}  // namespace seabag::providers
