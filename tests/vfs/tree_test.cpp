#include "seabag/vfs/tree.h"

#include "memory_namespace.h"
#include "seabag/vfs/faulty.h"
#include "support/tree.h"

namespace seabag::vfs {
namespace {

TEST_CASE("copy_tree copies one of everything", "[vfs][tree]") {
  const auto from = providers::make_memory_file_system();
  const auto to = providers::make_memory_file_system();
  testing::Tree tree = testing::sample_tree();
  tree.file("linked", "shared by two names", 0640).xattrs = {{"user.a", "1"}};
  tree.hard_link("many/also linked", "linked");
  tree.add("fifo", {.type = FileType::fifo});
  tree.file("setuid", "x", 04711);
  tree.directory("dated").modified = Timestamp{.seconds = 5, .nanoseconds = 7};
  tree.file("dated/inside", "");
  testing::build_tree(tree, *from);
  REQUIRE(copy_tree(*from, kRootNode, *to, kRootNode));
  testing::check_tree_equals(tree, *to);
}

TEST_CASE("copy_tree keeps holes", "[vfs][tree]") {
  MemoryNamespace from;
  MemoryNamespace to;
  build(from.files, {"/sparse", "/hole"});
  REQUIRE(from.files.set_attributes("/sparse", {.size = 100'000'000}));
  REQUIRE(from.files.set_attributes("/hole", {.size = 0}));
  REQUIRE(from.files.set_attributes("/hole", {.size = 50'000'000}));
  REQUIRE(copy_tree(*from.memory, kRootNode, *to.memory, kRootNode));
  CHECK(to.files.stat("/sparse")->size == 100'000'000);
  CHECK(to.files.stat("/sparse")->blocks == from.files.stat("/sparse")->blocks);
  CHECK(to.files.stat("/hole")->size == 50'000'000);
  CHECK(to.files.stat("/hole")->blocks == 0);
}

TEST_CASE("copy_tree copies a part of one tree into a part of another", "[vfs][tree]") {
  MemoryNamespace from;
  MemoryNamespace to;
  build(from.files, {"/a/", "/a/b/", "/a/b/f", "/beside"});
  build(to.files, {"/x/", "/x/own"});
  REQUIRE(
      copy_tree(*from.memory, from.files.stat("/a")->node, *to.memory, to.files.stat("/x")->node));
  CHECK(names_in(to.files, "/") == Names{"x"});
  CHECK(names_in(to.files, "/x") == Names{"b", "own"});
  CHECK(read_file(to.files, "/x/b/f").value() == "/a/b/f");
  CHECK(error_of(copy_tree(*from.memory, from.files.stat("/a")->node, *to.memory,
                           to.files.stat("/x")->node)) == std::errc::file_exists);
}

TEST_CASE("copy_tree tells when space runs out", "[vfs][tree]") {
  MemoryNamespace from;
  build(from.files, {"/f"});
  const auto plan = std::make_shared<FaultPlan>();
  const auto to = make_writable_faulty(providers::make_memory_file_system(), plan);
  plan->limit_space(1);
  CHECK(error_of(copy_tree(*from.memory, kRootNode, *to, kRootNode)) ==
        std::errc::no_space_on_device);
}

TEST_CASE("copy_node gives a copy a name of its own", "[vfs][tree]") {
  MemoryNamespace from;
  MemoryNamespace to;
  build(from.files, {"/d/", "/d/file", "/d/link -> file"});
  const NodeId directory = from.files.stat("/d")->node;
  REQUIRE(copy_node(*from.memory, directory, *to.memory, {kRootNode, "copy"}));
  CHECK(names_in(to.files, "/copy") == Names{"file", "link"});
  CHECK(read_file(to.files, "/copy/link").value() == "/d/file");
  CHECK(error_of(copy_node(*from.memory, directory, *to.memory, {kRootNode, "copy"})) ==
        std::errc::file_exists);
}

TEST_CASE("copies can be given to somebody else, and tell how far they are", "[vfs][tree]") {
  MemoryNamespace from;
  MemoryNamespace to;
  build(from.files, {"/d/", "/d/file"});
  REQUIRE(from.files.set_attributes("/d/file", {.mode = 0400, .uid = 7, .gid = 8}));
  std::uint64_t bytes = 0;
  int nodes = 0;
  const CopyOptions options{
      .owners = CopyOwners::assign, .uid = 1000, .gid = 1001, .progress = [&](std::uint64_t count) {
        bytes += count;
        nodes += count == 0 ? 1 : 0;
      }};
  REQUIRE(copy_tree(*from.memory, kRootNode, *to.memory, kRootNode, options));
  const auto copied = to.files.stat("/d/file");
  REQUIRE(copied);
  CHECK(copied->uid == 1000);
  CHECK(copied->gid == 1001);
  CHECK(copied->mode == 0400);
  CHECK(bytes == 7);
  CHECK(nodes == 2);
}

TEST_CASE("remove_tree removes a file or a directory with all below it", "[vfs][tree]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/f", "/a/b/", "/a/b/c/", "/a/b/c/g", "/a/l -> ../keep", "/keep"});
  CHECK(remove_tree(*tree.memory, kRootNode, "a"));
  CHECK(names_in(tree.files, "/") == Names{"keep"});
  CHECK(remove_tree(*tree.memory, kRootNode, "keep"));
  CHECK(error_of(remove_tree(*tree.memory, kRootNode, "keep")) ==
        std::errc::no_such_file_or_directory);
}

TEST_CASE("remove_tree is not stopped by depth or width", "[vfs][tree]") {
  MemoryNamespace tree;
  NodeId directory = kRootNode;
  for (int depth = 0; depth < 5000; ++depth) {
    directory = tree.memory->create(directory, "d", {.type = FileType::directory}).value().node;
  }
  for (int width = 0; width < 3000; ++width) {
    REQUIRE(tree.memory->create(directory, std::to_string(width), {}));
  }
  CHECK(remove_tree(*tree.memory, kRootNode, "d"));
  CHECK(tree.files.list("/")->empty());
}

TEST_CASE("remove_tree does not mind what somebody else removes meanwhile", "[vfs][tree]") {
  const auto plan = std::make_shared<FaultPlan>();
  const std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  const auto faulty = make_writable_faulty(memory, plan);
  Namespace files;
  const Mount root = files.mount("/", memory).value();
  build(files, {"/d/", "/d/a", "/d/b", "/d/c"});
  plan->set_hook([&, done = false](ContractCall call) mutable {
    if (call == ContractCall::remove && !done) {
      done = true;
      REQUIRE(unlink(files, "/d/a"));
    }
  });
  CHECK(remove_tree(*faulty, kRootNode, "d"));
  CHECK(files.list("/")->empty());
}

}  // namespace
}  // namespace seabag::vfs
