#include <fstream>

#include "seabag/providers/sqlite.h"
#include "tools/command/command_run.h"

namespace seabag::command {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("fsck tells by its code what it found", "[command][fsck]") {
  const testing::TempDir directory;
  const std::string path = (directory / "state.db").string();
  Stage stage;
  {
    const auto files = providers::open_sqlite_file_system(path);
    REQUIRE(files);
    REQUIRE((*files)->create(vfs::kRootNode, "file", {}));
  }
  SECTION("clean") {
    const Outcome found = stage.run({"fsck", path});
    CHECK(found.code == 0);
    CHECK(found.out == path + ": 2 nodes, 1 entries, 0 B: clean\n");
    CHECK(found.err.empty());
    CHECK(stage.run({"fsck", "--quiet", path}).out.empty());
    CHECK(stage.run({"fsck", "--json", path}).out ==
          "{\"clean\":true,\"nodes\":2,\"entries\":1,\"content_bytes\":0,\"defects\":[]}\n");
  }
  SECTION("what is no file system") {
    const std::string other = (directory / "text").string();
    std::ofstream(other) << "just text";
    for (const std::string& target : {other, (directory / "none").string()}) {
      const Outcome found = stage.run({"fsck", target});
      CHECK(found.code == 2);
      CHECK(found.out.empty());
      CHECK(is_one_line(found.err));
    }
    CHECK_THAT(stage.run({"fsck", other}).err, Contains("not a SQLite database"));
  }
  SECTION("in use") {
    const auto files = providers::open_sqlite_file_system(path);
    REQUIRE(files);
    CHECK(stage.run({"fsck", path}).code == 0);
    const Outcome found = stage.run({"fsck", "--repair", path});
    CHECK(found.code == 2);
    CHECK_THAT(found.err, Contains("another process has the file system open"));
  }
}

TEST_CASE("export reaches SQLite archives both ways", "[command][fsck]") {
  const testing::TempDir directory;
  const auto at = [&](const char* name) { return (directory / name).string(); };
  {
    const auto files = providers::open_sqlite_file_system(at("a.db"));
    REQUIRE(files);
    REQUIRE((*files)->create(vfs::kRootNode, "file", {}));
  }
  Stage stage;
  CHECK(stage.run({"export", at("a.db"), "-o", at("x.sqlar")}).out ==
        at("x.sqlar") + ": 1 files, 0 B\n");
  CHECK(stage.run({"export", at("x.sqlar"), "-o", at("b.db")}).code == 0);
  const auto files = providers::open_sqlite_file_system(at("b.db"));
  REQUIRE(files);
  CHECK((*files)->lookup(vfs::kRootNode, "file"));
}

}  // namespace
}  // namespace seabag::command
