#include "blocking_task.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace seabag::server {
namespace {

const char* name_of(pool::Refusal refusal) {
  switch (refusal) {
    case pool::Refusal::queue_full:
      return "queue";
    case pool::Refusal::waited:
      return "wait";
    case pool::Refusal::late:
      return "deadline";
    case pool::Refusal::shutting_down:
      break;
  }
  return "shutdown";
}

}  // namespace

BlockingTask::BlockingTask(const KeptRequest::Parts& parts, const pool::LaneOptions& lane,
                           std::shared_ptr<Conduit> conduit)
    : request_(parts), route_(parts.match.route), lane_(&lane), conduit_(std::move(conduit)) {
  if (route_->deadline.count() > 0) {
    deadline = pool::Clock::now() + route_->deadline;
  }
}

void BlockingTask::run() {
  if (!conduit_->is_closed()) {
    call_handler(route_->handler, request_.request(), conduit_);
  }
}

void BlockingTask::refuse(pool::Refusal refusal) {
  conduit_->give(Conduit::Head::whole, make_refusal(*lane_, refusal));
}

void call_handler(const AnyHandler& handler, const Request& request,
                  const std::shared_ptr<Conduit>& conduit) {
  const Reply reply(conduit);  // the last one that goes, so that `abort` says why
  try {
    if (const auto* whole = std::get_if<Handler>(&handler)) {
      reply.send((*whole)(request));
    } else if (const auto* later = std::get_if<LaterHandler>(&handler)) {
      (*later)(request, reply);
    } else {
      std::get<StreamHandler>(handler)(request, Upload(conduit), reply);
    }
  } catch (const std::exception& error) {
    conduit->abort(error.what());
  }
}

Response make_refusal(const pool::LaneOptions& lane, pool::Refusal refusal) {
  constexpr std::int64_t kMillisecondsPerSecond = 1'000;
  const std::int64_t seconds = std::max<std::int64_t>(
      1, (lane.wait.count() + kMillisecondsPerSecond - 1) / kMillisecondsPerSecond);
  Response response = Response::error(http::Status::service_unavailable);
  response.fields.emplace_back("Retry-After", std::to_string(seconds));
  response.fields.emplace_back("X-Overload",
                               "lane=\"" + lane.name + "\"; limit=" + name_of(refusal));
  return response;
}

}  // namespace seabag::server
