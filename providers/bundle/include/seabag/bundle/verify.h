#pragma once

#include <cstdint>

#include "seabag/bundle/reader.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// What `verify` has looked at.
struct VerifyReport {
  std::uint32_t entries = 0;
  std::uint32_t contents = 0;
  std::uint32_t variants = 0;
  std::uint64_t hashed_bytes = 0;
};

/// Checks everything that a bundle promises: the hash tree over all bytes, each content's own hash,
/// every entry (kind, name, order, parent, path, link count, references), that every path is found
/// by the index, the bounds of all variants and header texts, and the counts. That the variants
/// decode to their content is for who has the codecs (the bundler). Reads the whole payload.
///
/// The first thing that is wrong is the error: `corrupt`, saying what and where.
[[nodiscard]] Result<VerifyReport> verify(const Bundle& bundle);

}  // namespace seabag::bundle
