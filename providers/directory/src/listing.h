#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// The names in a directory at one moment, in the order of their hashes.
///
/// The kernel's own offsets are no cookies: overlayfs and older tmpfs count positions, so that
/// removing what has been listed makes a later call skip survivors. A hash of the name stays where
/// it is.
class Listing {
 public:
  /// Reads the directory that `descriptor` (O_PATH will do) refers to. EACCES without permission.
  [[nodiscard]] static Result<std::shared_ptr<const Listing>> read(int descriptor,
                                                                   const char* operation);

  struct Row {
    std::uint64_t cookie = 0;  ///< ascending, at least 1, at most 2^62
    /// What the directory says of the entry, for one that cannot be looked at: a mount whose server
    /// is gone, or that is another user's.
    std::uint64_t inode = 0;
    vfs::FileType type = vfs::FileType::regular;
    std::uint16_t length = 0;
    std::size_t offset = 0;
  };
  /// The position of the first row that follows `cookie`.
  [[nodiscard]] std::size_t after(std::uint64_t cookie) const;
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] std::string_view name(const Row& row) const {
    return std::string_view(names_).substr(row.offset, row.length);
  }
  [[nodiscard]] std::size_t bytes() const { return names_.size() + rows_.size() * sizeof(Row); }

 private:
  void sort();

  std::string names_;
  std::vector<Row> rows_;
};

/// Listings that somebody is in the middle of, so that going on does not read everything again.
/// Only a cache: losing one costs time. Bounded in number and bytes. Safe for concurrent use.
class OpenListings {
 public:
  [[nodiscard]] std::shared_ptr<const Listing> find(vfs::NodeId directory);
  void keep(vfs::NodeId directory, std::shared_ptr<const Listing> listing);
  void drop(vfs::NodeId directory);

 private:
  struct Kept {
    vfs::NodeId directory;
    std::shared_ptr<const Listing> listing;
  };
  void erase(vfs::NodeId directory);

  std::mutex mutex_;
  std::list<Kept> kept_;  ///< the one used last in front
  std::size_t bytes_ = 0;
};

}  // namespace seabag::providers
