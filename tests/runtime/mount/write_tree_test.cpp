#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "seabag/providers/directory.h"
#include "support/catch.h"
#include "support/kernel_mount.h"
#include "support/tree.h"

namespace seabag::testing {
namespace {

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  REQUIRE(file.good());
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a tree written through a mount is in the file system", "[mount][memory]") {
  if (!can_mount()) {
    return;
  }
  const std::shared_ptr<vfs::WritableFileSystem> files = make_own_memory();
  const Tree tree = sample_tree();
  const MountedDirectory mounted(files);
  build_tree_on_disk(tree, mounted.path());
  check_tree_equals(tree, *files);
}

TEST_CASE("an unlinked file lives while it is open", "[mount][orphan]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory());
  const std::string path = mounted / "file";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  REQUIRE(write(file, "before", 6) == 6);
  REQUIRE(unlink(path.c_str()) == 0);
  REQUIRE(write(file, " after", 6) == 6);
  struct stat status {};
  REQUIRE(fstat(file, &status) == 0);
  CHECK(status.st_nlink == 0);
  CHECK(status.st_size == 12);
  std::string text(12, '\0');
  CHECK(pread(file, text.data(), text.size(), 0) == 12);
  CHECK(text == "before after");
  REQUIRE(ftruncate(file, 3) == 0);
  CHECK(fchmod(file, 0640) == 0);
  REQUIRE(fstat(file, &status) == 0);
  CHECK(status.st_size == 3);
  close(file);
}

TEST_CASE("what only an O_PATH descriptor holds is still told after its removal",
          "[mount][orphan]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory());
  write_text(mounted / "file", "text");
  REQUIRE(mkdir((mounted / "directory").c_str(), 0700) == 0);
  REQUIRE(symlink("file", (mounted / "link").c_str()) == 0);
  const int file = open((mounted / "file").c_str(), O_PATH | O_CLOEXEC);
  const int directory = open((mounted / "directory").c_str(), O_PATH | O_CLOEXEC);
  const int link = open((mounted / "link").c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  REQUIRE(unlink((mounted / "file").c_str()) == 0);
  REQUIRE(rmdir((mounted / "directory").c_str()) == 0);
  REQUIRE(unlink((mounted / "link").c_str()) == 0);
  for (const int descriptor : {file, directory, link}) {
    struct stat status {};
    CHECK(fstat(descriptor, &status) == 0);
    CHECK(status.st_nlink == 0);
    close(descriptor);
  }
}

TEST_CASE("rename replaces, refuses and exchanges", "[mount][rename]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory());
  const std::string a = mounted / "a";
  const std::string b = mounted / "b";
  write_text(a, "a");
  write_text(b, "b");
  CHECK(renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_NOREPLACE) == -1);
  CHECK(errno == EEXIST);
  REQUIRE(renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0);
  CHECK(read_text(a) == "b");
  CHECK(read_text(b) == "a");
  REQUIRE(rename(a.c_str(), b.c_str()) == 0);
  CHECK(read_text(b) == "b");
  CHECK_FALSE(std::filesystem::exists(a));
  REQUIRE(mkdir(a.c_str(), 0755) == 0);
  CHECK(rename(a.c_str(), (a + "/below").c_str()) == -1);
  CHECK(errno == EINVAL);
}

TEST_CASE("hard links are names of one node", "[mount][link]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory());
  write_text(mounted / "first", "text");
  REQUIRE(link((mounted / "first").c_str(), (mounted / "second").c_str()) == 0);
  struct stat first {};
  struct stat second {};
  REQUIRE(stat((mounted / "first").c_str(), &first) == 0);
  REQUIRE(stat((mounted / "second").c_str(), &second) == 0);
  CHECK(first.st_ino == second.st_ino);
  CHECK(first.st_nlink == 2);
  REQUIRE(unlink((mounted / "first").c_str()) == 0);
  REQUIRE(stat((mounted / "second").c_str(), &second) == 0);
  CHECK(second.st_nlink == 1);
  CHECK(read_text(mounted / "second") == "text");
}

TEST_CASE("the umask and the owner of a new file are the caller's", "[mount][create]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory());
  const mode_t before = umask(027);
  write_text(mounted / "file", "");
  umask(before);
  struct stat status {};
  REQUIRE(stat((mounted / "file").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0640);
  CHECK(status.st_uid == geteuid());
  CHECK(status.st_gid == getegid());
}

TEST_CASE("extended attributes go through a mount", "[mount][xattr]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory());
  const std::string path = mounted / "file";
  write_text(path, "");
  REQUIRE(setxattr(path.c_str(), "user.a", "one", 3, XATTR_CREATE) == 0);
  CHECK(setxattr(path.c_str(), "user.a", "two", 3, XATTR_CREATE) == -1);
  CHECK(errno == EEXIST);
  std::array<char, 64> value{};
  CHECK(getxattr(path.c_str(), "user.a", nullptr, 0) == 3);
  CHECK(getxattr(path.c_str(), "user.a", value.data(), 2) == -1);
  CHECK(errno == ERANGE);
  CHECK(getxattr(path.c_str(), "user.a", value.data(), value.size()) == 3);
  CHECK(getxattr(path.c_str(), "user.b", value.data(), value.size()) == -1);
  CHECK(errno == ENODATA);
  CHECK(listxattr(path.c_str(), value.data(), value.size()) == 7);
  CHECK(std::string(value.data()) == "user.a");
  REQUIRE(removexattr(path.c_str(), "user.a") == 0);
  CHECK(listxattr(path.c_str(), value.data(), value.size()) == 0);
}

TEST_CASE("holes stay holes", "[mount][sparse]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory());
  const int file = open((mounted / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  constexpr off_t kFar = 10'000'000;
  REQUIRE(pwrite(file, "x", 1, kFar) == 1);
  struct stat status {};
  REQUIRE(fstat(file, &status) == 0);
  CHECK(status.st_size == kFar + 1);
  CHECK(status.st_blocks * 512 < 1'000'000);
  CHECK(lseek(file, 0, SEEK_HOLE) == 0);
  CHECK(lseek(file, 0, SEEK_DATA) > 0);
  CHECK(lseek(file, kFar + 1, SEEK_DATA) == -1);
  CHECK(errno == ENXIO);
  CHECK(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kFar + 1) == 0);
  close(file);
}

}  // namespace
}  // namespace seabag::testing
