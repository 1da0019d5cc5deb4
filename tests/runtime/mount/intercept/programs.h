#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/intercept/session.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"
#include "support/program.h"

namespace seabag::testing {

/// A session with one file system in memory at /seabag-app, and programs that are started in it.
struct InterceptedPrograms {
  explicit InterceptedPrograms(intercept::MountOptions options = {})
      : mount(session->mount("/seabag-app", memory, std::move(options)).value()) {}

  void put(std::string_view path, std::string_view text, std::uint32_t mode = 0644) const {
    REQUIRE(vfs::create_directories(session->files(), path.substr(0, path.rfind('/') + 1)));
    REQUIRE(vfs::write_file(session->files(), path, text, {.mode = mode}));
  }
  [[nodiscard]] std::string text(std::string_view path) const {
    const auto text = vfs::read_file(session->files(), path);
    return text ? *text : text.error().message();
  }

  /// What makes a program one that the session intercepts. Valid as long as this object.
  [[nodiscard]] Surroundings surroundings() const;

  /// Runs a program that the session intercepts.
  [[nodiscard]] Ending run(const std::string& path,
                           const std::vector<std::string>& arguments) const;
  /// The same with a command for the shell.
  [[nodiscard]] Ending shell(const std::string& command) const {
    return run("/bin/sh", {"-c", command});
  }

  std::shared_ptr<vfs::WritableFileSystem> memory = providers::make_memory_file_system();
  std::unique_ptr<intercept::Session> session = intercept::Session::start().value();
  intercept::Mount mount;
};

}  // namespace seabag::testing
