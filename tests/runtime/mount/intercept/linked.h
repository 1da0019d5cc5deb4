#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "seabag/intercept/attach.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"

namespace seabag::testing {

/// This process, with the hooks linked in, and one file system in memory at /seabag-app.
struct Linked {
  explicit Linked(intercept::MountOptions options = {})
      : mount(session->mount("/seabag-app", memory, std::move(options)).value()) {}

  void put(std::string_view path, std::string_view text, std::uint32_t mode = 0644) {
    REQUIRE(vfs::create_directories(session->files(), path.substr(0, path.rfind('/') + 1)));
    REQUIRE(vfs::write_file(session->files(), path, text, {.mode = mode}));
  }
  void link(std::string_view target, std::string_view path) {
    REQUIRE(vfs::create_symlink(session->files(), target, path));
  }
  [[nodiscard]] std::string text(std::string_view path) {
    const auto text = vfs::read_file(session->files(), path);
    return text ? *text : text.error().message();
  }

  std::shared_ptr<vfs::WritableFileSystem> memory = providers::make_memory_file_system();
  std::unique_ptr<intercept::Session> session = intercept::Session::start().value();
  intercept::Mount mount;
  intercept::Attachment attachment = intercept::attach(*session).value();
};

}  // namespace seabag::testing
