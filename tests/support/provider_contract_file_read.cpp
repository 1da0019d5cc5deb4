#include <limits>

#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::ExtentKind;

namespace {

std::unique_ptr<vfs::File> open_to_read(vfs::FileSystem& files, std::string_view path) {
  auto file = files.open(find_node(files, path).node);
  REQUIRE(error_of(file) == kSuccess);
  return std::move(file).take();
}

void check_reads(vfs::FileSystem& files) {
  const std::string content = noise(200'000);
  const auto file = open_to_read(files, "large.bin");
  SECTION("any part can be read, in any order") {
    for (const std::size_t offset : {0U, 1U, 4095U, 65'535U, 65'536U, 131'073U, 199'990U}) {
      for (const std::size_t size : {1U, 9U, 4096U, 65'536U, 70'001U}) {
        INFO(size << " bytes at " << offset);
        const bool is_same = read_text(*file, size, offset) == content.substr(offset, size);
        CHECK(is_same);
      }
    }
  }
  SECTION("a short read is the end of the file, and nothing follows it") {
    CHECK(read_text(*file, 100, 199'950) == content.substr(199'950));
    CHECK(read_text(*file, 100, 200'000).empty());
    CHECK(read_text(*file, 100, 200'001).empty());
    CHECK(read_text(*file, 100, std::numeric_limits<std::int64_t>::max()).empty());
    CHECK(read_text(*file, 100, std::numeric_limits<std::uint64_t>::max()).empty());
  }
  SECTION("reading into nothing is nothing") { CHECK(read_text(*file, 0, 10).empty()); }
  SECTION("an empty file has nothing to read") {
    CHECK(read_text(*open_to_read(files, "empty"), 10, 0).empty());
  }
  SECTION("a file that ends where a chunk ends") {
    const bool is_same =
        read_text(*open_to_read(files, "exact.bin"), 70'000, 0) == noise(65'536, 2);
    CHECK(is_same);
  }
}

void check_open_file(vfs::FileSystem& files) {
  SECTION("an open file tells the attributes of its node") {
    const vfs::Attributes wanted = find_node(files, "large.bin");
    const auto found = open_to_read(files, "large.bin")->attributes();
    REQUIRE(error_of(found) == kSuccess);
    CHECK(found->node == wanted.node);
    CHECK(found->inode == wanted.inode);
    CHECK(found->size == 200'000);
    CHECK(found->links == 1);
    CHECK(found->modified == wanted.modified);
  }
  SECTION("two files open on one node do not disturb each other") {
    const auto one = open_to_read(files, "hello.txt");
    const auto two = open_to_read(files, "hello.txt");
    CHECK(read_text(*one, 2, 0) == "he");
    CHECK(read_text(*two, 10, 0) == "hello\n");
    CHECK(read_text(*one, 2, 2) == "ll");
  }
  SECTION("a file full of data is one extent, followed by the hole at its end") {
    const auto file = open_to_read(files, "large.bin");
    CHECK(file->find_extent(ExtentKind::data, 0).value() == 0);
    CHECK(file->find_extent(ExtentKind::data, 150'001).value() == 150'001);
    CHECK(file->find_extent(ExtentKind::hole, 0).value() == 200'000);
    CHECK(file->find_extent(ExtentKind::hole, 199'999).value() == 200'000);
  }
  SECTION("there are no extents at or past the end") {
    const auto file = open_to_read(files, "large.bin");
    for (const std::uint64_t offset : {std::uint64_t{200'000}, std::uint64_t{1} << 40}) {
      CHECK(error_of(file->find_extent(ExtentKind::data, offset)) ==
            errc::no_such_device_or_address);
      CHECK(error_of(file->find_extent(ExtentKind::hole, offset)) ==
            errc::no_such_device_or_address);
    }
    const auto empty = open_to_read(files, "empty");
    CHECK(error_of(empty->find_extent(ExtentKind::hole, 0)) == errc::no_such_device_or_address);
  }
}

}  // namespace

void check_file_read_contract(const TreeFactory& make_tree) {
  const auto files = make_tree(sample_tree());
  SECTION("reads") { check_reads(*files); }
  SECTION("open files") { check_open_file(*files); }
}

}  // namespace seabag::testing
