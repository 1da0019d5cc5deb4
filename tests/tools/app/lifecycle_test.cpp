#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "seabag/net/listener.h"
#include "tools/app/notify_socket.h"
#include "tools/app/packed_app.h"

namespace seabag::app {

using testing::Ending;
using testing::NotifySocket;
using testing::PackedApp;
using testing::Program;
using testing::ServingApp;

namespace {

constexpr std::string_view kReady = "READY=1\nMAINPID=";

/// Another site at the path of a packed app.
void replace(const PackedApp& packed, const std::string& page, const std::string& config = {}) {
  testing::Tree other;
  other.file("index.html", page);
  testing::write_bundle(other, packed.path, {.config = config, .stub = SEABAG_STUB});
}

testing::Surroundings watched_by(const NotifySocket& manager) {
  return {.prepare = [&manager] { return manager.enter(); }};
}

/// The process that took over, whose parent has gone: ended with this object.
class Heir {
 public:
  explicit Heir(const std::string& number) : number_(std::stoi(number)) {}
  Heir(const Heir&) = delete;
  Heir& operator=(const Heir&) = delete;
  ~Heir() {
    if (number_ != 0) {
      kill(number_, SIGKILL);
      waitpid(number_, nullptr, 0);
    }
  }
  /// Asks it to stop; its exit code.
  int stop() {
    REQUIRE(kill(number_, SIGTERM) == 0);
    int status = 0;
    REQUIRE(waitpid(std::exchange(number_, 0), &status, 0) > 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] pid_t number() const { return number_; }

 private:
  pid_t number_;
};

/// Makes processes whose parents have gone ours.
struct Subreaper {
  Subreaper() { REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0); }
};

/// Leaves its exit code to be asked for later.
void wait_for_end(const Program& program) {
  siginfo_t ending{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(program.process()), &ending, WEXITED | WNOWAIT) == 0);
}

}  // namespace

TEST_CASE("SIGUSR2 hands the sockets to the executable that is there now", "[app][upgrade]") {
  const Subreaper subreaper;
  const NotifySocket manager;
  const PackedApp packed;
  ServingApp app(packed.path.string(), {}, watched_by(manager));
  CHECK(manager.wait_for(std::string(kReady)) == std::to_string(app.program().process()));
  replace(packed, "the second one", "[server]\nworkers = 3\n");
  app.program().send_signal(SIGUSR2);
  CHECK(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  // The new one says so itself, and then the old one, which systemd listens to.
  Heir heir(manager.wait_for(std::string(kReady)));
  CHECK(heir.number() != app.program().process());
  CHECK(manager.wait_for(std::string(kReady)) == std::to_string(heir.number()));
  wait_for_end(app.program());
  CHECK(app.get("/").body == "the second one");
  const std::string told = "app: process " + std::to_string(heir.number()) +
                           " serves now; this one finishes what is under way\n";
  CHECK(heir.stop() == 0);
  const Ending ending = app.program().finish();
  CHECK(ending.exit_code == 0);
  CHECK(ending.errors == told);
}

TEST_CASE("an executable that does not start leaves the old one serving", "[app][upgrade]") {
  const NotifySocket manager;
  const PackedApp packed;
  ServingApp app(packed.path.string(), {}, watched_by(manager));
  CHECK(manager.next().starts_with(kReady));
  std::filesystem::remove(packed.path);
  app.program().send_signal(SIGUSR2);
  CHECK(manager.next().starts_with("RELOADING=1"));
  CHECK(manager.next() == "READY=1");
  CHECK(app.get("/").body == testing::kPage);

  replace(packed, "x", "[server]\nworkers = \"many\"\n");
  app.program().send_signal(SIGUSR2);
  CHECK(manager.next().starts_with("RELOADING=1"));
  CHECK(manager.next() == "READY=1");
  CHECK(app.get("/").body == testing::kPage);

  app.program().send_signal(SIGTERM);
  CHECK(manager.next() == "STOPPING=1");
  const Ending ending = app.program().finish();
  INFO(ending.errors);
  CHECK(ending.exit_code == 0);
  CHECK(ending.errors.find("app: the new executable does not serve: " + packed.path.string() +
                           ": No such file or directory; this process goes on\n") == 0);
  CHECK(ending.errors.find("it ended with code 2; this process goes on\n") != std::string::npos);
}

TEST_CASE("a unix socket goes to the successor with its file", "[app][upgrade]") {
  const Subreaper subreaper;
  const NotifySocket manager;
  const PackedApp packed;
  const std::string socket = (packed.directory / "socket").string();
  {
    Program program(packed.path.string(), {"--listen", "unix:" + socket}, watched_by(manager));
    CHECK(manager.next().starts_with(kReady));
    const auto inode = [&] {
      struct stat status {};
      REQUIRE(stat(socket.c_str(), &status) == 0);
      return status.st_ino;
    };
    const auto before = inode();
    program.send_signal(SIGUSR2);
    Heir heir(manager.wait_for(std::string(kReady)));
    wait_for_end(program);
    CHECK(inode() == before);
    test::Loopback client(*net::Address::parse("unix:" + socket));
    CHECK(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body == testing::kPage);
    CHECK(heir.stop() == 0);
  }
  CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_CASE("a packed app serves on the sockets that systemd passes", "[app][systemd]") {
  const NotifySocket manager;
  const PackedApp packed;
  const auto group = net::ListenerGroup::open(*net::Address::parse("127.0.0.1:0"), 1);
  REQUIRE(group);
  const int socket = group->listener(0).descriptor();
  const auto pass = [&] {
    return dup2(socket, 3) == 3 && manager.enter() &&
           setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1) == 0 &&
           setenv("LISTEN_FDS", "1", 1) == 0 && setenv("LISTEN_FDNAMES", "web", 1) == 0 &&
           setenv("WATCHDOG_USEC", "100000", 1) == 0;
  };
  Program program(packed.path.string(), {"--workers", "2"}, {.prepare = pass});
  CHECK(program.read_line() == "Serving on http://" + group->address().text());
  CHECK(manager.next() == std::string(kReady) + std::to_string(program.process()));
  CHECK(manager.next() == "WATCHDOG=1");
  CHECK(manager.next() == "WATCHDOG=1");
  for (int i = 0; i < 10; ++i) {
    test::Loopback client(group->address());
    CHECK(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body == testing::kPage);
  }
  program.send_signal(SIGTERM);
  CHECK(manager.wait_for("STOPPING=1").empty());
  CHECK(program.finish().exit_code == 0);
}

TEST_CASE("a descriptor that is no listening socket is told", "[app][systemd]") {
  const PackedApp packed;
  const auto pass = [] {
    return dup2(0, 3) == 3 && setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1) == 0 &&
           setenv("LISTEN_FDS", "1", 1) == 0;
  };
  const Ending ending = testing::run(packed.path.string(), {}, {.prepare = pass});
  CHECK(ending.exit_code != 0);
  CHECK(ending.output.empty());
  CHECK(ending.errors ==
        "app: listen 'descriptor 3 of LISTEN_FDS': Socket operation on non-socket\n");
}

}  // namespace seabag::app
