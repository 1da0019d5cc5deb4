#pragma once

#include <array>
#include <cstdint>

#include "seabag/bundle/reader.h"
#include "seabag/bundler/pack.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// What `verify_variants` has looked at.
struct VariantReport {
  std::uint64_t contents = 0;  ///< with at least one variant
  /// Decoded variants by `vfs::Encoding`, with their stored bytes.
  std::array<Tally, vfs::kEncodingCount> variants{};
};

/// Decodes every gzip, br and zstd variant of a bundle and compares it with the content that it
/// stands for: the part of verification that needs codecs (`bundle::verify` does the rest). Memory
/// does not depend on sizes. `jobs` threads, 0: one a core. Failure damaged_variant with the path
/// of a file that has the content; `corrupt` of the bundle category where the tables make no sense.
[[nodiscard]] Result<VariantReport> verify_variants(const bundle::Bundle& bundle,
                                                    unsigned jobs = 0);

}  // namespace seabag::bundler
