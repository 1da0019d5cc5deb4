#include <algorithm>
#include <random>
#include <string>

#include "golden_tree.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/verify.h"
#include "support/bundle_damage.h"
#include "support/catch.h"

// Bundles whose checksum is right and whose fields lie. Offsets are those of docs/bundle-format.md.
namespace seabag::bundle {
namespace {

using Bytes = std::vector<std::byte>;

Bytes sound_bundle() {
  return testing::bundle_bytes(testing::golden_tree(), testing::golden_options());
}

Superblock superblock_of(const Bytes& bytes) { return decode_superblock(bytes).value(); }

void put(Bytes& bytes, std::size_t at, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width; ++i) {
    bytes[at + i] = static_cast<std::byte>((value >> (8 * i)) & 0xFFU);
  }
}

/// A bundle with one number of its superblock changed.
Bytes with_field(std::size_t at, unsigned width, std::uint64_t value) {
  Bytes bytes = sound_bundle();
  put(bytes, at, width, value);
  testing::seal_superblock(bytes);
  return bytes;
}

BundleErrc open_code(const Bytes& bytes) {
  const auto bundle = Bundle::open_bytes(bytes);
  REQUIRE_FALSE(bundle);
  REQUIRE(&bundle.error().code.category() == &bundle_category());
  INFO(bundle.error().message());
  CHECK(bundle.error().message().find('\n') == std::string::npos);
  return static_cast<BundleErrc>(bundle.error().code.value());
}

TEST_CASE("what a newer version wrote is refused by name", "[providers][bundle][hostile]") {
  CHECK(open_code(with_field(8, 4, 2)) == BundleErrc::unsupported);
  CHECK(open_code(with_field(12, 4, 8192)) == BundleErrc::unsupported);
  CHECK(open_code(with_field(20, 4, 1)) == BundleErrc::unsupported);
  CHECK(open_code(with_field(20, 4, 0x80000000)) == BundleErrc::unsupported);
  // A feature that older readers may ignore.
  CHECK(Bundle::open_bytes(with_field(16, 4, 0xFFFFFFFF)));
}

TEST_CASE("an empty slot is no bundle", "[providers][bundle][hostile]") {
  Bytes slot(kMagic.size() + 8);
  std::transform(kMagic.begin(), kMagic.end(), slot.begin(),
                 [](unsigned char byte) { return static_cast<std::byte>(byte); });
  CHECK(open_code(slot) == BundleErrc::no_bundle);
  slot.resize(20'000);
  CHECK(open_code(slot) == BundleErrc::no_bundle);
  CHECK(open_code(Bytes(20'000)) == BundleErrc::not_a_bundle);
  CHECK(open_code({}) == BundleErrc::not_a_bundle);
}

TEST_CASE("sizes and sections that lie are refused", "[providers][bundle][hostile]") {
  const std::uint64_t size = sound_bundle().size();
  CHECK(open_code(with_field(24, 8, size + 1)) == BundleErrc::truncated);
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{4095}, ~std::uint64_t{0}, std::uint64_t{1} << 48U}) {
    CHECK(open_code(with_field(24, 8, value)) == BundleErrc::corrupt);
  }
  for (std::size_t section = 0; section <= 8; ++section) {
    const std::size_t at = 512 + 16 * section;
    for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{4095}, size + 1,
                                       ~std::uint64_t{0}, ~std::uint64_t{0} - 4096}) {
      INFO(section << " " << offset);
      CHECK(open_code(with_field(at, 8, offset)) == BundleErrc::corrupt);
    }
    for (const std::uint64_t length : {size, ~std::uint64_t{0}, ~std::uint64_t{0} - 8191}) {
      CHECK(open_code(with_field(at + 8, 8, length)) == BundleErrc::corrupt);
    }
  }
  // Counts of records, and an index without room.
  for (const std::size_t at : {80U, 84U, 88U, 92U, 96U}) {
    CHECK(open_code(with_field(at, 4, 0xFFFFFFFF)) == BundleErrc::corrupt);
  }
  CHECK(open_code(with_field(80, 4, 0)) == BundleErrc::corrupt);
  CHECK(open_code(with_field(96, 4, 0)) == BundleErrc::corrupt);
}

/// A bundle with one number of one entry changed; the entries are found by the superblock.
Bytes with_entry_field(std::uint32_t entry, std::size_t at, unsigned width, std::uint64_t value) {
  Bytes bytes = sound_bundle();
  put(bytes, superblock_of(bytes).section(Section::entries).offset + entry * kEntrySize + at, width,
      value);
  return bytes;
}

TEST_CASE("entries that lie lead to errors, not round in circles", "[providers][bundle][hostile]") {
  const std::uint32_t count = superblock_of(sound_bundle()).entries;
  const std::vector<std::pair<std::size_t, unsigned>> fields{
      {0, 4}, {4, 1}, {5, 1}, {6, 2}, {8, 4}, {12, 4}, {24, 4}, {28, 2}, {30, 2}, {32, 4}, {36, 4}};
  for (std::uint32_t entry = 0; entry < count; ++entry) {
    for (const auto& [at, width] : fields) {
      for (const std::uint64_t value :
           {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{count} - 1, std::uint64_t{count},
            ~std::uint64_t{0}}) {
        const Bytes bytes = with_entry_field(entry, at, width, value);
        const auto bundle = Bundle::open_bytes(bytes);
        REQUIRE(bundle);
        testing::exercise_bundle(**bundle);
      }
    }
  }
}

TEST_CASE("a directory cannot hold itself", "[providers][bundle][hostile]") {
  const Bytes bytes = with_entry_field(0, 32, 4, 0);
  const auto bundle = Bundle::open_bytes(bytes);
  REQUIRE(bundle);
  CHECK((*bundle)->list(vfs::kRootNode, 0, 10).error().is(std::errc::io_error));
  CHECK((*bundle)->lookup(vfs::kRootNode, "empty").error().is(std::errc::io_error));
}

TEST_CASE("a path index without an end is left", "[providers][bundle][hostile]") {
  Bytes bytes = with_field(100, 4, 0xFFFFFFFF);
  const Extent index = superblock_of(bytes).section(Section::path_index);
  for (std::uint64_t at = index.offset; at < index.offset + index.length; ++at) {
    bytes[at] = std::byte{1};
  }
  const auto bundle = Bundle::open_bytes(bytes);
  REQUIRE(bundle);
  testing::exercise_bundle(**bundle);
}

TEST_CASE("random damage behind a right checksum does no harm", "[providers][bundle][hostile]") {
  const Bytes good = sound_bundle();
  std::mt19937 random(11);
  const std::size_t tables = superblock_of(good).section(Section::entries).offset;
  for (int round = 0; round < 2'000; ++round) {
    Bytes bytes = good;
    for (std::size_t i = 0; i < 1 + random() % 8; ++i) {
      // The superblock's used part, or the tables.
      const std::size_t at =
          random() % 4 == 0 ? 16 + random() % 1000 : tables + random() % (bytes.size() - tables);
      bytes[at] = static_cast<std::byte>(random() % 3 == 0 ? random() % 256 : random() % 4);
    }
    testing::seal_superblock(bytes);
    if (const auto bundle = Bundle::open_bytes(bytes)) {
      testing::exercise_bundle(**bundle);
    }
  }
}

}  // namespace
}  // namespace seabag::bundle
