#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "seabag/vfs/node.h"

namespace seabag::testing {

/// One entry of an archive that a test makes, honest or not.
struct MadeEntry {
  std::string path;
  vfs::FileType type = vfs::FileType::regular;
  std::string content = {};
  std::string target = {};     ///< symlinks
  std::string hard_link = {};  ///< a further name for this path
  std::uint32_t mode = 0644;
  vfs::Timestamp modified{.seconds = 1'000'000'000};
  /// Offsets and lengths of what is no hole; nothing: no holes. Only pax tells them.
  std::vector<std::pair<std::int64_t, std::int64_t>> runs = {};
};

/// The bytes of an archive. `format` and `filter` are libarchive's names ("ustar", "pax", "gnutar",
/// "zip", "7zip", "newc", "iso9660"; "none", "gzip", "xz", ...), `option` is one of its options.
[[nodiscard]] std::string make_archive(const std::string& format, const std::string& filter,
                                       const std::vector<MadeEntry>& entries,
                                       const std::string& option = {});

/// What is in an archive, in its order.
[[nodiscard]] std::vector<MadeEntry> read_archive(const std::string& path);

}  // namespace seabag::testing
