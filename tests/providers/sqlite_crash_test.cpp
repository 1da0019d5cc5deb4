#include "providers/sqlite_crash/kill_rounds.h"
#include "providers/sqlite_crash/load.h"
#include "seabag/providers/sqlite.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace seabag::testing {
namespace {

TEST_CASE("a killed process leaves what it synced, and nothing broken",
          "[providers][sqlite][crash]") {
  const TempDir directory;
  const KillReport report =
      run_kill_rounds({.kills = 12, .seed = 20, .directory = directory.path().string()});
  INFO(report.failure.value_or(""));
  CHECK_FALSE(report.failure);
  CHECK(report.kills == 12);
}

TEST_CASE("the check notices what is missing", "[providers][sqlite][crash]") {
  const TempDir directory;
  const auto files = providers::open_sqlite_file_system((directory / "files.db").string());
  REQUIRE(files);
  CHECK_FALSE(check_load(**files, vfs::kRootNode, 1, {0, 0}));
  CHECK(check_load(**files, vfs::kRootNode, 1, {100, 110}));
}

}  // namespace
}  // namespace seabag::testing
