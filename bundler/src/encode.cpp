#include <brotli/encode.h>
#include <libdeflate.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <map>
#include <vector>

#include "codec.h"

namespace seabag::bundler {
namespace {

struct DeflateDeleter {
  void operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
  }
};
struct ZstdDeleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

Error out_of_memory() { return make_error(std::errc::not_enough_memory, "compress"); }

std::uint8_t* raw(std::span<std::byte> bytes) {
  return static_cast<std::uint8_t*>(static_cast<void*>(bytes.data()));
}
const std::uint8_t* raw(std::span<const std::byte> bytes) {
  return static_cast<const std::uint8_t*>(static_cast<const void*>(bytes.data()));
}

std::optional<std::size_t> encode_brotli(const Recipe& recipe, std::span<const std::byte> input,
                                         std::span<std::byte> output) {
  std::size_t length = output.size();
  if (BrotliEncoderCompress(recipe.level, recipe.window_log, BROTLI_MODE_GENERIC, input.size(),
                            raw(input), &length, raw(output)) == BROTLI_FALSE) {
    return std::nullopt;
  }
  return length;
}

}  // namespace

struct Encoder::State {
  std::map<int, std::unique_ptr<libdeflate_compressor, DeflateDeleter>> deflate;  ///< by level
  std::unique_ptr<ZSTD_CCtx, ZstdDeleter> zstd{ZSTD_createCCtx()};
  std::vector<std::byte> probe;

  Result<std::optional<std::size_t>> encode_gzip(int level, std::span<const std::byte> input,
                                                 std::span<std::byte> output) {
    auto& compressor = deflate[level];
    if (!compressor) {
      compressor.reset(libdeflate_alloc_compressor(level));
    }
    if (!compressor) {
      return out_of_memory();
    }
    const std::size_t length = libdeflate_gzip_compress(compressor.get(), input.data(),
                                                        input.size(), output.data(), output.size());
    return length == 0 ? std::optional<std::size_t>() : std::optional(length);
  }

  Result<std::optional<std::size_t>> encode_zstd(int level, std::span<const std::byte> input,
                                                 std::span<std::byte> output) {
    if (!zstd) {
      return out_of_memory();
    }
    ZSTD_CCtx_reset(zstd.get(), ZSTD_reset_session_and_parameters);
    // No level up to 19 has a window above the 8 MiB that every decoder of the web supports.
    ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_compressionLevel, level);
    const std::size_t length =
        ZSTD_compress2(zstd.get(), output.data(), output.size(), input.data(), input.size());
    if (ZSTD_isError(length) == 0) {
      return std::optional(length);
    }
    if (ZSTD_getErrorCode(length) == ZSTD_error_dstSize_tooSmall) {
      return std::optional<std::size_t>();
    }
    return out_of_memory();
  }
};

Encoder::Encoder() : state_(std::make_unique<State>()) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

Result<std::optional<std::size_t>> Encoder::encode(const Recipe& recipe,
                                                   std::span<const std::byte> input,
                                                   std::span<std::byte> output) {
  switch (recipe.encoding) {
    case vfs::Encoding::br:
      return encode_brotli(recipe, input, output);
    case vfs::Encoding::zstd:
      return state_->encode_zstd(recipe.level, input, output);
    default:
      return state_->encode_gzip(recipe.level, input, output);
  }
}

bool Encoder::looks_compressed(std::span<const std::byte> sample) {
  state_->probe.resize(sample.size() - sample.size() / 50);  // saving less than 2 % is nothing
  const auto length = state_->encode_zstd(1, sample, state_->probe);
  return length && !*length;
}

}  // namespace seabag::bundler
