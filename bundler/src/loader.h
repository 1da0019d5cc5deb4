#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "batch.h"

namespace seabag::bundler {

/// Files up to this size are held in memory between reading and writing.
inline constexpr std::uint64_t kInlineFileSize = 256U << 10U;

/// Reads what a source has found: files are opened, read and hashed, symlinks are read. Immutable;
/// safe for concurrent use with different batches.
class Loader {
 public:
  /// `own_files` are left out wherever they turn up: the output and what it replaces.
  explicit Loader(std::vector<FileIdentity> own_files) : own_files_(std::move(own_files)) {}

  /// Loads the items of a batch in order and stops at the first failure, which it leaves in
  /// `batch.error`, with the items that were not loaded removed.
  void load(Batch& batch) const;

 private:
  [[nodiscard]] Result<void> load_item(Batch& batch, Item& item) const;
  [[nodiscard]] Result<void> load_file(Batch& batch, Item& item) const;

  std::vector<FileIdentity> own_files_;
};

/// Takes one piece of a file after the other.
class PieceSink {
 public:
  virtual ~PieceSink() = default;
  [[nodiscard]] virtual Result<void> bytes(std::span<const std::byte> piece) = 0;
  [[nodiscard]] virtual Result<void> hole(std::uint64_t length) = 0;
};

/// Reads `size` bytes of a file from its start to its end, holes as holes. Failure
/// changed_while_read when it ends early. Errors carry `path`.
[[nodiscard]] Result<void> read_pieces(int descriptor, const FileStatus& status,
                                       std::string_view path, PieceSink& sink);

/// Opens the file of an item that is not held in memory, and checks that it is still the file that
/// was hashed. The descriptor of a scratch file is borrowed from the batch.
struct OpenStream {
  Descriptor own;
  int descriptor = -1;
};
[[nodiscard]] Result<OpenStream> open_stream(const Batch& batch, const Item& item);

/// Failure changed_while_read unless the file still is as it was hashed.
[[nodiscard]] Result<void> check_unchanged(int descriptor, const FileStatus& expected,
                                           std::string_view path);

}  // namespace seabag::bundler
