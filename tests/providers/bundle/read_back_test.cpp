#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "seabag/bundle/writer.h"
#include "support/catch.h"

namespace seabag::bundle {
namespace {

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string read_text(const Writer& writer, const Blob& blob, std::uint64_t offset,
                      std::size_t length) {
  std::string text(length, '?');
  REQUIRE(writer.read_blob(blob, offset, std::as_writable_bytes(std::span(text))));
  return text;
}

}  // namespace

TEST_CASE("blobs can be read back while a bundle is written", "[providers][bundle]") {
  std::string path = (std::filesystem::temp_directory_path() / "seabag-back-XXXXXX").string();
  const int file = mkstemp(path.data());
  REQUIRE(file >= 0);
  close(file);
  {
    Writer writer = Writer::create(path, kNoStub, {}).value();
    const std::string large = std::string(1'500'000, 'a') + "end";
    const Blob first = writer.add_blob(as_bytes(large)).value();
    const Blob small = writer.add_blob(as_bytes("small")).value();
    CHECK(read_text(writer, first, 1'499'999, 4) == "aend");
    CHECK(read_text(writer, small, 1, 3) == "mal");
    CHECK(read_text(writer, small, 5, 0).empty());

    REQUIRE(writer.begin_blob(0));
    CHECK(writer.read_blob(small, 0, {}).error().is(std::errc::invalid_argument));
    REQUIRE(writer.append(as_bytes("x")));
    REQUIRE(writer.append_hole(3'000'000));
    const Blob sparse = writer.end_blob().value();
    CHECK(read_text(writer, sparse, 0, 3) == std::string("x\0\0", 3));
    CHECK(read_text(writer, sparse, 1'000'000, 1'900'000) == std::string(1'900'000, '\0'));

    std::vector<std::byte> buffer(6);
    CHECK(writer.read_blob(small, 0, buffer).error().is(std::errc::invalid_argument));
    CHECK(writer.read_blob(small, 6, {}).error().is(std::errc::invalid_argument));
    CHECK(writer.read_blob({.offset = 0, .length = 8}, 0, {})
              .error()
              .is(std::errc::invalid_argument));

    struct stat mine {};
    struct stat other {};
    REQUIRE(fstat(writer.descriptor(), &mine) == 0);
    REQUIRE(stat(path.c_str(), &other) == 0);
    CHECK(mine.st_ino != other.st_ino);
  }
  unlink(path.c_str());
}

}  // namespace seabag::bundle
