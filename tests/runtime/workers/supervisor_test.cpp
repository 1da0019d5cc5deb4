#include "seabag/workers/supervisor.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string>

#include "seabag/net/listener.h"
#include "seabag/server/handler.h"
#include "seabag/server/log_file.h"
#include "seabag/server/server.h"
#include "support/catch.h"
#include "support/fixed_assets.h"
#include "support/loopback.h"

namespace seabag::workers {
namespace {

using test::Loopback;

/// `supervise` in a process of its own, which a test can signal and wait for.
class Supervised {
 public:
  Supervised(const SupervisorOptions& options, const WorkerMain& main) : process_(fork()) {
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      signal_default(SIGABRT);  // the test program has a handler of its own
      const auto code = supervise(options, main);
      _exit(code ? *code : 99);
    }
  }
  Supervised(const Supervised&) = delete;
  Supervised& operator=(const Supervised&) = delete;
  ~Supervised() {
    if (process_ != 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
  }

  void signal(int number) const { REQUIRE(kill(process_, number) == 0); }
  /// Its exit code; 128 and more for a signal.
  int wait() {
    int status = 0;
    REQUIRE(waitpid(process_, &status, 0) == process_);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  static void signal_default(int number) { ::signal(number, SIG_DFL); }

  pid_t process_;
};

/// Answers `/pid` with its process number until SIGTERM.
class PidWorkers {
 public:
  explicit PidWorkers(unsigned workers, server::LogFile* log = nullptr)
      : listeners_(net::ListenerGroup::open(*net::Address::parse("127.0.0.1:0"), workers).value()),
        log_(log) {
    REQUIRE(router_.add(http::Method::get, "/pid", [](const server::Request&) {
      return server::Response::text(std::to_string(getpid()));
    }));
    REQUIRE(router_.add(http::Method::get, "/spin", [](const server::Request&) {
      for (volatile bool is_stuck = true; is_stuck;) {
      }
      return server::Response::text("never");
    }));
  }

  [[nodiscard]] const net::Address& address() const { return listeners_.address(); }

  WorkerMain main() {
    return [this](const Worker& worker) {
      auto server = server::Server::create({.vitals = &worker.vitals()},
                                           {.assets = &assets_, .router = &router_, .log = log_});
      if (!server || !(*server)->listen(listeners_.listener(worker.index() % listeners_.size())) ||
          !(*server)->take_signals()) {
        return kGiveUp;
      }
      worker.announce();
      return (*server)->run() ? 0 : 1;
    };
  }

  /// The process that answers, and the connection to it.
  pid_t ask(Loopback& client) const {
    return std::stoi(client.ask("GET /pid HTTP/1.1\r\nHost: x\r\n\r\n").body);
  }
  pid_t ask() const {
    Loopback client(address());
    return ask(client);
  }

 private:
  net::ListenerGroup listeners_;
  server::LogFile* log_;
  test::FixedAssets assets_;
  server::Router router_;
};

TEST_CASE("one worker serves until SIGTERM or SIGINT, and all ends with 0", "[workers]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    PidWorkers workers(1);
    Supervised supervised({}, workers.main());
    const pid_t worker = workers.ask();
    CHECK(worker != getpid());
    CHECK(workers.ask() == worker);
    supervised.signal(signal);
    CHECK(supervised.wait() == 0);
  }
}

TEST_CASE("several workers share the load", "[workers]") {
  PidWorkers workers(3);
  Supervised supervised({.workers = 3}, workers.main());
  std::set<pid_t> seen;
  for (int i = 0; i < 500 && seen.size() < 3; ++i) {
    seen.insert(workers.ask());
  }
  CHECK(seen.size() == 3);
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
}

TEST_CASE("a worker that dies is replaced, and waiting clients are served", "[workers]") {
  PidWorkers workers(1);
  Supervised supervised({}, workers.main());
  pid_t previous = workers.ask();
  for (int i = 0; i < 3; ++i) {
    Loopback old(workers.address());
    CHECK(workers.ask(old) == previous);
    REQUIRE(kill(previous, SIGKILL) == 0);
    CHECK(old.is_ended());
    const pid_t next = workers.ask();
    CHECK(next != previous);
    previous = next;
  }
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
}

TEST_CASE("the death of one worker leaves the others alone", "[workers]") {
  PidWorkers workers(2);
  Supervised supervised({.workers = 2}, workers.main());
  const pid_t first = workers.ask();
  std::unique_ptr<Loopback> other;
  pid_t second = first;
  while (second == first) {
    other = std::make_unique<Loopback>(workers.address());
    second = workers.ask(*other);
  }
  REQUIRE(kill(first, SIGKILL) == 0);
  CHECK(workers.ask(*other) == second);
  // Until its place is taken; a stop before that would count the dead one.
  pid_t third = second;
  while (third == second) {
    third = workers.ask();
  }
  CHECK(third != first);
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
}

TEST_CASE("an aide looks on, whatever becomes of the workers, and is replaced too", "[workers]") {
  PidWorkers workers(1);
  PidWorkers looking(1);
  const Aide aide{.name = "aide", .main = looking.main()};
  Supervised supervised({.aide = &aide}, workers.main());
  const pid_t worker = workers.ask();
  const pid_t first = looking.ask();
  CHECK(first != worker);
  REQUIRE(kill(worker, SIGKILL) == 0);
  CHECK(workers.ask() != worker);
  CHECK(looking.ask() == first);
  REQUIRE(kill(first, SIGKILL) == 0);
  CHECK(looking.ask() != first);
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
}

TEST_CASE("an aide that gives up takes nobody with it", "[workers]") {
  PidWorkers workers(1);
  const Aide aide{.name = "aide", .main = [](const Worker&) { return kGiveUp; }};
  Supervised supervised({.aide = &aide}, workers.main());
  const pid_t worker = workers.ask();
  for (int i = 0; i < 50; ++i) {
    CHECK(workers.ask() == worker);
  }
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
}

TEST_CASE("a worker that gives up ends everything with its code", "[workers]") {
  Supervised supervised({.workers = 2}, [](const Worker& worker) {
    if (worker.index() == 1) {
      return kGiveUp;
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    int signal = 0;
    return sigwait(&set, &signal);
  });
  CHECK(supervised.wait() == kGiveUp);
}

TEST_CASE("a worker that crashes again and again is told of, with growing pauses", "[workers]") {
  int lines[2] = {};
  REQUIRE(pipe(lines) == 0);
  SupervisorOptions options;
  options.first_pause = std::chrono::milliseconds(1);
  options.report = [&](const std::string& line) {
    const std::string text = line + "\n";
    REQUIRE(write(lines[1], text.data(), text.size()) > 0);
  };
  Supervised supervised(options, [](const Worker&) {
    signal(SIGSEGV, SIG_DFL);
    return raise(SIGSEGV);
  });
  close(lines[1]);
  std::string text;
  char buffer[1024];
  while (text.find("in 16 ms") == std::string::npos) {
    const ssize_t count = read(lines[0], buffer, sizeof buffer);
    REQUIRE(count > 0);
    text.append(buffer, static_cast<std::size_t>(count));
  }
  close(lines[0]);
  CHECK(text.find("was ended by SIGSEGV") != std::string::npos);
  CHECK(text.find("at once") < text.find("in 1 ms"));
  CHECK(text.find("in 1 ms") < text.find("in 2 ms"));
  CHECK(text.find("in 8 ms") < text.find("in 16 ms"));
}

TEST_CASE("a worker that does not stop is killed, which shows in the code", "[workers]") {
  int ready[2] = {};
  REQUIRE(pipe(ready) == 0);
  SupervisorOptions options;
  options.stop_time = std::chrono::milliseconds(50);
  Supervised supervised(options, [&](const Worker&) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    if (write(ready[1], "x", 1) != 1) {
      return 1;
    }
    while (true) {
      int signal = 0;
      sigwait(&set, &signal);
    }
  });
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 1);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a worker that is stuck shows where, and is replaced", "[workers][stall]") {
  int errors[2] = {};
  REQUIRE(pipe(errors) == 0);
  PidWorkers workers(1);
  SupervisorOptions options;
  options.stall_time = std::chrono::milliseconds(2'000);  // a machine may be busy, too
  options.report = [](const std::string& line) {
    const std::string text = line + "\n";
    REQUIRE(write(2, text.data(), text.size()) > 0);
  };
  const int own_errors = dup(2);
  dup2(errors[1], 2);
  Supervised supervised(options, workers.main());
  dup2(own_errors, 2);
  close(own_errors);
  close(errors[1]);
  const pid_t first = workers.ask();
  Loopback stuck(workers.address());
  stuck.send("GET /spin HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(stuck.is_ended());
  CHECK(workers.ask() != first);
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
  std::string text;
  char buffer[1024];
  for (ssize_t count = 0; (count = read(errors[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  close(errors[0]);
  INFO(text);
  const std::string who = "process " + std::to_string(first);
  CHECK(text.find(who + ") has not answered for ") != std::string::npos);
#ifndef SEABAG_SANITIZED
  CHECK(text.find(who + " gets SIGABRT here") != std::string::npos);
  CHECK(text.find("  #3 0x") != std::string::npos);
#endif
  CHECK(text.find("was ended by SIGABRT; the next one starts at once") != std::string::npos);
}

TEST_CASE("a worker that stands still altogether is killed", "[workers][stall]") {
  PidWorkers workers(1);
  SupervisorOptions options;
  options.stall_time = std::chrono::milliseconds(2'000);
  options.kill_time = std::chrono::milliseconds(2'500);
  Supervised supervised(options, workers.main());
  const pid_t first = workers.ask();
  REQUIRE(kill(first, SIGSTOP) == 0);
  CHECK(workers.ask() != first);
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
}

/// So much of a processor's time.
void compute(std::chrono::milliseconds time) {
  const auto spent = [] {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  for (const auto start = spent(); spent() - start < time;) {
  }
}

TEST_CASE("a worker that others keep from running is not stuck", "[workers][stall]") {
  int lines[2] = {};
  REQUIRE(pipe(lines) == 0);
  cpu_set_t processors;
  CPU_ZERO(&processors);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &processors);
  const pid_t greedy = fork();
  REQUIRE(greedy >= 0);
  if (greedy == 0) {
    sched_setaffinity(0, sizeof processors, &processors);
    compute(std::chrono::hours(1));
    _exit(0);
  }
  SupervisorOptions options;
  options.stall_time = std::chrono::milliseconds(1'000);
  options.report = [&](const std::string& line) {
    REQUIRE(write(lines[1], line.data(), line.size()) > 0);
    raise(SIGTERM);
  };
  // One turn of a loop: a fifth of a second's work, for which it gets a tenth of a processor.
  Supervised supervised(options, [&](const Worker& worker) {
    sched_setaffinity(0, sizeof processors, &processors);
    setpriority(PRIO_PROCESS, 0, 10);
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    worker.vitals().heartbeat.store(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
    compute(std::chrono::milliseconds(200));
    kill(getppid(), SIGTERM);
    return 0;
  });
  CHECK(supervised.wait() == 0);
  kill(greedy, SIGKILL);
  waitpid(greedy, nullptr, 0);
  close(lines[1]);
  char byte = 0;
  CHECK(read(lines[0], &byte, 1) == 0);  // nothing was told
  close(lines[0]);
}

TEST_CASE("workers end when their supervisor is killed", "[workers]") {
  int alive[2] = {};
  REQUIRE(pipe(alive) == 0);
  PidWorkers workers(2);
  {
    Supervised supervised({.workers = 2}, workers.main());
    workers.ask();
    close(alive[1]);
    supervised.signal(SIGKILL);
    CHECK(supervised.wait() == 128 + SIGKILL);
  }
  // All of them held the other end of this pipe.
  char byte = 0;
  CHECK(read(alive[0], &byte, 1) == 0);
  close(alive[0]);
}

TEST_CASE("SIGUSR1 makes every worker open its log again", "[workers]") {
  const test::SocketDirectory directory;
  const std::string path = directory.path() + "/access.log";
  auto log = server::LogFile::open(path);
  REQUIRE(log);
  PidWorkers workers(1, &*log);
  Supervised supervised({}, workers.main());
  workers.ask();
  std::filesystem::rename(path, path + ".1");
  supervised.signal(SIGUSR1);
  // The old file gets what came before, once the worker has obeyed.
  while (!std::filesystem::exists(path)) {
    workers.ask();
  }
  workers.ask();
  supervised.signal(SIGTERM);
  CHECK(supervised.wait() == 0);
  std::ostringstream old_lines;
  old_lines << std::ifstream(path + ".1").rdbuf();
  CHECK(old_lines.str().find("\"target\":\"/pid\"") != std::string::npos);
  std::ostringstream lines;
  lines << std::ifstream(path).rdbuf();
  CHECK(lines.str().find("\"target\":\"/pid\"") != std::string::npos);
}

}  // namespace
}  // namespace seabag::workers
