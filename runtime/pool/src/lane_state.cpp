#include "lane_state.h"

#include <algorithm>
#include <utility>

namespace seabag::pool {
namespace {

std::size_t default_concurrency(std::size_t threads) {
  return std::max<std::size_t>(1, threads - threads / 4);
}

GradientLimit::Bounds bounds_up_to(std::size_t most) {
  const GradientLimit::Bounds wished;
  return {
      .least = std::min(wished.least, most), .most = most, .first = std::min(wished.first, most)};
}

}  // namespace

ElasticPool::Lane::Lane(const LaneOptions& options, std::size_t threads)
    : options_(options), ring_(std::max<std::size_t>(options.queue, 1)) {
  if (options_.concurrency == 0) {
    options_.concurrency = default_concurrency(threads);
  }
  adaptive_ = GradientLimit(bounds_up_to(options_.concurrency));
  figures_.name = options_.name;
}

std::size_t ElasticPool::Lane::concurrency() const {
  return options_.limit == LimitKind::adaptive ? adaptive_.limit() : options_.concurrency;
}

void ElasticPool::Lane::push(std::unique_ptr<Task> task, Clock::time_point now) {
  ring_[(first_ + count_) % ring_.size()] = {.task = std::move(task), .since = now};
  ++count_;
}

ElasticPool::Lane::Waiting ElasticPool::Lane::pop() {
  Waiting waiting = std::move(ring_[first_]);
  first_ = (first_ + 1) % ring_.size();
  --count_;
  return waiting;
}

std::optional<ElasticPool::Lane::Waiting> ElasticPool::Lane::pop_overdue(Clock::time_point now) {
  if (count_ == 0 || now < overdue_at()) {
    return std::nullopt;
  }
  return pop();
}

void ElasticPool::Lane::on_begun(std::chrono::nanoseconds waited) {
  ++running_;
  figures_.waited += waited;
  figures_.longest_wait = std::max(figures_.longest_wait, waited);
}

void ElasticPool::Lane::on_finished(std::chrono::nanoseconds took) {
  adaptive_.observe(took, running_);
  --running_;
  ++figures_.finished;
}

LaneFigures ElasticPool::Lane::figures() const {
  LaneFigures figures = figures_;
  figures.waiting = count_;
  figures.running = running_;
  figures.concurrency = concurrency();
  return figures;
}

}  // namespace seabag::pool
