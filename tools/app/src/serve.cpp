#include "seabag/app/serve.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "admin_door.h"
#include "listening.h"
#include "seabag/auth/passwords.h"
#include "seabag/bundle/content_hash.h"
#include "seabag/net/descriptor.h"
#include "seabag/server/lanes.h"
#include "seabag/server/log_file.h"
#include "seabag/server/router.h"
#include "seabag/workers/lifecycle.h"
#include "seabag/workers/machine.h"
#include "seabag/workers/passed_sockets.h"
#include "seabag/workers/scoreboard.h"
#include "seabag/workers/supervisor.h"
#include "seabag/workers/threads.h"
#include "secure.h"

namespace seabag::app {

namespace {

/// From the end of a drain until a worker that is still there is killed.
constexpr std::chrono::seconds kStopSlack{5};

/// Descriptors of a process beside those of its connections: listeners, logs, files under way.
constexpr std::size_t kOtherDescriptors = 256;

class Serving {
 public:
  Serving(const Site& site, const server::Config& settings, const char* program, console::Io& io)
      : site_(site),
        settings_(settings),
        limits_(settings.limits),
        program_(program),
        io_(io),
        workers_(settings.workers != 0
                     ? settings.workers
                     : workers::workers_for(workers::machine_share(), server::kMaxWorkers)) {}

  Result<console::ExitCode> run() {
    if (!settings_.access_log.empty()) {
      log_ = SEABAG_TRY(server::LogFile::open(settings_.access_log));
    }
    // Before workers are forked, which then share the keys of session tickets.
    tls_ = SEABAG_TRY(open_tls(settings_.tls, site_.bundled));
    auth_ = SEABAG_TRY(read_passwords());
    make_room_for_connections();
    SEABAG_TRY(open_doors());
    SEABAG_TRY(check_passwords());
    board_.emplace(SEABAG_TRY(workers::Scoreboard::create(workers_)));
    if (admin_ != nullptr) {
      SEABAG_TRY(admin_->show(*board_));
    }
    SEABAG_TRY(announce());
    return site_.isolation == Isolation::threads ? run_threads() : run_processes();
  }

 private:
  using NoSockets = std::vector<workers::SocketToPass>;

  // A worker that ran out of descriptors would not know that it is crowded.
  void make_room_for_connections() {
    const std::size_t loops = site_.isolation == Isolation::threads ? workers_ : 1;
    const std::size_t needed = loops * limits_.connections + kOtherDescriptors;
    const std::size_t allowed = net::allow_descriptors(needed);
    if (allowed < needed) {
      const std::size_t others = std::min(kOtherDescriptors, allowed / 2);
      limits_.connections = std::max<std::size_t>(1, (allowed - others) / loops);
      report("warning: a worker has at most " + std::to_string(limits_.connections) +
             " connections here, not " + std::to_string(settings_.limits.connections) +
             ": the system allows a process " + std::to_string(allowed) +
             " descriptors (raise LimitNOFILE= or ulimit -Hn)");
    }
  }

  Result<void> open_doors() {
    workers::PassedSockets passed = SEABAG_TRY(workers::take_passed_sockets(io_.environment));
    admin_ = SEABAG_TRY(AdminDoor::open(settings_.admin, passed));
    listeners_ = SEABAG_TRY(
        open_listeners({.settings = settings_, .workers = workers_, .tls = tls_.get()}, passed));
    predecessor_ = std::move(passed.predecessor);
    return {};
  }

  Result<std::vector<server::AuthRule>> read_passwords() const {
    std::vector<server::AuthRule> rules = settings_.auth;
    for (server::AuthRule& rule : rules) {
      if (!rule.file.empty()) {
        // In front, so that faults are told with the lines of the file.
        const std::string users = SEABAG_TRY(read_secret(rule.file, site_.bundled));
        rule.users.insert(0, users + "\n");
        (void)SEABAG_TRY(auth::Passwords::parse(rule.users, rule.file));
      }
    }
    return rules;
  }

  // Whoever is on the way can read what crosses the network in clear text.
  Result<void> check_passwords() const {
    const bool may_be_plain = std::all_of(
        auth_.begin(), auth_.end(), [](const server::AuthRule& rule) { return rule.allow_plain; });
    for (const Listening& one : listeners_) {
      const net::Address address = one.group.address();
      const bool is_exposed =
          one.scheme == server::Scheme::http && !one.redirect && !address.is_local();
      if (is_exposed && !may_be_plain) {
        return console::usage_error("passwords would cross the network in clear text at " +
                                    address.text() +
                                    ": speak HTTPS there, or set allow_plain in [[site.auth]]");
      }
    }
    return {};
  }

  Result<void> announce() {
    for (const Listening& one : listeners_) {
      const char* const what = one.redirect ? "Redirecting from " : "Serving on ";
      SEABAG_TRY(io_.out.write(what + url_of(one.scheme, one.group.address()) + "\n"));
    }
    if (admin_ != nullptr) {
      SEABAG_TRY(
          io_.out.write("Admin on " + url_of(server::Scheme::http, admin_->address()) + "\n"));
    }
    if (tls_ != nullptr && settings_.tls.certificates.empty()) {
      SEABAG_TRY(io_.out.write("Self-signed, SHA-256 " + tls_->fingerprint() + "\n"));
    }
    SEABAG_TRY(io_.out.flush());
    if (tls_ != nullptr) {
      report_warnings();
    }
    return {};
  }

  workers::LifecycleOptions lifecycle_options() {
    workers::LifecycleOptions options{
        .command = site_.command,
        .environment = io_.environment,
        .predecessor = std::move(predecessor_),
        .report = [this](const std::string& line) { report(line); },
        .on_replaced =
            [this] {
              for (Listening& one : listeners_) {
                one.group.leave_file();
              }
              if (admin_ != nullptr) {
                admin_->leave_file();
              }
            },
        .is_open_while_stopping = settings_.limits.drain_delay > 0,
    };
    for (const Listening& one : listeners_) {
      for (const net::Listener& socket : one.group.sockets()) {
        options.sockets.push_back({socket.descriptor(), one.name});
      }
    }
    for (workers::SocketToPass& socket : admin_ != nullptr ? admin_->sockets() : NoSockets()) {
      options.sockets.push_back(std::move(socket));
    }
    return options;
  }

  Result<console::ExitCode> run_processes() {
    workers::Lifecycle lifecycle(lifecycle_options());
    const workers::Aide aide{.name = "admin", .main = [this](const workers::Worker& worker) {
                               return code_of(run_admin(worker));
                             }};
    const workers::SupervisorOptions options = {
        .workers = workers_,
        .aide = admin_ != nullptr ? &aide : nullptr,
        .stop_time =
            std::chrono::milliseconds(settings_.limits.drain_delay + settings_.limits.drain_time) +
            kStopSlack,
        .board = &*board_,
        .lifecycle = &lifecycle,
        .report = [this](const std::string& line) { report(line); },
        .reload = reloader(Reporting::aloud),
        .reopen = [this] { reopen_log(); }};
    const int code = SEABAG_TRY(workers::supervise(
        options, [this](const workers::Worker& worker) { return code_of(run_worker(worker)); }));
    return code == 0 ? console::ExitCode::success : console::ExitCode::failure;
  }

  int code_of(const Result<void>& done) {
    if (!done) {
      (void)console::report(io_, program_, done.error());  // the code is the supervisor's
      return workers::kGiveUp;
    }
    return 0;
  }

  Result<void> run_admin(const workers::Worker& worker) {
    log_.reset();  // a file that logrotate takes away is not to be kept by somebody who never
                   // writes
    const auto server = SEABAG_TRY(admin_->make_server(
        {.report = [this](const std::string& line) { report(line); }, .vitals = &worker.vitals()}));
    SEABAG_TRY(server->take_signals());
    return server->run();
  }

  Result<void> run_worker(const workers::Worker& worker) {
    const auto channels = make_channels();
    const auto lanes = make_lanes();
    const auto server =
        SEABAG_TRY(make_server(worker.index(), channels.get(), &worker.vitals(), lanes.get()));
    SEABAG_TRY(server->take_signals());
    servers_ = std::span(&server, 1);
    worker.announce();
    return server->run();
  }

  Result<console::ExitCode> run_threads() {
    std::vector<std::unique_ptr<net::ChannelSource>> channels;
    const auto lanes = make_lanes();  // outlives the servers
    std::vector<std::unique_ptr<server::Server>> servers;
    for (unsigned index = 0; index < workers_; ++index) {
      channels.push_back(make_channels());
      servers.push_back(SEABAG_TRY(
          make_server(index, channels.back().get(), &board_->slots()[index].vitals, lanes.get())));
    }
    std::unique_ptr<server::Server> admin;
    if (admin_ != nullptr) {
      admin = SEABAG_TRY(
          admin_->make_server({.report = [this](const std::string& line) { report(line); }}));
    }
    workers::Lifecycle lifecycle(lifecycle_options());
    servers_ = servers;
    SEABAG_TRY(
        workers::run_threads(servers, {.lifecycle = &lifecycle,
                                       .board = &*board_,
                                       .aide = admin.get(),
                                       .report = [this](const std::string& line) { report(line); },
                                       .reload = reloader(Reporting::aloud)}));
    return console::ExitCode::success;
  }

  enum class Reporting : std::uint8_t { aloud, silent };

  void reload_certificates(Reporting reporting) {
    if (settings_.tls.certificates.empty()) {
      return;
    }
    const auto reloaded = tls_->reload();
    if (reporting == Reporting::silent) {
      return;
    }
    if (!reloaded) {
      report("the certificates stay as they were: " + reloaded.error().message());
      return;
    }
    report_warnings();
  }

  void reload_passwords(Reporting reporting) {
    if (!has_password_files()) {
      return;
    }
    auto fresh = read_passwords();
    if (!fresh) {
      if (reporting == Reporting::aloud) {
        report("the passwords stay as they were: " + fresh.error().message());
      }
      return;
    }
    auth_ = std::move(*fresh);
    for (const auto& server : servers_) {
      (void)server->replace_users(auth_);  // they have been parsed
    }
  }

  [[nodiscard]] bool has_password_files() const {
    return std::any_of(settings_.auth.begin(), settings_.auth.end(),
                       [](const server::AuthRule& rule) { return !rule.file.empty(); });
  }

  // A worker that is started later gets the file that is there then.
  void reopen_log() {
    if (log_) {
      if (const auto reopened = log_->reopen(); !reopened) {
        report(reopened.error().message());
      }
    }
  }

  void report_warnings() {
    for (const std::string& line : tls_->warnings()) {
      report("warning: " + line);
    }
  }

  // Null when there is nothing to read again.
  std::function<void()> reloader(Reporting reporting) {
    if (settings_.tls.certificates.empty() && !has_password_files()) {
      return nullptr;
    }
    return [this, reporting] {
      reload_certificates(reporting);
      reload_passwords(reporting);
    };
  }

  // A browser that has seen this comes back over HTTPS only, which must not happen to somebody who
  // tries it out.
  std::string_view secure_fields() const {
    return settings_.tls.certificates.empty() ? std::string_view()
                                              : http::transport_security_field(settings_.security);
  }

  std::unique_ptr<net::ChannelSource> make_channels() {
    return tls_ != nullptr ? tls_->make_source() : nullptr;
  }

  // Where blocking handlers run, in the process that calls this; null when there are none.
  std::unique_ptr<server::Lanes> make_lanes() const {
    const bool is_needed = site_.router != nullptr && !site_.router->lanes().empty();
    return is_needed ? std::make_unique<server::Lanes>(*site_.router) : nullptr;
  }

  // Threads share their lanes, and only one of them shows how those are.
  std::span<server::LaneVitals> lane_vitals(unsigned index) const {
    const bool is_shown = index == 0 || site_.isolation == Isolation::processes;
    return is_shown ? std::span<server::LaneVitals>(board_->slots()[index].lanes)
                    : std::span<server::LaneVitals>();
  }

  Result<std::unique_ptr<server::Server>> make_server(unsigned index, net::ChannelSource* channels,
                                                      server::Vitals* vitals,
                                                      server::Lanes* lanes) {
    const server::ServerOptions options = {
        .limits = limits_,
        .site = {.names = settings_.names,
                 .mutability = site_.mutability,
                 .secure_fields = secure_fields(),
                 .hash =
                     [](std::span<const std::byte> bytes) { return bundle::content_hash(bytes); },
                 .cors = settings_.cors,
                 .auth = auth_,
                 .dictionaries = settings_.dictionaries,
                 .server_timing = settings_.server_timing},
        .report = [this](const std::string& line) { report(line); },
        .vitals = vitals,
        .lane_vitals = lane_vitals(index),
        // The supervisor has said already what is wrong.
        .reload = reloader(Reporting::silent)};
    auto server = SEABAG_TRY(server::Server::create(options, {.assets = site_.assets,
                                                              .files = site_.files,
                                                              .router = site_.router,
                                                              .log = log_ ? &*log_ : nullptr,
                                                              .lanes = lanes}));
    for (const Listening& one : listeners_) {
      const bool is_secure = one.scheme == server::Scheme::https;
      for (const net::Listener* socket : one.group.of_worker(index)) {
        SEABAG_TRY(server->listen(
            *socket, {.channels = is_secure ? channels : nullptr, .redirect = one.redirect}));
      }
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
  server::Limits limits_;  // with as many connections as the system allows
  const char* program_;
  console::Io& io_;
  unsigned workers_;
  std::optional<server::LogFile> log_;
  std::vector<server::AuthRule> auth_;                        // with the users of their files
  std::span<const std::unique_ptr<server::Server>> servers_;  // what runs in this process
  std::unique_ptr<tls::Context> tls_;                         // null: none is spoken
  std::vector<Listening> listeners_;
  std::unique_ptr<AdminDoor> admin_;  // null: nobody looks
  net::Descriptor predecessor_;
  std::optional<workers::Scoreboard> board_;  // how the workers are
};

}  // namespace

Result<console::ExitCode> serve(const Site& site, const server::Config& settings,
                                const char* program, console::Io& io) {
  return Serving(site, settings, program, io).run();
}

}  // namespace seabag::app
