#include "seabag/vfs/path.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::vfs {
namespace {

using namespace std::string_literals;

std::vector<std::string> components(const std::string& path) {
  PathComponents walk(path);
  std::vector<std::string> all;
  while (!walk.is_at_end()) {
    all.emplace_back(walk.next());
  }
  CHECK(walk.next().empty());
  return all;
}

using Names = std::vector<std::string>;

TEST_CASE("a path falls into its components", "[vfs][path]") {
  CHECK(components("/") == Names{});
  CHECK(components("") == Names{});
  CHECK(components("///") == Names{});
  CHECK(components("a") == Names{"a"});
  CHECK(components("/a/b") == Names{"a", "b"});
  CHECK(components("//a///b//") == Names{"a", "b"});
}

TEST_CASE("dots are components and are never collapsed", "[vfs][path]") {
  CHECK(components("/a/../b/./c") == Names{"a", "..", "b", ".", "c"});
  CHECK(components("../..") == Names{"..", ".."});
  CHECK(components("/...") == Names{"..."});
}

TEST_CASE("a backslash is an ordinary byte", "[vfs][path]") {
  CHECK(components("/a\\b/..\\c") == Names{"a\\b", "..\\c"});
  CHECK(is_valid_name("..\\..\\etc"));
  CHECK(is_valid_name("\\"));
}

TEST_CASE("paths and names are bytes, not UTF-8", "[vfs][path]") {
  CHECK(components("/\xff\xfe/\x01") == Names{"\xff\xfe", "\x01"});
  CHECK(is_valid_name("\xff\n "));
  CHECK(check_path("/\xc3", "stat"));
}

TEST_CASE("a path remembers its slashes and what is left of it", "[vfs][path]") {
  PathComponents walk("/a//b/");
  CHECK(walk.has_trailing_slash());
  CHECK(walk.is_absolute());
  CHECK(walk.next() == "a");
  CHECK(walk.rest() == "b/");
  CHECK_FALSE(walk.is_at_end());
  CHECK(walk.next() == "b");
  CHECK(walk.rest().empty());
  CHECK(walk.is_at_end());
  CHECK_FALSE(PathComponents("a/b").has_trailing_slash());
  CHECK_FALSE(PathComponents("a/b").is_absolute());
  CHECK(PathComponents("/").has_trailing_slash());
}

TEST_CASE("a whole path is checked for emptiness, length and NUL", "[vfs][path]") {
  CHECK(check_path("", "open").error().is(std::errc::no_such_file_or_directory));
  CHECK(check_path(std::string(4095, 'a'), "open"));
  CHECK(check_path(std::string(4096, 'a'), "open").error().is(std::errc::filename_too_long));
  CHECK(check_path("/a\0b"s, "open").error().is(std::errc::invalid_argument));
  const Error error = check_path("/a\0b"s, "open").error();
  CHECK(error.path == "/a\0b"s);
  CHECK(error.operation == "open"s);
}

TEST_CASE("a name is one component of 1 to 255 bytes", "[vfs][path]") {
  CHECK(is_valid_name("a"));
  CHECK(is_valid_name("..."));
  CHECK(is_valid_name(std::string(255, 'n')));
  for (const std::string& bad : Names{"", ".", "..", "a/b", "/", "a\0b"s, std::string(256, 'n')}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid_name(bad));
    const auto expected =
        bad.size() > 255 ? std::errc::filename_too_long : std::errc::invalid_argument;
    CHECK(check_name(bad, "create").error().is(expected));
  }
  CHECK(check_name("a", "create"));
}

TEST_CASE("a symlink's target has 1 to 4095 bytes without NUL", "[vfs][path]") {
  CHECK(check_link_target("x", "create"));
  CHECK(check_link_target(std::string(4095, '/'), "create"));
  CHECK(check_link_target("", "create").error().is(std::errc::no_such_file_or_directory));
  CHECK(
      check_link_target(std::string(4096, '/'), "create").error().is(std::errc::filename_too_long));
  CHECK(check_link_target("a\0"s, "create").error().is(std::errc::invalid_argument));
}

}  // namespace
}  // namespace seabag::vfs
