#include "providers/sqlite_raw.h"
#include "support/temp_dir.h"
#include "support/tree.h"

/// Databases of other versions and habits, written with SQL by what AgentFS publishes of them.
namespace seabag::providers {
namespace {

using testing::open_database;
using testing::RawDatabase;
using vfs::kRootNode;

struct Place {
  testing::TempDir directory;
  std::string path = (directory / "files.db").string();
};

constexpr const char* kFirstTables = R"(
CREATE TABLE fs_config (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE fs_inode (ino INTEGER PRIMARY KEY AUTOINCREMENT, mode INTEGER NOT NULL,
  uid INTEGER NOT NULL DEFAULT 0, gid INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
  atime INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL);
CREATE TABLE fs_dentry (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,
  parent_ino INTEGER NOT NULL, ino INTEGER NOT NULL, UNIQUE(parent_ino, name));
CREATE TABLE fs_data (ino INTEGER NOT NULL, chunk_index INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (ino, chunk_index));
CREATE TABLE fs_symlink (ino INTEGER PRIMARY KEY, target TEXT NOT NULL);
INSERT INTO fs_config VALUES ('chunk_size', '4096');
INSERT INTO fs_inode (ino, mode, atime, mtime, ctime) VALUES (1, 16877, 1, 2, 3);
INSERT INTO fs_inode (ino, mode, size, atime, mtime, ctime) VALUES (2, 33188, 4, 1, 2, 3);
INSERT INTO fs_inode (ino, mode, atime, mtime, ctime) VALUES (3, 16877, 1, 2, 3);
INSERT INTO fs_dentry (name, parent_ino, ino) VALUES ('a', 1, 2), ('b', 1, 2), ('d', 1, 3);
INSERT INTO fs_data VALUES (2, 0, CAST('text' AS BLOB));
)";

TEST_CASE("databases of AgentFS before 0.4 are brought to it", "[providers][sqlite][migration]") {
  const Place place;
  {
    RawDatabase raw(place.path);
    raw.execute(kFirstTables);
    SECTION("0.1") {}
    SECTION("0.2") {
      raw.execute(
          "ALTER TABLE fs_inode ADD COLUMN nlink INTEGER NOT NULL DEFAULT 0;"
          "UPDATE fs_inode SET nlink = CASE ino WHEN 1 THEN 3 ELSE 2 END");
    }
    SECTION("0.3, said so, and without one of the later columns") {
      raw.execute(
          "ALTER TABLE fs_inode ADD COLUMN nlink INTEGER NOT NULL DEFAULT 2;"
          "ALTER TABLE fs_inode ADD COLUMN rdev INTEGER NOT NULL DEFAULT 0;"
          "INSERT INTO fs_config VALUES ('schema_version', '0.3')");
    }
  }
  const auto files = open_database(place.path);
  const vfs::Attributes file = testing::find_node(*files, "a");
  CHECK(file.links == 2);
  CHECK(file.modified == vfs::Timestamp{2, 0});
  CHECK(testing::read_all(*files, file.node) == "text");
  CHECK(testing::find_node(*files, "d").links == 2);
  CHECK(files->attributes(kRootNode)->links == 3);
  REQUIRE(files->create(kRootNode, "new", {}));
  REQUIRE(files->sync());
  RawDatabase raw(place.path);
  CHECK(raw.ask("SELECT value FROM fs_config WHERE key = 'seabag_version'") == "2");
  CHECK(raw.ask("SELECT value FROM fs_config WHERE key = 'schema_version' AND value <> '0.4'")
            .empty());
}

TEST_CASE("a database of the seabag before this one is brought to this one",
          "[providers][sqlite][migration]") {
  const Place place;
  { open_database(place.path); }
  RawDatabase(place.path)
      .execute(
          "UPDATE fs_config SET value = '1' WHERE key = 'seabag_version';"
          "DROP INDEX idx_fs_whiteout_parent");
  { open_database(place.path); }
  RawDatabase raw(place.path);
  CHECK(raw.ask("SELECT value FROM fs_config WHERE key = 'seabag_version'") == "2");
  CHECK(raw.ask("SELECT name FROM sqlite_master WHERE name = 'idx_fs_whiteout_parent'") ==
        "idx_fs_whiteout_parent");
}

TEST_CASE("whiteouts are kept in the form that the database has",
          "[providers][sqlite][migration]") {
  const Place place;
  { open_database(place.path); }
  std::string columns = "path\nparent_path\ncreated_at";
  SECTION("with the parent's path, or without it in a statement") {
    RawDatabase(place.path).execute("INSERT INTO fs_whiteout (path, created_at) VALUES ('/a', 1)");
  }
  SECTION("without the parent's path") {
    RawDatabase(place.path)
        .execute(
            "DROP TABLE fs_whiteout;"
            "CREATE TABLE fs_whiteout (path TEXT PRIMARY KEY, created_at INTEGER NOT NULL);"
            "INSERT INTO fs_whiteout VALUES ('/a', 1)");
    columns = "path\ncreated_at";
  }
  { open_database(place.path); }
  RawDatabase raw(place.path);
  CHECK(raw.ask("SELECT name FROM pragma_table_info('fs_whiteout')") == columns);
  CHECK(raw.ask("SELECT path FROM fs_whiteout") == "/a");
}

TEST_CASE("any chunk size, as text or as a number, or none", "[providers][sqlite][migration]") {
  const Place place;
  const std::string text = testing::noise(3000);
  std::string value;
  std::uint32_t size = 4096;
  SECTION("one byte") {
    value = "1";
    size = 1;
  }
  SECTION("no power of two, as text") {
    value = "'1000'";
    size = 1000;
  }
  SECTION("large") {
    value = "4194304";
    size = 4194304;
  }
  SECTION("none"){} {
    RawDatabase raw(place.path);
    raw.execute(kFirstTables);
    raw.execute("DROP TABLE fs_config; CREATE TABLE fs_config (key PRIMARY KEY, value NOT NULL);");
    if (!value.empty()) {
      raw.execute("INSERT INTO fs_config VALUES ('chunk_size', " + value + ")");
    }
    raw.execute("DELETE FROM fs_data; UPDATE fs_inode SET size = 0 WHERE ino = 2");
  }
  {
    const auto files = open_database(place.path);
    const vfs::Attributes made = testing::find_node(*files, "a");
    CHECK(made.block_size == size);
    const auto file = files->open_writable(made.node);
    REQUIRE((*file)->append(std::as_bytes(std::span(text))));
    REQUIRE((*file)->resize(2999));
  }
  const auto files = open_database(place.path);
  CHECK(testing::read_all(*files, testing::find_node(*files, "a").node) == text.substr(0, 2999));
}

}  // namespace
}  // namespace seabag::providers
