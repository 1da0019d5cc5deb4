#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "providers/sqlite_raw.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

using testing::open_database;
using testing::RawDatabase;
using vfs::kRootNode;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct Place {
  testing::TempDir directory;
  std::string path = (directory / "files.db").string();
};

/// Runs `work` in a process of its own, which ends without cleaning up: its locks go, and what it
/// has not committed.
template <typename Work>
pid_t start_process(Work work) {
  const pid_t process = ::fork();
  REQUIRE(process >= 0);
  if (process == 0) {
    ::_exit(work() ? 0 : 1);
  }
  return process;
}

void wait_for(pid_t process) {
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

vfs::NodeId make_file(vfs::WritableFileSystem& files, std::string_view name,
                      std::string_view text) {
  const auto made = files.create(kRootNode, name, {.mode = 0644});
  REQUIRE(made);
  const auto file = files.open_writable(made->node);
  REQUIRE(file);
  REQUIRE((*file)->append(bytes_of(text)));
  return made->node;
}

TEST_CASE("what one changes the others see at once", "[providers][sqlite][sharing]") {
  const Place place;
  const auto first = open_database(place.path);
  const vfs::NodeId before = make_file(*first, "before", "in the group that the opening ends");
  const auto second = open_database(place.path);
  CHECK(testing::read_all(*second, before) == "in the group that the opening ends");
  const vfs::NodeId node = make_file(*first, "file", "first");
  CHECK(second->lookup(kRootNode, "file")->size == 5);

  const auto here = first->open_writable(node);
  const auto there = second->open_writable(node);
  REQUIRE(here);
  REQUIRE(there);
  std::string expected = "first";
  for (int round = 0; round < 50; ++round) {
    REQUIRE((*here)->append(bytes_of("here ")));
    expected += "here ";
    CHECK(testing::read_all(**there) == expected);
    REQUIRE((*there)->append(bytes_of("there ")));
    expected += "there ";
    CHECK(testing::read_all(**here) == expected);
  }
  REQUIRE((*there)->resize(3));
  CHECK(testing::read_all(**here) == "fir");
  REQUIRE((*here)->resize(6));
  CHECK(testing::read_all(**there) == std::string("fir\0\0\0", 6));
  REQUIRE(second->rename(kRootNode, "file", kRootNode, "moved", vfs::RenameMode::replace));
  CHECK_FALSE(first->lookup(kRootNode, "file"));
  CHECK(first->lookup(kRootNode, "moved")->node == node);
}

TEST_CASE("a file that another has open outlives its name", "[providers][sqlite][sharing]") {
  const Place place;
  const auto first = open_database(place.path);
  const auto second = open_database(place.path);
  const vfs::NodeId node = make_file(*first, "file", "text");
  auto mine = second->open(node).take();
  auto theirs = first->open(node).take();
  REQUIRE(first->remove(kRootNode, "file", vfs::RemoveKind::file));
  CHECK(mine->attributes()->links == 0);
  CHECK(testing::read_all(*mine) == "text");

  SECTION("also when somebody joins") {
    const auto third = open_database(place.path);
    CHECK(testing::read_all(*mine) == "text");
  }
  SECTION("whoever closes it first") { mine.reset(); }
  SECTION("whoever closes it last") { theirs.reset(); }
  const auto rows = [&] { return RawDatabase(place.path).ask("SELECT count(*) FROM fs_inode"); };
  CHECK(rows() == "2");
  mine.reset();
  theirs.reset();
  REQUIRE(first->sync());
  REQUIRE(second->sync());
  CHECK(rows() == "1");
  CHECK(RawDatabase(place.path).ask("SELECT * FROM seabag_orphan").empty());
  CHECK(first->open(node).error().is(kStaleNode));
}

TEST_CASE("what a process had open when it died is purged at the next open",
          "[providers][sqlite][sharing]") {
  const Place place;
  wait_for(start_process([&]() -> bool {
    const auto files = open_sqlite_file_system(place.path);
    const auto made = (*files)->create(kRootNode, "file", {});
    const auto file = (*files)->open_writable(made->node);
    const auto done = (*file)->append(bytes_of("text")) &&
                      (*files)->remove(kRootNode, "file", vfs::RemoveKind::file) &&
                      (*files)->sync();
    ::_exit(done ? 0 : 1);
  }));
  CHECK(RawDatabase(place.path).ask("SELECT count(*) FROM seabag_orphan") == "1");
  const auto files = open_database(place.path);
  CHECK(RawDatabase(place.path).ask("SELECT count(*) FROM seabag_orphan") == "0");
  CHECK(RawDatabase(place.path).ask("SELECT count(*) FROM fs_data") == "0");
}

TEST_CASE("several processes make one new database and write to it at the same time",
          "[providers][sqlite][sharing]") {
  const Place place;
  constexpr int kProcesses = 4;
  constexpr int kFiles = 40;
  std::vector<pid_t> processes;
  for (int number = 0; number < kProcesses; ++number) {
    processes.push_back(start_process([&place, number] {
      const auto files = open_sqlite_file_system(place.path);
      bool is_good = files.has_value();
      for (int count = 0; is_good && count < kFiles; ++count) {
        const std::string name = std::to_string(number) + " " + std::to_string(count);
        const auto made = (*files)->create(kRootNode, name, {});
        is_good = made && (*files)->lookup(kRootNode, name);
        const auto log = (*files)->create(kRootNode, "log", {});
        const auto node = (*files)->lookup(kRootNode, "log");
        const auto file = (*files)->open_writable(node->node);
        is_good = is_good && (*file)->append(bytes_of("line\n"));
      }
      return is_good;
    }));
  }
  for (const pid_t process : processes) {
    wait_for(process);
  }
  const auto files = open_database(place.path);
  CHECK(testing::find_node(*files, "log").size == kProcesses * kFiles * 5);
  CHECK(files->list(kRootNode, 0, 1000)->size() == kProcesses * kFiles + 1);
  CHECK(RawDatabase(place.path).ask("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a file is deleted by one while others open and close it",
          "[providers][sqlite][sharing]") {
  const Place place;
  const auto first = open_database(place.path);
  const auto second = open_database(place.path);
  std::atomic<bool> is_over = false;
  std::thread opener([&] {
    while (!is_over) {
      const auto found = second->lookup(kRootNode, "file");
      const auto file = found ? second->open(found->node) : found.error();
      if (file && (*file)->attributes()) {
        const std::string text = testing::read_all(**file);
        is_over = is_over || (text != "" && text != "text");
      }
    }
  });
  for (int round = 0; round < 50; ++round) {
    make_file(*first, "file", "text");
    CHECK(first->remove(kRootNode, "file", vfs::RemoveKind::file));
  }
  CHECK_FALSE(is_over);
  is_over = true;
  opener.join();
  CHECK(RawDatabase(place.path).ask("SELECT count(*) FROM fs_inode") == "1");
}

TEST_CASE("a group of changes ends by itself", "[providers][sqlite][group]") {
  const Place place;
  const auto files = open_database(place.path, {.group_delay = std::chrono::milliseconds(1)});
  REQUIRE(files->create(kRootNode, "file", {}));
  RawDatabase raw(place.path);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (raw.ask("SELECT count(*) FROM fs_inode") != "2") {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
}

TEST_CASE("a change that fails in a group takes nothing else along", "[providers][sqlite][group]") {
  const Place place;
  {
    const auto files = open_database(place.path, {.group_delay = std::chrono::seconds(100)});
    make_file(*files, "file", "text");
    CHECK(files->create(kRootNode, "file", {}).error().is(std::errc::file_exists));
    CHECK_FALSE(files->remove(kRootNode, "none", vfs::RemoveKind::file));
    CHECK(files->remove_xattr(kRootNode, "user.none").error().is(kNoAttribute));
    CHECK(testing::find_node(*files, "file").size == 4);
    CHECK(RawDatabase(place.path).ask("SELECT count(*) FROM fs_inode") == "1");
  }
  CHECK(testing::find_node(*open_database(place.path), "file").size == 4);
}

TEST_CASE("without a delay every change is a transaction", "[providers][sqlite][group]") {
  const Place place;
  const auto files = open_database(place.path, {.group_delay = std::chrono::milliseconds(0)});
  REQUIRE(files->create(kRootNode, "file", {}));
  CHECK(RawDatabase(place.path).ask("SELECT count(*) FROM fs_inode") == "2");
}

TEST_CASE("another program's lock is waited for, and told", "[providers][sqlite][sharing][.slow]") {
  const Place place;
  const auto files = open_database(place.path);
  RawDatabase raw(place.path);
  raw.execute("BEGIN IMMEDIATE");
  CHECK(files->create(kRootNode, "file", {}).error().is(std::errc::device_or_resource_busy));
  CHECK(files->lookup(kRootNode, "file").error().is(std::errc::no_such_file_or_directory));
  raw.execute("COMMIT");
  CHECK(files->create(kRootNode, "file", {}));
}

}  // namespace
}  // namespace seabag::providers
