#pragma once

#include <csignal>
#include <initializer_list>

#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::workers {

/// Signals that are read from a descriptor instead of interrupting this thread and those that it
/// makes, as long as this object lives. Whoever is forked meanwhile has them blocked.
class TakenSignals {
 public:
  explicit TakenSignals(std::initializer_list<int> signals);
  TakenSignals(const TakenSignals&) = delete;
  TakenSignals& operator=(const TakenSignals&) = delete;
  /// Drops what has come and lets later signals in again.
  ~TakenSignals();

  /// Errors: EMFILE, ENFILE, ENOMEM.
  [[nodiscard]] Result<void> open();
  /// Readable when a signal waits.
  [[nodiscard]] int descriptor() const { return waiting_.get(); }
  /// The next signal that waits, or 0.
  [[nodiscard]] int next() const;
  /// What was blocked before.
  [[nodiscard]] const sigset_t& previous() const { return previous_; }

 private:
  sigset_t set_{};
  sigset_t previous_{};
  net::Descriptor waiting_;
};

}  // namespace seabag::workers
