// That finding allocates nothing is counted here, in a program of its own: it replaces the global
// operator new.
#include <cstdlib>
#include <new>

#include "providers/bundle/golden_tree.h"
#include "seabag/bundle/reader.h"
#include "support/catch.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) {
    return memory;
  }
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace seabag::bundle {
namespace {

TEST_CASE("a find allocates nothing, whether it hits, misses or follows links",
          "[providers][bundle][find]") {
  const auto bytes = testing::bundle_bytes(testing::golden_tree());
  const auto bundle = Bundle::open_bytes(bytes);
  REQUIRE(bundle);
  for (const char* path : {"/", "/index.html", "/assets/deep/er/data.bin", "/latest/twin.css",
                           "/latest", "/none", "/none/none", "/index.html/x", "/dangling"}) {
    const std::size_t before = allocations;
    const auto asset = (*bundle)->find(path);
    const std::size_t after = allocations;
    INFO(path);
    CHECK(after == before);
    CHECK((asset || !asset.error().code.message().empty()));
  }
}

TEST_CASE("opening allocates the bundle and nothing else", "[providers][bundle]") {
  const auto bytes = testing::bundle_bytes(testing::golden_tree());
  const std::size_t before = allocations;
  const auto bundle = Bundle::open_bytes(bytes);
  const std::size_t after = allocations;
  REQUIRE(bundle);
  CHECK(after == before + 1);
}

}  // namespace
}  // namespace seabag::bundle
