#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "codec.h"
#include "seabag/bundle/writer.h"

namespace seabag::bundler {

/// A stored blob, piece by piece.
class BlobReader final : public PieceReader {
 public:
  /// The writer is borrowed.
  BlobReader(const bundle::Writer& writer, const bundle::Blob& blob)
      : writer_(writer),
        blob_(blob),
        room_(std::make_unique_for_overwrite<std::byte[]>(piece_size())) {}

  Result<std::span<const std::byte>> next() override {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece_size(), blob_.length - done_));
    const std::span<std::byte> piece(room_.get(), size);
    SEABAG_TRY(writer_.read_blob(blob_, done_, piece));
    done_ += size;
    return std::span<const std::byte>(piece);
  }

 private:
  static constexpr std::uint64_t kPieceSize = 256U << 10U;
  [[nodiscard]] std::size_t piece_size() const {
    return static_cast<std::size_t>(std::min(kPieceSize, blob_.length));
  }

  const bundle::Writer& writer_;
  bundle::Blob blob_;
  std::unique_ptr<std::byte[]> room_;
  std::uint64_t done_ = 0;
};

}  // namespace seabag::bundler
