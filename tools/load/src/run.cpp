#include "seabag/load/run.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>

#include "probe.h"
#include "processors.h"
#include "seabag/net/descriptor.h"
#include "worker.h"

namespace seabag::load {

namespace {

constexpr Moment kSecond = 1'000'000'000;
constexpr Moment kBetweenCalls = kSecond / 4;

Error bad_plan(std::string detail) {
  return make_error(std::errc::invalid_argument, "bench", {}, std::move(detail));
}

Result<void> check(const Plan& plan) {
  using std::chrono::nanoseconds;
  if (plan.url.scheme == Scheme::https) {
    return make_error(std::errc::not_supported, "bench", plan.url.authority,
                      "https is not there yet: measure http");
  }
  if (plan.connections < 1 || plan.connections > kMaxConnections) {
    return bad_plan("from 1 to 100,000 connections");
  }
  if (plan.threads < 1 || plan.threads > kMaxThreads) {
    return bad_plan("from 1 to 256 threads");
  }
  if (plan.pipeline < 1 || plan.pipeline > kMaxPipeline) {
    return bad_plan("from 1 to 1,024 requests under way on a connection");
  }
  if (plan.rate && !(*plan.rate > 0 && *plan.rate <= kMaxRate)) {
    return bad_plan("the rate must be above 0 and at most 10,000,000 requests a second");
  }
  if (plan.duration <= nanoseconds(0) || plan.timeout <= nanoseconds(0) ||
      plan.warm_up < nanoseconds(0) || plan.duration + plan.warm_up > std::chrono::hours(24)) {
    return bad_plan("the times must be above 0, and at most 24 hours together");
  }
  return {};
}

Result<void> allow_connections(unsigned connections) {
  // Two for each loop, and whatever the process has open.
  const std::size_t needed = std::size_t{connections} + 2 * kMaxThreads + 100;
  if (net::allow_descriptors(needed) >= needed) {
    return {};
  }
  return make_error(std::errc::too_many_files_open, "bench", {},
                    "the limit of descriptors (ulimit -n) is too low for so many connections");
}

// Takes the signals that ask for an end from whoever would get them, as long as this lives.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;
  ~EndSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  // Sleeps until that moment; true when one of them came before.
  [[nodiscard]] bool wait_until(Moment moment) const {
    while (true) {
      const Moment current = now();
      if (current >= moment) {
        return false;
      }
      const timespec left{.tv_sec = static_cast<time_t>((moment - current) / kSecond),
                          .tv_nsec = static_cast<long>((moment - current) % kSecond)};
      if (sigtimedwait(&signals_, nullptr, &left) > 0) {
        return true;
      }
    }
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

// The threads of a run.
class Crew {
 public:
  Crew() = default;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    stop();
    wait();
  }

  Result<void> hire(const Assignment& assignment) {
    const Plan& plan = assignment.plan;
    const unsigned count = std::min(plan.threads, plan.connections);
    const double rate = plan.rate.value_or(1);
    for (unsigned i = 0; i < count; ++i) {
      const Share share{
          .connections = plan.connections / count + (i < plan.connections % count ? 1 : 0),
          .first = assignment.measured_from - static_cast<Moment>(plan.warm_up.count()) +
                   static_cast<Moment>(i * static_cast<double>(kSecond) / rate),
          .period = static_cast<double>(kSecond) * count / rate};
      workers_.push_back(SEABAG_TRY(Worker::make(assignment, share)));
    }
    return {};
  }

  void start() {
    outcomes_.resize(workers_.size());
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      threads_.emplace_back([this, i] { outcomes_[i] = workers_[i]->run(); });
    }
  }

  void stop() {
    for (const auto& worker : workers_) {
      worker->stop();
    }
  }

  void wait() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

  // What the first of them that failed says.
  [[nodiscard]] Result<void> outcome() const {
    const auto failed = std::find_if(outcomes_.begin(), outcomes_.end(),
                                     [](const Result<void>& one) { return !one; });
    return failed == outcomes_.end() ? Result<void>() : *failed;
  }

  [[nodiscard]] std::uint64_t answers() const { return sum(&Worker::answers); }
  [[nodiscard]] std::uint64_t failures() const { return sum(&Worker::failures); }

  void report_to(Report& report) const {
    report.threads = static_cast<unsigned>(workers_.size());
    for (const auto& worker : workers_) {
      const Findings& findings = worker->findings();
      report.counts.add(findings.counts);
      report.latency.merge(findings.latency);
      report.start_delay.merge(findings.start_delay);
      report.own_delay.merge(findings.own_delay);
      report.oldest_unanswered = std::max(report.oldest_unanswered, findings.oldest_unanswered);
      const double seconds = std::max(findings.seconds, 1e-9);
      report.use.loader_seconds += findings.use.running;
      report.use.busiest_thread =
          std::max(report.use.busiest_thread, findings.use.running / seconds);
      report.use.waited = std::max(report.use.waited, findings.use.waiting / seconds);
      if (report.first_failure.empty()) {
        report.first_failure = findings.first_failure;
      }
    }
  }

 private:
  std::uint64_t sum(std::uint64_t (Worker::*figure)() const) const {
    std::uint64_t total = 0;
    for (const auto& worker : workers_) {
      total += (*worker.*figure)();
    }
    return total;
  }

  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Result<void>> outcomes_;
  std::vector<std::thread> threads_;
};

// Waits for the end of one part of a run, and tells how far it is.
class Watch {
 public:
  Watch(const Crew& crew, const Observer& observer, const EndSignals& signals)
      : crew_(crew), observer_(observer), signals_(signals) {}

  // False when a signal came before `to`.
  bool wait(Moment from, Moment to, bool is_warming_up) {
    for (Moment moment = now(); moment < to; moment = now()) {
      if (signals_.wait_until(std::min(to, moment + kBetweenCalls))) {
        return false;
      }
      tell(from, to, is_warming_up);
    }
    return true;
  }

 private:
  void tell(Moment from, Moment to, bool is_warming_up) {
    if (!observer_) {
      return;
    }
    const Moment moment = now();
    const std::uint64_t answers = crew_.answers();
    const auto seconds = [](Moment time) { return static_cast<double>(time) / 1e9; };
    const double since = seconds(moment - told_);
    observer_({.is_warming_up = is_warming_up,
               .seconds = seconds(std::min(moment, to) - std::min(from, moment)),
               .total_seconds = seconds(to - from),
               .answers_a_second = static_cast<double>(answers - answers_) / since,
               .failures = crew_.failures()});
    told_ = moment;
    answers_ = answers;
  }

  const Crew& crew_;
  const Observer& observer_;
  const EndSignals& signals_;
  Moment told_ = now();
  std::uint64_t answers_ = 0;
};

Error nothing_measured(const Plan& plan, const Report& report) {
  if (report.is_interrupted) {
    return make_error(std::errc::interrupted, "bench", plan.url.authority,
                      "ended before anything was measured");
  }
  const std::string& failure = report.first_failure;
  return make_error(std::errc::timed_out, "bench", plan.url.authority,
                    "no answer in the time that was measured" +
                        (failure.empty() ? "" : "; first failure: " + failure));
}

}  // namespace

Result<Report> run(const Plan& plan, const Observer& observer) {
  SEABAG_TRY(check(plan));
  const std::string request = SEABAG_TRY(make_http1_request(plan));
  SEABAG_TRY(allow_connections(plan.connections));
  const Endpoint endpoint = SEABAG_TRY(resolve(plan.url));
  const EndSignals signals;
  Assignment assignment{.plan = plan, .endpoint = endpoint, .request = request};
  SEABAG_TRY(probe(assignment));
  const std::vector<int> servers = find_servers(endpoint);

  const Moment begin = now();
  assignment.measured_from = begin + static_cast<Moment>(plan.warm_up.count());
  assignment.measured_until = assignment.measured_from + static_cast<Moment>(plan.duration.count());
  Crew crew;
  SEABAG_TRY(crew.hire(assignment));
  crew.start();
  Watch watch(crew, observer, signals);
  bool is_whole = watch.wait(begin, assignment.measured_from, true);
  const auto before = ProcessorTimes::read(servers);
  is_whole = is_whole && watch.wait(assignment.measured_from, assignment.measured_until, false);
  if (!is_whole) {
    crew.stop();
  }
  const Moment end = std::min(now(), assignment.measured_until);
  const auto after = ProcessorTimes::read(servers);
  crew.wait();
  SEABAG_TRY(crew.outcome());

  Report report;
  report.address = endpoint.text();
  report.connections = plan.connections;
  report.is_open_loop = plan.rate.has_value();
  report.is_interrupted = !is_whole;
  report.seconds = static_cast<double>(end - std::min(end, assignment.measured_from)) /
                   static_cast<double>(kSecond);
  report.use = after.since(before);
  crew.report_to(report);
  if (report.counts.answers == 0) {
    return nothing_measured(plan, report);
  }
  return report;
}

}  // namespace seabag::load
