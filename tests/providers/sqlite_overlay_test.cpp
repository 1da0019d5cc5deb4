// A database as the upper of an overlay: what is changed, hidden and moved survives.
#include "seabag/providers/sqlite_overlay.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "seabag/vfs/namespace.h"
#include "seabag/vfs/overlay.h"
#include "seabag/vfs/shortcuts.h"
#include "sqlite_raw.h"
#include "support/catch.h"
#include "support/provider_contract.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

std::string path_in(const testing::TempDir& directory, const char* name) {
  return (directory / name).string();
}

/// A tree in a database, and an overlay over it with the changes in another.
struct Layers {
  testing::TempDir directory;
  std::shared_ptr<vfs::WritableFileSystem> lower;
  std::shared_ptr<vfs::Overlay> overlay;
  vfs::Namespace files;
  std::optional<vfs::Mount> root;

  explicit Layers(const testing::Tree& tree) {
    lower = open_sqlite_file_system(path_in(directory, "lower.db")).take();
    testing::build_tree(tree, *lower);
    open();
  }

  void open(const std::string& lowers = "v1") {
    const SqliteUpper upper =
        open_sqlite_upper(path_in(directory, "upper.db"), {.lowers = lowers}).take();
    overlay = vfs::make_overlay({.upper = upper.files, .lowers = {lower}, .records = upper.records})
                  .take();
    root.emplace(files.mount("/", overlay).take());
  }

  void close() {
    root.reset();
    overlay.reset();
  }

  void reopen() {
    close();
    open();
  }

  /// The app is another one from here on.
  void update(const testing::Tree& tree) {
    close();
    lower = open_sqlite_file_system(path_in(directory, "lower2.db")).take();
    testing::build_tree(tree, *lower);
    open("v2");
  }

  [[nodiscard]] std::vector<std::string> differences() const {
    std::vector<std::string> lines;
    const auto told = overlay->diff();
    REQUIRE(told);
    for (const vfs::Difference& one : *told) {
      lines.push_back("+~-"[static_cast<int>(one.kind)] + one.path);
    }
    return lines;
  }
};

std::shared_ptr<vfs::WritableFileSystem> make_over_nothing() {
  auto layers = std::make_shared<Layers>(testing::Tree());
  layers->root.reset();
  return {layers, layers->overlay.get()};
}

testing::Tree app_tree() {
  testing::Tree tree;
  tree.file("etc/motd", "hello");
  tree.file("etc/conf/one", "1");
  tree.file("kept", "old");
  tree.file("gone/file", "x");
  return tree;
}

TEST_CASE("an overlay with its changes in SQLite is a provider",
          "[providers][sqlite][overlay][contract]") {
  testing::check_write_contract(make_over_nothing);
}

TEST_CASE("an overlay in SQLite is the same after reopening", "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  REQUIRE(vfs::write_file(layers.files, "/kept", "new"));
  REQUIRE(vfs::unlink(layers.files, "/etc/motd"));
  REQUIRE(layers.files.rename("/etc/conf", "/moved"));  // redirected
  REQUIRE(vfs::unlink(layers.files, "/gone/file"));
  REQUIRE(vfs::remove_directory(layers.files, "/gone"));
  REQUIRE(vfs::create_directory(layers.files, "/gone"));  // opaque
  const auto before = layers.differences();
  const auto number = layers.files.stat("/kept").take().inode;
  layers.reopen();
  CHECK(layers.differences() == before);
  CHECK(layers.files.stat("/kept").take().inode == number);
  CHECK(vfs::read_file(layers.files, "/kept").take() == "new");
  CHECK(vfs::read_file(layers.files, "/moved/one").take() == "1");
  CHECK_FALSE(layers.files.stat("/etc/motd"));
  CHECK_FALSE(layers.files.stat("/etc/conf"));
  CHECK_FALSE(layers.files.stat("/gone/file"));

  REQUIRE(layers.overlay->discard());
  layers.reopen();
  CHECK(layers.differences().empty());
  CHECK(vfs::read_file(layers.files, "/etc/motd").take() == "hello");
}

TEST_CASE("whiteouts are where AgentFS keeps them", "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  REQUIRE(vfs::unlink(layers.files, "/etc/motd"));
  REQUIRE(layers.overlay->sync());
  testing::RawDatabase raw(path_in(layers.directory, "upper.db"));
  CHECK(raw.ask("SELECT path || ' ' || parent_path FROM fs_whiteout") == "/etc/motd /etc");
  raw.execute("INSERT INTO fs_whiteout (path, parent_path, created_at) VALUES ('/kept', '/', 0)");
  layers.reopen();
  CHECK_FALSE(layers.files.stat("/kept"));
  CHECK_FALSE(layers.files.stat("/etc/motd"));
}

TEST_CASE("whiteouts work without the column for directories", "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  layers.close();
  testing::RawDatabase raw(path_in(layers.directory, "upper.db"));
  raw.execute("DROP TABLE fs_whiteout");
  raw.execute("CREATE TABLE fs_whiteout (path TEXT PRIMARY KEY, created_at INTEGER NOT NULL)");
  layers.open();
  REQUIRE(vfs::unlink(layers.files, "/kept"));
  layers.reopen();
  CHECK_FALSE(layers.files.stat("/kept"));
}

/// What the first version's users have done to `app_tree`.
void change(Layers& layers) {
  REQUIRE(vfs::write_file(layers.files, "/kept", "mine"));
  REQUIRE(vfs::create_directory(layers.files, "/made"));
  REQUIRE(vfs::write_file(layers.files, "/made/by me", "new"));
  REQUIRE(vfs::unlink(layers.files, "/etc/motd"));
  REQUIRE(layers.files.rename("/etc/conf", "/moved"));
  REQUIRE(vfs::unlink(layers.files, "/gone/file"));
  REQUIRE(vfs::remove_directory(layers.files, "/gone"));
}

/// The second version: other node numbers, and something new in every place.
testing::Tree updated_tree() {
  testing::Tree tree;
  tree.file("added", "a");
  tree.file("also added", "b");
  tree.file("etc/conf/one", "1.2");
  tree.file("etc/conf/two", "2");
  tree.file("etc/hosts", "h");
  tree.file("etc/motd", "hello again");
  tree.file("gone/file", "y");
  tree.file("kept", "newer");
  tree.file("made/by app", "z");
  return tree;
}

/// Checks that no two paths have the same inode.
void check_numbers(const vfs::Namespace& files) {
  std::set<std::uint64_t> numbers;
  std::vector<std::string> pending{""};
  while (!pending.empty()) {
    const std::string directory = pending.back();
    pending.pop_back();
    for (const auto& entry : files.list(directory + "/").take()) {
      const std::string path = directory + "/" + entry.name;
      INFO(path);
      CHECK(numbers.insert(entry.inode).second);
      if (entry.type == vfs::FileType::directory) {
        pending.push_back(path);
      }
    }
  }
}

TEST_CASE("after an update of the app, changes stay and the rest is the update's",
          "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  change(layers);
  const auto number = layers.files.stat("/kept").take().inode;
  layers.update(updated_tree());
  testing::Tree expected;
  expected.file("added", "a");
  expected.file("also added", "b");
  expected.file("etc/hosts", "h");
  expected.file("kept", "mine");
  expected.file("made/by app", "z");
  expected.file("made/by me", "new");
  expected.file("moved/one", "1.2");
  expected.file("moved/two", "2");
  testing::check_tree_equals(expected, *layers.overlay);
  check_numbers(layers.files);
  CHECK(layers.files.stat("/kept").take().inode != number);

  const auto again = layers.files.stat("/kept").take().inode;
  layers.close();
  layers.open("v2");
  testing::check_tree_equals(expected, *layers.overlay);
  CHECK(layers.files.stat("/kept").take().inode == again);
}

TEST_CASE("after an update, what the lowers no longer have is no obstacle",
          "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  change(layers);
  testing::Tree small;
  small.file("etc", "a file by now");
  small.file("made", "a file by now");
  layers.update(small);
  testing::Tree expected;
  expected.directory("etc");
  expected.file("kept", "mine");
  expected.file("made/by me", "new");
  expected.directory("moved");
  testing::check_tree_equals(expected, *layers.overlay);
  REQUIRE(vfs::write_file(layers.files, "/etc/motd", "mine"));
  REQUIRE(vfs::create_directory(layers.files, "/gone"));
  REQUIRE(vfs::write_file(layers.files, "/gone/file", "mine"));
  REQUIRE(layers.overlay->discard());
  testing::check_tree_equals(small, *layers.overlay);
}

TEST_CASE("copies have numbers of their own when nobody can tell the lowers",
          "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  REQUIRE(vfs::write_file(layers.files, "/kept", "mine"));
  const auto number = layers.files.stat("/kept").take().inode;
  layers.close();
  layers.open("");
  const auto own = layers.files.stat("/kept").take().inode;
  CHECK(own != number);
  REQUIRE(vfs::write_file(layers.files, "/etc/motd", "mine"));
  layers.close();
  layers.open("");
  CHECK(layers.files.stat("/kept").take().inode == own);
  CHECK(vfs::read_file(layers.files, "/etc/motd").take() == "mine");
  check_numbers(layers.files);
}

TEST_CASE("what is told of nodes that are gone goes at the next opening",
          "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  REQUIRE(vfs::write_file(layers.files, "/kept", "mine"));
  layers.close();
  testing::RawDatabase raw(path_in(layers.directory, "upper.db"));
  raw.execute("INSERT INTO fs_origin (delta_ino, base_ino) VALUES (1000, 2)");
  raw.execute("INSERT INTO seabag_overlay (ino, path) VALUES (1000, '/etc')");
  layers.open();
  CHECK(vfs::read_file(layers.files, "/kept").take() == "mine");
  REQUIRE(layers.overlay->sync());
  CHECK(raw.ask("SELECT count(*) FROM fs_origin WHERE delta_ino = 1000") == "0");
  CHECK(raw.ask("SELECT count(*) FROM seabag_overlay") == "0");
}

TEST_CASE("a database has one overlay at a time", "[providers][sqlite][overlay]") {
  Layers layers(app_tree());
  const std::string path = path_in(layers.directory, "upper.db");
  const auto second = open_sqlite_upper(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().is(std::errc::device_or_resource_busy));
  CHECK(second.error().message().find(path) != std::string::npos);
  CHECK(second.error().message().find("another overlay") != std::string::npos);
  CHECK(second.error().message().find('\n') == std::string::npos);
  CHECK(open_sqlite_file_system(path));  // looking at it is possible
  CHECK(vfs::write_file(layers.files, "/kept", "mine"));
  layers.close();
  CHECK(open_sqlite_upper(path));
}

}  // namespace
}  // namespace seabag::providers
