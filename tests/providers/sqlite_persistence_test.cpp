#include <filesystem>

#include "providers/sqlite_raw.h"
#include "support/provider_contract.h"
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

testing::Tree rich_tree() {
  testing::Tree tree = testing::sample_tree();
  tree.file("a", "shared");
  tree.hard_link("b", "a");
  tree.hard_link("deep/c", "a");
  tree.file("marked", "text").xattrs = {{"user.a", std::string("\0\xff", 2)}, {"user.b", ""}};
  tree.add("pipe", {.type = vfs::FileType::fifo, .mode = 0600});
  tree.add("device", {.type = vfs::FileType::character_device, .mode = 0660, .device = 0x103});
  return tree;
}

/// What a crash of the process leaves: the files as they are while the file system is open.
std::string copy_as_crashed(const std::string& path, const testing::TempDir& directory) {
  const std::string copy = (directory / "crashed.db").string();
  std::filesystem::copy_file(path, copy);
  std::filesystem::copy_file(path + "-wal", copy + "-wal");
  return copy;
}

TEST_CASE("SQLite gives back the tree it was given", "[providers][sqlite][persistence]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  testing::build_tree(rich_tree(), *open_database(path));
  testing::check_tree_equals(rich_tree(), *open_database(path));
}

TEST_CASE("node numbers mean the same after reopening", "[providers][sqlite][persistence]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  vfs::NodeId removed{};
  vfs::Attributes kept;
  {
    const auto files = open_database(path);
    removed = files->create(kRootNode, "removed", {})->node;
    kept = *files->create(kRootNode, "kept", {.mode = 0640, .uid = 7, .gid = 8});
    REQUIRE(files->remove(kRootNode, "removed", vfs::RemoveKind::file));
  }
  const auto files = open_database(path);
  CHECK(files->capabilities().persistent_nodes);
  const auto found = files->lookup(kRootNode, "kept");
  REQUIRE(found);
  CHECK(found->node == kept.node);
  CHECK(found->uid == 7);
  CHECK(found->gid == 8);
  CHECK(found->modified == kept.modified);
  CHECK(found->changed == kept.changed);
  const vfs::NodeId fresh = files->create(kRootNode, "new", {})->node;
  CHECK(fresh != removed);
  CHECK(fresh != kept.node);
}

TEST_CASE("what was open when the process died is cleaned up", "[providers][sqlite][persistence]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  const auto files = open_database(path);
  const auto write = [&](vfs::NodeId node, std::string_view text) {
    auto file = files->open_writable(node);
    REQUIRE(file);
    REQUIRE((*file)->append(bytes_of(text)));
    REQUIRE((*file)->append(bytes_of(text)));
    return std::move(file).take();
  };
  const vfs::NodeId orphan = files->create(kRootNode, "orphan", {})->node;
  const auto orphan_file = write(orphan, "unlinked");
  REQUIRE(files->remove(kRootNode, "orphan", vfs::RemoveKind::file));
  const auto unnamed = files->create_unnamed(kRootNode, {});
  REQUIRE(unnamed);
  const vfs::NodeId log = files->create(kRootNode, "log", {})->node;
  const auto log_file = write(log, "line\n");
  REQUIRE((*unnamed)->append(bytes_of("unnamed")));

  REQUIRE(files->sync());
  const std::string crashed = copy_as_crashed(path, directory);
  {
    const auto reopened = open_database(crashed);
    CHECK_FALSE(reopened->attributes(orphan));
    CHECK(testing::read_all(*reopened, log) == "line\nline\n");
  }
  RawDatabase raw(crashed);
  CHECK(raw.ask("PRAGMA integrity_check") == "ok");
  CHECK(raw.ask("SELECT count(*) FROM fs_inode") == "2");
  CHECK(raw.ask("SELECT count(*), sum(length(data)) FROM fs_data") == "1|10");
  CHECK(raw.ask("SELECT * FROM seabag_orphan").empty());
  CHECK(raw.ask("SELECT * FROM seabag_padded").empty());
}

TEST_CASE("an unnamed file that got a name survives", "[providers][sqlite][persistence]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  {
    const auto files = open_database(path);
    const auto file = files->create_unnamed(kRootNode, {});
    REQUIRE(file);
    REQUIRE((*file)->append(bytes_of("text")));
    REQUIRE(files->link((*file)->attributes()->node, kRootNode, "named"));
  }
  const auto files = open_database(path);
  CHECK(testing::read_all(*files, files->lookup(kRootNode, "named")->node) == "text");
}

TEST_CASE("a database that stays open survives a crash of the process",
          "[providers][sqlite][persistence]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  const auto files = open_database(path);
  testing::build_tree(rich_tree(), *files);
  REQUIRE(files->sync());
  testing::check_tree_equals(rich_tree(), *open_database(copy_as_crashed(path, directory)));
}

TEST_CASE("sync works with and without changes", "[providers][sqlite][persistence]") {
  const testing::TempDir directory;
  const auto files = open_database((directory / "files.db").string());
  const auto made = files->create(kRootNode, "file", {});
  REQUIRE(made);
  const auto file = files->open_writable(made->node);
  REQUIRE(file);
  CHECK(files->sync());
  CHECK((*file)->sync(vfs::SyncScope::all));
  REQUIRE((*file)->append(bytes_of("text")));
  CHECK((*file)->sync(vfs::SyncScope::data));
}

TEST_CASE("every_change needs no sync", "[providers][sqlite][persistence]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  const SqliteOptions options{.durability = SqliteDurability::every_change};
  {
    const auto files = open_database(path, options);
    REQUIRE(files->create(kRootNode, "file", {}));
    CHECK(files->sync());
  }
  CHECK(open_database(path)->lookup(kRootNode, "file"));
}

TEST_CASE("moving a directory costs the same whatever is below it", "[providers][sqlite]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  const auto files = open_database(path);
  const auto make_directory = [&](vfs::NodeId parent, std::string_view name) {
    return files->create(parent, name, {.type = vfs::FileType::directory, .mode = 0755})->node;
  };
  const vfs::NodeId large = make_directory(kRootNode, "large");
  const vfs::NodeId target = make_directory(kRootNode, "target");
  for (int outer = 0; outer < 10; ++outer) {
    const vfs::NodeId inner = make_directory(large, "d" + std::to_string(outer));
    for (int number = 0; number < 1000; ++number) {
      REQUIRE(files->create(inner, "file " + std::to_string(number), {}));
    }
  }
  // The log tells what a change wrote: 10,000 rows would be megabytes.
  const auto log_size = [&] {
    REQUIRE(files->sync());
    return std::filesystem::file_size(path + "-wal");
  };
  REQUIRE(files->rename(kRootNode, "large", target, "large", vfs::RenameMode::replace));
  const auto before = log_size();
  REQUIRE(files->rename(target, "large", kRootNode, "moved", vfs::RenameMode::replace));
  CHECK(log_size() - std::min<std::uintmax_t>(before, log_size()) < 100'000);
  CHECK(files->lookup(large, "d7"));
}

}  // namespace
}  // namespace seabag::providers
