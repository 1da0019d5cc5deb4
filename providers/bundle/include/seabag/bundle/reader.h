#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/bundle/format.h"
#include "seabag/bundle/tables.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/file_system.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// What `seabag info` tells; read from the superblock alone.
struct BundleInfo {
  std::uint32_t version = kFormatVersion;
  std::uint32_t compat_features = 0;
  std::uint32_t incompat_features = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t metadata_bytes = 0;  ///< tables without names, config and header text
  std::uint64_t name_bytes = 0;
  std::int64_t created = 0;  ///< seconds since 1970, 0: not recorded
  std::string producer;
  RootHash root_hash{};
  std::uint32_t contents = 0;  ///< distinct file contents
  Totals totals;
};

/// A read-only file system and asset source in the bytes of a bundle, used as they are: opening
/// reads one page whatever the number of files, and nothing is copied or cached.
///
/// Every offset is checked when it is used, so a damaged or hostile bundle leads to EIO and never
/// to a crash, a hang or a read outside. Safe for concurrent use; answers live as long as the
/// Bundle.
class Bundle final : public vfs::FileSystem, public vfs::AssetSource {
 public:
  /// Opens a payload in memory, which the caller keeps until the Bundle is gone. Without a
  /// descriptor for sendfile(2). Errors of the bundle category.
  [[nodiscard]] static Result<std::unique_ptr<Bundle>> open_bytes(
      std::span<const std::byte> payload);

  /// Maps a packed executable or a bare bundle file. The file must not be truncated while it is
  /// open (SIGBUS, as with every map); renaming, deleting and replacing it are fine. Errors: those
  /// of open(2) with `path`, and the bundle category.
  [[nodiscard]] static Result<std::unique_ptr<Bundle>> open_executable(const std::string& path);

  /// The bundle inside the running executable, mapped by the kernel when it was started; needs
  /// neither /proc nor the right to read the file. Where the file can be opened, assets come with a
  /// descriptor for sendfile(2), numbered 3 or higher. Errors: no_bundle when nothing was packed
  /// into this executable or it has no slot (see cmake/seabag_slot.cmake), and the bundle category.
  [[nodiscard]] static Result<std::unique_ptr<Bundle>> open_self();

  ~Bundle() override;
  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;

  /// The bytes of `seabag.toml`; empty when there is none.
  [[nodiscard]] std::string_view config() const;
  [[nodiscard]] BundleInfo info() const;
  /// The tables themselves, for verification and tools that list contents.
  [[nodiscard]] const Tables& tables() const { return tables_; }

  /// A regular file's content without copying; errors as `open`.
  [[nodiscard]] Result<std::span<const std::byte>> bytes(vfs::NodeId node) const;

  // vfs::AssetSource
  [[nodiscard]] Result<vfs::Asset> find(std::string_view path) const override;

  // vfs::FileSystem
  [[nodiscard]] const vfs::Capabilities& capabilities() const override;
  [[nodiscard]] Result<vfs::Attributes> lookup(vfs::NodeId parent, std::string_view name) override;
  [[nodiscard]] Result<vfs::Attributes> attributes(vfs::NodeId node) override;
  [[nodiscard]] Result<std::unique_ptr<vfs::File>> open(vfs::NodeId node) override;
  [[nodiscard]] Result<std::vector<vfs::DirectoryEntry>> list(vfs::NodeId directory,
                                                              std::uint64_t cookie,
                                                              std::size_t limit) override;
  [[nodiscard]] Result<std::string> read_link(vfs::NodeId node) override;
  [[nodiscard]] Result<std::string> xattr(vfs::NodeId node, std::string_view name) override;
  [[nodiscard]] Result<std::vector<std::string>> xattrs(vfs::NodeId node) override;
  [[nodiscard]] Result<vfs::Statistics> statistics() override;

  struct Backing;  ///< private: what keeps the bytes in memory

 private:
  Bundle(const Tables& tables, std::unique_ptr<const Backing> backing);
  [[nodiscard]] static Result<std::unique_ptr<Bundle>> make(std::span<const std::byte> payload,
                                                            std::unique_ptr<const Backing> backing);

  [[nodiscard]] bool fill_content(vfs::Asset& asset, const Entry& entry) const;
  [[nodiscard]] bool fill_form(vfs::Representation& form, const Extent& extent) const;

  Tables tables_;
  std::unique_ptr<const Backing> backing_;  ///< null when the bytes are borrowed
  int descriptor_ = -1;                     ///< owned by backing_
  std::uint64_t payload_offset_ = 0;        ///< of the payload in the descriptor's file
};

}  // namespace seabag::bundle
