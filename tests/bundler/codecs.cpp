#include "codecs.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <libdeflate.h>
#include <zstd.h>

#include <memory>

#include "support/catch.h"

namespace seabag::testing {
namespace {

const std::uint8_t* raw(std::string_view text) {
  return static_cast<const std::uint8_t*>(static_cast<const void*>(text.data()));
}
std::uint8_t* raw(std::string& text) {
  return static_cast<std::uint8_t*>(static_cast<void*>(text.data()));
}

}  // namespace

std::string compress(vfs::Encoding encoding, std::string_view text) {
  std::string out(text.size() * 2 + 1000, '\0');
  std::size_t size = out.size();
  switch (encoding) {
    case vfs::Encoding::gzip: {
      const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)>
          compressor(libdeflate_alloc_compressor(1), &libdeflate_free_compressor);
      size = libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), out.data(),
                                      out.size());
      break;
    }
    case vfs::Encoding::br:
      REQUIRE(BrotliEncoderCompress(2, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, text.size(),
                                    raw(text), &size, raw(out)) == BROTLI_TRUE);
      break;
    case vfs::Encoding::zstd:
      size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1);
      REQUIRE(ZSTD_isError(size) == 0);
      break;
    case vfs::Encoding::identity:
      return std::string(text);
  }
  out.resize(size);
  return out;
}

std::string compress_with_large_window(std::string_view text) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, 27);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer in{.src = text.data(), .size = text.size(), .pos = 0};
  ZSTD_outBuffer to{.dst = out.data(), .size = out.size(), .pos = 0};
  // In two steps, so that the size is not known when the frame begins.
  in.size /= 2;
  REQUIRE(ZSTD_isError(ZSTD_compressStream2(context.get(), &to, &in, ZSTD_e_flush)) == 0);
  in.size = text.size();
  REQUIRE(ZSTD_compressStream2(context.get(), &to, &in, ZSTD_e_end) == 0);
  out.resize(to.pos);
  return out;
}

std::string decompress(vfs::Encoding encoding, std::string_view bytes, std::size_t size) {
  std::string out(size, '\0');
  std::size_t length = size;
  switch (encoding) {
    case vfs::Encoding::gzip: {
      const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>
          decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
      REQUIRE(libdeflate_gzip_decompress(decompressor.get(), bytes.data(), bytes.size(), out.data(),
                                         out.size(), &length) == LIBDEFLATE_SUCCESS);
      break;
    }
    case vfs::Encoding::br:
      REQUIRE(BrotliDecoderDecompress(bytes.size(), raw(bytes), &length, raw(out)) ==
              BROTLI_DECODER_RESULT_SUCCESS);
      break;
    case vfs::Encoding::zstd:
      length = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
      REQUIRE(ZSTD_isError(length) == 0);
      break;
    case vfs::Encoding::identity:
      return std::string(bytes);
  }
  CHECK(length == size);
  return out;
}

}  // namespace seabag::testing
