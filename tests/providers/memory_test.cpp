#include "seabag/providers/memory.h"

#include <string>

#include "support/catch.h"

namespace seabag::providers {
namespace {

TEST_CASE("memory keeps what is written", "[providers][memory]") {
  const auto files = make_memory_file_system();
  const auto made = files->create(vfs::kRootNode, "a", {.mode = 0640});
  REQUIRE(made);
  const auto file = files->open_writable(made->node);
  REQUIRE(file);
  const std::string text = "some text";
  CHECK((*file)->write_at(std::as_bytes(std::span(text)), 0).value() == text.size());
  std::string back(20, '?');
  CHECK((*file)->read_at(std::as_writable_bytes(std::span(back)), 5).value() == 4);
  CHECK(back.substr(0, 4) == "text");
  CHECK(files->lookup(vfs::kRootNode, "a")->size == text.size());
}

}  // namespace
}  // namespace seabag::providers
