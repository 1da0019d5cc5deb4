#include "providers/rates.h"
#include "seabag/providers/sqlite.h"
#include "support/temp_dir.h"

namespace seabag::providers {
namespace {

TEST_CASE("rates of the SQLite provider", "[.bench][sqlite]") {
  const testing::TempDir directory;
  const auto files = open_sqlite_file_system((directory / "files.db").string());
  REQUIRE(files);
  testing::measure_streams(**files, 65536);
  testing::measure_streams(**files, 4096);
  testing::measure_names(**files, 20'000);
}

}  // namespace
}  // namespace seabag::providers
