#include <memory>

#include "seabag/providers/directory.h"
#include "support/catch.h"
#include "support/provider_contract.h"
#include "support/temp_dir.h"

namespace seabag::testing {
namespace {

using providers::DirectoryFileSystem;
using providers::DirectoryOptions;

/// A file system on a temporary directory, which goes with it.
struct Mounted {
  TempDir directory;
  std::unique_ptr<DirectoryFileSystem> files;
};

template <DirectoryOptions::Resolution resolution>
std::shared_ptr<vfs::WritableFileSystem> make_empty() {
  auto mounted = std::make_shared<Mounted>();
  auto opened = DirectoryFileSystem::open_root(mounted->directory.path().native(),
                                               {.resolution = resolution});
  REQUIRE(opened);
  mounted->files = std::move(opened).take();
  return {mounted, mounted->files.get()};
}

constexpr auto kAutomatic = make_empty<DirectoryOptions::Resolution::automatic>;
constexpr auto kWalk = make_empty<DirectoryOptions::Resolution::walk>;

TEST_CASE("a real directory is a provider", "[providers][directory][contract]") {
  check_write_contract(kAutomatic);
}

TEST_CASE("a real directory holds a tree", "[providers][directory][contract]") {
  check_read_contract(tree_built_with(kAutomatic));
}

TEST_CASE("a real directory is a provider without openat2", "[providers][directory][contract]") {
  check_write_contract(kWalk);
}

TEST_CASE("a real directory holds a tree without openat2", "[providers][directory][contract]") {
  check_read_contract(tree_built_with(kWalk));
}

}  // namespace
}  // namespace seabag::testing
