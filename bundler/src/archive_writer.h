#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// What an archive can hold.
enum class ArchiveKind : std::uint8_t { tar, zip };

/// Writes an archive, entry after entry. One thread at a time, and the same thread for all calls.
class ArchiveWriter {
 public:
  /// The format is told by the suffix of `name`: EINVAL for one that is not known. Other errors
  /// name it. `descriptor` is borrowed.
  [[nodiscard]] static Result<ArchiveWriter> open(std::string_view name, int descriptor);
  ~ArchiveWriter();
  ArchiveWriter(ArchiveWriter&&) noexcept;
  ArchiveWriter& operator=(ArchiveWriter&&) noexcept;

  [[nodiscard]] ArchiveKind kind() const;

  /// Starts an entry; `path` is relative. `target` is that of a symlink. With `hard_link` the entry
  /// is a further name for that path and has no bytes.
  [[nodiscard]] Result<void> begin(const std::string& path, const vfs::Attributes& attributes,
                                   const std::string& target, const std::string& hard_link);
  /// Bytes of the entry; as many in all as its attributes say.
  [[nodiscard]] Result<void> write(std::span<const std::byte> bytes);

  /// Completes the archive.
  [[nodiscard]] Result<void> finish();

 private:
  struct State;
  explicit ArchiveWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seabag::bundler
