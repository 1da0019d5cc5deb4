#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

#include "support/catch.h"

namespace seabag::test {

/// A client's side of permessage-deflate, made with zlib by itself.
class ClientDeflate {
 public:
  explicit ClientDeflate(int window_bits = 15) {
    REQUIRE(deflateInit2(&out_, 6, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    REQUIRE(inflateInit2(&in_, -15) == Z_OK);
  }
  ClientDeflate(const ClientDeflate&) = delete;
  ClientDeflate& operator=(const ClientDeflate&) = delete;
  ~ClientDeflate() {
    deflateEnd(&out_);
    inflateEnd(&in_);
  }

  std::string compress(std::string_view message) {
    std::string bytes(message.size() + message.size() / 8 + 64, '\0');
    set(out_, message, bytes);
    REQUIRE(deflate(&out_, Z_SYNC_FLUSH) == Z_OK);
    bytes.resize(bytes.size() - out_.avail_out - 4);
    return bytes;
  }
  std::string decompress(std::string payload, std::size_t most = 1'000'000) {
    payload.append("\0\0\xff\xff", 4);
    std::string bytes(most, '\0');
    set(in_, payload, bytes);
    const int state = inflate(&in_, Z_SYNC_FLUSH);
    REQUIRE((state == Z_OK || state == Z_BUF_ERROR));
    bytes.resize(bytes.size() - in_.avail_out);
    return bytes;
  }
  /// For no context takeover.
  void forget() {
    deflateReset(&out_);
    inflateReset(&in_);
  }

 private:
  static void set(z_stream& stream, std::string_view input, std::string& output) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = static_cast<uInt>(output.size());
  }

  z_stream out_{};
  z_stream in_{};
};

}  // namespace seabag::test
