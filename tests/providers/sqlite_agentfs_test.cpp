#include "providers/sqlite_raw.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

using std::errc;
using testing::open_database;
using testing::RawDatabase;
using vfs::kRootNode;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// The tables as AgentFS 0.6 makes them, which differs from ours in what is left out: no further
/// tables, no index of ours, whiteouts without parent_path, and a root that counts from 1.
constexpr const char* kAgentFs = R"(
CREATE TABLE fs_config (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE fs_inode (ino INTEGER PRIMARY KEY AUTOINCREMENT, mode INTEGER NOT NULL,
  nlink INTEGER NOT NULL DEFAULT 0, uid INTEGER NOT NULL DEFAULT 0, gid INTEGER NOT NULL DEFAULT 0,
  size INTEGER NOT NULL DEFAULT 0, atime INTEGER NOT NULL, mtime INTEGER NOT NULL,
  ctime INTEGER NOT NULL, rdev INTEGER NOT NULL DEFAULT 0);
ALTER TABLE fs_inode ADD COLUMN atime_nsec INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fs_inode ADD COLUMN mtime_nsec INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fs_inode ADD COLUMN ctime_nsec INTEGER NOT NULL DEFAULT 0;
CREATE TABLE fs_dentry (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,
  parent_ino INTEGER NOT NULL, ino INTEGER NOT NULL, UNIQUE(parent_ino, name));
CREATE INDEX idx_fs_dentry_parent ON fs_dentry(parent_ino, name);
CREATE TABLE fs_data (ino INTEGER NOT NULL, chunk_index INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (ino, chunk_index));
CREATE TABLE fs_symlink (ino INTEGER PRIMARY KEY, target TEXT NOT NULL);
CREATE TABLE fs_whiteout (path TEXT PRIMARY KEY, created_at INTEGER NOT NULL);
INSERT INTO fs_config VALUES ('chunk_size', '4096');
INSERT INTO fs_inode (ino, mode, nlink, atime, mtime, ctime) VALUES (1, 16877, 1, 1, 2, 3);
)";

struct AgentDatabase {
  testing::TempDir directory;
  std::string path = (directory / "agent.db").string();

  explicit AgentDatabase(const std::string& more = "") {
    RawDatabase raw(path);
    raw.execute(kAgentFs);
    raw.execute(more);
  }

  static std::string inode(int number, int mode, int size, int links = 1) {
    return "INSERT INTO fs_inode (ino, mode, nlink, size, atime, mtime, ctime, mtime_nsec) VALUES "
           "(" +
           std::to_string(number) + ", " + std::to_string(mode) + ", " + std::to_string(links) +
           ", " + std::to_string(size) + ", 10, 20, 30, 40);";
  }
  static std::string entry(const std::string& name, int parent, int number) {
    return "INSERT INTO fs_dentry (name, parent_ino, ino) VALUES ('" + name + "', " +
           std::to_string(parent) + ", " + std::to_string(number) + ");";
  }
  static std::string chunk(int number, int index, const std::string& value) {
    return "INSERT INTO fs_data VALUES (" + std::to_string(number) + ", " + std::to_string(index) +
           ", " + value + ");";
  }
};

using Db = AgentDatabase;

std::string blob(const std::string& text) { return "CAST('" + text + "' AS BLOB)"; }
constexpr int kFile = 0100644;
constexpr int kDirectory = 0040755;

TEST_CASE("a file system that AgentFS made can be used", "[providers][sqlite][agentfs]") {
  const Db made(Db::inode(2, kDirectory, 0, 2) + Db::entry("src", 1, 2) +
                Db::inode(3, kFile, 5000, 2) + Db::entry("main.c", 2, 3) + Db::entry("same", 1, 3) +
                Db::chunk(3, 0, blob(std::string(4096, 'a'))) +
                Db::chunk(3, 1, blob(std::string(904, 'b'))) + Db::inode(4, 0120777, 6) +
                Db::entry("link", 1, 4) + "INSERT INTO fs_symlink VALUES (4, 'main.c');");
  const auto files = open_database(made.path);
  const vfs::Attributes file = testing::find_node(*files, "src/main.c");
  CHECK(file.mode == 0644);
  CHECK(file.links == 2);
  CHECK(file.block_size == 4096);
  CHECK(file.modified == vfs::Timestamp{20, 40});
  CHECK(testing::find_node(*files, "same").node == file.node);
  CHECK(testing::read_all(*files, file.node) == std::string(4096, 'a') + std::string(904, 'b'));
  CHECK(files->read_link(testing::find_node(*files, "link").node).value() == "main.c");
  CHECK(files->attributes(kRootNode)->links == 3);
  CHECK(files->list(kRootNode, 0, 10)->size() == 3);

  const vfs::NodeId directory = testing::find_node(*files, "src").node;
  REQUIRE(files->create(directory, "new", {}));
  REQUIRE(files->set_xattr(file.node, "user.a", "1", vfs::XattrMode::any));
  REQUIRE(files->rename(kRootNode, "src", kRootNode, "lib", vfs::RenameMode::replace));
  CHECK(testing::find_node(*files, "lib/new").size == 0);
}

TEST_CASE("the inode's size is the truth, whatever the chunks say",
          "[providers][sqlite][agentfs]") {
  const Db made(
      Db::inode(2, kFile, 10'000) + Db::entry("holes", 1, 2) + Db::chunk(2, 1, blob("short")) +  //
      Db::inode(3, kFile, 5) + Db::entry("long", 1, 3) + Db::chunk(3, 0, blob("longer than told")) +
      Db::chunk(3, 4, blob("far behind")) +  //
      Db::inode(4, kFile, 4) + Db::entry("odd", 1, 4) +
      Db::chunk(4, 0, blob(std::string(9000, 'x'))));
  const auto files = open_database(made.path);
  std::string holes(10'000, '\0');
  holes.replace(4096, 5, "short");
  CHECK(testing::read_all(*files, testing::find_node(*files, "holes").node) == holes);
  const vfs::NodeId longer = testing::find_node(*files, "long").node;
  CHECK(testing::read_all(*files, longer) == "longe");
  CHECK(testing::read_all(*files, testing::find_node(*files, "odd").node) == "xxxx");

  SECTION("growing a file brings nothing old to light") {
    const auto file = files->open_writable(longer);
    REQUIRE(file);
    SECTION("by its size") { REQUIRE((*file)->resize(20'000)); }
    SECTION("by a write far out") {
      REQUIRE((*file)->write_at(bytes_of(std::string_view("\0", 1)), 19'999));
    }
    SECTION("by a reservation") {
      REQUIRE((*file)->allocate(vfs::AllocateMode::extend, 0, 20'000));
    }
    CHECK(testing::read_all(**file) == "longe" + std::string(19'995, '\0'));
  }
  SECTION("appending neither") {
    const auto file = files->open_writable(longer);
    REQUIRE(file);
    REQUIRE((*file)->append(bytes_of("!")));
    REQUIRE((*file)->resize(8));
    CHECK(testing::read_all(**file) == std::string("longe!\0\0", 8));
  }
}

TEST_CASE("what we write is what the specification says", "[providers][sqlite][agentfs]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  {
    const auto files = open_database(path, {.chunk_size = 4096});
    testing::Tree tree;
    tree.file("dir/file", testing::noise(10'000), 0640);
    tree.hard_link("dir/second", "dir/file");
    tree.symlink("link", "dir/file");
    tree.add("pipe", {.type = vfs::FileType::fifo, .mode = 0600});
    testing::build_tree(tree, *files);
    const auto log = files->open_writable(files->create(kRootNode, "log", {})->node);
    for (int round = 0; round < 500; ++round) {
      REQUIRE((*log)->append(bytes_of("eleven bytes")));
    }
    REQUIRE((*log)->write_at(bytes_of("far"), 20'000));
  }
  RawDatabase raw(path);
  CHECK(raw.ask("PRAGMA integrity_check") == "ok");
  CHECK(raw.ask("PRAGMA journal_mode") == "wal");
  CHECK(raw.ask("SELECT value FROM fs_config WHERE key IN ('chunk_size', 'schema_version')"
                " ORDER BY key") == "4096\n0.4");
  CHECK(raw.ask("SELECT d.name, printf('%o', i.mode), i.nlink, i.size FROM fs_dentry d"
                " JOIN fs_inode i USING (ino) ORDER BY d.name") ==
        "dir|40755|2|0\nfile|100640|2|10000\nlink|120777|1|8\nlog|100644|1|20003\n"
        "pipe|10600|1|0\nsecond|100640|2|10000");
  CHECK(raw.ask("SELECT nlink FROM fs_inode WHERE ino = 1") == "3");
  CHECK(raw.ask("SELECT target FROM fs_symlink") == "dir/file");
  // All chunks but the last are whole, and nothing lies behind a file's end.
  CHECK(raw.ask("SELECT chunk_index, length(data) FROM fs_data JOIN fs_dentry USING (ino)"
                " WHERE name = 'file' ORDER BY 1") == "0|4096\n1|4096\n2|1808");
  CHECK(raw.ask("SELECT chunk_index, length(data) FROM fs_data JOIN fs_dentry USING (ino)"
                " WHERE name = 'log' ORDER BY 1") == "0|4096\n1|4096\n4|3619");
}

TEST_CASE("rows that make no sense are EIO, and never worse", "[providers][sqlite][hostile]") {
  const auto lookup_error = [](const Db& made) {
    const auto files = open_database(made.path);
    const auto found = files->lookup(kRootNode, "x");
    return found ? errc{} : static_cast<errc>(found.error().code.value());
  };
  SECTION("a negative size") {
    CHECK(lookup_error(Db(Db::inode(2, kFile, -1) + Db::entry("x", 1, 2))) == errc::io_error);
  }
  SECTION("an unknown type") {
    CHECK(lookup_error(Db(Db::inode(2, 0644, 0) + Db::entry("x", 1, 2))) == errc::io_error);
  }
  SECTION("a negative count of links") {
    CHECK(lookup_error(Db(Db::inode(2, kFile, 0, -5) + Db::entry("x", 1, 2))) == errc::io_error);
  }
  SECTION("an entry that leads nowhere is not there") {
    CHECK(lookup_error(Db(Db::entry("x", 1, 2))) == errc::no_such_file_or_directory);
  }
  SECTION("a name that is none is never listed") {
    for (const char* name : {"../../etc", "", ".", "..", "a/b"}) {
      const Db made(Db::inode(2, kFile, 0) + Db::entry(name, 1, 2));
      CHECK(open_database(made.path)->list(kRootNode, 0, 10).error().is(errc::io_error));
    }
  }
  SECTION("a symlink without a target") {
    const Db made(Db::inode(2, 0120777, 5));
    CHECK(open_database(made.path)->read_link(vfs::NodeId{2}).error().is(errc::io_error));
  }
  SECTION("directories in a loop") {
    const Db made(Db::inode(2, kDirectory, 0, 2) + Db::inode(3, kDirectory, 0, 2) +
                  Db::inode(4, kDirectory, 0, 2) + Db::entry("a", 2, 3) + Db::entry("b", 3, 2) +
                  Db::entry("x", 1, 4));
    const auto files = open_database(made.path);
    CHECK(files->rename(kRootNode, "x", vfs::NodeId{3}, "y", vfs::RenameMode::replace)
              .error()
              .is(errc::io_error));
  }
  SECTION("text where a number belongs, and triggers that would do harm") {
    const Db made(Db::inode(2, kFile, 3) + Db::entry("x", 1, 2) +
                  "CREATE TRIGGER harm AFTER INSERT ON fs_dentry BEGIN DELETE FROM fs_inode; END;"
                  "UPDATE fs_inode SET atime = 'now', uid = 'nobody' WHERE ino = 2;");
    const auto files = open_database(made.path);
    CHECK(files->lookup(kRootNode, "x"));
    REQUIRE(files->create(kRootNode, "y", {}));
    CHECK(files->lookup(kRootNode, "x"));
  }
}

TEST_CASE("a damaged page is EIO", "[providers][sqlite][hostile]") {
  const testing::TempDir directory;
  const std::string path = (directory / "files.db").string();
  testing::build_tree(testing::sample_tree(), *open_database(path));
  {
    RawDatabase raw(path);
    raw.execute(
        "PRAGMA journal_mode = DELETE; PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET rootpage = 100000 WHERE name = 'fs_data'");
  }
  const auto opened = open_sqlite_file_system(path);
  if (!opened) {
    CHECK(opened.error().is(errc::io_error));
    return;
  }
  const auto file = (*opened)->open(testing::find_node(**opened, "hello.txt").node);
  REQUIRE(file);
  std::array<std::byte, 10> buffer{};
  const auto count = (*file)->read_at(buffer, 0);
  REQUIRE_FALSE(count);
  CHECK(count.error().is(errc::io_error));
}

}  // namespace
}  // namespace seabag::providers
