// Sizes of TLS records: each 3 bytes are the length of something that is sent.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "seabag/tls/record_sizes.h"

namespace {

using seabag::tls::RecordSizes;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  RecordSizes sizes;
  std::size_t sent = 0;
  for (std::size_t at = 0; at + 3 <= size; at += 3) {
    std::size_t left = data[at] * 65'536U + data[at + 1] * 256U + data[at + 2];
    while (left > 0) {
      const std::size_t most =
          sent < RecordSizes::kSmallUntil ? RecordSizes::kSmall : RecordSizes::kLarge;
      const std::size_t taken = sizes.take(left);
      require(taken == std::min(left, most));
      sent += taken;
      left -= taken;
    }
  }
  return 0;
}
