#include "seabag/providers/sqlar.h"

#include "providers/sqlite_raw.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

using testing::open_database;
using testing::RawDatabase;
using vfs::kRootNode;

struct Place {
  testing::TempDir directory;
  std::string archive = (directory / "x.sqlar").string();
  std::unique_ptr<vfs::WritableFileSystem> files = open_database((directory / "files.db").string());

  std::string import_error(const std::string& rows) const {
    RawDatabase raw(archive);
    raw.execute(
        "CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB);"
        "INSERT INTO sqlar VALUES " +
        rows);
    const auto report = import_sqlar(archive, *files);
    return report ? "" : report.error().message();
  }
};

TEST_CASE("a SQLite archive gives back what was put in", "[providers][sqlite][sqlar]") {
  const Place place;
  testing::Tree tree;
  tree.file("dir/large", std::string(300'000, 'x'), 0640);
  tree.file("dir/noise", testing::noise(5000));
  tree.file("empty", "");
  tree.symlink("link", "dir/large");
  testing::build_tree(tree, *place.files);
  const auto written = export_sqlar(*place.files, place.archive);
  REQUIRE(written);
  CHECK(written->files == 3);
  CHECK(written->symlinks == 1);
  CHECK(written->bytes == 305'000);
  RawDatabase raw(place.archive);
  CHECK(raw.ask("SELECT name, printf('%o', mode), sz, length(data) < sz FROM sqlar"
                " WHERE name LIKE '%r%ge' OR name = 'link' ORDER BY name") ==
        "dir/large|100640|300000|1\nlink|120777|-1|0");
  CHECK(raw.ask("SELECT typeof(data) FROM sqlar WHERE name = 'dir'") == "null");
  CHECK(export_sqlar(*place.files, place.archive).error().is(std::errc::file_exists));

  const auto copy = open_database((place.directory / "copy.db").string());
  const auto read = import_sqlar(place.archive, *copy);
  REQUIRE(read);
  CHECK(read->bytes == 305'000);
  CHECK(testing::read_all(*copy, testing::find_node(*copy, "dir/large").node) ==
        std::string(300'000, 'x'));
  CHECK(testing::find_node(*copy, "dir/large").mode == 0640);
  CHECK(copy->read_link(testing::find_node(*copy, "link").node).value() == "dir/large");
  CHECK(testing::find_node(*copy, "dir/noise").modified.seconds ==
        testing::find_node(*place.files, "dir/noise").modified.seconds);
}

TEST_CASE("a hostile archive makes nothing outside and says what is wrong",
          "[providers][sqlite][sqlar]") {
  using Catch::Matchers::Contains;
  const Place place;
  SECTION("paths") {
    for (const char* name : {"../x", "a/../x", "a//x"}) {
      std::remove(place.archive.c_str());
      CHECK_FALSE(place.import_error("('" + std::string(name) + "', 33188, 0, 1, x'41')").empty());
    }
  }
  SECTION("an absolute path is below the root") {
    CHECK(place.import_error("('/etc/x', 33188, 0, 1, x'41')").empty());
    CHECK(testing::find_node(*place.files, "etc/x").size == 1);
  }
  SECTION("a size that cannot be") {
    CHECK_THAT(place.import_error("('x', 33188, 0, 900000000, x'4142')"), Contains("not true"));
  }
  SECTION("bytes that do not decompress") {
    CHECK_THAT(place.import_error("('x', 33188, 0, 100, x'41424344')"),
               Contains("does not decompress"));
  }
  SECTION("no archive") {
    CHECK_THAT(
        import_sqlar((place.directory / "files.db").string(), *place.files).error().message(),
        Contains("not a SQLite archive"));
    CHECK(import_sqlar((place.directory / "none").string(), *place.files)
              .error()
              .is(std::errc::no_such_file_or_directory));
  }
}

TEST_CASE("a fifo has no place in a SQLite archive", "[providers][sqlite][sqlar]") {
  const Place place;
  REQUIRE(place.files->create(kRootNode, "pipe", {.type = vfs::FileType::fifo}));
  const auto report = export_sqlar(*place.files, place.archive);
  REQUIRE_FALSE(report);
  CHECK(report.error().path == "/pipe");
  CHECK(import_sqlar(place.archive, *place.files).error().is(std::errc::no_such_file_or_directory));
}

}  // namespace
}  // namespace seabag::providers
