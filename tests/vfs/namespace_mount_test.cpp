// Where mounts are found: prefixes, nesting, hiding, listings, what is refused.
#include <algorithm>
#include <string>
#include <vector>

#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

/// A file system with one file, called after itself.
std::shared_ptr<WritableFileSystem> file_system_with(std::string_view name) {
  std::shared_ptr<WritableFileSystem> made = providers::make_memory_file_system();
  REQUIRE(made->create(kRootNode, name, {.mode = 0644}));
  return made;
}

TEST_CASE("an empty namespace is an empty directory", "[vfs][mount]") {
  Namespace files;
  CHECK(files.stat("/")->type == FileType::directory);
  CHECK(files.list("/")->empty());
  CHECK(error_of(files.stat("/a")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(files.stat("/" + std::string(256, 'n'))) == std::errc::filename_too_long);
  CHECK(error_of(write_file(files, "/a", "")) == std::errc::read_only_file_system);
  CHECK(files.statistics("/")->blocks == 0);
  CHECK(files.mounts().empty());
}

TEST_CASE("the longest prefix wins, whatever the order of mounting", "[vfs][mount]") {
  const bool outer_first = GENERATE(true, false);
  Namespace files;
  std::vector<Mount> mounts;
  std::vector<std::string> order{"/", "/a", "/a/b"};
  if (!outer_first) {
    std::reverse(order.begin(), order.end());
  }
  for (const std::string& point : order) {
    const std::string name = "at_" + std::to_string(point.size());
    mounts.push_back(files.mount(point, file_system_with(name)).value());
  }
  CHECK(names_in(files, "/") == Names{"a", "at_1"});
  CHECK(names_in(files, "/a") == Names{"at_2", "b"});
  CHECK(names_in(files, "/a/b") == Names{"at_4"});
}

TEST_CASE("a prefix ends at a component: /test never captures /test2", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/test2/", "/test2/own"});
  const Mount mount = tree.files.mount("/test", file_system_with("inside")).value();
  CHECK(tree.files.stat("/test2/own"));
  CHECK(error_of(tree.files.stat("/test2/inside")) == std::errc::no_such_file_or_directory);
  CHECK(tree.files.stat("/test/inside"));
  CHECK(error_of(tree.files.stat("/tes")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("a prefix is normalised", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/b/", "/l -> a", "/gone -> later"});
  const auto point_of = [&](std::string_view prefix) {
    return tree.files.mount(prefix, file_system_with("f")).value().point();
  };
  CHECK(point_of("//a///m/") == "/a/m");
  CHECK(point_of("a/./m") == "/a/m");
  CHECK(point_of("/a/b/../m") == "/a/m");
  CHECK(point_of("/l/m") == "/a/m");
  CHECK(point_of("/l") == "/a");
  CHECK(point_of("/gone/m") == "/later/m");
  CHECK(point_of("/../../x") == "/x");
  CHECK(point_of("/") == "/");
}

TEST_CASE("a mount point shows in its parent's listing", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/m/", "/m/hidden", "/z"});
  const auto mounted = file_system_with("inside");
  const Mount real = tree.files.mount("/m", mounted).value();
  const Mount made_up = tree.files.mount("/n", file_system_with("f")).value();
  CHECK(names_in(tree.files, "/") == Names{"m", "n", "z"});
  const auto entries = tree.files.list("/").value();
  CHECK(entries[0].type == FileType::directory);
  CHECK(entries[0].node == kRootNode);
  CHECK(entries[0].inode == tree.files.stat("/m")->inode);
  CHECK(entries[1].type == FileType::directory);
}

TEST_CASE("'..' crosses out of a mount to its parent", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/beside", "/a/m/"});
  const Mount mount = tree.files.mount("/a/m", file_system_with("inside")).value();
  CHECK(tree.files.stat("/a/m/../beside"));
  CHECK(tree.files.stat("/a/m/../m/inside"));
  CHECK(tree.files.real_path("/a/m/..").value() == "/a");
  CHECK(tree.files.real_path("/a/m/../../a/m/inside").value() == "/a/m/inside");
}

TEST_CASE("symlinks lead into mounts and out of them", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/in -> m/inside", "/outside"});
  const Mount mount = tree.files.mount("/m", file_system_with("inside")).value();
  build(tree.files, {"/m/up -> ../outside", "/m/abs -> /outside"});
  CHECK(tree.files.stat("/in"));
  CHECK(read_file(tree.files, "/m/up").value() == "/outside");
  CHECK(read_file(tree.files, "/m/abs").value() == "/outside");
}

TEST_CASE("mounting over something hides it until it is unmounted", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/d/below"});
  {
    const Mount first = tree.files.mount("/d", file_system_with("first")).value();
    CHECK(names_in(tree.files, "/d") == Names{"first"});
    {
      const Mount second = tree.files.mount("/d", file_system_with("second")).value();
      CHECK(names_in(tree.files, "/d") == Names{"second"});
    }
    CHECK(names_in(tree.files, "/d") == Names{"first"});
  }
  CHECK(names_in(tree.files, "/d") == Names{"below"});
}

TEST_CASE("of two mounts in one place the lower can go first", "[vfs][mount]") {
  Namespace files;
  Mount lower = files.mount("/d", file_system_with("lower")).value();
  Mount upper = files.mount("/d", file_system_with("upper")).value();
  CHECK(lower.unmount());
  CHECK(names_in(files, "/d") == Names{"upper"});
  CHECK(upper.unmount());
  CHECK(files.list("/")->empty());
}

TEST_CASE("directories on the way to a mount point need not exist", "[vfs][mount]") {
  Namespace files;
  {
    const Mount mount = files.mount("/a/b/c", file_system_with("f")).value();
    CHECK(names_in(files, "/") == Names{"a"});
    CHECK(names_in(files, "/a") == Names{"b"});
    CHECK(names_in(files, "/a/b") == Names{"c"});
    CHECK(names_in(files, "/a/b/c") == Names{"f"});
    CHECK(files.stat("/a")->type == FileType::directory);
    CHECK(files.stat("/a")->mode == 0555);
    CHECK(files.stat("/a")->inode != files.stat("/a/b")->inode);
    CHECK(files.list("/")->front().inode == files.stat("/a")->inode);
    CHECK(files.real_path("/a/b/../b/c/..").value() == "/a/b");
    CHECK(error_of(files.stat("/a/x")) == std::errc::no_such_file_or_directory);
  }
  CHECK(files.list("/")->empty());
}

TEST_CASE("nothing can be made or changed in a synthetic directory", "[vfs][mount]") {
  Namespace files;
  const Mount mount = files.mount("/a/b", file_system_with("f")).value();
  CHECK(error_of(write_file(files, "/a/x", "")) == std::errc::read_only_file_system);
  CHECK(error_of(create_directory(files, "/a/x")) == std::errc::read_only_file_system);
  CHECK(error_of(create_directory(files, "/a/b")) == std::errc::file_exists);
  CHECK(error_of(set_mode(files, "/a", 0700)) == std::errc::read_only_file_system);
  CHECK(error_of(files.set_xattr("/a", "user.x", "")) == std::errc::read_only_file_system);
  CHECK(error_of(files.xattr("/a", "user.x")) == kNoAttribute);
  CHECK(files.xattrs("/a")->empty());
  CHECK(files.sync("/a"));
  CHECK(error_of(remove_directory(files, "/a")) == std::errc::device_or_resource_busy);
  CHECK(error_of(files.open("/a")) == std::errc::is_a_directory);
}

TEST_CASE("a way to a mount point merges with directories that exist", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/own", "/a/b/", "/a/b/deep"});
  const Mount mount = tree.files.mount("/a/b/c/d", file_system_with("f")).value();
  CHECK(names_in(tree.files, "/a") == Names{"b", "own"});
  CHECK(names_in(tree.files, "/a/b") == Names{"c", "deep"});
  CHECK(names_in(tree.files, "/a/b/c") == Names{"d"});
  build(tree.files, {"/a/b/new"});
  CHECK(names_in(tree.files, "/a/b") == Names{"c", "deep", "new"});
}

TEST_CASE("a way to a mount point hides what is no directory", "[vfs][mount]") {
  Namespace files;
  const Mount inner = files.mount("/a/file/m", file_system_with("inside")).value();
  const Mount outer = files.mount("/a", file_system_with("file")).value();
  CHECK(files.stat("/a/file")->type == FileType::directory);
  CHECK(files.stat("/a/file/m/inside"));
  CHECK(files.list("/a")->front().type == FileType::directory);
}

TEST_CASE("a mount on what is no directory is refused", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> f"});
  for (const char* prefix : {"/f", "/f/x", "/l", "/l/x"}) {
    CAPTURE(prefix);
    const auto mount = tree.files.mount(prefix, file_system_with("inside"));
    CHECK(error_of(mount) == std::errc::not_a_directory);
    CHECK(mount.error().path == prefix);
  }
}

TEST_CASE("a mount at a bad prefix is refused", "[vfs][mount]") {
  using namespace std::string_literals;
  MemoryNamespace tree;
  build(tree.files, {"/loop -> loop"});
  const auto refused = [&](const std::string& prefix) {
    return error_of(tree.files.mount(prefix, file_system_with("f")));
  };
  CHECK(refused("") == std::errc::no_such_file_or_directory);
  CHECK(refused("/a\0b"s) == std::errc::invalid_argument);
  CHECK(refused("/" + std::string(256, 'n')) == std::errc::filename_too_long);
  CHECK(refused("/new/" + std::string(256, 'n')) == std::errc::filename_too_long);
  CHECK(refused("/loop/x") == std::errc::too_many_symbolic_link_levels);
  CHECK(refused("/new/../x") == std::errc::no_such_file_or_directory);
  REQUIRE(create_directories(tree.files, "/" + std::string(255, 'd')));
  REQUIRE(create_symlink(tree.files, std::string(255, 'd'), "/l"));
  std::string deep = "/l";
  while (deep.size() < 4000) {
    deep += "/n";
  }
  CHECK(refused(deep) == std::errc::filename_too_long);
  CHECK(error_of(tree.files.mount("/m", std::shared_ptr<FileSystem>())) ==
        std::errc::invalid_argument);
  CHECK(tree.files.mounts().size() == 1);
  CHECK(names_in(tree.files, "/") == Names{std::string(255, 'd'), "l", "loop"});
}

TEST_CASE("a file system is not mounted into itself (AgentFS#186)", "[vfs][mount]") {
  Namespace files;
  const auto same = file_system_with("f");
  const Mount mount = files.mount("/a/b", same).value();
  for (const char* prefix : {"/", "/a", "/a/b", "/a/b/c", "/a/b/c/d"}) {
    CAPTURE(prefix);
    const auto refused = files.mount(prefix, same);
    CHECK(error_of(refused) == std::errc::device_or_resource_busy);
    CHECK(refused.error().path == prefix);
  }
  CHECK(files.mounts().size() == 1);
  CHECK(names_in(files, "/a/b") == Names{"f"});
}

TEST_CASE("a file system can be mounted in two places beside each other", "[vfs][mount]") {
  Namespace files;
  const auto same = file_system_with("f");
  const Mount one = files.mount("/one", same).value();
  const Mount two = files.mount("/two", same).value();
  REQUIRE(write_file(files, "/one/f", "seen in both"));
  CHECK(read_file(files, "/two/f").value() == "seen in both");
  CHECK(error_of(files.rename("/one/f", "/two/g")) == std::errc::cross_device_link);
}

TEST_CASE("mounts are told sorted, the one that shows last", "[vfs][mount]") {
  Namespace files;
  const auto shown = file_system_with("shown");
  const Mount z = files.mount("/z", file_system_with("f")).value();
  const Mount hidden = files.mount("/a", file_system_with("hidden")).value();
  const Mount top = files.mount("/a", shown, {.access = MountAccess::read_only}).value();
  const auto mounts = files.mounts();
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[0].point == "/a");
  CHECK(mounts[0].access == MountAccess::full);
  CHECK(mounts[1].file_system == shown);
  CHECK(mounts[1].access == MountAccess::read_only);
  CHECK(mounts[2].point == "/z");
}

}  // namespace
}  // namespace seabag::vfs
