#include "seabag/vfs/shortcuts.h"

#include "memory_namespace.h"
#include "seabag/vfs/faulty.h"

namespace seabag::vfs {
namespace {

TEST_CASE("a file is written and read in one call each", "[vfs][shortcuts]") {
  MemoryNamespace tree;
  const std::string bytes("\0binary\xff\n", 9);
  REQUIRE(write_file(tree.files, "/f", bytes));
  CHECK(read_file(tree.files, "/f").value() == bytes);
  REQUIRE(write_file(tree.files, "/f", "short"));
  CHECK(read_file(tree.files, "/f").value() == "short");
  REQUIRE(write_file(tree.files, "/f", ""));
  CHECK(read_file(tree.files, "/f")->empty());
  CHECK(tree.files.stat("/f")->mode == 0644);
  REQUIRE(write_file(tree.files, "/secret", "x", {.mode = 0600, .uid = 3}));
  CHECK(tree.files.stat("/secret")->mode == 0600);
  CHECK(tree.files.stat("/secret")->uid == 3);
}

TEST_CASE("a large file is read to its end", "[vfs][shortcuts]") {
  MemoryNamespace tree;
  std::string bytes(3'000'000, 'x');
  bytes.back() = '!';
  REQUIRE(write_file(tree.files, "/f", bytes));
  CHECK(read_file(tree.files, "/f").value() == bytes);
}

TEST_CASE("a file that grows while it is read is read to its new end", "[vfs][shortcuts]") {
  const auto plan = std::make_shared<FaultPlan>();
  const std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  MemoryNamespace tree{.memory = memory};
  Namespace slow;
  const Mount root = slow.mount("/", make_faulty(memory, plan)).value();
  REQUIRE(write_file(tree.files, "/f", "small"));
  const std::string grown(200'000, 'g');
  plan->set_hook([&, done = false](ContractCall call) mutable {
    if (call == ContractCall::read_at && !done) {
      done = true;
      REQUIRE(write_file(tree.files, "/f", grown));
    }
  });
  CHECK(read_file(slow, "/f").value() == grown);
}

TEST_CASE("exists tells what is there, and what it cannot tell", "[vfs][shortcuts]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> f", "/dangling -> none", "/loop -> loop"});
  CHECK(exists(tree.files, "/f").value());
  CHECK(exists(tree.files, "/l").value());
  CHECK_FALSE(exists(tree.files, "/none").value());
  CHECK_FALSE(exists(tree.files, "/none/x").value());
  CHECK_FALSE(exists(tree.files, "/f/x").value());
  CHECK_FALSE(exists(tree.files, "/dangling").value());
  CHECK(error_of(exists(tree.files, "/loop")) == std::errc::too_many_symbolic_link_levels);
}

TEST_CASE("create_directories makes what is missing on the way", "[vfs][shortcuts]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/real/", "/l -> real", "/dangling -> none"});
  CHECK(create_directories(tree.files, "/a//b/c/", {.mode = 0750}));
  CHECK(tree.files.stat("/a/b/c")->mode == 0750);
  CHECK(create_directories(tree.files, "/a/b/c"));
  CHECK(create_directories(tree.files, "/"));
  CHECK(create_directories(tree.files, "/l/x"));
  CHECK(tree.files.stat("/real/x"));
  CHECK(create_directories(tree.files, "/a/../n/./m"));
  CHECK(tree.files.stat("/n/m"));
  CHECK(error_of(create_directories(tree.files, "/f")) == std::errc::file_exists);
  CHECK(error_of(create_directories(tree.files, "/f/x")) == std::errc::file_exists);
  CHECK(error_of(create_directories(tree.files, "/dangling/x")) == std::errc::file_exists);
  CHECK(error_of(create_directories(tree.files, "")) == std::errc::no_such_file_or_directory);
  CHECK(create_directories(tree.files, "/f/x").error().path == "/f/x");
}

TEST_CASE("create_directories works below a mount in synthetic directories", "[vfs][shortcuts]") {
  Namespace files;
  const Mount mount = files.mount("/a/b", providers::make_memory_file_system()).value();
  CHECK(create_directories(files, "/a/b/c/d"));
  CHECK(create_directories(files, "/a"));
  CHECK(error_of(create_directories(files, "/a/x")) == std::errc::read_only_file_system);
}

}  // namespace
}  // namespace seabag::vfs
