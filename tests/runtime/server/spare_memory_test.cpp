#include "seabag/server/spare_memory.h"

#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "support/catch.h"

// The sanitizers have a malloc of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace seabag::server {
namespace {

std::size_t resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  REQUIRE(statm >> size >> resident);
  return resident * static_cast<std::size_t>(getpagesize()) / 1024 / 1024;
}

TEST_CASE("what lies free below a block that lives goes back to the system", "[server]") {
  constexpr std::size_t kBlocks = 40'000;
  constexpr std::size_t kSize = 1000;
  std::vector<std::unique_ptr<char[]>> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(std::make_unique_for_overwrite<char[]>(kSize));
    std::memset(blocks.back().get(), 'x', kSize);
  }
  const std::unique_ptr<char[]> last = std::move(blocks.back());
  const std::size_t full = resident_mib();
  blocks.clear();
  const std::size_t before = resident_mib();
  give_back_spare_memory();
  const std::size_t after = resident_mib();
  CHECK(after + 30 < full);
  CHECK(after <= before);
  give_back_spare_memory();
  CHECK(resident_mib() <= after + 1);
  CHECK(last[kSize - 1] == 'x');
}

}  // namespace
}  // namespace seabag::server

#endif
