#include <algorithm>
#include <limits>
#include <shared_mutex>
#include <utility>

#include "overlay_file_system.h"

namespace seabag::vfs {

/// One call of `list`. Names that the lowers have and nothing hides are told in the lowers' part
/// of a listing, also when the upper has them by now: a copy-up in between then neither loses nor
/// repeats a name. The upper's part, which comes first, has the others.
///
/// A cookie is `layer's own cookie * layers + layer`.
struct OverlayFileSystem::Listing {
  const Parent& parent;
  std::size_t limit;
  std::size_t layers;
  std::vector<DirectoryEntry> rows = {};

  [[nodiscard]] bool is_full() const { return rows.size() >= limit; }

  [[nodiscard]] Result<void> add(DirectoryEntry row, std::size_t layer, std::uint64_t own_cookie) {
    if (own_cookie > (std::numeric_limits<std::uint64_t>::max() - layer) / layers) {
      return make_error(std::errc::value_too_large, "list", {}, "a layer's cookies are too large");
    }
    row.cookie = own_cookie * layers + layer;
    rows.push_back(std::move(row));
    return {};
  }
};

namespace {

constexpr std::size_t kBatch = 256;

DirectoryEntry row_of(std::string_view name, const Attributes& attributes) {
  return {.name = std::string(name),
          .node = attributes.node,
          .inode = attributes.inode,
          .type = attributes.type};
}

}  // namespace

Result<void> OverlayFileSystem::add_upper_row(Listing& listing, const DirectoryEntry& row) {
  const Directory& directory = *listing.parent.directory;
  if (!directory.lowers.empty() && !ledger_->is_hidden(directory.lower_path, row.name) &&
      SEABAG_TRY(lower_entry(directory, row.name))) {
    return {};
  }
  const NodeId id = SEABAG_TRY(id_of_upper(row.node));
  if (row.type == FileType::directory && known_directory(id) == nullptr) {
    know(id, {.parent = listing.parent.id, .name = row.name},
         SEABAG_TRY(make_directory(directory, row.name, row.node)));
  }
  return listing.add(
      {.name = row.name, .node = id, .inode = static_cast<std::uint64_t>(id), .type = row.type}, 0,
      row.cookie);
}

Result<void> OverlayFileSystem::list_upper(Listing& listing, std::uint64_t cookie) {
  while (!listing.is_full()) {
    const std::size_t wanted = std::min(kBatch, listing.limit - listing.rows.size());
    const auto batch = SEABAG_TRY(upper_->list(*listing.parent.directory->upper, cookie, wanted));
    if (batch.empty()) {
      break;
    }
    for (const DirectoryEntry& row : batch) {
      SEABAG_TRY(add_upper_row(listing, row));
    }
    cookie = batch.back().cookie;
  }
  return {};
}

Result<void> OverlayFileSystem::add_lower_row(Listing& listing, std::size_t lower,
                                              const DirectoryEntry& row) {
  const Directory& directory = *listing.parent.directory;
  if (ledger_->is_hidden(directory.lower_path, row.name)) {
    return {};
  }
  if (lower > 0 && SEABAG_TRY(lower_entry(directory, row.name))->lower < lower) {
    return {};
  }
  if (!directory.upper && row.type != FileType::directory) {
    const NodeId id = SEABAG_TRY(numbers_.outward({.layer = lower + 1, .node = row.node}));
    learn_name(id, listing.parent.id, row.name);
    return listing.add(
        {.name = row.name, .node = id, .inode = static_cast<std::uint64_t>(id), .type = row.type},
        lower + 1, row.cookie);
  }
  const auto child = SEABAG_TRY(find_child(listing.parent, row.name));
  return child ? listing.add(row_of(row.name, child->attributes), lower + 1, row.cookie)
               : Result<void>();
}

Result<void> OverlayFileSystem::list_lower(Listing& listing, std::size_t lower,
                                           std::uint64_t cookie) {
  const std::optional<NodeId> directory = listing.parent.directory->lowers[lower];
  while (directory && !listing.is_full()) {
    const std::size_t wanted = std::min(kBatch, listing.limit - listing.rows.size());
    const auto batch = SEABAG_TRY(lowers_[lower]->list(*directory, cookie, wanted));
    if (batch.empty()) {
      break;
    }
    for (const DirectoryEntry& row : batch) {
      SEABAG_TRY(add_lower_row(listing, lower, row));
    }
    cookie = batch.back().cookie;
  }
  return {};
}

Result<std::vector<DirectoryEntry>> OverlayFileSystem::rows(const Parent& parent,
                                                            std::uint64_t cookie,
                                                            std::size_t limit) {
  const std::size_t layers = lowers_.size() + 1;
  Listing listing{.parent = parent, .limit = std::max<std::size_t>(limit, 1), .layers = layers};
  std::size_t layer = static_cast<std::size_t>(cookie % layers);
  std::uint64_t own_cookie = cookie / layers;
  if (layer == 0) {
    if (parent.directory->upper) {
      SEABAG_TRY(list_upper(listing, own_cookie));
    }
    layer = 1;
    own_cookie = 0;
  }
  for (; layer <= parent.directory->lowers.size() && !listing.is_full(); ++layer) {
    SEABAG_TRY(list_lower(listing, layer - 1, own_cookie));
    own_cookie = 0;
  }
  return std::move(listing.rows);
}

Result<std::vector<DirectoryEntry>> OverlayFileSystem::list(NodeId directory, std::uint64_t cookie,
                                                            std::size_t limit) {
  const std::shared_lock lock(tree_);
  return rows(SEABAG_TRY(directory_for(directory, "list")), cookie, limit);
}

Result<bool> OverlayFileSystem::has_no_entries(const Parent& parent) {
  return SEABAG_TRY(rows(parent, 0, 1)).empty();
}

Result<std::uint64_t> OverlayFileSystem::count_lower_subdirectories(
    const Directory& directory) const {
  std::uint64_t count = 0;
  for (std::size_t lower = 0; lower < directory.lowers.size(); ++lower) {
    std::uint64_t cookie = 0;
    while (directory.lowers[lower]) {
      const auto batch = SEABAG_TRY(lowers_[lower]->list(*directory.lowers[lower], cookie, kBatch));
      if (batch.empty()) {
        break;
      }
      cookie = batch.back().cookie;
      for (const DirectoryEntry& row : batch) {
        const bool is_shown = row.type == FileType::directory &&
                              !ledger_->is_hidden(directory.lower_path, row.name) &&
                              SEABAG_TRY(lower_entry(directory, row.name))->lower == lower &&
                              (!directory.upper || !upper_->lookup(*directory.upper, row.name));
        count += is_shown ? 1 : 0;
      }
    }
  }
  return count;
}

}  // namespace seabag::vfs
