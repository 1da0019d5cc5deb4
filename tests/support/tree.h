#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "seabag/vfs/file_system.h"

namespace seabag::testing {

/// One node of a described tree.
struct TreeNode {
  vfs::FileType type = vfs::FileType::regular;
  std::uint32_t mode = 0644;
  std::string content = {};  ///< regular files
  std::string target = {};   ///< symlinks
  std::uint64_t device = 0;
  /// Not set or compared when absent.
  std::optional<vfs::Timestamp> modified = {};
  std::map<std::string, std::string> xattrs = {};
  /// The path of the first name of the same node, for second and further names; all else is then
  /// as there.
  std::string hard_link_to = {};
};

/// A described tree: what a test wants to have, or found. Paths are relative to the root, without a
/// leading slash; the root itself is `""`. Missing parents come into being with mode 0755.
class Tree {
 public:
  /// Adds any node; the calls below are short for the common ones and give the node back, so that
  /// more can be said: `tree.file("a", "text").mode = 0600`.
  TreeNode& add(std::string_view path, TreeNode node);
  TreeNode& file(std::string_view path, std::string_view content, std::uint32_t mode = 0644);
  TreeNode& directory(std::string_view path, std::uint32_t mode = 0755);
  TreeNode& symlink(std::string_view path, std::string_view target);
  /// One more name for the file at `existing`, which must be there and sort before `path`.
  TreeNode& hard_link(std::string_view path, std::string_view existing);

  /// All nodes but the root in bytewise order of paths: parents come before children.
  [[nodiscard]] const std::map<std::string, TreeNode>& nodes() const { return nodes_; }

 private:
  std::map<std::string, TreeNode> nodes_;
};

/// Makes the tree in a file system, below its root; fails the running test when something cannot be
/// made.
void build_tree(const Tree& tree, vfs::WritableFileSystem& file_system);

/// Makes the tree in an existing, empty directory of the real file system.
void build_tree_on_disk(const Tree& tree, const std::filesystem::path& directory);

/// Reads everything a file system holds, walking it through `lookup` and `list`.
[[nodiscard]] Tree read_tree(vfs::FileSystem& file_system);

/// Checks that a file system holds exactly this tree: names, types, modes, contents, targets, and,
/// where its capabilities say that it has them, hard links and extended attributes. Each difference
/// is a failed check that names its path.
void check_tree_equals(const Tree& tree, vfs::FileSystem& file_system);

/// The node at a path, `""` for the root; fails the test when it is not there. Symlinks are not
/// followed.
[[nodiscard]] vfs::Attributes find_node(vfs::FileSystem& file_system, std::string_view path);

/// All bytes of a file; fails the test when they cannot be read.
[[nodiscard]] std::string read_all(const vfs::File& file);
[[nodiscard]] std::string read_all(vfs::FileSystem& file_system, vfs::NodeId node);

/// `size` bytes that look random, do not compress and are the same for the same seed.
[[nodiscard]] std::string noise(std::size_t size, std::uint32_t seed = 1);

/// A tree with one of everything that every provider can hold: empty and large files, odd names,
/// deep and empty directories, symlinks, modes and times. Without hard links and attributes.
[[nodiscard]] Tree sample_tree();

}  // namespace seabag::testing
