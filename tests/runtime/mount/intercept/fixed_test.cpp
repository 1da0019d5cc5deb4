// What never changes is remembered where it was found.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>

#include "linked.h"
#include "programs.h"
#include "support/fixed_file_system.h"

namespace {

namespace intercept = seabag::intercept;
namespace vfs = seabag::vfs;
using seabag::testing::FixedFileSystem;
using seabag::testing::Linked;

std::shared_ptr<FixedFileSystem> fixed_tree(std::string_view text) {
  std::shared_ptr<vfs::WritableFileSystem> memory = seabag::providers::make_memory_file_system();
  vfs::Namespace names;
  const auto mount = names.mount("/", memory).value();
  REQUIRE(vfs::write_file(names, "/file", text));
  return std::make_shared<FixedFileSystem>(std::move(memory));
}

std::string read_all(int file) {
  std::array<char, 64> buffer{};
  const ssize_t size = read(file, buffer.data(), buffer.size());
  return size < 0 ? "error" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

TEST_CASE("each open of a fixed file has a position of its own", "[intercept][fixed]") {
  Linked linked;
  const auto mount = linked.session->mount("/seabag-fixed", fixed_tree("text")).value();
  std::array<int, 5> files{};
  for (int& file : files) {
    file = open("/seabag-fixed/file", O_RDONLY | O_CLOEXEC);
    REQUIRE(file >= 0);
    CHECK(read_all(file) == "text");
    struct stat by_path {};
    struct stat by_number {};
    REQUIRE(stat("/seabag-fixed/file", &by_path) == 0);
    REQUIRE(fstat(file, &by_number) == 0);
    CHECK(by_path.st_ino == by_number.st_ino);
    CHECK(by_path.st_dev == by_number.st_dev);
  }
  CHECK(open("/seabag-fixed/file", O_RDWR) == -1);
  CHECK(errno == EROFS);
  for (const int file : files) {
    close(file);
  }
}

TEST_CASE("what is remembered of a mount ends with it", "[intercept][fixed]") {
  Linked linked;
  for (const std::string text : {"first", "second"}) {
    const auto mount = linked.session->mount("/seabag-fixed", fixed_tree(text)).value();
    for (int round = 0; round < 3; ++round) {
      const int file = open("/seabag-fixed/file", O_RDONLY);
      CHECK(read_all(file) == text);
      close(file);
      struct stat status {};
      REQUIRE(stat("/seabag-fixed/file", &status) == 0);
      CHECK(status.st_size == static_cast<off_t>(text.size()));
    }
  }
  CHECK(open("/seabag-fixed/file", O_RDONLY) == -1);
  CHECK(access("/seabag-fixed/file", F_OK) == -1);
}

TEST_CASE("a descriptor that the program closed is not remembered", "[intercept][fixed]") {
  Linked linked;
  const auto mount = linked.session->mount("/seabag-fixed", fixed_tree("text")).value();
  for (int round = 0; round < 3; ++round) {
    close(open("/seabag-fixed/file", O_RDONLY));
  }
  constexpr int kFirstHigh = 760;
  for (int each = kFirstHigh; each < kFirstHigh + 16; ++each) {
    if (fcntl(each, F_GETFD) >= 0) {
      const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
      dup2(other, each);
      close(other);
    }
  }
  const int file = open("/seabag-fixed/file", O_RDONLY);
  CHECK(read_all(file) == "text");
  close(file);
}

TEST_CASE("other programs remember what is fixed", "[intercept][fixed]") {
  const seabag::testing::InterceptedPrograms programs;
  const auto mount = programs.session->mount("/seabag-fixed", fixed_tree("text\n")).value();
  CHECK(programs
            .shell("for i in 1 2 3 4; do read a < /seabag-fixed/file; echo $a; done; "
                   "cat /seabag-fixed/file /seabag-fixed/file /seabag-fixed/file")
            .output == "text\ntext\ntext\ntext\ntext\ntext\ntext\n");
}

}  // namespace
