#include "memory_file.h"

#include <fcntl.h>

#include <utility>

#include "support/catch.h"

namespace seabag::intercept {
namespace {

TEST_CASE("a memory file is unshared while nobody else has it open", "[intercept][page]") {
  const auto file = make_memory_file();
  REQUIRE(file);
  CHECK(is_unshared(file->get()));
  for (const int access : {O_RDONLY, O_WRONLY, O_RDWR}) {
    CAPTURE(access);
    {
      const auto one = reopen(file->get(), access);
      REQUIRE(one);
      CHECK_FALSE(is_unshared(file->get()));
      const auto other = reopen(file->get(), access);
      REQUIRE(other);
      CHECK_FALSE(is_unshared(file->get()));
    }
    CHECK(is_unshared(file->get()));
  }
}

}  // namespace
}  // namespace seabag::intercept
