#include "seabag/pool/elastic_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "lane_state.h"

namespace seabag::pool {
namespace {

constexpr std::size_t kThreadsForEachProcessor = 16;

std::size_t processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const bool is_told = sched_getaffinity(0, sizeof set, &set) == 0;
  return static_cast<std::size_t>(is_told ? std::max(CPU_COUNT(&set), 1) : 1);
}

/// Threads that are made meanwhile take no signals: those are for the thread that waits for them.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }

 private:
  sigset_t previous_{};
};

}  // namespace

struct ElasticPool::State {
  explicit State(const PoolOptions& the_options) : options(the_options) {
    if (options.threads == 0) {
      options.threads = kThreadsForEachProcessor * processors();
    }
    const BlockedSignals blocked;
    keeper = std::thread([this] { keep(); });
  }

  /// A refused task, to be told without the lock.
  struct Refused {
    std::unique_ptr<Task> task;
    Refusal refusal;
  };
  using Worker = std::list<std::thread>::iterator;

  void submit(Lane& lane, std::unique_ptr<Task> task);
  void stop();

  // The thread that adds threads and ends waits that are too long.
  void keep();
  Clock::time_point next_look(Clock::time_point now) const;
  void refuse_overdue(Clock::time_point now, std::vector<Refused>& refused);
  [[nodiscard]] bool has_patient_task(Clock::time_point now) const;
  void wake_or_add();
  void add_thread();
  static void tell(std::vector<Refused>& refused);
  void join_ended(std::unique_lock<std::mutex>& lock);

  void work(Worker self);
  Lane* next_lane();
  void run_one(std::unique_lock<std::mutex>& lock, Lane& lane);

  PoolOptions options;
  mutable std::mutex mutex;
  std::condition_variable has_work;  ///< workers wait here
  std::condition_variable changed;   ///< the keeper does
  // Guarded by mutex:
  std::deque<Lane> lanes;
  std::size_t turn = 0;  ///< the lane that is asked first
  std::list<std::thread> workers;
  std::vector<Worker> ended;
  std::size_t threads = 0;
  std::size_t idle = 0;
  std::size_t wakeups = 0;  ///< idle threads that were told of work and have not come yet
  std::size_t most_threads = 0;
  std::atomic<bool> is_stopping = false;  ///< may be read without it

  std::thread keeper;
};

void ElasticPool::State::submit(Lane& lane, std::unique_ptr<Task> task) {
  const Clock::time_point now = Clock::now();
  std::unique_lock lock(mutex);
  if (is_stopping || lane.is_full()) {
    const Refusal refusal = is_stopping ? Refusal::shutting_down : Refusal::queue_full;
    lane.on_refused(refusal);
    lock.unlock();
    task->refuse(refusal);
    return;
  }
  const bool was_empty = lane.is_empty();
  lane.push(std::move(task), now);
  const bool has_idle = lane.is_ready() && wakeups < idle;
  wakeups += has_idle ? 1 : 0;
  lock.unlock();
  if (has_idle) {
    has_work.notify_one();
  } else if (was_empty) {
    changed.notify_one();  // somebody has begun to wait
  }
}

void ElasticPool::State::keep() {
  std::unique_lock lock(mutex);
  while (!is_stopping) {
    const Clock::time_point now = Clock::now();
    std::vector<Refused> refused;
    refuse_overdue(now, refused);
    if (has_patient_task(now)) {
      wake_or_add();
    }
    if (!refused.empty() || !ended.empty()) {
      lock.unlock();
      tell(refused);
      lock.lock();
      join_ended(lock);
      continue;  // what was notified meanwhile was notified to nobody
    }
    if (const auto look = next_look(now); look == Clock::time_point::max()) {
      changed.wait(lock);
    } else {
      changed.wait_until(lock, look);
    }
  }
}

// While tasks wait that could run, and threads can be added, the keeper looks often; otherwise at
// the end of the shortest wait.
Clock::time_point ElasticPool::State::next_look(Clock::time_point now) const {
  Clock::time_point next = Clock::time_point::max();
  for (const Lane& lane : lanes) {
    if (lane.is_empty()) {
      continue;
    }
    next = std::min(next, lane.overdue_at());
    if (lane.is_ready() && (threads < options.threads || wakeups < idle)) {
      next = std::min(next, std::max(lane.front().since, now) + options.patience);
    }
  }
  return next;
}

void ElasticPool::State::refuse_overdue(Clock::time_point now, std::vector<Refused>& refused) {
  for (Lane& lane : lanes) {
    while (auto overdue = lane.pop_overdue(now)) {
      lane.on_refused(Refusal::waited);
      refused.push_back({.task = std::move(overdue->task), .refusal = Refusal::waited});
    }
  }
}

bool ElasticPool::State::has_patient_task(Clock::time_point now) const {
  return std::any_of(lanes.begin(), lanes.end(), [&](const Lane& lane) {
    return lane.is_ready() && (threads == 0 || now - lane.front().since >= options.patience);
  });
}

// A limit that grew lets a task run without anybody having been told.
void ElasticPool::State::wake_or_add() {
  if (wakeups < idle) {
    ++wakeups;
    has_work.notify_one();
  } else if (threads < options.threads) {
    add_thread();
  }
}

void ElasticPool::State::add_thread() {
  const Worker self = workers.emplace(workers.end());
  try {
    *self = std::thread([this, self] { work(self); });
  } catch (const std::system_error&) {
    workers.erase(self);  // the machine gives no more: what waits goes on waiting
    return;
  }
  ++threads;
  most_threads = std::max(most_threads, threads);
}

void ElasticPool::State::tell(std::vector<Refused>& refused) {
  for (const Refused& one : refused) {
    one.task->refuse(one.refusal);
  }
  refused.clear();
}

void ElasticPool::State::join_ended(std::unique_lock<std::mutex>& lock) {
  while (!ended.empty()) {
    const Worker worker = ended.back();
    ended.pop_back();
    lock.unlock();
    worker->join();
    lock.lock();
    workers.erase(worker);
  }
}

void ElasticPool::State::work(Worker self) {
  std::unique_lock lock(mutex);
  while (!is_stopping) {
    if (Lane* lane = next_lane()) {
      run_one(lock, *lane);
      continue;
    }
    ++idle;
    const auto until = Clock::now() + options.idle;
    const bool is_told =
        has_work.wait_until(lock, until, [&] { return wakeups > 0 || is_stopping; });
    --idle;
    wakeups -= wakeups > 0 ? 1 : 0;
    if (!is_told) {
      break;
    }
  }
  --threads;
  ended.push_back(self);
  changed.notify_one();
}

// The next lane in turn that has a task which may run.
ElasticPool::Lane* ElasticPool::State::next_lane() {
  for (std::size_t step = 0; step < lanes.size(); ++step) {
    const std::size_t index = (turn + step) % lanes.size();
    if (lanes[index].is_ready()) {
      turn = index + 1;
      return &lanes[index];
    }
  }
  return nullptr;
}

void ElasticPool::State::run_one(std::unique_lock<std::mutex>& lock, Lane& lane) {
  Lane::Waiting next = lane.pop();
  const Clock::time_point begun = Clock::now();
  if (begun >= next.task->deadline) {
    lane.on_refused(Refusal::late);
    lock.unlock();
    next.task->refuse(Refusal::late);
  } else {
    lane.on_begun(begun - next.since);
    lock.unlock();
    next.task->run();
    next.task.reset();
    const auto took = Clock::now() - begun;
    lock.lock();
    lane.on_finished(took);
    return;
  }
  next.task.reset();
  lock.lock();
}

void ElasticPool::State::stop() {
  std::vector<Refused> refused;
  {
    const std::lock_guard lock(mutex);
    is_stopping = true;
    for (Lane& lane : lanes) {
      while (!lane.is_empty()) {
        lane.on_refused(Refusal::shutting_down);
        refused.push_back({.task = lane.pop().task, .refusal = Refusal::shutting_down});
      }
    }
  }
  has_work.notify_all();
  changed.notify_all();
  tell(refused);
  keeper.join();
  // Nobody adds or erases any more: the keeper has ended.
  for (std::thread& worker : workers) {
    worker.join();
  }
}

ElasticPool::ElasticPool(const PoolOptions& options) : state_(std::make_unique<State>(options)) {}

ElasticPool::~ElasticPool() { state_->stop(); }

ElasticPool::Lane& ElasticPool::add_lane(const LaneOptions& options) {
  const std::lock_guard lock(state_->mutex);
  return state_->lanes.emplace_back(options, state_->options.threads);
}

void ElasticPool::submit(Lane& lane, std::unique_ptr<Task> task) {
  state_->submit(lane, std::move(task));
}

// Without the lock: a thread that holds it may have to wait for a processor, and who is to say no
// would wait for that thread.
bool ElasticPool::is_full(const Lane& lane) const {
  return state_->is_stopping.load(std::memory_order_relaxed) || lane.is_full();
}

PoolFigures ElasticPool::figures() const {
  const std::lock_guard lock(state_->mutex);
  PoolFigures figures{
      .threads = state_->threads, .idle = state_->idle, .most_threads = state_->most_threads};
  for (const Lane& lane : state_->lanes) {
    figures.lanes.push_back(lane.figures());
  }
  return figures;
}

}  // namespace seabag::pool
