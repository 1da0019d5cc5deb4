#define CATCH_CONFIG_MAIN
#include "settings.h"

#include <catch2/catch.hpp>
#include <memory>

#include "seabag/providers/memory.h"
#include "seabag/vfs/faulty.h"
#include "seabag/vfs/shortcuts.h"

namespace {

namespace vfs = seabag::vfs;

/// What every test starts from: an empty disk in memory that fails as `plan` says.
struct Disk {
  std::shared_ptr<vfs::FaultPlan> plan = std::make_shared<vfs::FaultPlan>();
  std::shared_ptr<vfs::WritableFileSystem> memory = seabag::providers::make_memory_file_system();
  vfs::Namespace files;
  vfs::Mount root = files.mount("/", vfs::make_writable_faulty(memory, plan)).value();

  void put(std::string_view path, std::string_view text) {
    REQUIRE(vfs::create_directories(files, path.substr(0, path.rfind('/') + 1)));
    REQUIRE(vfs::write_file(files, path, text));
  }
};

TEST_CASE("without any file there are no settings") {
  const Disk disk;
  CHECK(load_settings(disk.files, "/etc/app")->empty());
}

TEST_CASE("parts add to the main file in order of name") {
  Disk disk;
  disk.put("/etc/app/app.conf", "# main\ncolor = red\n  size=1\n");
  disk.put("/etc/app/conf.d/20-late.conf", "size = 3\n");
  disk.put("/etc/app/conf.d/10-early.conf", "size = 2\nshape = round");
  disk.put("/etc/app/conf.d/ignored.txt", "size = 9\n");
  const Settings expected{{"color", "red"}, {"shape", "round"}, {"size", "3"}};
  CHECK(load_settings(disk.files, "/etc/app").value() == expected);
}

TEST_CASE("an administrator may link and mount the parts from elsewhere") {
  Disk disk;
  disk.put("/etc/app/app.conf", "color = red\n");
  disk.put("/srv/shared/blue.conf", "color = blue\n");
  REQUIRE(vfs::create_symlink(disk.files, "/srv/shared", "/etc/app/conf.d"));
  CHECK(load_settings(disk.files, "/etc/app")->at("color") == "blue");

  Disk other;
  other.put("/green.conf", "color = green\n");
  const vfs::Mount mount = disk.files.mount("/srv/shared", other.memory).value();
  CHECK(load_settings(disk.files, "/etc/app")->at("color") == "green");
}

TEST_CASE("a line that is no setting is reported with file and line") {
  Disk disk;
  disk.put("/etc/app/conf.d/bad.conf", "a = 1\n\nnonsense\n");
  CHECK(load_settings(disk.files, "/etc/app").error().message() ==
        "load '/etc/app/conf.d/bad.conf': Invalid argument (line 3: expected 'key = value')");
}

TEST_CASE("a file that cannot be read is not taken for one that is missing") {
  Disk disk;
  disk.put("/etc/app/app.conf", "color = red\n");
  disk.plan->add({.call = vfs::ContractCall::read_at});
  CHECK(load_settings(disk.files, "/etc/app").error().is(std::errc::io_error));
}

TEST_CASE("what is saved is loaded again") {
  Disk disk;
  const Settings settings{{"color", "red"}, {"size", "1"}};
  REQUIRE(save_settings(disk.files, "/etc/app", settings));
  CHECK(load_settings(disk.files, "/etc/app").value() == settings);
}

TEST_CASE("a full disk leaves the old settings and nothing else") {
  Disk disk;
  REQUIRE(save_settings(disk.files, "/etc/app", {{"color", "red"}}));
  disk.plan->limit_space(5);
  CHECK(save_settings(disk.files, "/etc/app", {{"color", "blue"}})
            .error()
            .is(std::errc::no_space_on_device));
  CHECK(load_settings(disk.files, "/etc/app")->at("color") == "red");
  CHECK(disk.files.list("/etc/app")->size() == 1);
}

TEST_CASE("a read-only disk says so") {
  Disk disk;
  REQUIRE(save_settings(disk.files, "/etc/app", {{"color", "red"}}));
  vfs::Namespace files;
  const vfs::Mount root =
      files.mount("/", disk.memory, {.access = vfs::MountAccess::read_only}).value();
  CHECK(save_settings(files, "/etc/app", {}).error().is(std::errc::read_only_file_system));
  CHECK(load_settings(files, "/etc/app")->at("color") == "red");
}

}  // namespace
