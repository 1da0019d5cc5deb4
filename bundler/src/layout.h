#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "asset_headers.h"
#include "contents.h"
#include "plan.h"
#include "seabag/bundle/tree.h"
#include "seabag/bundle/writer.h"
#include "siblings.h"

namespace seabag::bundler {

/// Turns the plan and what is stored into the tables of a bundle. One thread at a time.
class Layout {
 public:
  /// Everything is borrowed. `variants` is sorted by content and encoding. Times later than
  /// `latest` seconds are set to it.
  Layout(const Plan& plan, const Contents& contents, const std::vector<StoredVariant>& variants,
         std::optional<std::int64_t> latest)
      : plan_(plan), contents_(contents), variants_(variants), latest_(latest) {}

  /// Registers contents and headers with the writer and makes the tree. Errors are theirs.
  [[nodiscard]] Result<bundle::Tree> run(bundle::Writer& writer, AssetHeaders& headers);

 private:
  [[nodiscard]] Result<void> add_contents(bundle::Writer& writer);
  [[nodiscard]] Result<void> add_entry(bundle::Tree& tree, PlanId id, AssetHeaders& headers);
  [[nodiscard]] Result<bundle::EntryId> add_file(bundle::Tree& tree, PlanId name, PlanId file,
                                                 bundle::HeadersId headers);
  [[nodiscard]] Result<bundle::EntryId> add_link(bundle::Tree& tree, PlanId id,
                                                 AssetHeaders& headers);
  [[nodiscard]] Result<bundle::HeadersId> headers_of(PlanId name, PlanId file,
                                                     AssetHeaders& headers) const;
  [[nodiscard]] bundle::EntryAttributes attributes(PlanId id) const;
  [[nodiscard]] bundle::EntryId parent_of(PlanId id) const;

  const Plan& plan_;
  const Contents& contents_;
  const std::vector<StoredVariant>& variants_;
  std::optional<std::int64_t> latest_;
  std::vector<bundle::ContentId> content_ids_;  ///< by content
  std::vector<bool> has_variants_;              ///< by content
  std::vector<bundle::EntryId> entry_ids_;      ///< by plan entry
};

}  // namespace seabag::bundler
