#include <array>
#include <cstdlib>

#include "golden_tree.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/verify.h"
#include "support/bundle_damage.h"
#include "support/catch.h"

namespace seabag::bundle {
namespace {

/// Written once by the first release of this format version and never changed: what was packed then
/// must be read for ever.
std::vector<std::byte> golden() {
  return testing::file_bytes(std::filesystem::path(SEABAG_TEST_DATA) / "bundle/version-1.bundle");
}

TEST_CASE("the golden bundle is read", "[providers][bundle][golden]") {
  const auto bytes = golden();
  const auto bundle = Bundle::open_bytes(bytes);
  REQUIRE(bundle);
  testing::check_tree_equals(testing::golden_tree(), **bundle);
  CHECK(verify(**bundle));
  const BundleInfo info = (*bundle)->info();
  CHECK(info.created == 1'700'000'000);
  CHECK(info.producer == "test");
  CHECK(info.totals.files == 7);
  CHECK(info.totals.directories == 5);
  CHECK(info.totals.symlinks == 2);
  CHECK(info.totals.hard_links == 1);
  CHECK(info.totals.deduplicated == 1);
  CHECK(info.totals.deduplicated_bytes == 49);
  CHECK(info.contents == 6);
  CHECK(info.totals.encodings[1].count == 1);
  CHECK((*bundle)->config() == testing::golden_options().config);
  const auto asset = (*bundle)->find("/latest/twin.css");
  REQUIRE(asset);
  CHECK(testing::text_of(asset->representations[0].bytes) == "p { margin: 0 }\n");
}

TEST_CASE("today's writer writes the golden bundle", "[providers][bundle][golden]") {
  // SEABAG_WRITE_GOLDEN=FILE keeps what it writes, for a new format version.
  const auto bytes = testing::bundle_bytes(testing::golden_tree(), testing::golden_options());
  if (const char* path = std::getenv("SEABAG_WRITE_GOLDEN")) {
    testing::write_file_bytes(path, bytes);
  }
  const bool is_same = bytes == golden();
  CHECK(is_same);
}

TEST_CASE("a truncated bundle is refused, whatever its length", "[providers][bundle][golden]") {
  const auto bytes = golden();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    // A copy of its own, so that a read behind its end is noticed.
    const std::vector<std::byte> part(bytes.begin(),
                                      bytes.begin() + static_cast<std::ptrdiff_t>(length));
    const auto bundle = Bundle::open_bytes(part);
    INFO(length);
    REQUIRE_FALSE(bundle);
    const auto expected = length < kSlotSize ? BundleErrc::not_a_bundle : BundleErrc::truncated;
    CHECK(bundle.error().code == expected);
  }
}

TEST_CASE("every changed byte of the superblock is noticed", "[providers][bundle][golden]") {
  const auto good = golden();
  auto bytes = good;
  for (std::size_t at = 0; at < kSuperblockSize; ++at) {
    for (const unsigned mask : {0x01U, 0x80U, 0xFFU}) {
      bytes[at] ^= static_cast<std::byte>(mask);
      INFO(at << " " << mask);
      CHECK_FALSE(Bundle::open_bytes(bytes));
      bytes[at] = good[at];
    }
  }
}

TEST_CASE("every changed byte behind it does no harm and is told by verify",
          "[providers][bundle][golden]") {
  const auto good = golden();
  auto bytes = good;
  for (std::size_t at = kSuperblockSize; at < bytes.size(); ++at) {
    const unsigned mask = std::array{0x01U, 0x80U, 0xFFU}[at % 3];
    bytes[at] ^= static_cast<std::byte>(mask);
    const auto bundle = Bundle::open_bytes(bytes);
    INFO(at << " " << mask);
    REQUIRE(bundle);
    CHECK_FALSE(testing::exercise_bundle(**bundle).is_sound);
    bytes[at] = good[at];
  }
}

}  // namespace
}  // namespace seabag::bundle
