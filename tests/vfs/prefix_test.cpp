#include "seabag/vfs/prefix.h"

#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

TEST_CASE("a prefix shows one directory as a root", "[vfs][prefix]") {
  MemoryNamespace outer;
  build(outer.files, {"/secret", "/a/", "/a/b/", "/a/b/f", "/a/b/up -> ../../secret",
                      "/a/b/abs -> /f", "/l -> a/b"});
  Namespace inner;
  const Mount root = inner.mount("/", make_writable_prefix(outer.memory, "/l").value()).value();
  CHECK(names_in(inner, "/") == Names{"abs", "f", "up"});
  CHECK(inner.stat("/")->node == kRootNode);
  CHECK(read_file(inner, "/../../f").value() == "/a/b/f");
  CHECK(read_file(inner, "/abs").value() == "/a/b/f");
  CHECK(error_of(inner.stat("/up")) == std::errc::no_such_file_or_directory);
  build(inner, {"/new"});
  CHECK(outer.files.stat("/a/b/new"));
  CHECK(inner.rename("/new", "/newer"));
  CHECK(set_mode(inner, "/", 0700)->node == kRootNode);
  CHECK(outer.files.stat("/a/b")->mode == 0700);
}

TEST_CASE("a prefix of the root is the whole file system", "[vfs][prefix]") {
  MemoryNamespace outer;
  build(outer.files, {"/f"});
  const auto whole = make_prefix(outer.memory, "/").value();
  CHECK(whole->lookup(kRootNode, "f"));
  CHECK(whole->attributes(kRootNode)->node == kRootNode);
}

TEST_CASE("a prefix answers to its own numbers only for its root", "[vfs][prefix]") {
  MemoryNamespace outer;
  build(outer.files, {"/d/"});
  const NodeId inside = outer.files.stat("/d")->node;
  const auto prefix = make_prefix(outer.memory, "/d").value();
  CHECK(error_of(prefix->attributes(inside)) == kStaleNode);
  CHECK(error_of(prefix->list(inside, 0, 1)) == kStaleNode);
  CHECK(prefix->attributes(kRootNode)->inode == outer.files.stat("/d")->inode);
}

TEST_CASE("a prefix stays on its directory, wherever that goes", "[vfs][prefix]") {
  MemoryNamespace outer;
  build(outer.files, {"/d/", "/d/f", "/e/"});
  const auto prefix = make_prefix(outer.memory, "/d").value();
  REQUIRE(outer.files.rename("/d", "/e/moved"));
  CHECK(prefix->lookup(kRootNode, "f"));
  REQUIRE(outer.files.remove_all("/e"));
  CHECK(error_of(prefix->attributes(kRootNode)) == kStaleNode);
}

TEST_CASE("a prefix needs a directory", "[vfs][prefix]") {
  MemoryNamespace outer;
  build(outer.files, {"/f", "/loop -> loop"});
  const auto refused = [&](std::string_view path) {
    return error_of(make_prefix(outer.memory, path));
  };
  CHECK(refused("/none") == std::errc::no_such_file_or_directory);
  CHECK(refused("") == std::errc::no_such_file_or_directory);
  CHECK(refused("/f") == std::errc::not_a_directory);
  CHECK(refused("/loop") == std::errc::too_many_symbolic_link_levels);
  CHECK(error_of(make_prefix(nullptr, "/")) == std::errc::invalid_argument);
  CHECK(make_prefix(outer.memory, "/none").error().message() ==
        "prefix '/none': No such file or directory");
}

TEST_CASE("a prefix keeps its file system alive", "[vfs][prefix]") {
  std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  REQUIRE(memory->create(kRootNode, "d", {.type = FileType::directory}));
  const auto prefix = make_writable_prefix(memory, "/d").value();
  memory.reset();
  CHECK(prefix->create(kRootNode, "f", {}));
}

}  // namespace
}  // namespace seabag::vfs
