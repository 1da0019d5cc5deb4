#include "seabag/vfs/owned.h"

#include "memory_namespace.h"
#include "seabag/vfs/overlay.h"
#include "support/provider_contract.h"
#include "support/tree.h"

namespace seabag::vfs {
namespace {

std::shared_ptr<FileSystem> make_owned_with(const testing::Tree& tree) {
  std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  testing::build_tree(tree, *memory);
  return make_owned(memory, 1000, 100);
}

TEST_CASE("a file system of one owner is a provider", "[vfs][owned][contract]") {
  testing::check_read_contract(make_owned_with);
}

TEST_CASE("everything belongs to the owner", "[vfs][owned]") {
  testing::Tree tree;
  tree.file("etc/motd", "hello");
  const auto files = make_owned_with(tree);
  const auto motd = testing::find_node(*files, "etc/motd");
  const auto file = files->open(motd.node).take();
  for (const Attributes& one : {files->attributes(kRootNode).value(), motd,
                                files->attributes(motd.node).value(), file->attributes().value()}) {
    CHECK(one.uid == 1000);
    CHECK(one.gid == 100);
  }
}

TEST_CASE("what an overlay copies stays the owner's", "[vfs][owned][overlay]") {
  testing::Tree tree;
  tree.file("etc/motd", "hello");
  const auto overlay = make_overlay({.upper = providers::make_memory_file_system(),
                                     .lowers = {make_owned_with(tree)}})
                           .value();
  const NodeId motd = testing::find_node(*overlay, "etc/motd").node;
  REQUIRE(overlay->open_writable(motd));
  CHECK(overlay->attributes(motd)->uid == 1000);
  CHECK(testing::find_node(*overlay, "etc").gid == 100);
  CHECK(overlay->attributes(kRootNode)->uid == 1000);
  CHECK(overlay->diff()->empty());
}

}  // namespace
}  // namespace seabag::vfs
