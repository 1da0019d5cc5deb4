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
  std::uint64_t names = 0;              ///< siblings that serve as variants
  std::uint64_t bytes = 0;
  std::vector<std::string> notes;
};

/// Makes the bytes of `NAME.gz`, `NAME.br` and `NAME.zst` variants of the `NAME` beside them too
/// when they are smaller and decode to exactly that file; one that decodes to something else gets a
/// note. They stay files of the tree: it is extracted and served as it was packed. Runs on `jobs`
/// threads; errors are those of the writer.
[[nodiscard]] Result<Adoption> adopt_siblings(const Plan& plan, const Contents& contents,
                                              const bundle::Writer& writer, unsigned jobs,
                                              const std::function<void()>& on_tick);

}  // namespace seabag::bundler
