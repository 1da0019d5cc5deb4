#pragma once

#include <atomic>
#include <memory>

#include "overlay_file_system.h"
#include "seabag/vfs/file.h"

namespace seabag::vfs {

/// A file of a lower, open for reading: goes on in the upper when it is copied up. Safe for
/// concurrent use.
class OverlayReader final : public File {
 public:
  OverlayReader(OverlayFileSystem& overlay, NodeId id, std::unique_ptr<File> file);
  ~OverlayReader() override;
  OverlayReader(const OverlayReader&) = delete;
  OverlayReader& operator=(const OverlayReader&) = delete;

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override;
  Result<Attributes> attributes() const override;
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override;

  [[nodiscard]] NodeId id() const { return id_; }
  /// Once: from now on it is this file. Reads under way end where they were.
  void switch_to(std::unique_ptr<File> file);

 private:
  OverlayFileSystem& overlay_;  ///< outlives its files
  const NodeId id_;
  std::unique_ptr<File> lower_;
  std::unique_ptr<File> upper_;
  std::atomic<const File*> current_;  ///< one of the two
};

/// A file of the upper, under the overlay's number for it. Safe for concurrent use.
class OverlayUpperFile final : public File {
 public:
  OverlayUpperFile(OverlayFileSystem& overlay, NodeId id, std::unique_ptr<File> file)
      : overlay_(overlay), id_(id), file_(std::move(file)) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override;
  Result<Attributes> attributes() const override;
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override;

 private:
  OverlayFileSystem& overlay_;  ///< outlives its files
  const NodeId id_;
  std::unique_ptr<File> file_;
};

/// The same for writing.
class OverlayWriter final : public WritableFile {
 public:
  OverlayWriter(OverlayFileSystem& overlay, NodeId id, std::unique_ptr<WritableFile> file)
      : overlay_(overlay), id_(id), file_(std::move(file)) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override;
  Result<Attributes> attributes() const override;
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override;
  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override;
  Result<std::size_t> append(std::span<const std::byte> bytes) override;
  Result<void> resize(std::uint64_t size) override;
  Result<void> allocate(AllocateMode mode, std::uint64_t offset, std::uint64_t length) override;
  Result<void> sync(SyncScope scope) override;

 private:
  OverlayFileSystem& overlay_;  ///< outlives its files
  const NodeId id_;
  std::unique_ptr<WritableFile> file_;
};

}  // namespace seabag::vfs
