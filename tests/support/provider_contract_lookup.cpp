#include "seabag/vfs/path_access.h"
#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::FileType;

namespace {

void check_names(vfs::FileSystem& files) {
  const std::string longest(vfs::kMaxNameLength, 'n');
  const vfs::NodeId names = find_node(files, "names").node;
  SECTION("a missing name is ENOENT") {
    CHECK(error_of(files.lookup(names, "missing")) == errc::no_such_file_or_directory);
    CHECK(error_of(files.lookup(names, "aa")) == errc::no_such_file_or_directory);
    CHECK(error_of(files.lookup(names, "A ")) == errc::no_such_file_or_directory);
    CHECK(error_of(files.lookup(names, "n")) == errc::no_such_file_or_directory);
  }
  SECTION("names are told apart by every byte") {
    CHECK(files.lookup(names, "a")->size == 1);
    CHECK(files.lookup(names, "a")->node != files.lookup(names, "A")->node);
    CHECK(files.lookup(names, "a")->node != files.lookup(names, "ab")->node);
    CHECK(read_all(files, find_node(files, "names/ab").node) == "2");
  }
  SECTION("names are bytes: 255 of them, no encoding, a backslash like any other") {
    CHECK(error_of(files.lookup(names, longest)) == kSuccess);
    CHECK(error_of(files.lookup(names, "\xff\xfe not UTF-8 \x80")) == kSuccess);
    CHECK(error_of(files.lookup(names, "back\\slash")) == kSuccess);
    CHECK(error_of(files.lookup(names, "new\nline")) == kSuccess);
    CHECK(error_of(files.lookup(names, "...")) == kSuccess);
  }
  SECTION("what is no name is EINVAL, a longer one ENAMETOOLONG") {
    CHECK(error_of(files.lookup(names, "")) == errc::invalid_argument);
    CHECK(error_of(files.lookup(names, ".")) == errc::invalid_argument);
    CHECK(error_of(files.lookup(names, "..")) == errc::invalid_argument);
    CHECK(error_of(files.lookup(names, "a/b")) == errc::invalid_argument);
    CHECK(error_of(files.lookup(names, "/")) == errc::invalid_argument);
    CHECK(error_of(files.lookup(names, std::string_view("a\0b", 3))) == errc::invalid_argument);
    CHECK(error_of(files.lookup(names, longest + "n")) == errc::filename_too_long);
  }
}

void check_numbers(vfs::FileSystem& files) {
  SECTION("the root is a directory with the root's number") {
    const auto root = files.attributes(vfs::kRootNode);
    REQUIRE(error_of(root) == kSuccess);
    CHECK(root->node == vfs::kRootNode);
    CHECK(root->type == FileType::directory);
  }
  SECTION("attributes tells what lookup told") {
    for (const char* path : {"hello.txt", "link", "empty directory", "large.bin"}) {
      const vfs::Attributes found = find_node(files, path);
      const auto again = files.attributes(found.node);
      REQUIRE(error_of(again) == kSuccess);
      CHECK(again->node == found.node);
      CHECK(again->inode == found.inode);
      CHECK(again->type == found.type);
      CHECK(again->size == found.size);
      CHECK(again->mode == found.mode);
      CHECK(again->modified == found.modified);
      CHECK(again->block_size > 0);
    }
  }
  SECTION("a symlink's size is the length of its target, and it is not followed") {
    CHECK(find_node(files, "link").type == FileType::symlink);
    CHECK(find_node(files, "link").size == std::string_view("hello.txt").size());
    CHECK(find_node(files, "dangling").type == FileType::symlink);
    CHECK(find_node(files, "long link").size == vfs::kMaxPathLength - 1);
  }
  SECTION("a directory has two names and one for every subdirectory, or 1 for: not counted") {
    const std::uint64_t links = find_node(files, "deep/er/and").links;
    CHECK((links == 3 || links == 1));
    const std::uint64_t without = find_node(files, "empty directory").links;
    CHECK((without == 2 || without == 1));
  }
  SECTION("a node that never was is ESTALE") {
    const auto nowhere = static_cast<vfs::NodeId>(0x7FFF'FFFF'0000'0001U);
    CHECK(error_of(files.attributes(nowhere)) == kStaleNode);
    CHECK(error_of(files.lookup(nowhere, "a")) == kStaleNode);
    CHECK(error_of(files.open(nowhere)) == kStaleNode);
    CHECK(error_of(files.list(nowhere, 0, 1)) == kStaleNode);
    CHECK(error_of(files.read_link(nowhere)) == kStaleNode);
    CHECK(error_of(files.xattr(nowhere, "user.a")) == kStaleNode);
    CHECK(error_of(files.xattrs(nowhere)) == kStaleNode);
    CHECK(error_of(files.attributes(vfs::NodeId{0})) == kStaleNode);
  }
}

void check_kinds(vfs::FileSystem& files) {
  const vfs::NodeId file = find_node(files, "hello.txt").node;
  const vfs::NodeId link = find_node(files, "link").node;
  SECTION("only directories have entries") {
    CHECK(error_of(files.lookup(file, "a")) == errc::not_a_directory);
    CHECK(error_of(files.lookup(link, "a")) == errc::not_a_directory);
  }
  SECTION("read_link gives a target byte for byte and is EINVAL for all else") {
    CHECK(files.read_link(link).value() == "hello.txt");
    CHECK(files.read_link(find_node(files, "up").node).value() == "../..");
    CHECK(files.read_link(find_node(files, "long link").node).value() ==
          std::string(vfs::kMaxPathLength - 1, 't'));
    CHECK(error_of(files.read_link(file)) == errc::invalid_argument);
    CHECK(error_of(files.read_link(vfs::kRootNode)) == errc::invalid_argument);
  }
  SECTION("only regular files open") {
    CHECK(error_of(files.open(file)) == kSuccess);
    CHECK(error_of(files.open(vfs::kRootNode)) == errc::is_a_directory);
    CHECK(error_of(files.open(link)) == errc::too_many_symbolic_link_levels);
  }
  SECTION("an attribute that is not there is ENODATA") {
    CHECK(error_of(files.xattr(file, "user.missing")) == kNoAttribute);
    CHECK(error_of(files.xattr(vfs::kRootNode, "user.missing")) == kNoAttribute);
    CHECK(error_of(files.xattr(link, "user.missing")) == kNoAttribute);
    CHECK(files.xattrs(file).value().empty());
  }
  SECTION("statistics count what is there") {
    const auto numbers = files.statistics();
    REQUIRE(error_of(numbers) == kSuccess);
    CHECK(numbers->block_size > 0);
    CHECK(numbers->blocks_free <= numbers->blocks);
    CHECK(numbers->nodes_free <= numbers->nodes);
  }
}

void check_hard_links(const TreeFactory& make_tree) {
  Tree tree;
  tree.file("a", "shared");
  tree.hard_link("b", "a");
  tree.hard_link("directory/c", "a");
  const auto files = make_tree(tree);
  if (!files->capabilities().hard_links) {
    return;
  }
  const vfs::Attributes first = find_node(*files, "a");
  const vfs::Attributes third = find_node(*files, "directory/c");
  CHECK(first.links == 3);
  CHECK(first.node == find_node(*files, "b").node);
  CHECK(first.node == third.node);
  CHECK(first.inode == third.inode);
  check_tree_equals(tree, *files);
}

void check_kept_xattrs(const TreeFactory& make_tree) {
  if (!make_tree(Tree())->capabilities().extended_attributes) {
    return;
  }
  Tree tree;
  tree.file("a", "text").xattrs = {{"user.mime", "text/plain"}, {"user.empty", ""}};
  tree.directory("d").xattrs = {{"user.bytes", std::string("\0\xff", 2)}};
  const auto files = make_tree(tree);
  check_tree_equals(tree, *files);
  CHECK(files->xattrs(find_node(*files, "a").node).value() ==
        std::vector<std::string>{"user.empty", "user.mime"});
}

/// Where there is a short way: the same as lookups, or nothing.
void check_path_access(vfs::FileSystem& files) {
  vfs::PathAccess* access = files.path_access();
  if (access == nullptr) {
    return;
  }
  const vfs::NodeId found = find_node(files, "names/ab").node;
  const auto attributes = access->path_attributes("names/ab");
  CHECK((!attributes || attributes->node == found));
  const auto file = access->open_path("names/ab");
  CHECK((file == nullptr || file->attributes()->node == found));
  for (const char* path : {"missing", "names/missing", "link", "dangling", "hello.txt/x"}) {
    CAPTURE(path);
    CHECK_FALSE(access->path_attributes(path));
    CHECK(access->open_path(path) == nullptr);
  }
  CHECK(access->open_path("names") == nullptr);
}

}  // namespace

void check_lookup_contract(const TreeFactory& make_tree) {
  SECTION("names") { check_names(*make_tree(sample_tree())); }
  SECTION("numbers") { check_numbers(*make_tree(sample_tree())); }
  SECTION("kinds") { check_kinds(*make_tree(sample_tree())); }
  SECTION("a short way tells what lookups tell") { check_path_access(*make_tree(sample_tree())); }
  SECTION("hard links are one node") { check_hard_links(make_tree); }
  SECTION("extended attributes are kept") { check_kept_xattrs(make_tree); }
  SECTION("an empty tree is a root without entries") {
    const auto files = make_tree(Tree());
    CHECK(names_in(*files, vfs::kRootNode).empty());
    CHECK(error_of(files->lookup(vfs::kRootNode, "a")) == errc::no_such_file_or_directory);
  }
}

}  // namespace seabag::testing
