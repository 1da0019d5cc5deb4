#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/file_system.h"

namespace seabag::vfs {

class FreezeGate;

/// A writable file system that can be made read-only for good, while it is in use.
///
/// Until `freeze` everything goes through. From then on every mutation is EROFS at the moment it
/// is tried, also through files that were opened for writing before; EROFS does not hide what a
/// lookup finds out (ENOENT, EEXIST, ENOTDIR, ESTALE). Whoever still holds the inner file system
/// can change it. Keeps the inner file system alive. Safe for concurrent use.
class ReadOnlyFileSystem final : public WritableFileSystem {
 public:
  /// `inner` must not be null.
  explicit ReadOnlyFileSystem(std::shared_ptr<WritableFileSystem> inner);
  ~ReadOnlyFileSystem() override;
  ReadOnlyFileSystem(const ReadOnlyFileSystem&) = delete;
  ReadOnlyFileSystem& operator=(const ReadOnlyFileSystem&) = delete;

  /// Makes it read-only; there is no way back. Waits for mutations under way: when it returns,
  /// nothing changes through this object any more. Again: no effect. Not to be called from within
  /// the inner file system.
  void freeze();
  [[nodiscard]] bool is_frozen() const;

  [[nodiscard]] const Capabilities& capabilities() const override;
  Result<Attributes> lookup(NodeId parent, std::string_view name) override;
  Result<Attributes> attributes(NodeId node) override;
  Result<std::unique_ptr<File>> open(NodeId node) override;
  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override;
  Result<std::string> read_link(NodeId node) override;
  Result<std::string> xattr(NodeId node, std::string_view name) override;
  Result<std::vector<std::string>> xattrs(NodeId node) override;
  Result<Statistics> statistics() override;
  PathAccess* path_access() override;

  Result<Attributes> create(NodeId parent, std::string_view name, const NewNode& what) override;
  Result<std::unique_ptr<WritableFile>> create_unnamed(NodeId directory,
                                                       const NewNode& what) override;
  Result<std::unique_ptr<WritableFile>> open_writable(NodeId node) override;
  Result<Attributes> link(NodeId node, NodeId parent, std::string_view name) override;
  Result<void> remove(NodeId parent, std::string_view name, RemoveKind kind) override;
  Result<void> rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name,
                      RenameMode mode) override;
  Result<Attributes> set_attributes(NodeId node, const AttributeChanges& changes) override;
  Result<void> set_xattr(NodeId node, std::string_view name, std::string_view value,
                         XattrMode mode) override;
  Result<void> remove_xattr(NodeId node, std::string_view name) override;
  Result<void> sync() override;

 private:
  std::shared_ptr<WritableFileSystem> inner_;
  std::unique_ptr<FreezeGate> gate_;
};

}  // namespace seabag::vfs
