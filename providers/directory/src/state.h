#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "direct_access.h"
#include "foreign_changes.h"
#include "listing.h"
#include "posix_status.h"
#include "seabag/providers/directory.h"
#include "tree.h"

namespace seabag::providers {

struct DirectoryFileSystem::State {
  State(Descriptor root, const Status& status, NodeTable::Births births,
        const DirectoryOptions& options)
      : tree(std::move(root), status, births, options) {}

  /// What a mutation needs of the name it works on.
  enum class Needs : std::uint8_t { taken, free };

  /// EROFS for a read-only tree, unless what the name is needed for fails anyway: ENOENT, EEXIST.
  [[nodiscard]] Result<void> check_writable(int directory, std::string_view name, Needs needs,
                                            const char* operation) const;

  /// A row of a listing as it is now; nothing when it has been removed since.
  [[nodiscard]] std::optional<vfs::DirectoryEntry> entry(int directory, vfs::NodeId parent,
                                                         const Listing& listing,
                                                         const Listing::Row& row);

  Tree tree;
  DirectAccess direct{tree};
  OpenListings listings = {};
  vfs::Capabilities capabilities = {};
  ForeignChanges changes{tree};  ///< the last member: its thread uses the tree
};

}  // namespace seabag::providers
