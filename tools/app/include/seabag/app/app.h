#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "seabag/app/serve.h"
#include "seabag/http/request_head.h"
#include "seabag/server/handler.h"
#include "seabag/server/reply.h"
#include "seabag/server/router.h"
#include "seabag/server/websocket.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/namespace.h"

namespace seabag::bundle {
class Bundle;
}  // namespace seabag::bundle

namespace seabag::app {

/// What stands in place of the bundle where `--state` is given.
struct ChangedFiles {
  std::shared_ptr<vfs::WritableFileSystem> files;  ///< the bundle with all changes
  std::unique_ptr<const vfs::AssetSource> assets;  ///< what is served; safe for concurrent use
};

/// Opens the file of `--state`: mounts a writable file system over the bundle at the root of the
/// namespace, which outlives what it returns.
using StateOpener = std::function<Result<ChangedFiles>(
    const std::string& path, const std::shared_ptr<bundle::Bundle>& bundle, vfs::Namespace& files)>;

/// A packed executable: the bundle it carries and handlers of its own, served over HTTP, with the
/// command line that every Seabag executable has.
///
///   int main(int argc, char** argv) {
///     seabag::app::App app;
///     app.get("/api/greet/:name", [](const seabag::server::Request& request) {
///       return seabag::server::Response::text("Hello " + std::string(request.param("name")));
///     });
///     return app.run(argc, argv);
///   }
///
/// One thread at a time.
class App {
 public:
  /// Opens the bundle inside the running executable. A missing or damaged one is reported by `run`.
  App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App();

  /// Answers a method and a pattern (see server::Router) with a handler, which comes before files.
  /// Its parameters tell its kind: `(const Request&)` returns the Response, `(const Request&,
  /// Reply)` answers later or in parts, `(const Request&, Upload, Reply)` takes the content in
  /// parts, too. With `{.blocking = server::Blocking{...}}` it may block, behind a bounded queue. A
  /// pattern that makes no sense is reported by `run`.
  void handle(http::Method method, std::string_view pattern, server::AnyHandler handler,
              const server::RouteOptions& options = {});
  void get(std::string_view pattern, server::AnyHandler handler,
           const server::RouteOptions& options = {});
  void post(std::string_view pattern, server::AnyHandler handler,
            const server::RouteOptions& options = {});

  /// Puts functions around all handlers (see server::Router::use).
  void use(server::Middleware middleware);
  /// Takes connections over for another protocol (see server::Router::add_tunnel).
  void tunnel(std::string_view pattern, std::string_view protocol, server::StreamHandler handler);
  /// WebSockets at a pattern (see server::add_websocket).
  void websocket(std::string_view pattern, server::SocketHandlers handlers,
                 server::SocketOptions options = {});

  /// What `--workers` makes. Unless this is called: threads for an app with handlers, which may
  /// share state and must then guard it, processes for one without. Always threads with `--state`.
  void set_isolation(Isolation isolation);

  /// Gives the app the flag `--state FILE`; without this it is a usage error. `seabag::state` has
  /// one that keeps changes in a SQLite database.
  void set_state(StateOpener open);

  /// The bundle, mounted at `/`; more can be mounted beside it. Nothing is there when the
  /// executable carries no bundle. With `--state` it can be written from `run` on, and what was
  /// written is there, and served, after a restart too. Lives as long as this object.
  [[nodiscard]] vfs::Namespace& files();

  /// Does what the arguments say: serves until SIGINT or SIGTERM, or shows, checks or extracts the
  /// bundle. Failures are one line on standard error. What follows `--` is for the app, and is not
  /// looked at. Returns the code to exit with (console::ExitCode).
  [[nodiscard]] int run(int argc, const char* const* argv);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seabag::app
