#include "worker.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <utility>

#include "http1_protocol.h"

namespace seabag::load {

namespace {

constexpr Moment kSecond = 1'000'000'000;
// An answer that fits is one system call.
constexpr std::size_t kSpace = std::size_t{64} * 1024;
// A timer that fires more often costs the processor that the requests need; one that fires more
// seldom would let the end wait.
constexpr double kShortestTick = 50'000;
constexpr double kLongestTick = 100'000'000;
// How long an open loop waits in the end for what has no answer yet.
constexpr Moment kGrace = 2 * kSecond;

// Every moment of the schedule falls on a tick, unless they are too close to each other.
Moment tick_of(double period) {
  if (period > kLongestTick) {
    period /= std::ceil(period / kLongestTick);
  }
  return static_cast<Moment>(std::max(period, kShortestTick));
}

timespec to_timespec(Moment moment) {
  return {.tv_sec = static_cast<time_t>(moment / kSecond),
          .tv_nsec = static_cast<long>(moment % kSecond)};
}

net::Milliseconds to_milliseconds(std::chrono::nanoseconds time) {
  return static_cast<net::Milliseconds>(std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

}  // namespace

Moment now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Moment>(time.tv_sec) * kSecond + static_cast<Moment>(time.tv_nsec);
}

Result<std::unique_ptr<Worker>> Worker::make(const Assignment& assignment, const Share& share) {
  auto loop = SEABAG_TRY(net::EventLoop::open());
  net::Descriptor ticker(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!ticker.is_open()) {
    return errno_error(errno, "timerfd_create");
  }
  return std::unique_ptr<Worker>(new Worker(assignment, share, std::move(loop), std::move(ticker)));
}

Worker::Worker(const Assignment& assignment, const Share& share,
               std::unique_ptr<net::EventLoop> loop, net::Descriptor ticker)
    : assignment_(assignment),
      share_(share),
      is_open_loop_(assignment.plan.rate.has_value()),
      until_(assignment.measured_until),
      schedule_(share.first, is_open_loop_ ? share.period : 1, assignment.measured_until),
      space_(kSpace),
      loop_(std::move(loop)),
      ticker_(std::move(ticker)),
      surroundings_{.loop = *loop_,
                    .dispatcher = *this,
                    .endpoint = assignment.endpoint,
                    .space = space_,
                    .timeout = to_milliseconds(assignment.plan.timeout)} {
  loop_->set_notified(this);
}

Worker::~Worker() = default;

Result<void> Worker::run() {
  SEABAG_TRY(start_ticker());
  now_ = now();
  make_connections();
  while (!is_over()) {
    SEABAG_TRY(loop_->run_turn());
    if (use_since_ == 0 && now_ >= assignment_.measured_from) {
      use_since_ = now_;
      use_before_ = ThreadTimes::read();
    }
  }
  measure_use();
  count_open_requests();
  connections_.clear();
  loop_->remove(ticker_.get(), *this);
  return {};
}

Result<void> Worker::start_ticker() {
  itimerspec times{};
  if (is_open_loop_) {
    times.it_value = to_timespec(std::max<Moment>(share_.first, 1));
    times.it_interval = to_timespec(tick_of(share_.period));
  } else {
    times.it_value = to_timespec(std::max<Moment>(until_, 1));
  }
  if (timerfd_settime(ticker_.get(), TFD_TIMER_ABSTIME, &times, nullptr) != 0) {
    return errno_error(errno, "timerfd_settime");
  }
  return loop_->add(ticker_.get(), net::Interest::input | net::Interest::edge, *this);
}

void Worker::measure_use() {
  if (use_since_ == 0) {
    return;
  }
  const ThreadTimes use = ThreadTimes::read();
  findings_.use = {.running = use.running - use_before_.running,
                   .waiting = use.waiting - use_before_.waiting};
  findings_.seconds = static_cast<double>(now() - use_since_) / static_cast<double>(kSecond);
}

void Worker::make_connections() {
  const Plan& plan = assignment_.plan;
  const auto content =
      plan.method == "HEAD" ? http::AnswerContent::none : http::AnswerContent::as_told;
  for (unsigned i = 0; i < share_.connections; ++i) {
    auto protocol = std::make_unique<Http1Protocol>(assignment_.request, content, plan.pipeline);
    connections_.push_back(std::make_unique<Connection>(surroundings_, std::move(protocol)));
    connections_.back()->open();
  }
}

void Worker::stop() {
  is_stopped_.store(true, std::memory_order_relaxed);
  loop_->notify();
}

void Worker::on_ready(net::Readiness readiness) {
  on_wakeup();
  // A periodic timer goes on when it is read.
  std::uint64_t ticks = 0;
  const bool has_ticked =
      readiness.input && read(ticker_.get(), &ticks, sizeof ticks) == sizeof ticks;
  if (is_stopped_.load(std::memory_order_relaxed) && now_ < until_) {
    until_ = now_;
    schedule_.shorten(now_);
  }
  if (is_open_loop_ && has_ticked) {
    give_due();
  }
}

void Worker::on_wakeup() { now_ = now(); }

// Requests that are due go to connections that have been waiting.
void Worker::give_due() {
  while (!free_.empty()) {
    Connection& connection = *free_.front();
    if (connection.has_room()) {
      const std::optional<Moment> start = take_due();
      if (!start) {
        return;
      }
      if (is_measured(*start)) {
        findings_.own_delay.record(now_ - *start);
      }
      free_.pop_front();
      connection.is_listed = false;
      connection.give(*start);
    } else {
      free_.pop_front();
      connection.is_listed = false;
    }
  }
}

std::optional<Moment> Worker::next_start() {
  if (is_open_loop_) {
    return take_due();
  }
  if (now_ >= until_) {
    return std::nullopt;
  }
  return now_;
}

std::optional<Moment> Worker::take_due() {
  if (!returned_.empty()) {
    const Moment start = returned_.front();
    returned_.pop_front();
    ++under_way_;
    return start;
  }
  const std::optional<Moment> start = schedule_.take(now_);
  if (start) {
    ++under_way_;
    if (is_measured(*start)) {
      ++findings_.counts.due;
      findings_.start_delay.record(now_ - *start);
    }
  }
  return start;
}

void Worker::on_free(Connection& connection) {
  if (is_open_loop_ && !connection.is_listed) {
    connection.is_listed = true;
    free_.push_back(&connection);
  }
}

bool Worker::is_measured(Moment start) const {
  const Moment moment = is_open_loop_ ? start : now_;
  return moment >= assignment_.measured_from && moment < until_;
}

void Worker::on_answer(Moment start, unsigned status) {
  under_way_ -= is_open_loop_ ? 1 : 0;
  answers_.store(answers_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (is_measured(start)) {
    findings_.latency.record(now_ - start);
    ++findings_.counts.answers;
    ++findings_.counts.classes[status / 100];
  }
}

void Worker::on_received(std::size_t bytes) {
  if (now_ >= assignment_.measured_from && now_ < until_) {
    findings_.counts.received_bytes += bytes;
  }
}

void Worker::on_failure(const Failure& failure, const std::vector<Moment>& starts) {
  under_way_ -= is_open_loop_ ? starts.size() : 0;
  if (findings_.first_failure.empty()) {
    findings_.first_failure = to_error(failure, assignment_.plan.url.authority).message();
  }
  std::uint64_t count = starts.empty() && now_ >= assignment_.measured_from ? 1 : 0;
  for (const Moment start : starts) {
    if (!is_measured(start)) {
      continue;
    }
    ++count;
    if (failure.kind == FailureKind::timed_out) {
      findings_.latency.record(now_ - start);
    }
  }
  Failures& failures = findings_.counts.failures;
  const std::array<std::uint64_t*, 4> counters = {&failures.connect, &failures.closed,
                                                  &failures.malformed, &failures.timed_out};
  *counters[static_cast<std::size_t>(failure.kind)] += count;
  const std::uint64_t all = failures_.load(std::memory_order_relaxed);
  failures_.store(all + std::max<std::uint64_t>(starts.size(), 1), std::memory_order_relaxed);
}

void Worker::on_returned(const std::vector<Moment>& starts) {
  if (now_ >= assignment_.measured_from && now_ < until_) {
    findings_.counts.resent += starts.size();
  }
  if (is_open_loop_) {
    under_way_ -= starts.size();
    returned_.insert(returned_.end(), starts.begin(), starts.end());
  }
}

bool Worker::is_over() const {
  if (now_ < until_) {
    return false;
  }
  const bool is_answered = schedule_.is_over() && under_way_ == 0 && returned_.empty();
  return !is_open_loop_ || is_answered || now_ >= until_ + kGrace;
}

// Those without an answer have waited at least this long; leaving them out would flatter.
void Worker::count_open_requests() {
  for (const auto& connection : connections_) {
    for (const Moment start : connection->open_requests()) {
      if (is_open_loop_) {
        returned_.push_back(start);
      } else {
        findings_.oldest_unanswered = std::max(findings_.oldest_unanswered, now_ - start);
      }
    }
  }
  if (!is_open_loop_) {
    return;
  }
  while (const std::optional<Moment> start = take_due()) {
    if (is_measured(*start)) {
      findings_.latency.record(now_ - *start);
      ++findings_.counts.unanswered;
    }
  }
}

}  // namespace seabag::load
