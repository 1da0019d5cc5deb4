#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "support/tree.h"

namespace seabag::testing {
namespace {

using vfs::FileType;

mode_t type_bits(FileType type) {
  switch (type) {
    case FileType::fifo:
      return S_IFIFO;
    case FileType::socket:
      return S_IFSOCK;
    case FileType::character_device:
      return S_IFCHR;
    case FileType::block_device:
      return S_IFBLK;
    default:
      return S_IFREG;
  }
}

void make_on_disk(const TreeNode& node, const std::filesystem::path& path,
                  const std::filesystem::path& root) {
  INFO("building " << path);
  if (!node.hard_link_to.empty()) {
    REQUIRE(link((root / node.hard_link_to).c_str(), path.c_str()) == 0);
    return;
  }
  if (node.type == FileType::symlink) {
    REQUIRE(symlink(node.target.c_str(), path.c_str()) == 0);
    return;
  }
  if (node.type == FileType::directory) {
    REQUIRE(mkdir(path.c_str(), 0700) == 0);
  } else {
    REQUIRE(mknod(path.c_str(), type_bits(node.type) | 0600U, node.device) == 0);
  }
  if (node.type == FileType::regular) {
    std::ofstream(path, std::ios::binary) << node.content;
  }
  for (const auto& [key, value] : node.xattrs) {
    REQUIRE(setxattr(path.c_str(), key.c_str(), value.data(), value.size(), 0) == 0);
  }
}

}  // namespace

void build_tree_on_disk(const Tree& tree, const std::filesystem::path& directory) {
  for (const auto& [path, node] : tree.nodes()) {
    make_on_disk(node, directory / path, directory);
  }
  // Children first: a directory may lose its write permission, and making children touches it.
  for (auto row = tree.nodes().rbegin(); row != tree.nodes().rend(); ++row) {
    const std::string path = directory / row->first;
    const TreeNode& node = row->second;
    INFO("finishing " << path);
    if (node.type != FileType::symlink) {
      REQUIRE(chmod(path.c_str(), node.mode) == 0);
    }
    if (node.modified) {
      const timespec when{node.modified->seconds, static_cast<long>(node.modified->nanoseconds)};
      const timespec times[2] = {{0, UTIME_OMIT}, when};
      REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
    }
  }
}

}  // namespace seabag::testing
