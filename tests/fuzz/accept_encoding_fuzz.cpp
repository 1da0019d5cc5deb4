// Accept-Encoding: the first byte tells which representations there are, the rest is the value.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/negotiation.h"

namespace {

using namespace seabag::http;
using seabag::vfs::Encoding;

constexpr std::array<Encoding, seabag::vfs::kEncodingCount> kEncodings = {
    Encoding::identity, Encoding::gzip, Encoding::br, Encoding::zstd};

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

seabag::vfs::Asset asset_of(std::uint32_t seed) {
  seabag::vfs::Asset asset;
  for (std::size_t i = 0; i < kEncodings.size(); ++i) {
    asset.representations[i].present = i == 0 || ((seed >> i) & 1U) != 0;
    asset.representations[i].length = std::uint64_t{seed >> 4U} * (i + 1) % 7;
  }
  return asset;
}

void check_choice(const AcceptedEncodings& accepted, const seabag::vfs::Asset& asset) {
  const Encoding chosen = choose_encoding(accepted, asset);
  require(asset.representation(chosen).present);
  require(accepted.accepts(chosen) || chosen == Encoding::identity);
  for (const Encoding other : kEncodings) {
    require(accepted.quality(other) >= 0 && accepted.quality(other) <= 1000);
    if (!asset.representation(other).present || !accepted.accepts(other)) {
      continue;
    }
    require(accepted.accepts(chosen) && accepted.quality(other) <= accepted.quality(chosen));
    require(accepted.quality(other) < accepted.quality(chosen) ||
            asset.representation(other).length >= asset.representation(chosen).length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::vector<char> value(data + 1, data + size);
  const std::string_view line(value.data(), value.size());
  const seabag::vfs::Asset asset = asset_of(data[0]);
  const AcceptedEncodings accepted = AcceptedEncodings::parse(line);
  check_choice(accepted, asset);
  // An empty member changes nothing, whatever short cut the line takes.
  const AcceptedEncodings same = AcceptedEncodings::parse("," + std::string(line));
  for (const Encoding encoding : kEncodings) {
    require(same.accepts(encoding) == accepted.accepts(encoding));
    require(same.quality(encoding) == accepted.quality(encoding));
  }
  return 0;
}
