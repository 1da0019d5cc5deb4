#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "descriptor.h"
#include "node_table.h"
#include "seabag/vfs/file.h"
#include "tree.h"

namespace seabag::providers {

/// An open regular file of a tree; it is known to the table as long as it is open.
class DirectoryFile final : public vfs::WritableFile {
 public:
  /// `tree` must outlive the file.
  DirectoryFile(Tree& tree, vfs::NodeId node, Descriptor descriptor, NodeTable::Opened mode);
  DirectoryFile(const DirectoryFile&) = delete;
  DirectoryFile& operator=(const DirectoryFile&) = delete;
  ~DirectoryFile() override;

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
  [[nodiscard]] Result<void> zero_range(std::uint64_t offset, std::uint64_t length);
  [[nodiscard]] Result<std::size_t> append_slowly(std::span<const std::byte> bytes);

  Tree& tree_;
  const Descriptor descriptor_;
  OpenFiles::Link link_;
};

}  // namespace seabag::providers
