#include "decode.h"

#include <brotli/decode.h>
#include <libdeflate.h>
#include <zstd.h>

#include <cstdint>
#include <memory>

namespace seabag::site_check {

namespace {

Error damaged(std::string_view coding) {
  return make_error(std::errc::illegal_byte_sequence, "decode", coding);
}

bool decode_gzip(std::string_view bytes, std::string& out) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> decompressor(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  return libdeflate_gzip_decompress(decompressor.get(), bytes.data(), bytes.size(), out.data(),
                                    out.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

bool decode_brotli(std::string_view bytes, std::string& out) {
  std::size_t size = out.size();
  return BrotliDecoderDecompress(bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                 &size, reinterpret_cast<std::uint8_t*>(out.data())) ==
             BROTLI_DECODER_RESULT_SUCCESS &&
         size == out.size();
}

bool decode_zstd(std::string_view bytes, std::string& out) {
  return ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) == out.size();
}

}  // namespace

Result<std::string> decode(std::string_view coding, std::string_view bytes,
                           std::size_t expected_size) {
  if (coding.empty()) {
    return std::string(bytes);
  }
  std::string out(expected_size, '\0');
  const bool is_fine = coding == "gzip"   ? decode_gzip(bytes, out)
                       : coding == "br"   ? decode_brotli(bytes, out)
                       : coding == "zstd" ? decode_zstd(bytes, out)
                                          : false;
  if (!is_fine) {
    return damaged(coding);
  }
  return out;
}

}  // namespace seabag::site_check
