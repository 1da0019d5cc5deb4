// A payload from anywhere: opened as it is, and once more with a right checksum, so that the fields
// behind it are reached. Everything is then listed, found, read and verified.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "seabag/bundle/reader.h"
#include "support/bundle_damage.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using seabag::bundle::Bundle;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto bundle = Bundle::open_bytes(bytes)) {
    seabag::testing::exercise_bundle(**bundle);
  }
  if (size < seabag::bundle::kSuperblockSize) {
    return 0;
  }
  std::vector<std::byte> sealed(bytes.begin(), bytes.end());
  seabag::testing::seal_superblock(sealed);
  if (const auto bundle = Bundle::open_bytes(sealed)) {
    seabag::testing::exercise_bundle(**bundle);
  }
  return 0;
}
