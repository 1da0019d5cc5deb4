#include "seabag/pool/elastic_pool.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace seabag::pool {
namespace {

using std::chrono::milliseconds;

/// What became of a task: a Refusal, or this.
constexpr int kRan = -1;

/// Results of tasks, which a test waits for.
class Results {
 public:
  void add(int result) {
    {
      const std::lock_guard lock(mutex_);
      results_.push_back(result);
    }
    changed_.notify_all();
  }
  std::vector<int> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(30),
                              [&] { return results_.size() >= count; }));
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> results_;
};

class Told final : public Task {
 public:
  explicit Told(Results& results, std::function<void()> what = nullptr)
      : results_(results), what_(std::move(what)) {}
  void run() override {
    if (what_) {
      what_();
    }
    results_.add(kRan);
  }
  void refuse(Refusal refusal) override { results_.add(static_cast<int>(refusal)); }

 private:
  Results& results_;
  std::function<void()> what_;
};

std::unique_ptr<Task> told(Results& results, std::function<void()> what = nullptr) {
  return std::make_unique<Told>(results, std::move(what));
}

/// A lane in which nothing is refused for waiting, however slow the machine is.
LaneOptions patient(LaneOptions options = {}) {
  options.wait = std::chrono::hours(1);
  return options;
}

int refused(Refusal refusal) { return static_cast<int>(refusal); }

}  // namespace

TEST_CASE("a pool runs what it is given and has threads only then", "[pool]") {
  Results results;
  ElasticPool pool;
  auto& lane = pool.add_lane(patient({.name = "one"}));
  CHECK(pool.figures().threads == 0);
  for (int task = 0; task < 100; ++task) {
    pool.submit(lane, told(results));
  }
  CHECK(results.wait_for(100) == std::vector<int>(100, kRan));
  const PoolFigures figures = pool.figures();
  CHECK(figures.threads >= 1);
  REQUIRE(figures.lanes.size() == 1);
  CHECK(figures.lanes[0].name == "one");
  CHECK(figures.lanes[0].waiting == 0);
}

TEST_CASE("threads are added while tasks wait, and no more than allowed", "[pool]") {
  constexpr std::size_t kThreads = 8;
  Results results;
  std::latch all_run(kThreads);
  ElasticPool pool({.threads = kThreads});
  auto& lane = pool.add_lane(patient({.concurrency = 100}));
  // Each waits for all the others: fewer threads than that would never end.
  for (std::size_t task = 0; task < kThreads; ++task) {
    pool.submit(lane, told(results, [&] { all_run.arrive_and_wait(); }));
  }
  results.wait_for(kThreads);
  CHECK(pool.figures().most_threads == kThreads);
}

TEST_CASE("idle threads end", "[pool]") {
  Results results;
  ElasticPool pool({.idle = milliseconds(1)});
  auto& lane = pool.add_lane(patient());
  pool.submit(lane, told(results));
  results.wait_for(1);
  while (pool.figures().threads > 0) {
    std::this_thread::yield();
  }
  pool.submit(lane, told(results));
  CHECK(results.wait_for(2) == std::vector<int>{kRan, kRan});
}

TEST_CASE("a lane that hangs leaves threads to the others", "[pool]") {
  Results hung;
  Results fine;
  std::latch release(1);
  ElasticPool pool({.threads = 4});
  auto& stalled = pool.add_lane(patient({.name = "stalled", .queue = 64}));
  auto& other = pool.add_lane(patient({.name = "other"}));
  for (int task = 0; task < 50; ++task) {
    pool.submit(stalled, told(hung, [&] { release.wait(); }));
  }
  for (int task = 0; task < 200; ++task) {
    pool.submit(other, told(fine));
    fine.wait_for(static_cast<std::size_t>(task) + 1);
  }
  const PoolFigures figures = pool.figures();
  CHECK(figures.lanes[0].running == 3);
  CHECK(figures.lanes[0].waiting == 47);
  CHECK(figures.lanes[0].concurrency == 3);
  release.count_down();
  CHECK(hung.wait_for(50) == std::vector<int>(50, kRan));
}

TEST_CASE("a full queue refuses at once", "[pool]") {
  Results results;
  std::latch running(1);
  std::latch release(1);
  ElasticPool pool({.threads = 1});
  auto& lane = pool.add_lane(patient({.concurrency = 1, .queue = 2}));
  pool.submit(lane, told(results, [&] {
                running.count_down();
                release.wait();
              }));
  running.wait();
  for (int task = 0; task < 3; ++task) {
    pool.submit(lane, told(results));
  }
  CHECK(results.wait_for(1) == std::vector<int>{refused(Refusal::queue_full)});
  release.count_down();
  CHECK(results.wait_for(4) == std::vector<int>{refused(Refusal::queue_full), kRan, kRan, kRan});
  CHECK(pool.figures().lanes[0].refused[0] == 1);
}

TEST_CASE("who waits too long is refused while the others hang", "[pool]") {
  Results hung;
  Results results;
  std::latch running(1);
  std::latch release(1);
  ElasticPool pool({.threads = 1});
  auto& stalled = pool.add_lane(patient());
  auto& lane = pool.add_lane({.wait = milliseconds(5)});
  pool.submit(stalled, told(hung, [&] {
                running.count_down();
                release.wait();
              }));
  running.wait();
  pool.submit(lane, told(results));
  pool.submit(lane, told(results));
  CHECK(results.wait_for(2) == std::vector<int>(2, refused(Refusal::waited)));
  release.count_down();
  hung.wait_for(1);
}

TEST_CASE("what nobody waits for any more is not begun", "[pool]") {
  Results results;
  ElasticPool pool;
  auto& lane = pool.add_lane(patient());
  auto late = told(results);
  late->deadline = Clock::now();
  pool.submit(lane, std::move(late));
  CHECK(results.wait_for(1) == std::vector<int>{refused(Refusal::late)});
}

TEST_CASE("the end of a pool refuses what waits and waits for what runs", "[pool]") {
  Results results;
  std::latch running(1);
  {
    ElasticPool pool({.threads = 1});
    auto& lane = pool.add_lane(patient({.concurrency = 1}));
    pool.submit(lane, told(results, [&] {
                  running.count_down();
                  // Goes on until the pool is ending.
                  results.wait_for(1);
                }));
    running.wait();
    pool.submit(lane, told(results));
  }
  CHECK(results.wait_for(2) == std::vector<int>{refused(Refusal::shutting_down), kRan});
}

TEST_CASE("an adaptive lane runs more while that does not slow it down", "[pool][gradient]") {
  Results results;
  ElasticPool pool({.threads = 4});
  auto& lane =
      pool.add_lane(patient({.concurrency = 64, .limit = LimitKind::adaptive, .queue = 4'096}));
  for (int task = 0; task < 2'000; ++task) {
    pool.submit(lane, told(results));
  }
  results.wait_for(2'000);
  CHECK(pool.figures().lanes[0].concurrency >= 2);
  CHECK(pool.figures().lanes[0].concurrency <= 64);
}

TEST_CASE("many threads submit to many lanes", "[pool]") {
  constexpr std::size_t kSubmitters = 4;
  constexpr std::size_t kTasks = 500;
  Results results;
  std::vector<std::thread> submitters;
  {
    ElasticPool pool({.threads = 6, .idle = milliseconds(1)});
    for (std::size_t submitter = 0; submitter < kSubmitters; ++submitter) {
      auto& lane = pool.add_lane(patient({.queue = 16}));
      submitters.emplace_back([&] {
        for (std::size_t task = 0; task < kTasks; ++task) {
          pool.submit(lane, told(results));
        }
      });
    }
    for (std::thread& submitter : submitters) {
      submitter.join();
    }
  }
  // Each was told exactly one thing.
  CHECK(results.wait_for(kSubmitters * kTasks).size() == kSubmitters * kTasks);
}

}  // namespace seabag::pool
