#pragma once

#include "file_system.h"
#include "seabag/vfs/file.h"

namespace seabag::providers {

/// A node open for reading and writing; handed out as a `vfs::File` where reading is all.
class SqliteFile final : public vfs::WritableFile {
 public:
  /// The node has been counted as open; closing counts it down. `file_system` must outlive the
  /// file.
  SqliteFile(SqliteFileSystem& file_system, vfs::NodeId node)
      : file_system_(file_system), node_(node) {}
  ~SqliteFile() override { file_system_.close(node_); }
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> buffer,
                                            std::uint64_t offset) const override;
  [[nodiscard]] Result<vfs::Attributes> attributes() const override;
  [[nodiscard]] Result<std::uint64_t> find_extent(vfs::ExtentKind kind,
                                                  std::uint64_t offset) const override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> bytes,
                                             std::uint64_t offset) override;
  [[nodiscard]] Result<std::size_t> append(std::span<const std::byte> bytes) override;
  [[nodiscard]] Result<void> resize(std::uint64_t size) override;
  [[nodiscard]] Result<void> allocate(vfs::AllocateMode mode, std::uint64_t offset,
                                      std::uint64_t length) override;
  [[nodiscard]] Result<void> sync(vfs::SyncScope scope) override;

 private:
  /// Runs a change of the content, stores the inode and commits. `change` gets the inode and gives
  /// it its new size.
  template <typename Change>
  [[nodiscard]] Result<void> modify(Changing& turn, Inode inode, Change change);
  [[nodiscard]] Result<std::size_t> write_part(Changing& turn, const Inode& inode,
                                               std::span<const std::byte> bytes,
                                               std::uint64_t offset);
  [[nodiscard]] Result<void> check_range(vfs::AllocateMode mode, const Inode& inode,
                                         std::uint64_t offset, std::uint64_t length) const;

  SqliteFileSystem& file_system_;
  const vfs::NodeId node_;
};

}  // namespace seabag::providers
