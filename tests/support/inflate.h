#pragma once

#include <zlib.h>

#include <array>
#include <string>
#include <string_view>

namespace seabag::test {

/// What a gzip member holds; as much of it as there is when it is damaged.
inline std::string inflate(std::string_view gzip) {
  constexpr int kGzipOnly = 15 + 16;
  z_stream stream{};
  std::string out;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) {
    return out;
  }
  std::string input(gzip);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  std::array<char, 4096> part{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    out.append(part.data(), part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return out;
}

}  // namespace seabag::test
