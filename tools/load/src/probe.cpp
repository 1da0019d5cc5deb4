#include "probe.h"

#include <array>

#include "http1_protocol.h"

namespace seabag::load {

namespace {

// One request, and the end.
class OneRequest final : public Dispatcher {
 public:
  void on_answer(Moment /*start*/, unsigned /*status*/) override { is_done = true; }
  void on_wakeup() override {}
  std::optional<Moment> next_start() override {
    if (is_begun_) {
      return std::nullopt;
    }
    is_begun_ = true;
    return now();
  }
  void on_free(Connection& /*connection*/) override {}
  void on_opened() override {}
  void on_received(std::size_t /*bytes*/) override {}
  void on_failure(const Failure& failure, const std::vector<Moment>& /*starts*/) override {
    problem = failure;
    is_done = true;
  }
  void on_returned(const std::vector<Moment>& /*starts*/) override {}

  bool is_done = false;
  std::optional<Failure> problem;

 private:
  bool is_begun_ = false;
};

}  // namespace

Result<void> probe(const Assignment& assignment) {
  const Plan& plan = assignment.plan;
  const auto loop = SEABAG_TRY(net::EventLoop::open());
  OneRequest request;
  std::array<char, 16 * 1024> space;  // written before it is read
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(plan.timeout);
  const Surroundings surroundings{.loop = *loop,
                                  .dispatcher = request,
                                  .endpoint = assignment.endpoint,
                                  .space = space,
                                  .timeout = static_cast<net::Milliseconds>(timeout.count())};
  const auto content =
      plan.method == "HEAD" ? http::AnswerContent::none : http::AnswerContent::as_told;
  Connection connection(surroundings,
                        std::make_unique<Http1Protocol>(assignment.request, content, 1));
  connection.open();
  while (!request.is_done) {
    SEABAG_TRY(loop->run_turn());
  }
  if (request.problem) {
    return to_error(*request.problem, plan.url.authority);
  }
  return {};
}

}  // namespace seabag::load
