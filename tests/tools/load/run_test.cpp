#include "seabag/load/run.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>

#include "runtime/server/served.h"
#include "scripted_server.h"
#include "seabag/server/handler.h"
#include "seabag/server/router.h"
#include "support/catch.h"

namespace seabag::load {
namespace {

using namespace std::chrono_literals;
using test::ScriptedServer;

constexpr const char* kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// The real server with a file and a handler.
class Site {
 public:
  Site() {
    assets_.add("/index.html", std::string(1'000, 'x'));
    REQUIRE(router_.add(http::Method::post, "/echo", [](const server::Request& request) {
      return server::Response::text(std::string(request.body()));
    }));
    served_ =
        std::make_unique<test::Served>(server::Services{.assets = &assets_, .router = &router_});
  }

  [[nodiscard]] Plan plan(const std::string& path = "/") const {
    Plan plan{.url = *parse_url("http://" + served_->address().text() + path)};
    plan.connections = 4;
    plan.duration = 200ms;
    plan.warm_up = 20ms;
    return plan;
  }

 private:
  test::FixedAssets assets_;
  server::Router router_;
  std::unique_ptr<test::Served> served_;
};

Plan plan_for(const std::string& url) {
  Plan plan{.url = *parse_url(url)};
  plan.connections = 1;
  plan.duration = 300ms;
  plan.warm_up = 0ms;
  plan.timeout = 200ms;
  return plan;
}

TEST_CASE("a closed loop asks as fast as the server answers", "[load][run]") {
  const Site site;
  Plan plan = site.plan();
  plan.threads = GENERATE(1U, 3U);
  plan.pipeline = GENERATE(1U, 8U);
  const auto report = run(plan);
  REQUIRE(report);
  CHECK(report->counts.answers > 10);
  CHECK(report->counts.classes[2] == report->counts.answers);
  CHECK(report->counts.failures.total() == 0);
  CHECK(report->counts.received_bytes > report->counts.answers * 1'000);
  CHECK(report->counts.connections_opened == 4);
  CHECK(report->latency.count() == report->counts.answers);
  CHECK(report->threads == plan.threads);
  CHECK(report->seconds >= 0.2);
  CHECK(report->seconds < 10);  // a machine may be busy
  CHECK(report->use.loader_seconds > 0);
  CHECK_FALSE(report->is_open_loop);
}

TEST_CASE("an open loop sends what is due, no more and no less", "[load][run]") {
  const Site site;
  Plan plan = site.plan();
  plan.rate = 500;
  plan.threads = 2;
  plan.duration = 400ms;
  const auto report = run(plan);
  REQUIRE(report);
  CHECK(report->counts.due == 200);
  CHECK(report->counts.answers + report->counts.unanswered == 200);
  CHECK(report->counts.failures.total() == 0);
  CHECK(report->latency.count() == 200);
  CHECK(report->start_delay.count() == 200);
}

TEST_CASE("answers without content and requests with it are understood", "[load][run]") {
  const Site site;
  Plan plan = site.plan();
  plan.method = "HEAD";
  const auto heads = run(plan);
  REQUIRE(heads);
  CHECK(heads->counts.received_bytes < heads->counts.answers * 1'000);

  plan = site.plan("/echo");
  plan.method = "POST";
  plan.body = std::string(300'000, 'b');
  const auto echoes = run(plan);
  REQUIRE(echoes);
  CHECK(echoes->counts.classes[2] == echoes->counts.answers);
  CHECK(echoes->counts.failures.total() == 0);

  const auto missing = run(site.plan("/missing"));
  REQUIRE(missing);
  CHECK(missing->counts.classes[4] == missing->counts.answers);
}

TEST_CASE("a server may end connections after answers", "[load][run]") {
  const Site site;
  Plan plan = site.plan();
  plan.fields = {"Connection: close"};
  plan.pipeline = GENERATE(1U, 3U);
  if (GENERATE(false, true)) {
    plan.rate = 300;
  }
  const auto report = run(plan);
  REQUIRE(report);
  CHECK(report->counts.failures.total() == 0);
  CHECK(report->counts.connections_opened >= report->counts.answers);
}

TEST_CASE("waiting for a server that stalls counts in an open loop", "[load][run]") {
  ScriptedServer server([stalls = 0](int socket) mutable {
    while (ScriptedServer::read_request(socket)) {
      if (++stalls == 3) {
        poll(nullptr, 0, 250);
      }
      ScriptedServer::write(socket, kAnswer);
    }
  });
  Plan plan = plan_for(server.url());
  plan.rate = 100;
  plan.duration = 500ms;
  plan.timeout = 5s;
  const auto report = run(plan);
  REQUIRE(report);
  CHECK(report->counts.due == 50);
  CHECK(report->counts.answers == 50);
  // Twenty-five requests were due meanwhile; a closed loop would have seen one slow answer.
  CHECK(report->latency.max() >= 250'000'000);
  CHECK(report->latency.count() - report->latency.count_up_to(50'000'000) >= 15);
  // On a machine that is busy otherwise it may be the loader that was late.
  const auto caveats = caveats_of(*report);
  CHECK(std::any_of(caveats.begin(), caveats.end(), [](Caveat caveat) {
    return caveat == Caveat::late_server || caveat == Caveat::late_loader;
  }));
}

TEST_CASE("what is wrong with a server is said once", "[load][run]") {
  SECTION("nobody listens") {
    net::Descriptor taken(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(taken.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(getsockname(taken.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const auto report =
        run(plan_for("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"));
    REQUIRE_FALSE(report);
    CHECK(report.error().is(std::errc::connection_refused));
  }
  SECTION("it closes at once") {
    const ScriptedServer server([](int socket) { ScriptedServer::read_request(socket); });
    const auto report = run(plan_for(server.url()));
    REQUIRE_FALSE(report);
    CHECK(report.error().is(std::errc::connection_reset));
  }
  SECTION("it closes in the middle of an answer") {
    const ScriptedServer server([](int socket) {
      ScriptedServer::read_request(socket);
      ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok");
    });
    const auto report = run(plan_for(server.url()));
    REQUIRE_FALSE(report);
    CHECK(report.error().is(std::errc::connection_reset));
  }
  SECTION("it speaks something else") {
    const ScriptedServer server([](int socket) {
      ScriptedServer::write(socket, "220 mail ready\r\n");
      ScriptedServer::read_request(socket);
    });
    const auto report = run(plan_for(server.url()));
    REQUIRE_FALSE(report);
    CHECK(report.error().is(std::errc::protocol_error));
  }
  SECTION("it answers more than was asked") {
    const ScriptedServer server([](int socket) {
      ScriptedServer::read_request(socket);
      std::string twice;
      twice.append(kAnswer).append(kAnswer);
      ScriptedServer::write(socket, twice);
      ScriptedServer::read_request(socket);
    });
    const auto report = run(plan_for(server.url()));
    CHECK_FALSE(report);
  }
  SECTION("it never answers") {
    const ScriptedServer server([](int socket) {
      while (ScriptedServer::read_request(socket)) {
      }
    });
    const auto report = run(plan_for(server.url()));
    REQUIRE_FALSE(report);
    CHECK(report.error().is(std::errc::timed_out));
  }
  SECTION("it speaks TLS") {
    const auto report = run(plan_for("https://127.0.0.1:1/"));
    REQUIRE_FALSE(report);
    CHECK(report.error().is(std::errc::not_supported));
  }
}

TEST_CASE("failures in the middle are counted by their kind", "[load][run]") {
  SECTION("closed") {
    const ScriptedServer server([](int socket) {
      for (int i = 0; i < 5 && ScriptedServer::read_request(socket); ++i) {
        ScriptedServer::write(socket, kAnswer);
      }
      ScriptedServer::read_request(socket);
    });
    const auto report = run(plan_for(server.url()));
    REQUIRE(report);
    CHECK(report->counts.answers > 0);
    CHECK(report->counts.failures.closed > 0);
    CHECK(report->first_failure.find("before an answer") != std::string::npos);
  }
  SECTION("malformed") {
    const ScriptedServer server([](int socket) {
      for (int i = 0; i < 5 && ScriptedServer::read_request(socket); ++i) {
        ScriptedServer::write(socket, kAnswer);
      }
      ScriptedServer::read_request(socket);
      ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nA : b\r\n\r\n");
      ScriptedServer::read_request(socket);
    });
    const auto report = run(plan_for(server.url()));
    REQUIRE(report);
    CHECK(report->counts.failures.malformed > 0);
  }
  SECTION("timed out") {
    const ScriptedServer server([](int socket) {
      for (int i = 0; i < 5 && ScriptedServer::read_request(socket); ++i) {
        ScriptedServer::write(socket, kAnswer);
      }
      while (ScriptedServer::read_request(socket)) {
      }
    });
    Plan plan = plan_for(server.url());
    plan.timeout = 50ms;
    const auto report = run(plan);
    REQUIRE(report);
    CHECK(report->counts.failures.timed_out > 0);
    CHECK(report->latency.max() >= 50'000'000);
  }
}

TEST_CASE("progress is told, and a signal ends a run early", "[load][run]") {
  // Before the server's thread is there, which would take the signal otherwise.
  sigset_t signals;
  sigset_t before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  const Site site;
  Plan plan = site.plan();
  plan.duration = 60s;
  int calls = 0;
  const auto report = run(plan, [&](const Progress& progress) {
    CHECK(progress.failures == 0);
    calls += progress.is_warming_up ? 0 : 1;
    if (calls == 2) {
      kill(getpid(), SIGINT);
    }
  });
  REQUIRE(report);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(report->is_interrupted);
  CHECK(report->seconds < 30);
  CHECK(report->counts.answers > 0);
}

TEST_CASE("a plan beyond its bounds is refused", "[load][run]") {
  const auto refused = [](const std::function<void(Plan&)>& change) {
    Plan plan = plan_for("http://127.0.0.1:1/");
    change(plan);
    const auto report = run(plan);
    return !report && report.error().is(std::errc::invalid_argument);
  };
  CHECK(refused([](Plan& plan) { plan.connections = 0; }));
  CHECK(refused([](Plan& plan) { plan.connections = kMaxConnections + 1; }));
  CHECK(refused([](Plan& plan) { plan.threads = 0; }));
  CHECK(refused([](Plan& plan) { plan.pipeline = kMaxPipeline + 1; }));
  CHECK(refused([](Plan& plan) { plan.rate = 0; }));
  CHECK(refused([](Plan& plan) { plan.duration = 0s; }));
  CHECK(refused([](Plan& plan) { plan.warm_up = -1s; }));
  CHECK(refused([](Plan& plan) { plan.duration = 48h; }));
  CHECK(refused([](Plan& plan) { plan.fields = {"nothing"}; }));
}

}  // namespace
}  // namespace seabag::load
