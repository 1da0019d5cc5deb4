#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seabag/vfs/overlay_records.h"

namespace seabag::vfs {

/// `directory/name`.
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);

/// What an overlay's records say, in memory. Many readers or one writer at a time.
class OverlayLedger {
 public:
  /// What the lowers have to do with a directory of the upper that says so itself.
  struct Mark {
    /// Absent: opaque.
    std::optional<std::string> redirect;
  };

  /// Null: nothing is written down.
  [[nodiscard]] static Result<std::unique_ptr<OverlayLedger>> open(
      std::shared_ptr<OverlayRecords> records);

  /// Writes changes to the records and then knows of them.
  [[nodiscard]] Result<void> apply(const std::vector<OverlayChange>& changes);

  /// Whether there is a whiteout at `directory/name`.
  [[nodiscard]] bool is_hidden(const std::string& directory, std::string_view name) const;
  /// All names with a whiteout in a directory.
  [[nodiscard]] std::vector<std::string> hidden_in(const std::string& directory) const;

  /// Null: what the lowers have at the same path shows.
  [[nodiscard]] const Mark* mark(NodeId upper) const;

  /// The lower node that a node of the upper was copied from, and back. Known also after `forget`,
  /// because the copy may still be open.
  [[nodiscard]] std::optional<std::uint64_t> origin(NodeId upper) const;
  [[nodiscard]] std::optional<NodeId> copy_of(std::uint64_t base) const;

 private:
  using Names = std::set<std::string, std::less<>>;

  explicit OverlayLedger(std::shared_ptr<OverlayRecords> records) : records_(std::move(records)) {}
  void remember(const OverlayChange& change);
  void show(const std::string& path);

  std::shared_ptr<OverlayRecords> records_;        ///< may be null
  std::unordered_map<std::string, Names> hidden_;  ///< by directory
  std::unordered_map<NodeId, Mark> marks_;
  std::unordered_map<NodeId, std::uint64_t> origins_;
  std::unordered_map<std::uint64_t, NodeId> copies_;
};

}  // namespace seabag::vfs
