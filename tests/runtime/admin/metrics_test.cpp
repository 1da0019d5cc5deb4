#include <memory>
#include <string>

#include "runtime/admin/exposition.h"
#include "seabag/admin/overview.h"
#include "support/catch.h"

namespace seabag::admin {
namespace {

using test::faults_of_exposition;

Overview busy_overview() {
  Overview overview{.version = "1 \"two\" \\ three", .time = 2'000, .started_at = 1'005};
  overview.workers.resize(2);
  overview.workers[1].since_turn = 7;
  overview.traffic.statuses[2] = 9;
  overview.traffic.encodings[3] = 4;
  overview.traffic.resumed_handshakes = 3;
  const auto counted = std::make_unique<server::Latencies>();
  counted->add(40'000, 10);
  counted->add(3'000'000'000, 1);
  overview.traffic.latency.add(*counted);
  overview.queues.push_back({.name = "line\nfeed", .waiting = 2, .refused = {0, 5, 0, 0}});
  overview.queues.push_back({.name = "reports", .waited = 1'500'000'000});
  return overview;
}

TEST_CASE("metrics stand up to a strict reader", "[admin][metrics]") {
  CHECK(faults_of_exposition(metrics_text({})).empty());
  const std::string text = metrics_text(busy_overview());
  for (const std::string& fault : faults_of_exposition(text)) {
    FAIL_CHECK(fault);
  }
  const auto has = [&](const std::string& line) {
    INFO(line);
    CHECK(text.find("\n" + line + "\n") != std::string::npos);
  };
  has(R"(seabag_build_info{version="1 \"two\" \\ three"} 1)");
  has(R"(seabag_responses_total{class="2xx"} 9)");
  has(R"(seabag_responses_encoded_total{encoding="zstd"} 4)");
  has(R"(seabag_tls_handshakes_total{kind="resumed"} 3)");
  has(R"(seabag_request_duration_seconds_bucket{le="0.000025"} 0)");
  has(R"(seabag_request_duration_seconds_bucket{le="0.000050"} 10)");
  has(R"(seabag_request_duration_seconds_bucket{le="+Inf"} 11)");
  has("seabag_request_duration_seconds_sum 3.000400000");
  has("seabag_request_duration_seconds_count 11");
  has(R"(seabag_queue_refused_total{queue="line\nfeed",reason="waited"} 5)");
  has(R"(seabag_queue_wait_seconds_total{queue="reports"} 1.500000000)");
}

TEST_CASE("the strict reader finds what is wrong", "[admin][metrics]") {
  const std::string head = "# HELP a_total x\n# TYPE a_total counter\n";
  const std::string gauge = "# HELP g x\n# TYPE g gauge\n";
  const std::string histogram = "# HELP h x\n# TYPE h histogram\n";
  CHECK(faults_of_exposition(head + "a_total 1\n").empty());
  CHECK(faults_of_exposition(gauge + "g{a=\"b\",c=\"\\\\\\\"\\n\"} -1.5\n").empty());
  for (const std::string& bad : {
           std::string("a_total 1\n"),
           head + "a_total 1",
           head + "a_total\n",
           head + "a_total x\n",
           head + "a_total -1\n",
           head + "a_total 1\na_total 1\n",
           head + "b_total 1\n",
           head + head,
           std::string("# HELP a x\n# TYPE a counter\n"),
           std::string("# HELP a_total x\n# TYPE a_total gauge\n"),
           std::string("# HELP a x\n# TYPE b gauge\n"),
           gauge + "g{a=\"b\"\n",
           gauge + "g{a=b} 1\n",
           gauge + "g{a=\"\\x\"} 1\n",
           gauge + "g{a=\"1\",a=\"2\"} 1\n",
           histogram + "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
           histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
           histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
           histogram + "h_bucket{le=\"+Inf\"} 1\nh_count 1\n",
       }) {
    CAPTURE(bad);
    CHECK_FALSE(faults_of_exposition(bad).empty());
  }
}

}  // namespace
}  // namespace seabag::admin
