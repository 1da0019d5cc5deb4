#include <zstd.h>

#include <memory>

#include "seabag/coding/coding.h"

namespace seabag::coding {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30U;
/// 8 MiB, the most that a client has to accept.
constexpr int kWindowLog = 23;

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

Result<std::string> make_zstd(std::span<const std::byte> bytes, int level) {
  if (bytes.size() > kMostBytes) {
    return make_error(std::errc::file_too_large, "compress");
  }
  const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  if (context == nullptr) {
    return make_error(std::errc::not_enough_memory, "compress");
  }
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  if (bytes.size() > (std::size_t{1} << kWindowLog)) {
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, kWindowLog);
  }
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) {
    return make_error(std::errc::not_enough_memory, "compress");
  }
  out.resize(size);
  return out;
}

}  // namespace seabag::coding
