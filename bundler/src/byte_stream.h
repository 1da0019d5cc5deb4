#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// The bytes of a file without the compression around them, from the start to the end. Every
/// checksum that the compression has is compared. One thread at a time.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// The next bytes, valid until the next call; empty at the end.
  [[nodiscard]] virtual Result<std::span<const std::byte>> next() = 0;
};

/// Opens the stream of a compressed file (gzip, bzip2, xz, lzma, lzip, zstd, lz4, compress); null
/// when the file is not compressed. The descriptor is borrowed; its position changes. Failure
/// archive_damaged.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_compressed(int descriptor);

}  // namespace seabag::bundler
