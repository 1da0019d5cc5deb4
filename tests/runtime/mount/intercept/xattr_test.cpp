// Extended attributes of files in a mount, as programs see them.
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "linked.h"
#include "programs.h"

namespace {

using seabag::testing::InterceptedPrograms;
using seabag::testing::Linked;

std::string get(const char* path, const char* name) {
  const ssize_t size = getxattr(path, name, nullptr, 0);
  if (size < 0) {
    return std::to_string(errno);
  }
  std::string value(static_cast<std::size_t>(size), '\0');
  const ssize_t count = getxattr(path, name, value.data(), value.size());
  return count == size ? value : std::to_string(errno);
}

TEST_CASE("extended attributes hold up to 64 KiB", "[intercept][xattr]") {
  Linked linked;
  linked.put("/seabag-app/file", "text");
  for (const std::size_t size : {0U, 1U, 8703U, 8704U, 8705U, 9000U, 65535U, 65536U}) {
    CAPTURE(size);
    const std::string value(size, static_cast<char>('a' + size % 26));
    REQUIRE(setxattr("/seabag-app/file", "user.value", value.data(), size, 0) == 0);
    CHECK(get("/seabag-app/file", "user.value") == value);
    CHECK(linked.session->files().xattr("/seabag-app/file", "user.value").value() == value);
  }
  const std::string large(65537, 'x');
  CHECK(setxattr("/seabag-app/file", "user.value", large.data(), large.size(), 0) == -1);
  CHECK(errno == E2BIG);
  std::string room(65535, '\0');
  CHECK(getxattr("/seabag-app/file", "user.value", room.data(), room.size()) == -1);
  CHECK(errno == ERANGE);
  const std::string name = "user." + std::string(251, 'n');
  CHECK(setxattr("/seabag-app/file", name.c_str(), "v", 1, 0) == -1);
  CHECK(errno == ERANGE);
}

TEST_CASE("many extended attributes are listed", "[intercept][xattr]") {
  Linked linked;
  linked.put("/seabag-app/file", "text");
  constexpr std::size_t kNames = 60;
  std::size_t expected = 0;
  for (std::size_t each = 0; each < kNames; ++each) {
    const std::string name = "user." + std::to_string(100 + each) + std::string(200, 'n');
    REQUIRE(setxattr("/seabag-app/file", name.c_str(), "v", 1, 0) == 0);
    expected += name.size() + 1;
  }
  const ssize_t size = listxattr("/seabag-app/file", nullptr, 0);
  REQUIRE(size == static_cast<ssize_t>(expected));
  std::string names(expected, '\0');
  CHECK(listxattr("/seabag-app/file", names.data(), names.size()) == size);
  CHECK(names.starts_with("user.100n"));
  CHECK(names.ends_with(std::string("n\0", 2)));
}

TEST_CASE("an extended attribute of a link is not its target's", "[intercept][xattr]") {
  Linked linked;
  linked.put("/seabag-app/file", "text");
  linked.link("file", "/seabag-app/link");
  CHECK(lsetxattr("/seabag-app/link", "user.a", "b", 1, 0) == -1);
  CHECK(errno == EPERM);
  CHECK(setxattr("/seabag-app/link", "user.a", "b", 1, 0) == 0);
  CHECK(get("/seabag-app/file", "user.a") == "b");
}

TEST_CASE("a large extended attribute comes from another process", "[intercept][xattr]") {
  const InterceptedPrograms programs;
  programs.put("/seabag-app/file", "text");
  const auto ending = programs.run(
      "/usr/bin/env", {"python3", "-c",
                       "import os; p = '/seabag-app/file'; v = bytes(range(256)) * 256; "
                       "os.setxattr(p, 'user.v', v); print(os.getxattr(p, 'user.v') == v); "
                       "print(len(os.listdir('/proc/self/fd')) < 10)"});
  if (ending.exit_code == 127) {
    WARN("there is no python3");
    return;
  }
  CHECK(ending.errors == "");
  CHECK(ending.output == "True\nTrue\n");
  CHECK(programs.session->files().xattr("/seabag-app/file", "user.v")->size() == 65536);
}

}  // namespace
