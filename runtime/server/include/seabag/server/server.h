#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/names.h"
#include "seabag/net/channel.h"
#include "seabag/net/listener.h"
#include "seabag/server/auth_rule.h"
#include "seabag/server/content_hash.h"
#include "seabag/server/cors.h"
#include "seabag/server/dictionary_rule.h"
#include "seabag/server/limits.h"
#include "seabag/server/scheme.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {
class Namespace;
}  // namespace seabag::vfs

namespace seabag::server {

class Lanes;
class LogFile;
class Router;
struct LaneVitals;
struct Vitals;

/// What a server answers with; all of it is borrowed, outlives the server, and may be shared by
/// several.
struct Services {
  /// The files; null for none.
  const vfs::AssetSource* assets = nullptr;
  /// What the assets are made of, with the same root; null where directories are not listed.
  const vfs::Namespace* files = nullptr;
  /// Handlers, which come before assets; null for none.
  const Router* router = nullptr;
  /// The access log; null for none.
  LogFile* log = nullptr;
  /// Where the router's blocking handlers run; null: the server makes lanes of its own for them.
  Lanes* lanes = nullptr;
};

/// Whether files, the `_redirects` among them, can change while they are served.
enum class Mutability : std::uint8_t { fixed, changing };

/// How the assets become a site.
struct SiteOptions {
  http::NameOptions names = {};
  Mutability mutability = Mutability::fixed;
  /// Rendered header fields of every answer over HTTPS; borrowed.
  std::string_view secure_fields = {};
  /// Needed where directories are listed or dictionaries are used.
  ContentHash hash = {};
  std::vector<CorsRule> cors = {};
  std::vector<AuthRule> auth = {};
  /// Used over HTTPS alone.
  std::vector<DictionaryRule> dictionaries = {};
  /// Every answer tells how long it took to make.
  bool server_timing = false;
};

struct ServerOptions {
  Limits limits = {};
  SiteOptions site = {};
  /// Told in one line what went wrong inside while a request was answered: a handler that threw, a
  /// source that could not be read. Called by the thread that runs the server. Null: nobody is.
  std::function<void(const std::string& line)> report = {};
  /// Where it shows how it is; must outlive the server. Null: nowhere.
  Vitals* vitals = nullptr;
  /// Where it shows how the lanes are, twice a second when it has `vitals`; empty: nowhere.
  std::span<LaneVitals> lane_vitals = {};
  /// Called for SIGHUP, which `take_signals` takes; null: nothing is.
  std::function<void()> reload = {};
};

/// Where plain HTTP is sent: the same host and path, with `https:`.
struct SecureRedirect {
  std::uint16_t port = 443;
  /// Whether this server has a certificate for a host name or address (without port and brackets).
  /// Clients that name another one are not redirected, so that nobody can make an answer of ours
  /// that leads elsewhere. Needed.
  std::function<bool(std::string_view host)> is_ours;
};

/// How the connections of one listener are served.
struct Entrance {
  /// What protects them, which makes them HTTPS; null: plain HTTP.
  net::ChannelSource* channels = nullptr;
  /// Everything but the files below `/.well-known` is redirected.
  std::optional<SecureRedirect> redirect = {};

  [[nodiscard]] Scheme scheme() const { return channels != nullptr ? Scheme::https : Scheme::http; }
};

/// An HTTP/1.1 server: one event loop, run by one thread. A process may have any number of them;
/// they share nothing but what Services gives them.
///
/// `run` belongs to one thread; `stop` is safe from every thread and from signal handlers.
class Server {
 public:
  /// Errors: EMFILE, ENFILE, ENOMEM; EINVAL with line and column for a fault in `_redirects`, and
  /// with a line for a user of SiteOptions::auth.
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(const ServerOptions& options,
                                                              const Services& services);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Serves what `listener` accepts; before `run`. It and what `entrance` points to must outlive
  /// this. Errors: as net::EventLoop::add.
  [[nodiscard]] Result<void> listen(const net::Listener& listener, Entrance entrance = {});

  /// For a process whose only server this is: SIGTERM is `stop`, SIGUSR1 is
  /// `reopen_log` and SIGHUP is ServerOptions::reload from
  /// now on, blocked in this thread and taken by the loop. Before `run`. Errors: EMFILE, ENFILE,
  /// ENOMEM.
  [[nodiscard]] Result<void> take_signals();

  /// Serves until `stop`, then takes no more connections, finishes what is under way (at most
  /// `Limits::drain_time`), closes the rest and returns. SIGPIPE is blocked in this thread
  /// meanwhile. Errors: as net::EventLoop::run_turn.
  [[nodiscard]] Result<void> run();

  /// Ends `run` gracefully; the second time at once.
  void stop();

  /// The users of SiteOptions::auth from now on; `rules` are the same in all other things. Every
  /// password is verified anew. Safe from every thread. Errors: EINVAL with a line for a user, and
  /// then nothing has changed.
  [[nodiscard]] Result<void> replace_users(const std::vector<AuthRule>& rules);

  /// Opens the access log's file again, which somebody has moved away (logrotate). As safe as
  /// `stop`.
  void reopen_log();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seabag::server
