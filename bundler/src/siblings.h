#pragma once

#include <functional>
#include <string>
#include <vector>

#include "contents.h"
#include "plan.h"
#include "seabag/bundle/writer.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::bundler {

/// A stored blob that is a variant of a content.
struct StoredVariant {
  ContentNumber content{};
  vfs::Encoding encoding = vfs::Encoding::gzip;
  bundle::Blob blob;
};

/// What the siblings of a tree came to.
struct Adoption {
  std::vector<StoredVariant> variants;  ///< sorted by content and encoding, each pair once
  std::uint64_t names = 0;              ///< siblings that are no files of the tree any more
  std::uint64_t bytes = 0;
  std::vector<std::string> notes;
};

/// Makes `NAME.gz`, `NAME.br` and `NAME.zst` variants of the `NAME` beside them when they are
/// smaller and decode to exactly that file; their entries become `dropped`. One that decodes to
/// something else stays a file, with a note. Runs on `jobs` threads; errors are those of the
/// writer.
[[nodiscard]] Result<Adoption> adopt_siblings(Plan& plan, const Contents& contents,
                                              const bundle::Writer& writer, unsigned jobs,
                                              const std::function<void()>& on_tick);

}  // namespace seabag::bundler
