#include "seabag/bundle/reader.h"
#include "support/bundle_builder.h"
#include "support/catch.h"
#include "support/provider_contract.h"
#include "support/temp_dir.h"

namespace seabag::bundle {
namespace {

std::shared_ptr<vfs::FileSystem> make_bundle(const testing::Tree& tree) {
  const testing::TempDir directory;
  testing::write_bundle(tree, directory / "bundle");
  auto bundle = Bundle::open_executable((directory / "bundle").string());
  REQUIRE(bundle);
  return std::move(bundle).take();
}

TEST_CASE("a bundle is a provider that can be read", "[providers][bundle][contract]") {
  testing::check_read_contract(make_bundle);
}

}  // namespace
}  // namespace seabag::bundle
