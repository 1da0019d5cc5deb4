#include <zlib.h>

#include "seabag/coding/coding.h"

namespace seabag::coding {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30U;
/// 15 is the largest window, and 16 more ask for gzip's header instead of zlib's.
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;

class Deflater {
 public:
  Deflater() = default;
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  z_stream& operator*() { return stream_; }
  z_stream* operator->() { return &stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

Result<std::string> make_gzip(std::span<const std::byte> bytes, int level) {
  if (bytes.size() > kMostBytes) {
    return make_error(std::errc::file_too_large, "compress");
  }
  Deflater stream;
  if (deflateInit2(&*stream, level, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return make_error(std::errc::not_enough_memory, "compress");
  }
  std::string out(deflateBound(&*stream, static_cast<uLong>(bytes.size())), '\0');
  stream->next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream->avail_in = static_cast<uInt>(bytes.size());
  stream->next_out = reinterpret_cast<Bytef*>(out.data());
  stream->avail_out = static_cast<uInt>(out.size());
  if (deflate(&*stream, Z_FINISH) != Z_STREAM_END) {
    return make_error(std::errc::not_enough_memory, "compress");
  }
  out.resize(stream->total_out);
  return out;
}

}  // namespace seabag::coding
