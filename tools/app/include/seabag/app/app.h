#pragma once

#include <memory>

#include "seabag/vfs/namespace.h"

namespace seabag::app {

/// A packed executable: the bundle it carries, served over HTTP, with the command line that every
/// Seabag executable has.
///
///   int main(int argc, char** argv) {
///     seabag::app::App app;
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

  /// The bundle, mounted at `/`; more can be mounted beside it. Nothing is there when the
  /// executable carries no bundle. Lives as long as this object.
  [[nodiscard]] vfs::Namespace& files();

  /// Does what the arguments say: serves until SIGINT or SIGTERM, or shows, checks or extracts the
  /// bundle. Failures are one line on standard error. Returns the code to exit with
  /// (console::ExitCode).
  [[nodiscard]] int run(int argc, const char* const* argv);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seabag::app
