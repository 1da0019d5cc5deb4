#include <memory>
#include <utility>

#include "seabag/providers/sqlite.h"
#include "support/catch.h"
#include "support/provider_contract.h"
#include "support/temp_dir.h"

namespace seabag::providers {
namespace {

std::shared_ptr<vfs::WritableFileSystem> make_empty() {
  struct Owner {
    testing::TempDir directory;
    std::unique_ptr<vfs::WritableFileSystem> files;
  };
  auto owner = std::make_shared<Owner>();
  owner->files = open_sqlite_file_system((owner->directory / "files.db").string()).take();
  return {owner, owner->files.get()};
}

TEST_CASE("SQLite is a provider that can be written", "[providers][sqlite][contract]") {
  testing::check_write_contract(make_empty);
}

TEST_CASE("SQLite is a provider that can be read", "[providers][sqlite][contract]") {
  testing::check_read_contract(testing::tree_built_with(make_empty));
}

}  // namespace
}  // namespace seabag::providers
