// What a program remembers of files that only the session changes.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "linked.h"
#include "seabag/vfs/observed.h"

namespace {

namespace intercept = seabag::intercept;
namespace vfs = seabag::vfs;
using seabag::testing::Linked;

const intercept::MountOptions kSteady = {.changes = intercept::Changes::by_session};

// What an open finds: the text, or the error's number.
std::string content(const char* path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return std::to_string(errno);
  }
  std::array<char, 64> buffer{};
  const ssize_t size = read(file, buffer.data(), buffer.size());
  close(file);
  return size < 0 ? "error" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

// Opens until it is remembered.
std::string remembered(const char* path) {
  for (int round = 0; round < 3; ++round) {
    content(path);
  }
  return content(path);
}

TEST_CASE("a remembered file is read as it is now", "[intercept][steady]") {
  Linked linked(kSteady);
  linked.put("/seabag-app/file", "one");
  CHECK(remembered("/seabag-app/file") == "one");
  const int writer = open("/seabag-app/file", O_WRONLY | O_APPEND);
  REQUIRE(write(writer, " two", 4) == 4);
  CHECK(content("/seabag-app/file") == "one two");
  close(writer);
  linked.put("/seabag-app/file", "three");
  CHECK(content("/seabag-app/file") == "three");
  REQUIRE(truncate("/seabag-app/file", 2) == 0);
  CHECK(content("/seabag-app/file") == "th");
}

TEST_CASE("each open of a remembered file has a position of its own", "[intercept][steady]") {
  Linked linked(kSteady);
  linked.put("/seabag-app/file", "text");
  CHECK(remembered("/seabag-app/file") == "text");
  const int one = open("/seabag-app/file", O_RDONLY);
  const int other = open("/seabag-app/file", O_RDONLY);
  std::array<char, 4> buffer{};
  CHECK(read(one, buffer.data(), 4) == 4);
  CHECK(read(other, buffer.data(), 4) == 4);
  CHECK(write(other, "x", 1) == -1);
  CHECK(errno == EBADF);
  CHECK(fcntl(one, F_GETFD) == 0);
  close(one);
  close(other);
}

TEST_CASE("a remembered file goes with its name", "[intercept][steady]") {
  Linked linked(kSteady);
  linked.put("/seabag-app/a/file", "old");
  linked.put("/seabag-app/other", "new");
  CHECK(remembered("/seabag-app/a/file") == "old");
  REQUIRE(rename("/seabag-app/other", "/seabag-app/a/file") == 0);
  CHECK(remembered("/seabag-app/a/file") == "new");
  REQUIRE(rename("/seabag-app/a", "/seabag-app/b") == 0);
  CHECK(content("/seabag-app/a/file") == std::to_string(ENOENT));
  CHECK(remembered("/seabag-app/b/file") == "new");
  REQUIRE(unlink("/seabag-app/b/file") == 0);
  CHECK(content("/seabag-app/b/file") == std::to_string(ENOENT));
}

TEST_CASE("what is remembered takes no space in the file system", "[intercept][steady]") {
  std::shared_ptr<vfs::WritableFileSystem> small =
      seabag::providers::make_memory_file_system({.capacity_bytes = 1024 * 1024});
  Linked linked;
  const auto mount = linked.session->mount("/seabag-small", small, kSteady).value();
  const std::string large(900 * 1024, 'x');
  for (int round = 0; round < 4; ++round) {
    linked.put("/seabag-small/file", large);
    CHECK(remembered("/seabag-small/file").size() == 64);
    REQUIRE(unlink("/seabag-small/file") == 0);
  }
}

TEST_CASE("changes past the session count when the file system tells them", "[intercept][steady]") {
  Linked linked;
  const auto observed = vfs::make_observed(std::shared_ptr<vfs::WritableFileSystem>(linked.memory));
  const auto mount = linked.session->mount("/seabag-told", observed, kSteady).value();
  vfs::Namespace past;
  const auto root = past.mount("/", observed).value();
  REQUIRE(vfs::write_file(past, "/file", "one"));
  CHECK(remembered("/seabag-told/file") == "one");
  REQUIRE(vfs::write_file(past, "/file", "three"));
  CHECK(content("/seabag-told/file") == "three");
  CHECK(remembered("/seabag-told/file") == "three");
  REQUIRE(past.remove("/file", vfs::RemoveKind::file));
  CHECK(content("/seabag-told/file") == std::to_string(ENOENT));
}

TEST_CASE("what others change unannounced is asked for every time", "[intercept][steady]") {
  Linked linked;
  linked.put("/seabag-app/file", "one");
  CHECK(remembered("/seabag-app/file") == "one");
  vfs::Namespace past;
  const auto root = past.mount("/", linked.memory).value();
  REQUIRE(past.remove("/file", vfs::RemoveKind::file));
  CHECK(content("/seabag-app/file") == std::to_string(ENOENT));
}

}  // namespace
