#include "inflater.h"

#include <zlib.h>

#include <limits>

namespace seabag::websocket {

struct Inflater::Stream {
  z_stream z{};
  bool is_ready = false;
};

Inflater::Inflater(int window_bits) : stream_(std::make_unique<Stream>()) {
  stream_->is_ready = inflateInit2(&stream_->z, -window_bits) == Z_OK;
}

Inflater::~Inflater() {
  if (stream_->is_ready) {
    inflateEnd(&stream_->z);
  }
}

Inflater::Outcome Inflater::inflate(std::string_view input, std::span<char> out) {
  if (!stream_->is_ready || input.size() > std::numeric_limits<uInt>::max() ||
      out.size() > std::numeric_limits<uInt>::max()) {
    return {};
  }
  z_stream& z = stream_->z;
  // zlib takes pointers to what it does not write.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  z.avail_in = static_cast<uInt>(input.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  while (true) {
    const int state = ::inflate(&z, Z_SYNC_FLUSH);
    if (state == Z_STREAM_END) {
      // A final block ends DEFLATE's stream but not the message (RFC 7692 §7.2.3.4); the window
      // must survive it.
      inflateResetKeep(&z);
      if (z.avail_in > 0 && z.avail_out > 0) {
        continue;
      }
    } else if (state != Z_OK && state != Z_BUF_ERROR) {
      return {};
    }
    break;
  }
  return {.state = z.avail_out == 0 ? State::more_output : State::need_input,
          .used = input.size() - z.avail_in,
          .written = out.size() - z.avail_out};
}

bool Inflater::is_between_blocks() const {
  constexpr int kEndOfBlock = 128;
  constexpr int kLeftBits = 63;
  const int type = stream_->z.data_type;
  return (type & kEndOfBlock) != 0 && (type & kLeftBits) == 0;
}

void Inflater::reset() {
  if (stream_->is_ready) {
    inflateReset(&stream_->z);
  }
}

}  // namespace seabag::websocket
