#include "session.h"

#include <csignal>
#include <utility>

namespace seabag::providers {
namespace {

using Clock = std::chrono::steady_clock;

/// A group's transaction ends after this many changes also before its delay is over.
constexpr std::uint64_t kMostSteps = 4096;
/// With less room than this on the disk, every change is a transaction.
constexpr std::uint64_t kRoomForGroups = std::uint64_t{64} << 20U;

/// A thread that gets no signals: they are for the threads of the program, which may block them
/// later than this one is started.
template <typename Work>
std::thread start_thread(Work work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Session::Session(std::unique_ptr<Connection> connection, std::unique_ptr<LogFile> log,
                 std::unique_ptr<NodeLocks> locks, const SqliteOptions& options, std::string path)
    : path_(std::move(path)),
      group_delay_(options.durability == SqliteDurability::every_change
                       ? std::chrono::milliseconds::zero()
                       : options.group_delay),
      durability_(options.durability),
      connection_(std::move(connection)),
      log_(std::move(log)),
      locks_(std::move(locks)) {
  if (group_delay_ > Clock::duration::zero()) {
    timer_ = start_thread([this] { run_timer(); });
  }
}

Session::~Session() {
  if (timer_.joinable()) {
    {
      const std::lock_guard guard(mutex_);
      is_stopping_ = true;
    }
    timer_wakes_.notify_one();
    timer_.join();
  }
  // Nobody is left to tell; who wanted to know has called `sync`.
  (void)end_group();
}

Result<void> Session::note_outside_changes() {
  Cursor row = connection_->use(Query::data_version);
  SEABAG_TRY(row.first());
  const std::int64_t version = row.integer(0);
  if (version != data_version_) {
    is_changed_outside_ = true;
    data_version_ = version;
    committed_.fetch_add(1, std::memory_order_release);  // what others wrote is synced with ours
  }
  return {};
}

bool Session::take_outside_change() { return std::exchange(is_changed_outside_, false); }

Result<void> Session::begin_reading() {
  if (connection_->is_in_transaction()) {
    return {};
  }
  SEABAG_TRY(connection_->use(Query::begin_reading).run());
  is_reading_ = true;
  auto noted = note_outside_changes();
  if (!noted) {
    end_reading();
  }
  return noted;
}

void Session::end_reading() {
  if (std::exchange(is_reading_, false)) {
    (void)connection_->use(Query::commit).run();  // ending a transaction that wrote nothing
  }
}

Result<void> Session::open_transaction() {
  SEABAG_TRY(connection_->use(Query::begin).run());
  auto noted = note_outside_changes();
  if (!noted) {
    (void)connection_->use(Query::rollback).run();  // the error before is the one to tell
    return noted;
  }
  if (group_delay_ == Clock::duration::zero() || !locks_->is_alone()) {
    return {};
  }
  const auto room = free_bytes(path_);
  if (room && *room >= kRoomForGroups) {
    is_grouped_ = true;
    steps_ = 0;
    deadline_ = Clock::now() + group_delay_;
    timer_wakes_.notify_one();
  }
  return {};
}

Result<void> Session::begin_change() {
  if (!connection_->is_in_transaction()) {
    SEABAG_TRY(open_transaction());
  }
  return is_grouped_ ? connection_->use(Query::begin_step).run() : Result<void>();
}

Result<void> Session::commit_change() {
  if (is_grouped_) {
    SEABAG_TRY(connection_->use(Query::end_step).run());
    ++steps_;
    return steps_ >= kMostSteps || Clock::now() >= deadline_ ? end_group() : Result<void>();
  }
  SEABAG_TRY(connection_->use(Query::commit).run());
  locks_->give_back();
  committed_.fetch_add(1, std::memory_order_release);
  return {};
}

void Session::abort_change() {
  if (!connection_->is_in_transaction()) {
    // SQLite has rolled back by itself, as it does after some errors, a full disk among them; or
    // the transaction ended with this change and took it along.
    if (std::exchange(is_grouped_, false) && steps_ > 0) {
      lose_group(make_error(std::errc::io_error, "fsync", {}, "changes were lost"));
    }
    locks_->give_back();
    return;
  }
  if (is_grouped_ && steps_ > 0) {
    // The error that led here is the one to tell.
    (void)connection_->use(Query::undo_step).run();
    (void)connection_->use(Query::end_step).run();
    return;
  }
  is_grouped_ = false;
  (void)connection_->use(Query::rollback).run();
  locks_->give_back();
}

Result<void> Session::end_group() {
  if (!std::exchange(is_grouped_, false)) {
    return {};
  }
  auto done = connection_->use(Query::commit).run();
  if (done) {
    committed_.fetch_add(1, std::memory_order_release);
  } else {
    if (connection_->is_in_transaction()) {
      (void)connection_->use(Query::rollback).run();  // `done` is the error to tell
    }
    lose_group(done.error());
  }
  locks_->give_back();
  return done;
}

void Session::lose_group(Error reason) {
  lost_ = std::move(reason);
  is_changed_outside_ = true;
}

Result<void> Session::sync() {
  {
    const auto guard = lock();
    connection_->set_operation("fsync");
    (void)end_group();  // its error is in `lost_`
    SEABAG_TRY(begin_reading());
    end_reading();
    if (lost_) {
      Error reason = std::move(*lost_);
      lost_.reset();
      reason.operation = "fsync";
      return reason;
    }
  }
  if (durability_ == SqliteDurability::every_change) {
    return {};
  }
  // Who waits here while another syncs finds its own transactions covered by the next one's.
  const std::uint64_t wanted = committed_.load(std::memory_order_acquire);
  const std::lock_guard guard(sync_mutex_);
  if (synced_ >= wanted) {
    return {};
  }
  const std::uint64_t covered = committed_.load(std::memory_order_acquire);
  SEABAG_TRY(log_->sync());
  synced_ = covered;
  return {};
}

void Session::run_timer() {
  std::unique_lock guard(mutex_);
  while (!is_stopping_) {
    if (!is_grouped_) {
      timer_wakes_.wait(guard);
    } else if (Clock::now() < deadline_) {
      timer_wakes_.wait_until(guard, deadline_);
    } else {
      connection_->set_operation("commit");
      (void)end_group();  // the next `sync` tells of a failure
    }
  }
}

}  // namespace seabag::providers
