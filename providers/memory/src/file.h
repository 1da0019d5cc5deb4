#pragma once

#include "file_system.h"
#include "node.h"
#include "seabag/vfs/file.h"

namespace seabag::providers {

/// A node open for reading and writing; handed out as a `vfs::File` where reading is all.
class MemoryFile final : public vfs::WritableFile {
 public:
  /// `node.opens` has been counted up; closing counts it down. Both must outlive the file, which
  /// the count sees to.
  MemoryFile(MemoryFileSystem& file_system, Node& node) : file_system_(file_system), node_(node) {}
  ~MemoryFile() override { file_system_.close(node_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

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
  /// `node_.mutex` is held.
  [[nodiscard]] Result<std::size_t> write_locked(std::span<const std::byte> bytes,
                                                 std::uint64_t offset, const char* operation);
  void touch_modified();

  MemoryFileSystem& file_system_;
  Node& node_;
};

}  // namespace seabag::providers
