#include "seabag/coding/dictionary.h"

#include <sodium.h>
#include <zstd.h>

#include <memory>

namespace seabag::coding {
namespace {

/// A skippable frame of 32 bytes, which hold the hash of the dictionary.
constexpr unsigned char kMark[] = {0x5e, 0x2a, 0x4d, 0x18, 0x20, 0x00, 0x00, 0x00};
/// kMostWithDictionary
constexpr int kWindowLog = 23;

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

Sha256 sha256(std::span<const std::byte> bytes) {
  Sha256 hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  return hash;
}

std::string structured_text(const Sha256& hash) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_ENCODED_LEN(hash.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), hash.data(), hash.size(), kVariant);
  text.pop_back();  // its NUL
  return ":" + text + ":";
}

Result<std::string> make_dcz(std::span<const std::byte> bytes,
                             std::span<const std::byte> dictionary, int level) {
  if (bytes.size() > kMostWithDictionary ||
      dictionary.size() > kMostWithDictionary - bytes.size()) {
    return make_error(std::errc::file_too_large, "compress");
  }
  const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  if (context == nullptr) {
    return make_error(std::errc::not_enough_memory, "compress");
  }
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, kWindowLog);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_refPrefix(context.get(), dictionary.data(), dictionary.size());
  const Sha256 hash = sha256(dictionary);
  std::string out(reinterpret_cast<const char*>(kMark), sizeof kMark);
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress2(context.get(), out.data() + start, out.size() - start,
                                          bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) {
    return make_error(std::errc::not_enough_memory, "compress");
  }
  out.resize(start + size);
  return out;
}

}  // namespace seabag::coding
