#include "seabag/http/entity_tag.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

using vfs::Encoding;

TEST_CASE("each representation has an ETag of its own", "[http][etag]") {
  std::array<std::byte, 16> hash{};
  for (std::size_t i = 0; i < hash.size(); ++i) {
    hash[i] = static_cast<std::byte>(i * 17);
  }
  CHECK(EntityTag(hash, Encoding::identity).text() == "\"00112233445566778899aabbccddeeff\"");
  CHECK(EntityTag(hash, Encoding::gzip).text() == "\"00112233445566778899aabbccddeeff-gz\"");
  CHECK(EntityTag(hash, Encoding::br).text() == "\"00112233445566778899aabbccddeeff-br\"");
  CHECK(EntityTag(hash, Encoding::zstd).text() == "\"00112233445566778899aabbccddeeff-zst\"");
}

TEST_CASE("a list of entity tags is searched by strong and by weak comparison", "[http][etag]") {
  struct Row {
    std::string list;
    bool strong;
    bool weak;
  };
  const std::vector<Row> rows = {
      {"\"t\"", true, true},
      {"W/\"t\"", false, true},
      {"w/\"t\"", false, false},
      {"*", true, true},
      {" * ", true, true},
      {"\"*\"", false, false},
      {"", false, false},
      {"t", false, false},
      {"\"T\"", false, false},
      {"\"a\", \"t\"", true, true},
      {"\"a\",\"t\"", true, true},
      {"\"a\" ,\t\"b\" , W/\"t\"", false, true},
      {",, ,\"t\"", true, true},
      {"\"a,\"t\"", false, false},
      {"\"a, \"\", \"t\"", false, false},
      {"\"x,t\", \"t\"", true, true},
      {"\"a\" \"t\"", false, false},
      {"\"a\"x, \"t\"", false, false},
      {"\"t\"x", false, false},
      {"\"t", false, false},
      {"t\"", false, false},
      {"\"", false, false},
      {"W/", false, false},
      {"W/t", false, false},
      {"W/ \"t\"", false, false},
      {"\"t\", *", true, true},
      {"*, \"x\"", false, false},
      {"\"\"", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.list);
    CHECK(list_contains(row.list, "\"t\"", TagComparison::strong) == row.strong);
    CHECK(list_contains(row.list, "\"t\"", TagComparison::weak) == row.weak);
  }
}

}  // namespace
}  // namespace seabag::http
