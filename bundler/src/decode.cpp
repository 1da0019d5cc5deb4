#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <vector>

#include "codec.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kOutputSize = 256U << 10U;

Error malformed(const char* what) {
  return make_error(std::errc::illegal_byte_sequence, "decode", {}, what);
}
Error out_of_memory() { return make_error(std::errc::not_enough_memory, "decode"); }

class GzipDecoder {
 public:
  GzipDecoder() {
    constexpr int kGzipFormat = 16;
    is_ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipFormat) == Z_OK;
  }
  ~GzipDecoder() { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  [[nodiscard]] bool is_ready() const { return is_ready_; }

  Result<void> run(PieceReader& input, CodecSink& output) {
    std::vector<std::byte> buffer(kOutputSize);
    for (;;) {
      const auto piece = SEABAG_TRY(input.next());
      if (piece.empty()) {
        return is_ended_ ? Result<void>() : malformed("the gzip data ends early");
      }
      if (is_ended_) {
        return malformed("bytes follow the gzip data");
      }
      SEABAG_TRY(take(piece, buffer, output));
    }
  }

 private:
  Result<void> take(std::span<const std::byte> piece, std::vector<std::byte>& buffer,
                    CodecSink& output) {
    // zlib does not write through this pointer.
    stream_.next_in =
        static_cast<Bytef*>(const_cast<void*>(static_cast<const void*>(piece.data())));
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      stream_.next_out = static_cast<Bytef*>(static_cast<void*>(buffer.data()));
      stream_.avail_out = static_cast<uInt>(buffer.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return malformed("not gzip data, or damaged");
      }
      SEABAG_TRY(output.write(std::span(buffer).first(buffer.size() - stream_.avail_out)));
      is_ended_ = status == Z_STREAM_END;
    } while (!is_ended_ && stream_.avail_out == 0);
    return is_ended_ && stream_.avail_in > 0 ? malformed("bytes follow the gzip data")
                                             : Result<void>();
  }

  z_stream stream_{};
  bool is_ready_ = false;
  bool is_ended_ = false;
};

Result<void> decode_gzip(PieceReader& input, CodecSink& output) {
  GzipDecoder decoder;
  return decoder.is_ready() ? decoder.run(input, output) : out_of_memory();
}

struct BrotliDeleter {
  void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

Result<void> decode_brotli(PieceReader& input, CodecSink& output) {
  const std::unique_ptr<BrotliDecoderState, BrotliDeleter> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
  if (!state) {
    return out_of_memory();
  }
  for (;;) {
    const auto piece = SEABAG_TRY(input.next());
    if (piece.empty()) {
      return BrotliDecoderIsFinished(state.get()) == BROTLI_TRUE
                 ? Result<void>()
                 : malformed("the brotli data ends early");
    }
    std::size_t available_in = piece.size();
    const auto* next_in = static_cast<const std::uint8_t*>(static_cast<const void*>(piece.data()));
    BrotliDecoderResult status = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (status == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
      std::size_t no_room = 0;
      status = BrotliDecoderDecompressStream(state.get(), &available_in, &next_in, &no_room,
                                             nullptr, nullptr);
      std::size_t size = 0;
      const std::uint8_t* bytes = BrotliDecoderTakeOutput(state.get(), &size);
      SEABAG_TRY(output.write(std::as_bytes(std::span(bytes, size))));
    }
    if (status == BROTLI_DECODER_RESULT_ERROR) {
      return malformed("not brotli data, or damaged");
    }
    if (available_in > 0) {
      return malformed("bytes follow the brotli data");
    }
  }
}

struct ZstdDeleter {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Result<void> decode_zstd(PieceReader& input, CodecSink& output) {
  constexpr int kLargestWindow = 23;  // RFC 9659
  const std::unique_ptr<ZSTD_DCtx, ZstdDeleter> context(ZSTD_createDCtx());
  if (!context) {
    return out_of_memory();
  }
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kLargestWindow);
  std::vector<std::byte> buffer(kOutputSize);
  std::size_t left = 1;  // 0 between frames
  for (;;) {
    const auto piece = SEABAG_TRY(input.next());
    if (piece.empty()) {
      return left == 0 ? Result<void>() : malformed("the zstd data ends early");
    }
    ZSTD_inBuffer in{.src = piece.data(), .size = piece.size(), .pos = 0};
    bool is_full = false;
    while (in.pos < in.size || is_full) {
      ZSTD_outBuffer out{.dst = buffer.data(), .size = buffer.size(), .pos = 0};
      left = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(left) != 0) {
        return malformed("not zstd data, damaged, or with a window above 8 MiB");
      }
      SEABAG_TRY(output.write(std::span(buffer).first(out.pos)));
      is_full = out.pos == out.size && left != 0;
    }
  }
}

}  // namespace

Result<void> decode(vfs::Encoding encoding, PieceReader& input, CodecSink& output) {
  switch (encoding) {
    case vfs::Encoding::gzip:
      return decode_gzip(input, output);
    case vfs::Encoding::br:
      return decode_brotli(input, output);
    case vfs::Encoding::zstd:
      return decode_zstd(input, output);
    case vfs::Encoding::identity:
      break;
  }
  for (;;) {
    const auto piece = SEABAG_TRY(input.next());
    if (piece.empty()) {
      return {};
    }
    SEABAG_TRY(output.write(piece));
  }
}

}  // namespace seabag::bundler
