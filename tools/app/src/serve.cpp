#include "seabag/app/serve.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "seabag/net/listener.h"
#include "seabag/server/log_file.h"
#include "seabag/workers/supervisor.h"
#include "seabag/workers/threads.h"

namespace seabag::app {

namespace {

std::string url_of(const net::Address& address) {
  if (address.is_unix()) {
    return address.text();
  }
  const std::string text = address.text();
  // Every interface has no name that a browser understands; this machine's own does.
  return "http://" + (text.starts_with('*') ? "localhost" + text.substr(1) : text);
}

class Serving {
 public:
  Serving(const Site& site, const server::Config& settings, const char* program, console::Io& io)
      : site_(site),
        settings_(settings),
        program_(program),
        io_(io),
        workers_(settings.workers != 0 ? settings.workers
                                       : std::max(1U, std::thread::hardware_concurrency())) {}

  Result<console::ExitCode> run() {
    if (!settings_.access_log.empty()) {
      log_ = SEABAG_TRY(server::LogFile::open(settings_.access_log));
    }
    for (const net::Address& address : settings_.listen) {
      listeners_.push_back(SEABAG_TRY(net::ListenerGroup::open(address, workers_)));
    }
    for (const net::ListenerGroup& group : listeners_) {
      SEABAG_TRY(io_.out.write("Serving on " + url_of(group.address()) + "\n"));
    }
    SEABAG_TRY(io_.out.flush());
    return site_.isolation == Isolation::threads ? run_threads() : run_processes();
  }

 private:
  Result<console::ExitCode> run_processes() {
    const workers::SupervisorOptions options = {
        .workers = workers_, .report = [this](const std::string& line) { report(line); }};
    const int code = SEABAG_TRY(workers::supervise(options, [this](const workers::Worker& worker) {
      const auto done = run_worker(worker);
      if (!done) {
        (void)console::report(io_, program_, done.error());  // the code is the supervisor's
        return workers::kGiveUp;
      }
      return 0;
    }));
    return code == 0 ? console::ExitCode::success : console::ExitCode::failure;
  }

  Result<void> run_worker(const workers::Worker& worker) {
    const auto server = SEABAG_TRY(make_server(worker.index(), &worker.vitals()));
    SEABAG_TRY(server->take_signals());
    worker.announce();
    return server->run();
  }

  Result<console::ExitCode> run_threads() {
    std::vector<std::unique_ptr<server::Server>> servers;
    for (unsigned index = 0; index < workers_; ++index) {
      servers.push_back(SEABAG_TRY(make_server(index, nullptr)));
    }
    SEABAG_TRY(workers::run_threads(servers));
    return console::ExitCode::success;
  }

  Result<std::unique_ptr<server::Server>> make_server(unsigned index, server::Vitals* vitals) {
    const server::ServerOptions options = {
        .limits = settings_.limits,
        .site = {.names = settings_.names, .rule_loading = site_.rule_loading},
        .report = [this](const std::string& line) { report(line); },
        .vitals = vitals};
    auto server = SEABAG_TRY(server::Server::create(
        options, {.assets = site_.assets, .router = site_.router, .log = log_ ? &*log_ : nullptr}));
    for (const net::ListenerGroup& group : listeners_) {
      SEABAG_TRY(server->listen(group.listener(index)));
    }
    return server;
  }

  // Told while serving goes on: when it cannot be written, nothing can be done about it.
  void report(const std::string& line) {
    (void)io_.err.write(std::string(program_) + ": " + line + "\n");
    (void)io_.err.flush();
  }

  const Site& site_;
  const server::Config& settings_;
  const char* program_;
  console::Io& io_;
  unsigned workers_;
  std::optional<server::LogFile> log_;
  std::vector<net::ListenerGroup> listeners_;
};

}  // namespace

Result<console::ExitCode> serve(const Site& site, const server::Config& settings,
                                const char* program, console::Io& io) {
  return Serving(site, settings, program, io).run();
}

}  // namespace seabag::app
