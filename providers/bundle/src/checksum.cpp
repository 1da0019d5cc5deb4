#include "checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "seabag/bundle/content_hash.h"

namespace seabag::bundle {

std::uint64_t xxh3(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t path_hash(std::string_view path) { return XXH3_64bits(path.data(), path.size()); }

}  // namespace seabag::bundle
