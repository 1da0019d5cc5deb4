// An overlay is a provider, whatever is below it.
#include "memory_namespace.h"
#include "seabag/vfs/overlay.h"
#include "seabag/vfs/tree.h"
#include "support/provider_contract.h"

namespace seabag::vfs {
namespace {

std::shared_ptr<FileSystem> make_lower(const testing::Tree& tree) {
  std::shared_ptr<WritableFileSystem> lower = providers::make_memory_file_system();
  testing::build_tree(tree, *lower);
  return lower;
}

std::shared_ptr<Overlay> make_over(std::vector<std::shared_ptr<FileSystem>> lowers) {
  return make_overlay({.upper = providers::make_memory_file_system(), .lowers = std::move(lowers)})
      .value();
}

std::shared_ptr<WritableFileSystem> make_over_nothing() { return make_over({}); }

std::shared_ptr<WritableFileSystem> make_over_empty() {
  return make_over({make_lower({}), make_lower({})});
}

/// Everything that the suite is going to make was there once, as something else.
std::shared_ptr<WritableFileSystem> make_emptied() {
  testing::Tree tree;
  for (const char* name : {"file", "d", "full", "empty", "a", "log", "hard"}) {
    tree.file(std::string(name) + "/a/b", "old").mode = 0600;
    tree.file(std::string(name) + "/child", "old");
  }
  for (const char* name : {"target", "other", "name", "link", "new", "l", "b", "second"}) {
    tree.file(name, "old content");
  }
  testing::Tree second;
  second.file("d", "old");
  second.file("deep/er/and/deeper", "old");
  second.file("b/file", "old");
  auto overlay = make_over({make_lower(tree), make_lower(second)});
  const auto entries = overlay->list(kRootNode, 0, 1000).value();
  for (const DirectoryEntry& entry : entries) {
    const auto removed = remove_tree(*overlay, kRootNode, entry.name);
    INFO(entry.name << ": " << (removed ? std::string() : removed.error().message()));
    REQUIRE(removed);
  }
  return overlay;
}

std::shared_ptr<FileSystem> make_lower_only(const testing::Tree& tree) {
  return make_over({make_lower({}), make_lower(tree)});
}

/// Every other node of the root is in the upper.
std::shared_ptr<FileSystem> make_split(const testing::Tree& tree) {
  auto overlay = make_over({make_lower(tree)});
  std::size_t count = 0;
  const auto entries = overlay->list(kRootNode, 0, 1000).value();
  for (const DirectoryEntry& entry : entries) {
    if (++count % 2 == 0) {
      const Attributes attributes = overlay->attributes(entry.node).value();
      REQUIRE(overlay->set_attributes(entry.node, {.uid = attributes.uid}));
    }
  }
  return overlay;
}

/// All of it was copied up and lies under a directory that was renamed away and back.
std::shared_ptr<FileSystem> make_copied(const testing::Tree& tree) {
  auto overlay = make_over({make_lower(tree)});
  const auto entries = overlay->list(kRootNode, 0, 1000).value();
  for (const DirectoryEntry& entry : entries) {
    REQUIRE(overlay->rename(kRootNode, entry.name, kRootNode, "moved", RenameMode::replace));
    REQUIRE(overlay->rename(kRootNode, "moved", kRootNode, entry.name, RenameMode::replace));
  }
  return overlay;
}

TEST_CASE("an overlay over nothing is a provider", "[vfs][overlay][contract]") {
  testing::check_write_contract(make_over_nothing);
}

TEST_CASE("an overlay over empty lowers is a provider", "[vfs][overlay][contract]") {
  testing::check_write_contract(make_over_empty);
}

TEST_CASE("an overlay over lowers that were emptied is a provider", "[vfs][overlay][contract]") {
  testing::check_write_contract(make_emptied);
}

TEST_CASE("an overlay shows a lower's tree", "[vfs][overlay][contract]") {
  testing::check_read_contract(make_lower_only);
}

TEST_CASE("an overlay shows a tree that is half copied", "[vfs][overlay][contract]") {
  testing::check_read_contract(make_split);
}

TEST_CASE("an overlay shows a tree that was moved", "[vfs][overlay][contract]") {
  testing::check_read_contract(make_copied);
}

TEST_CASE("an overlay holds a tree", "[vfs][overlay][contract]") {
  testing::check_read_contract(testing::tree_built_with(make_emptied));
}

}  // namespace
}  // namespace seabag::vfs
