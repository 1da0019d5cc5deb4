#include <algorithm>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>

#include "node_compare.h"
#include "overlay_file_system.h"
#include "seabag/vfs/tree.h"

namespace seabag::vfs {
namespace {

constexpr std::size_t kBatch = 1024;

}  // namespace

/// One run of `diff`: walks the overlay beside the lowers as they are at the same path, whatever
/// whiteouts and redirects say.
class OverlayFileSystem::DiffRun {
 public:
  explicit DiffRun(OverlayFileSystem& overlay) : overlay_(overlay) {}

  Result<std::vector<Difference>> run() {
    const Parent root = SEABAG_TRY(overlay_.directory_for(kRootNode, "diff"));
    const Lowers lowers(overlay_.lowers_.size(), kRootNode);
    if (!lowers.empty() && !SEABAG_TRY(is_same_directory(kRootNode, lowers))) {
      found_.push_back(
          {.path = "/", .kind = DifferenceKind::modified, .type = FileType::directory});
    }
    pending_.push_back({.directory = root, .lowers = lowers, .path = "/"});
    while (!pending_.empty()) {
      const Pair pair = std::move(pending_.back());
      pending_.pop_back();
      if (pair.directory.directory->upper || pair.directory.directory->lowers != pair.lowers) {
        SEABAG_TRY(compare_present(pair));
        SEABAG_TRY(compare_removed(pair));
      }
    }
    std::ranges::sort(found_, {}, &Difference::path);
    return std::move(found_);
  }

 private:
  struct Pair {
    Parent directory;
    Lowers lowers;
    std::string path;
  };

  Result<bool> is_same_directory(NodeId id, const Lowers& lowers) {
    const Place now = SEABAG_TRY(overlay_.locate(id, "diff"));
    for (std::size_t lower = 0; lower < lowers.size(); ++lower) {
      if (lowers[lower]) {
        return is_same_node({*now.files, now.node}, {*overlay_.lowers_[lower], *lowers[lower]});
      }
    }
    return false;
  }

  Result<void> compare_present(const Pair& pair) {
    std::uint64_t cookie = 0;
    while (true) {
      const auto batch = SEABAG_TRY(overlay_.rows(pair.directory, cookie, kBatch));
      if (batch.empty()) {
        return {};
      }
      cookie = batch.back().cookie;
      for (const DirectoryEntry& row : batch) {
        SEABAG_TRY(compare_entry(pair, row));
      }
    }
  }

  Result<void> compare_entry(const Pair& pair, const DirectoryEntry& row) {
    const Directory before_in{.lowers = pair.lowers};
    const auto before = SEABAG_TRY(overlay_.lower_entry(before_in, row.name));
    const bool is_directory = row.type == FileType::directory;
    const std::string path = join_path(pair.path, row.name);
    Lowers below;
    if (!before) {
      found_.push_back({.path = path, .kind = DifferenceKind::added, .type = row.type});
    } else if (!SEABAG_TRY(is_same_entry(row, *before))) {
      found_.push_back({.path = path, .kind = DifferenceKind::modified, .type = row.type});
    }
    if (is_directory && before && before->attributes.type == FileType::directory) {
      below = SEABAG_TRY(overlay_.lower_directories(pair.lowers, row.name));
    }
    if (is_directory) {
      pending_.push_back({.directory = SEABAG_TRY(overlay_.directory_for(row.node, "diff")),
                          .lowers = std::move(below),
                          .path = path});
    }
    return {};
  }

  Result<bool> is_same_entry(const DirectoryEntry& row, const LowerEntry& before) {
    const Place now = SEABAG_TRY(overlay_.locate(row.node, "diff"));
    FileSystem& lower = *overlay_.lowers_[before.lower];
    if (now.files == &lower && now.node == before.attributes.node) {
      return true;
    }
    // Other names of the same file may be new: who commits has to know that they belong together.
    if (now.is_upper && row.type != FileType::directory &&
        SEABAG_TRY(now.files->attributes(now.node)).links > 1) {
      return false;
    }
    return is_same_node({*now.files, now.node}, {lower, before.attributes.node});
  }

  Result<void> compare_removed(const Pair& pair) {
    std::set<std::string> told;
    for (std::size_t lower = 0; lower < pair.lowers.size(); ++lower) {
      std::uint64_t cookie = 0;
      while (pair.lowers[lower]) {
        const auto batch =
            SEABAG_TRY(overlay_.lowers_[lower]->list(*pair.lowers[lower], cookie, kBatch));
        if (batch.empty()) {
          break;
        }
        cookie = batch.back().cookie;
        for (const DirectoryEntry& row : batch) {
          const bool is_there =
              SEABAG_TRY(overlay_.find_child(pair.directory, row.name)).has_value();
          if (!is_there && told.insert(row.name).second) {
            found_.push_back({.path = join_path(pair.path, row.name),
                              .kind = DifferenceKind::removed,
                              .type = row.type});
          }
        }
      }
    }
    return {};
  }

  OverlayFileSystem& overlay_;
  std::vector<Pair> pending_;
  std::vector<Difference> found_;
};

Result<std::vector<Difference>> OverlayFileSystem::diff() {
  const std::shared_lock lock(tree_);
  return DiffRun(*this).run();
}

Result<void> OverlayFileSystem::discard() {
  const std::lock_guard lock(tree_);
  while (true) {
    const auto entries = SEABAG_TRY(upper_->list(kRootNode, 0, kBatch));
    if (entries.empty()) {
      break;
    }
    for (const DirectoryEntry& entry : entries) {
      SEABAG_TRY(remove_tree(*upper_, kRootNode, entry.name));
    }
  }
  for (const std::string& name : SEABAG_TRY(upper_->xattrs(kRootNode))) {
    SEABAG_TRY(upper_->remove_xattr(kRootNode, name));
  }
  SEABAG_TRY(ledger_->apply({{.kind = OverlayChange::Kind::reset}}));
  linked_names_.reset();
  {
    const std::lock_guard table_lock(table_);
    orphans_.clear();
  }
  return prepare_root();
}

}  // namespace seabag::vfs
