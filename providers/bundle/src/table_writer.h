#pragma once

#include <cstdint>
#include <deque>

#include "payload_stream.h"
#include "records.h"
#include "seabag/vfs/result.h"
#include "tree_layout.h"
#include "tree_state.h"

namespace seabag::bundle {

/// Contents, variants and header templates as a Writer was given them.
struct Registered {
  std::deque<ContentBytes> contents;
  std::deque<VariantBytes> variants;
  std::deque<std::array<std::byte, kHeadersSize>> headers;
  std::string header_text;
};

/// Writes all tables behind the blobs and fills in the superblock's sections, counts and totals.
/// Errors: EEXIST for a repeated name, EINVAL for unknown contents and headers, EOVERFLOW for more
/// than 4 GiB of names, those of pwrite(2).
[[nodiscard]] Result<void> write_tables(PayloadStream& out, const Tree::State& tree,
                                        const Registered& registered, std::string_view config,
                                        Superblock& superblock);

}  // namespace seabag::bundle
