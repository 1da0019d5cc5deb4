#include "seabag/server/spare_memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <optional>

#include "seabag/net/descriptor.h"

namespace seabag::server {
namespace {

constexpr std::size_t kWorth = std::size_t{4} * 1024 * 1024;

/// Bytes in memory that belong to no file (proc(5), statm).
std::optional<std::size_t> resident_bytes() {
  const net::Descriptor file(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text{};
  if (!file.is_open() || read(file.get(), text.data(), text.size() - 1) <= 0) {
    return std::nullopt;
  }
  char* next = text.data();
  static_cast<void>(std::strtoull(next, &next, 10));  // the size of all
  const std::size_t resident = std::strtoull(next, &next, 10);
  const std::size_t shared = std::strtoull(next, &next, 10);
  return resident < shared ? 0 : (resident - shared) * static_cast<std::size_t>(getpagesize());
}

}  // namespace

void give_back_spare_memory() {
  const auto heap = mallinfo2();
  if (heap.fordblks < kWorth) {
    return;
  }
  // What has been given back before still counts as free there. Who uses much will soon need what
  // is free, and would only wait for it to be given and taken.
  const std::size_t used = heap.uordblks + heap.hblkhd;
  const std::optional<std::size_t> resident = resident_bytes();
  if (resident && *resident > 2 * used + kWorth) {
    malloc_trim(0);
  }
}

}  // namespace seabag::server
