#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "seabag/bundle/executable.h"
#include "seabag/bundle/reader.h"
#include "seabag/bundle/writer.h"
#include "self_apps.h"
#include "support/catch.h"
#include "support/program.h"
#include "support/temp_dir.h"

namespace seabag::bundle {
namespace {

namespace fs = std::filesystem;
using testing::run;

constexpr const char* kText = "from inside\n";

/// A packed program in a directory of its own that everybody may enter.
struct PackedApp {
  PackedApp() {
    fs::permissions(directory.path(), fs::perms(0755));
    testing::write_bundle(testing::packed_tree(), app, {.stub = testing::stub_app()});
  }

  testing::TempDir directory;
  fs::path app = directory / "app";
};

bool is_root() {
  if (geteuid() == 0) {
    return true;
  }
  WARN("not root: not tried");
  return false;
}

/// Sanitizers need /proc and a file system around them.
bool is_static() { return testing::stub_app().filename() == "self_app_static_pie"; }

void check_ending(const testing::Ending& ending) {
  INFO(ending.errors << ", signal " << ending.signal);
  CHECK(ending.exit_code == 0);
  CHECK(ending.output == kText);
}

TEST_CASE("a program runs through a symlink", "[providers][bundle][executable]") {
  const PackedApp packed;
  fs::create_symlink("app", packed.directory / "link");
  check_ending(run((packed.directory / "link").string(), {"/file", "--descriptor"}));
}

TEST_CASE("a running program may be renamed, deleted or replaced",
          "[providers][bundle][executable]") {
  for (const std::string action : {"rename", "delete", "replace"}) {
    const PackedApp packed;
    testing::Program program(packed.app.string(), {"--wait", "/file", "--descriptor"});
    program.wait_for_line("ready");
    if (action == "rename") {
      fs::rename(packed.app, packed.directory / "elsewhere");
    } else if (action == "delete") {
      fs::remove(packed.app);
    } else {
      testing::Tree other;
      other.file("file", "something else");
      testing::write_bundle(other, packed.app, {.stub = testing::stub_app()});
    }
    const auto ending = program.finish();
    INFO(action << ": " << ending.errors);
    CHECK(ending.exit_code == 0);
    CHECK(ending.output == std::string("ready\n") + kText);
  }
}

TEST_CASE("closed standard descriptors do not become the bundle's",
          "[providers][bundle][executable]") {
  const PackedApp packed;
  CHECK(run(packed.app.string(), {"--descriptor"}, {.closed_descriptors = {0, 1, 2}}).exit_code ==
        0);
  CHECK(run(packed.app.string(), {"--descriptor"}, {.closed_descriptors = {1}}).exit_code == 0);
}

TEST_CASE("an executable that cannot be read serves from its map",
          "[providers][bundle][executable]") {
  if (!is_root() || !is_static()) {
    return;
  }
  const PackedApp packed;
  fs::permissions(packed.app, fs::perms(0111));
  check_ending(run(packed.app.string(), {"/file", "--no-descriptor"}, {.is_unprivileged = true}));
}

TEST_CASE("a program needs nothing around it: no /proc, no libraries",
          "[providers][bundle][executable]") {
  if (!is_root() || !is_static()) {
    return;
  }
  const PackedApp packed;
  // The name that it was started by leads to the file.
  check_ending(run("/app", {"/file", "--descriptor"},
                   {.root = packed.directory.path(), .is_unprivileged = true}));
}

TEST_CASE("without /proc another file of the same name is not taken for the program's own",
          "[providers][bundle][executable]") {
  if (!is_root() || !is_static()) {
    return;
  }
  const PackedApp packed;
  // Started by descriptor 50, its name is /dev/fd/50; that leads to another packed program here.
  fs::create_directories(packed.directory / "dev/fd");
  testing::Tree other;
  other.file("file", "something else");
  testing::write_bundle(other, packed.directory / "dev/fd/50", {.stub = testing::stub_app()});
  const auto start_by_descriptor = [&] {
    std::string name = "app";
    std::string file = "/file";
    std::string option = "--no-descriptor";
    std::array<char*, 4> arguments{name.data(), file.data(), option.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    const int opened = open(packed.app.c_str(), O_PATH);
    return opened >= 0 && dup2(opened, 50) == 50 && chroot(packed.directory.path().c_str()) == 0 &&
           fexecve(50, arguments.data(), environment.data()) == 0;
  };
  check_ending(run("/none", {}, {.prepare = start_by_descriptor}));
}

TEST_CASE("a program runs on a read-only root with a noexec /tmp, as nobody",
          "[providers][bundle][executable]") {
  if (!is_root() || !is_static()) {
    return;
  }
  const PackedApp packed;
  fs::create_directory(packed.directory / "tmp");
  const std::string root = packed.directory.path().string();
  const auto prepare = [&] {
    return unshare(CLONE_NEWNS) == 0 &&
           mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(root.c_str(), root.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
           mount("tmpfs", (root + "/tmp").c_str(), "tmpfs", MS_NOEXEC | MS_RDONLY, nullptr) == 0 &&
           mount(nullptr, root.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  };
  const auto ending = run("/app", {"/file", "--descriptor"},
                          {.root = root, .is_unprivileged = true, .prepare = prepare});
  if (ending.exit_code == 127) {
    WARN("no right to make a mount namespace: not tried");
    return;
  }
  check_ending(ending);
}

TEST_CASE("without /proc a bundle is written all the same, and nothing is left behind",
          "[providers][bundle][executable]") {
  if (!is_root()) {
    return;
  }
  const testing::TempDir directory;
  const auto write_there = [&](const char* name) {
    return [&directory, name] {
      if (chroot(directory.path().c_str()) != 0 || chdir("/") != 0) {
        return false;
      }
      auto writer = Writer::create(name, kNoStub, {});
      _exit(writer && writer->add_blob({}) && writer->finish(Tree()) ? 0 : 1);
    };
  };
  CHECK(run("/none", {}, {.prepare = write_there("out")}).exit_code == 0);
  CHECK(run("/none", {}, {.prepare = write_there("/out")}).exit_code == 0);
  CHECK(Bundle::open_executable((directory / "out").string()));
  CHECK(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()) == 1);
}

/// Where the bundle is in a packed program.
Slot slot_of(const fs::path& app) {
  const int descriptor = open(app.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(descriptor >= 0);
  const auto slot = find_slot(descriptor, fs::file_size(app));
  close(descriptor);
  REQUIRE(slot);
  return *slot;
}

TEST_CASE("a program that has been cut short says so", "[providers][bundle][executable]") {
  const PackedApp packed;
  const auto full = testing::file_bytes(packed.app);
  const Slot slot = slot_of(packed.app);
  const bool can_change_root = geteuid() == 0 && is_static();
  for (const std::uint64_t kept : {std::uint64_t{0}, std::uint64_t{8}, std::uint64_t{2000},
                                   std::uint64_t{4096}, slot.length / 2, slot.length - 5000}) {
    fs::remove(packed.app);
    testing::write_file_bytes(packed.app, std::span(full).first(slot.offset + kept));
    fs::permissions(packed.app, fs::perms(0755));
    std::vector<testing::Ending> endings{run(packed.app.string(), {"/file"})};
    if (can_change_root) {
      endings.push_back(run("/app", {"/file"}, {.root = packed.directory.path()}));
    }
    for (const auto& ending : endings) {
      INFO(kept << " bytes: " << ending.errors << ", signal " << ending.signal);
      CHECK(ending.exit_code == 1);
      CHECK_THAT(ending.errors, Catch::Contains("bundle"));
    }
  }
}

TEST_CASE("a program started by the dynamic loader finds its bundle",
          "[providers][bundle][executable]") {
  const std::string loader = "/lib64/ld-linux-x86-64.so.2";
  if (access(loader.c_str(), X_OK) != 0) {
    WARN("no " << loader << ": not tried");
    return;
  }
  const testing::TempDir directory;
  for (const std::string kind : {"self_app_pie", "self_app_high_pie", "self_app_fixed"}) {
    const auto app = directory / kind;
    testing::write_bundle(testing::packed_tree(), app, {.stub = testing::self_app(kind)});
    // /proc/self/exe is the loader then, and must not be taken for the program: what the
    // descriptor gives is compared with the map.
    const auto ending = run(loader, {app.string(), "/file"});
    INFO(kind << ": " << ending.errors << ", signal " << ending.signal);
    CHECK(ending.exit_code == 0);
    CHECK(ending.output == kText);
  }
}

}  // namespace
}  // namespace seabag::bundle
