// A database as the upper of an overlay: what is changed, hidden and moved survives.
#include "seabag/providers/sqlite_overlay.h"

#include <memory>
#include <optional>
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

  void open() {
    const SqliteUpper upper = open_sqlite_upper(path_in(directory, "upper.db")).take();
    overlay = vfs::make_overlay({.upper = upper.files, .lowers = {lower}, .records = upper.records})
                  .take();
    root.emplace(files.mount("/", overlay).take());
  }

  void reopen() {
    root.reset();
    overlay.reset();
    open();
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
  layers.root.reset();
  layers.overlay.reset();
  testing::RawDatabase raw(path_in(layers.directory, "upper.db"));
  raw.execute("DROP TABLE fs_whiteout");
  raw.execute("CREATE TABLE fs_whiteout (path TEXT PRIMARY KEY, created_at INTEGER NOT NULL)");
  layers.open();
  REQUIRE(vfs::unlink(layers.files, "/kept"));
  layers.reopen();
  CHECK_FALSE(layers.files.stat("/kept"));
}

}  // namespace
}  // namespace seabag::providers
