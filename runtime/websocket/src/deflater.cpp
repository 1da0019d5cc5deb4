#include "deflater.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace seabag::websocket {
namespace {

/// What every flush ends with, and what is left out (RFC 7692 §7.2.1).
constexpr std::size_t kTail = 4;
constexpr int kMemoryLevel = 8;

}  // namespace

struct Deflater::Stream {
  z_stream z{};
  bool is_ready = false;
};

Deflater::Deflater(int window_bits, int level, Takeover takeover)
    : stream_(std::make_unique<Stream>()), takeover_(takeover) {
  stream_->is_ready = deflateInit2(&stream_->z, level, Z_DEFLATED, -window_bits, kMemoryLevel,
                                   Z_DEFAULT_STRATEGY) == Z_OK;
}

Deflater::~Deflater() {
  if (stream_->is_ready) {
    deflateEnd(&stream_->z);
  }
}

bool Deflater::deflate(std::string_view message, std::string& out) {
  if (!stream_->is_ready) {
    return false;
  }
  z_stream& z = stream_->z;
  const std::size_t start = out.size();
  std::size_t end = start;
  // zlib takes pointers to what it does not write.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  std::size_t left = message.size();
  do {
    const std::size_t part = std::min<std::size_t>(left, std::numeric_limits<uInt>::max());
    z.avail_in = static_cast<uInt>(part);
    left -= part;
    do {
      constexpr std::size_t kStep = std::size_t{4} * 1024;
      out.resize(end + kStep);
      z.next_out = reinterpret_cast<Bytef*>(out.data() + end);
      z.avail_out = kStep;
      const int state = ::deflate(&z, left > 0 ? Z_NO_FLUSH : Z_SYNC_FLUSH);
      if (state != Z_OK && state != Z_BUF_ERROR) {
        return false;
      }
      end += kStep - z.avail_out;
    } while (z.avail_out == 0);
  } while (left > 0);
  out.resize(end >= start + kTail ? end - kTail : start);
  if (takeover_ == Takeover::none) {
    deflateReset(&z);
  }
  return true;
}

}  // namespace seabag::websocket
