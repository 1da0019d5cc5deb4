#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "recipe.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/result.h"

namespace seabag::bundler {

/// Bytes that are read piece by piece, from the start to the end. One thread at a time.
class PieceReader {
 public:
  virtual ~PieceReader() = default;
  /// The next piece, valid until the next call; empty at the end.
  [[nodiscard]] virtual Result<std::span<const std::byte>> next() = 0;
};

/// Takes what a codec makes.
class CodecSink {
 public:
  virtual ~CodecSink() = default;
  [[nodiscard]] virtual Result<void> write(std::span<const std::byte> bytes) = 0;
};

/// What encoders need beside their input, kept from one content to the next because setting it up
/// costs more than a small content. One thread at a time.
class Encoder {
 public:
  Encoder();
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  /// Encodes into `output` and answers the number of bytes; nothing when they do not fit. ENOMEM.
  [[nodiscard]] Result<std::optional<std::size_t>> encode(const Recipe& recipe,
                                                          std::span<const std::byte> input,
                                                          std::span<std::byte> output);

  /// Whether a fast look at the bytes says that compression will not help.
  [[nodiscard]] bool looks_compressed(std::span<const std::byte> sample);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Encodes `length` bytes that come piece by piece. Memory does not depend on `length`. Errors:
/// those of `input` and `output`, ENOMEM.
[[nodiscard]] Result<void> encode_stream(const Recipe& recipe, std::uint64_t length,
                                         PieceReader& input, CodecSink& output);

/// Decodes one gzip member, one brotli stream or any number of zstd frames with a window of at most
/// 8 MiB: what every browser decodes. EILSEQ when the bytes are anything else, end early or go on.
/// Other errors: those of `input` and `output`, ENOMEM.
[[nodiscard]] Result<void> decode(vfs::Encoding encoding, PieceReader& input, CodecSink& output);

}  // namespace seabag::bundler
