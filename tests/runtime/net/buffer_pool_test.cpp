#include "seabag/net/buffer_pool.h"

#include <utility>
#include <vector>

#include "support/catch.h"

namespace seabag::net {
namespace {

TEST_CASE("a buffer goes back to its pool and is used again", "[net][buffer]") {
  BufferPool pool(4096, 2);
  PooledBuffer buffer = pool.borrow();
  REQUIRE(buffer);
  CHECK(buffer.space().size() == 4096);
  const char* address = buffer.space().data();
  buffer.reset();
  CHECK_FALSE(buffer);
  CHECK(buffer.space().empty());
  buffer = pool.borrow();
  CHECK(buffer.space().data() == address);
}

TEST_CASE("buffers that are borrowed at the same time are different", "[net][buffer]") {
  BufferPool pool(64, 1);
  std::vector<PooledBuffer> buffers;
  for (int i = 0; i < 8; ++i) {
    buffers.push_back(pool.borrow());
    buffers.back().space()[0] = static_cast<char>(i);
  }
  for (int i = 0; i < 8; ++i) {
    CHECK(buffers[static_cast<std::size_t>(i)].space()[0] == static_cast<char>(i));
  }
}

TEST_CASE("a moved buffer has one owner", "[net][buffer]") {
  BufferPool pool(64, 1);
  PooledBuffer first = pool.borrow();
  PooledBuffer second = std::move(first);
  CHECK(second);
  first = std::move(second);
  CHECK(first);
  first = pool.borrow();
  CHECK(first.space().size() == 64);
}

}  // namespace
}  // namespace seabag::net
