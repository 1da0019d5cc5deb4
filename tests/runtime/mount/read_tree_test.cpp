#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "seabag/bundle/reader.h"
#include "seabag/providers/directory.h"
#include "support/bundle_builder.h"
#include "support/catch.h"
#include "support/kernel_mount.h"
#include "support/tree.h"

namespace seabag::testing {
namespace {

std::unique_ptr<bundle::Bundle> open_bundle(std::span<const std::byte> bytes) {
  auto opened = bundle::Bundle::open_bytes(bytes);
  REQUIRE(opened);
  return std::move(*opened);
}

void check_tree_at(const Tree& tree, const std::string& directory) {
  const auto seen = providers::DirectoryFileSystem::open_root(directory);
  REQUIRE(seen);
  check_tree_equals(tree, **seen);
}

// The tree holds a file that its owner alone may read.
bool can_read_all() {
  if (geteuid() != 0) {
    WARN("skipped, because the tree belongs to root");
    return false;
  }
  return true;
}

TEST_CASE("a mounted bundle is the tree that was packed", "[mount][bundle]") {
  if (!can_read_all() || !can_mount()) {
    return;
  }
  const Tree tree = sample_tree();
  const auto bytes = bundle_bytes(tree);
  const MountedDirectory mounted(open_bundle(bytes));
  check_tree_at(tree, mounted.path());
  // Once more, now out of the kernel's caches.
  check_tree_at(tree, mounted.path());
}

TEST_CASE("a mounted file system in memory is the tree that was made", "[mount][memory]") {
  if (!can_read_all() || !can_mount()) {
    return;
  }
  const Tree tree = sample_tree();
  std::shared_ptr<vfs::WritableFileSystem> files = make_own_memory();
  build_tree(tree, *files);
  const MountedDirectory mounted(files);
  check_tree_at(tree, mounted.path());
}

TEST_CASE("nothing can be changed through a read-only mount", "[mount][bundle]") {
  if (!can_mount()) {
    return;
  }
  Tree tree;
  tree.file("file", "content");
  const auto bytes = bundle_bytes(tree);
  const MountedDirectory mounted(open_bundle(bytes));
  CHECK(open((mounted / "file").c_str(), O_WRONLY | O_CLOEXEC) == -1);
  CHECK(errno == EROFS);
  CHECK(mkdir((mounted / "new").c_str(), 0755) == -1);
  CHECK(errno == EROFS);
  CHECK(mkdir((mounted / "file").c_str(), 0755) == -1);
  CHECK(errno == EEXIST);
  CHECK(unlink((mounted / "file").c_str()) == -1);
  CHECK(errno == EROFS);
  struct statvfs status {};
  REQUIRE(statvfs(mounted.path().c_str(), &status) == 0);
  CHECK((status.f_flag & ST_RDONLY) != 0);
  CHECK(status.f_namemax == 255);
}

TEST_CASE("a file system that can be written is mounted read-only on request", "[mount][memory]") {
  if (!can_mount()) {
    return;
  }
  const MountedDirectory mounted(make_own_memory(), {.access = vfs::MountAccess::read_only});
  CHECK(mkdir((mounted / "new").c_str(), 0755) == -1);
  CHECK(errno == EROFS);
}

TEST_CASE("numbers of nodes are the provider's own", "[mount][bundle]") {
  if (!can_mount()) {
    return;
  }
  Tree tree;
  tree.file("directory/file", "content");
  const auto bytes = bundle_bytes(tree);
  const auto direct = open_bundle(bytes);
  const MountedDirectory mounted(open_bundle(bytes));
  for (const std::string path : {"directory", "directory/file"}) {
    struct stat status {};
    REQUIRE(lstat((mounted / path).c_str(), &status) == 0);
    CHECK(status.st_ino == find_node(*direct, path).inode);
  }
}

TEST_CASE("a directory of ten thousand names is listed once and whole", "[mount][list]") {
  if (!can_mount()) {
    return;
  }
  constexpr int kCount = 10'000;
  Tree tree;
  for (int i = 0; i < kCount; ++i) {
    tree.file("many/name-" + std::to_string(i), "");
  }
  const auto bytes = bundle_bytes(tree);
  const MountedDirectory mounted(open_bundle(bytes));
  std::set<std::string> names;
  int rows = 0;
  for (const auto& entry : std::filesystem::directory_iterator(mounted / "many")) {
    names.insert(entry.path().filename());
    CHECK(entry.is_regular_file());
    ++rows;
  }
  CHECK(rows == kCount);
  CHECK(names.size() == kCount);
}

TEST_CASE("a large file reads the same at every offset", "[mount][read]") {
  if (!can_mount()) {
    return;
  }
  const std::string content = noise(3'000'001);
  Tree tree;
  tree.file("large", content);
  const auto bytes = bundle_bytes(tree);
  const MountedDirectory mounted(open_bundle(bytes));
  const int file = open((mounted / "large").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  std::string part(70'000, '\0');
  for (const std::size_t offset : {0UL, 1UL, 65'535UL, 1'048'570UL, 2'999'000UL, 3'000'001UL}) {
    const ssize_t count = pread(file, part.data(), part.size(), static_cast<off_t>(offset));
    REQUIRE(count >= 0);
    CHECK(part.substr(0, static_cast<std::size_t>(count)) == content.substr(offset, part.size()));
  }
  close(file);
}

}  // namespace
}  // namespace seabag::testing
