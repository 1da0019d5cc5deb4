#include "seabag/providers/sqlite_check.h"

#include <algorithm>

#include "providers/sqlite_raw.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

using testing::open_database;
using testing::RawDatabase;
using vfs::kRootNode;

/// A closed database with the sample tree in it.
struct Made {
  testing::TempDir directory;
  std::string path = (directory / "files.db").string();

  Made() { testing::build_tree(testing::sample_tree(), *open_database(path)); }

  SqliteCheckReport check(SqliteCheckMode mode) const {
    const auto report = check_sqlite_file_system(path, mode);
    INFO((report ? "" : report.error().message()));
    REQUIRE(report);
    return *report;
  }

  /// Whether a defect of this kind is found, repaired, and then gone with all others.
  void check_repairs(const std::string& kind) const {
    const auto has = [&](const SqliteCheckReport& report, bool is_repaired) {
      return std::ranges::any_of(report.defects, [&](const SqliteDefect& defect) {
        return defect.kind == kind && defect.is_repaired == is_repaired;
      });
    };
    CHECK(has(check(SqliteCheckMode::look), false));
    CHECK(has(check(SqliteCheckMode::repair), true));
    const SqliteCheckReport after = check(SqliteCheckMode::look);
    for (const SqliteDefect& defect : after.defects) {
      INFO(defect.kind << ": " << defect.detail);
      CHECK(false);
    }
    CHECK(RawDatabase(path).ask("PRAGMA integrity_check") == "ok");
    CHECK(open_database(path)->list(kRootNode, 0, 100));
  }
};

const std::string kFile = "(SELECT ino FROM fs_dentry WHERE name = 'hello.txt')";

TEST_CASE("a healthy file system has no defects", "[providers][sqlite][check]") {
  const Made made;
  const SqliteCheckReport report = made.check(SqliteCheckMode::look);
  CHECK(report.defects.empty());
  CHECK(report.nodes > 10);
  CHECK(report.entries >= report.nodes - 1);
  CHECK(report.content_bytes > 0);
  CHECK(made.check(SqliteCheckMode::repair).defects.empty());
  testing::check_tree_equals(testing::sample_tree(), *open_database(made.path));
}

TEST_CASE("defects are found and repaired", "[providers][sqlite][check]") {
  const Made made;
  const auto damage = [&](const std::string& sql) { RawDatabase(made.path).execute(sql); };
  SECTION("an entry that leads nowhere") {
    damage("INSERT INTO fs_dentry (name, parent_ino, ino) VALUES ('x', 1, 777)");
    made.check_repairs("an entry that leads nowhere");
  }
  SECTION("an entry below a file") {
    damage("INSERT INTO fs_dentry (name, parent_ino, ino) VALUES ('x', " + kFile + ", " + kFile +
           ")");
    made.check_repairs("an entry of something that is no directory");
  }
  SECTION("names") {
    damage("UPDATE fs_dentry SET name = '../x' WHERE name = 'hello.txt'");
    made.check_repairs("a name that is none");
  }
  SECTION("a wrong number of links") {
    damage("UPDATE fs_inode SET nlink = 9 WHERE ino = " + kFile);
    made.check_repairs("a wrong number of links");
  }
  SECTION("a node without a name") {
    damage("DELETE FROM fs_dentry WHERE name = 'hello.txt'");
    made.check_repairs("a node that no path leads to");
    const auto files = open_database(made.path);
    const auto found = files->lookup(kRootNode, "lost+found");
    REQUIRE(found);
    CHECK(files->list(found->node, 0, 10)->size() == 1);
  }
  SECTION("directories in a loop") {
    damage(
        "INSERT INTO fs_inode (ino, mode, nlink, atime, mtime, ctime)"
        " VALUES (901, 16877, 3, 0, 0, 0), (902, 16877, 3, 0, 0, 0);"
        "INSERT INTO fs_dentry (name, parent_ino, ino) VALUES ('a', 901, 902), ('b', 902, 901)");
    made.check_repairs("a node that no path leads to");
  }
  SECTION("a directory with two names") {
    damage(
        "INSERT INTO fs_inode (ino, mode, nlink, atime, mtime, ctime)"
        " VALUES (901, 16877, 2, 0, 0, 0);"
        "INSERT INTO fs_dentry (name, parent_ino, ino) VALUES ('a', 1, 901), ('b', 1, 901)");
    made.check_repairs("a directory with several names");
  }
  SECTION("content behind the end") {
    damage("UPDATE fs_inode SET size = 2 WHERE ino = " + kFile);
    made.check_repairs("content behind the end of a file");
    const auto files = open_database(made.path);
    CHECK(testing::find_node(*files, "hello.txt").size == 2);
  }
  SECTION("chunks far behind the end, and of nothing") {
    damage("INSERT INTO fs_data VALUES (" + kFile + ", 99999, x'00'), (4711, 0, x'00')");
    made.check_repairs("a chunk of something that is no file");
  }
  SECTION("rows that make no sense") {
    damage("UPDATE fs_inode SET mode = 0, size = -1, uid = 'nobody' WHERE ino = " + kFile);
    made.check_repairs("a node whose row makes no sense");
  }
  SECTION("a symlink without a target") {
    damage("DELETE FROM fs_symlink");
    made.check_repairs("a symlink without a target");
  }
  SECTION("what belongs to nothing") {
    damage("INSERT INTO seabag_xattr VALUES (4711, 'user.a', x'00')");
    made.check_repairs("a row that belongs to no node");
  }
  SECTION("an orphan of somebody else's crash") {
    damage(
        "INSERT INTO fs_inode (ino, mode, nlink, atime, mtime, ctime) VALUES (901, 33188, 0, 0,"
        " 0, 0); INSERT INTO fs_data VALUES (901, 0, x'00')");
    made.check_repairs("an orphan that nobody has open");
  }
}

TEST_CASE("what others have open is no defect, and keeps a repair away",
          "[providers][sqlite][check]") {
  const Made made;
  const auto files = open_database(made.path);
  const auto file = files->open(testing::find_node(*files, "hello.txt").node);
  REQUIRE(file);
  REQUIRE(files->remove(kRootNode, "hello.txt", vfs::RemoveKind::file));
  REQUIRE(files->sync());
  CHECK(made.check(SqliteCheckMode::look).defects.empty());
  const auto repair = check_sqlite_file_system(made.path, SqliteCheckMode::repair);
  REQUIRE_FALSE(repair);
  CHECK(repair.error().is(std::errc::device_or_resource_busy));
  CHECK(testing::read_all(**file).size() > 0);
}

TEST_CASE("an index that is damaged is rebuilt", "[providers][sqlite][check]") {
  const Made made;
  // While the index claims to hold nothing, entries are made that it then lacks.
  const auto declare = [&](const std::string& condition) {
    RawDatabase(made.path).execute(
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = 'CREATE INDEX seabag_dentry_ino ON fs_dentry (ino)" +
        condition + "' WHERE name = 'seabag_dentry_ino'");
  };
  declare(" WHERE 0");
  RawDatabase(made.path).execute(
      "INSERT INTO fs_dentry (name, parent_ino, ino) VALUES ('unseen', 1, " + kFile +
      ");"
      "UPDATE fs_inode SET nlink = nlink + 1 WHERE ino = " +
      kFile);
  declare("");
  made.check_repairs("pages or indexes that are damaged");
}

TEST_CASE("what is no file system cannot be checked", "[providers][sqlite][check]") {
  const testing::TempDir directory;
  const std::string path = (directory / "x.db").string();
  CHECK(check_sqlite_file_system(path, SqliteCheckMode::look)
            .error()
            .is(std::errc::no_such_file_or_directory));
  RawDatabase(path).execute("CREATE TABLE notes (text)");
  const auto report = check_sqlite_file_system(path, SqliteCheckMode::repair);
  REQUIRE_FALSE(report);
  CHECK(report.error().message().find("not one that holds a file system") != std::string::npos);
}

}  // namespace
}  // namespace seabag::providers
