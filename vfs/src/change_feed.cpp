#include "seabag/vfs/change_feed.h"

#include <utility>
#include <vector>

namespace seabag::vfs {

struct ChangeFeed::Observation::Entry {
  ChangeObserver observer;
};

struct ChangeFeed::Observation::State {
  /// Shared by single publications and by unobserved mutations; exclusive for mutations of names
  /// that are observed, and for changes of `observers`.
  std::shared_mutex gate;
  std::atomic<bool> is_observed{false};
  std::vector<std::shared_ptr<const Entry>> observers;

  void tell(const Change& change) const {
    for (const auto& entry : observers) {
      entry->observer(change);
    }
  }
};

ChangeFeed::Observation& ChangeFeed::Observation::operator=(Observation&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(entry_, other.entry_);
  return *this;
}

void ChangeFeed::Observation::end() {
  if (state_ == nullptr) {
    return;
  }
  {
    const std::unique_lock lock(state_->gate);
    std::erase(state_->observers, entry_);
    state_->is_observed.store(!state_->observers.empty(), std::memory_order_release);
  }
  entry_.reset();
  state_.reset();
}

ChangeFeed::ChangeFeed(ChangeInterest* interest)
    : state_(std::make_shared<Observation::State>()),
      is_observed_(state_->is_observed),
      interest_(interest) {}

ChangeFeed::~ChangeFeed() = default;

Result<ChangeFeed::Observation> ChangeFeed::observe(ChangeObserver observer,
                                                    const std::function<Result<void>()>& prepare) {
  auto entry = std::make_shared<const Observation::Entry>(Observation::Entry{std::move(observer)});
  const std::unique_lock lock(state_->gate);
  SEABAG_TRY(prepare());
  state_->observers.push_back(entry);
  is_observed_.store(true, std::memory_order_release);
  return Observation(state_, std::move(entry));
}

ChangeFeed::Observation ChangeFeed::observe(ChangeObserver observer) {
  return observe(std::move(observer), [] { return Result<void>(); }).take();
}

void ChangeFeed::publish(const Change& change) const {
  const std::shared_lock lock(state_->gate);
  state_->tell(change);
}

ChangeFeed::NameChange::NameChange(const ChangeFeed& feed)
    : feed_(feed),
      shared_(feed.state_->gate, std::defer_lock),
      exclusive_(feed.state_->gate, std::defer_lock) {
  if (!feed.is_observed()) {
    shared_.lock();
    if (!feed.is_observed()) {
      return;
    }
    shared_.unlock();
  }
  exclusive_.lock();
}

void ChangeFeed::NameChange::publish(const Change& change) const { feed_.state_->tell(change); }

void ChangeFeed::NameChange::end() {
  if (shared_.owns_lock()) {
    shared_.unlock();
  }
  if (exclusive_.owns_lock()) {
    exclusive_.unlock();
  }
}

}  // namespace seabag::vfs
