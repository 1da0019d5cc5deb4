#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <vector>

#include "codec.h"

namespace seabag::bundler {
namespace {

constexpr std::size_t kOutputSize = 256U << 10U;

Error out_of_memory() { return make_error(std::errc::not_enough_memory, "compress"); }

std::span<const std::byte> first_of(const std::vector<std::byte>& buffer, std::size_t size) {
  return std::span(buffer).first(size);
}

/// zlib counts in 32 bits; pieces are far smaller.
class GzipStream {
 public:
  explicit GzipStream(int level) {
    constexpr int kGzipFormat = 16;
    constexpr int kMostMemory = 9;
    is_ready_ = deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + kGzipFormat, kMostMemory,
                             Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipStream() { deflateEnd(&stream_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  [[nodiscard]] bool is_ready() const { return is_ready_; }

  Result<void> run(PieceReader& input, CodecSink& output) {
    std::vector<std::byte> buffer(kOutputSize);
    int flush = Z_NO_FLUSH;
    while (flush == Z_NO_FLUSH) {
      const auto piece = SEABAG_TRY(input.next());
      flush = piece.empty() ? Z_FINISH : Z_NO_FLUSH;
      // zlib does not write through this pointer.
      stream_.next_in =
          static_cast<Bytef*>(const_cast<void*>(static_cast<const void*>(piece.data())));
      stream_.avail_in = static_cast<uInt>(piece.size());
      do {
        stream_.next_out = static_cast<Bytef*>(static_cast<void*>(buffer.data()));
        stream_.avail_out = static_cast<uInt>(buffer.size());
        deflate(&stream_, flush);
        SEABAG_TRY(output.write(first_of(buffer, buffer.size() - stream_.avail_out)));
      } while (stream_.avail_out == 0);
    }
    return {};
  }

 private:
  z_stream stream_{};
  bool is_ready_ = false;
};

Result<void> encode_gzip(const Recipe& recipe, PieceReader& input, CodecSink& output) {
  GzipStream stream(recipe.level);
  return stream.is_ready() ? stream.run(input, output) : out_of_memory();
}

struct BrotliDeleter {
  void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
};

Result<void> encode_brotli(const Recipe& recipe, std::uint64_t length, PieceReader& input,
                           CodecSink& output) {
  const std::unique_ptr<BrotliEncoderState, BrotliDeleter> state(
      BrotliEncoderCreateInstance(nullptr, nullptr, nullptr));
  if (!state) {
    return out_of_memory();
  }
  constexpr std::uint64_t kLargestHint = 1ULL << 30;
  BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_QUALITY,
                            static_cast<std::uint32_t>(recipe.level));
  BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_LGWIN,
                            static_cast<std::uint32_t>(recipe.window_log));
  BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_SIZE_HINT,
                            static_cast<std::uint32_t>(std::min(length, kLargestHint)));
  while (BrotliEncoderIsFinished(state.get()) == BROTLI_FALSE) {
    const auto piece = SEABAG_TRY(input.next());
    const auto operation = piece.empty() ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;
    std::size_t available_in = piece.size();
    const auto* next_in = static_cast<const std::uint8_t*>(static_cast<const void*>(piece.data()));
    do {
      std::size_t no_room = 0;
      if (BrotliEncoderCompressStream(state.get(), operation, &available_in, &next_in, &no_room,
                                      nullptr, nullptr) == BROTLI_FALSE) {
        return out_of_memory();
      }
      std::size_t size = 0;
      const std::uint8_t* bytes = BrotliEncoderTakeOutput(state.get(), &size);
      SEABAG_TRY(output.write(std::as_bytes(std::span(bytes, size))));
    } while (available_in > 0 || BrotliEncoderHasMoreOutput(state.get()) == BROTLI_TRUE);
  }
  return {};
}

struct ZstdDeleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

Result<void> encode_zstd(const Recipe& recipe, std::uint64_t length, PieceReader& input,
                         CodecSink& output) {
  const std::unique_ptr<ZSTD_CCtx, ZstdDeleter> context(ZSTD_createCCtx());
  if (!context) {
    return out_of_memory();
  }
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, recipe.level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, recipe.window_log);
  ZSTD_CCtx_setPledgedSrcSize(context.get(), length);
  std::vector<std::byte> buffer(kOutputSize);
  for (bool is_last = false; !is_last;) {
    const auto piece = SEABAG_TRY(input.next());
    is_last = piece.empty();
    ZSTD_inBuffer in{.src = piece.data(), .size = piece.size(), .pos = 0};
    for (bool is_done = false; !is_done;) {
      ZSTD_outBuffer out{.dst = buffer.data(), .size = buffer.size(), .pos = 0};
      const std::size_t left =
          ZSTD_compressStream2(context.get(), &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) {
        return out_of_memory();
      }
      SEABAG_TRY(output.write(first_of(buffer, out.pos)));
      is_done = is_last ? left == 0 : in.pos == in.size;
    }
  }
  return {};
}

}  // namespace

Result<void> encode_stream(const Recipe& recipe, std::uint64_t length, PieceReader& input,
                           CodecSink& output) {
  switch (recipe.encoding) {
    case vfs::Encoding::br:
      return encode_brotli(recipe, length, input, output);
    case vfs::Encoding::zstd:
      return encode_zstd(recipe, length, input, output);
    default:
      return encode_gzip(recipe, input, output);
  }
}

}  // namespace seabag::bundler
