#include <filesystem>
#include <fstream>
#include <iterator>

#include "providers/sqlite_raw.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

using Catch::Matchers::Contains;
using testing::open_database;
using testing::RawDatabase;
using testing::refusal;
using vfs::kRootNode;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

struct Place {
  testing::TempDir directory;
  std::string path = (directory / "files.db").string();
};

/// An empty file system of ours, to be changed from outside.
struct Made : Place {
  Made() { open_database(path); }
};

TEST_CASE("how a database is opened is up to the caller", "[providers][sqlite][open]") {
  const Place place;
  CHECK_THAT(refusal(place.path, {.mode = SqliteOpenMode::open_existing}),
             Contains("No such file or directory"));
  CHECK_FALSE(std::filesystem::exists(place.path));
  open_database(place.path, {.mode = SqliteOpenMode::create_new});
  CHECK_THAT(refusal(place.path, {.mode = SqliteOpenMode::create_new}), Contains("File exists"));
  open_database(place.path, {.mode = SqliteOpenMode::open_existing});
  open_database(place.path);
  CHECK_THAT(refusal(place.path, {.chunk_size = 100}), Contains("chunk size"));
  CHECK_THAT(refusal(""), Contains("No such file or directory"));
  CHECK_THAT(refusal((place.directory / "no/such/dir.db").string()),
             Contains("No such file or directory"));
  CHECK_THAT(refusal(place.directory.path().string()), Contains("Is a directory"));
  CHECK_THAT(refusal("/dev/null"), Contains("not a regular file"));
}

TEST_CASE("an empty file becomes a file system", "[providers][sqlite][open]") {
  const Place place;
  write_file(place.path, "");
  CHECK(open_database(place.path)->attributes(kRootNode));
}

TEST_CASE("a new root is as the options say", "[providers][sqlite][open]") {
  const Place place;
  const auto files =
      open_database(place.path, {.root_mode = 01777, .root_uid = 5, .root_gid = 6, .clock = [] {
                                   return vfs::Timestamp{5000, 6};
                                 }});
  const vfs::Attributes root = *files->attributes(kRootNode);
  CHECK(root.mode == 01777);
  CHECK(root.uid == 5);
  CHECK(root.gid == 6);
  CHECK(root.links == 2);
  CHECK(root.modified == vfs::Timestamp{5000, 6});
}

TEST_CASE("what is no database is refused in one line and left alone",
          "[providers][sqlite][refusals]") {
  const Place place;
  std::string content;
  std::string reason = "not a SQLite database, or an encrypted one";
  SECTION("text") { content = "just some text, longer than any header would have to be"; }
  SECTION("a single byte") { content = "S"; }
  SECTION("noise, as an encrypted database looks") { content = testing::noise(8192); }
  SECTION("a header and nothing behind it") {
    content = std::string("SQLite format 3\0", 16);
    reason = "database";
  }
  SECTION("a header and noise behind it") {
    content = std::string("SQLite format 3\0", 16) + testing::noise(8192);
    reason = "database";
  }
  write_file(place.path, content);
  const std::string line = refusal(place.path);
  CHECK_THAT(line, Contains(reason));
  CHECK_THAT(line, Contains("open '" + place.path + "'"));
  CHECK(line.find('\n') == std::string::npos);
  CHECK((content_of(place.path) == content));
}

TEST_CASE("a database of something else is refused and left alone",
          "[providers][sqlite][refusals]") {
  const Place place;
  SECTION("other tables") {
    RawDatabase(place.path).execute("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES (1)");
  }
  SECTION("some of ours are missing") {
    RawDatabase(place.path).execute("CREATE TABLE fs_config (key TEXT, value TEXT)");
  }
  SECTION("a view in the place of a table") {
    RawDatabase raw(place.path);
    raw.execute(
        "CREATE TABLE fs_config (key, value); CREATE TABLE fs_dentry (id, name, parent_ino, ino);"
        "CREATE TABLE fs_data (ino, chunk_index, data); CREATE TABLE fs_symlink (ino, target);"
        "CREATE VIEW fs_inode AS SELECT 1 AS ino");
  }
  const std::string before = content_of(place.path);
  CHECK_THAT(refusal(place.path), Contains("not one that holds a file system"));
  CHECK((content_of(place.path) == before));
}

TEST_CASE("another version is refused, and told which", "[providers][sqlite][refusals]") {
  const Made place;
  std::string reason;
  {
    RawDatabase raw(place.path);
    raw.execute("PRAGMA journal_mode = DELETE");
    SECTION("older than chunks") {
      raw.execute("ALTER TABLE fs_data RENAME COLUMN chunk_index TO offset");
      reason = "older than AgentFS 0.1";
    }
    SECTION("newer, by its columns") {
      raw.execute("ALTER TABLE fs_inode ADD COLUMN flags INTEGER NOT NULL DEFAULT 0");
      reason = "newer than AgentFS 0.4";
    }
    SECTION("newer, by its word") {
      raw.execute("UPDATE fs_config SET value = '0.5' WHERE key = 'schema_version'");
      reason = "AgentFS 0.5, not 0.4";
    }
    SECTION("a newer seabag") {
      raw.execute("UPDATE fs_config SET value = '3' WHERE key = 'seabag_version'");
      reason = "made by a newer seabag (schema 3)";
    }
    SECTION("a chunk size that makes no sense") {
      raw.execute("UPDATE fs_config SET value = '-1' WHERE key = 'chunk_size'");
      reason = "chunk_size makes no sense";
    }
    SECTION("no root") {
      raw.execute("DELETE FROM fs_inode");
      reason = "no root directory";
    }
    SECTION("a root that is a file") {
      raw.execute("UPDATE fs_inode SET mode = 33188");
      reason = "no root directory";
    }
  }
  const std::string before = content_of(place.path);
  CHECK_THAT(refusal(place.path), Contains(reason));
  CHECK((content_of(place.path) == before));
}

TEST_CASE("a UTF-16 database is refused: its names would be other bytes",
          "[providers][sqlite][refusals]") {
  const Made made;
  const std::string schema = RawDatabase(made.path).ask(
      "SELECT sql || ';' FROM sqlite_master WHERE name NOT LIKE 'sqlite%'");
  const std::string path = (made.directory / "utf16.db").string();
  {
    RawDatabase raw(path);
    raw.execute("PRAGMA encoding = 'UTF-16'");
    raw.execute(schema);
    raw.execute("INSERT INTO fs_config VALUES ('chunk_size', '4096')");
    raw.execute("INSERT INTO fs_inode (ino, mode, atime, mtime, ctime) VALUES (1, 16877, 0, 0, 0)");
  }
  CHECK_THAT(refusal(path), Contains("encoding is not UTF-8"));
}

}  // namespace
}  // namespace seabag::providers
