// Path resolution: components, `..`, symlinks, slashes, limits (path_resolution(7)).
#include <string>

#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

using namespace std::string_literals;

TEST_CASE("a path leads from the root to a node", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/b/", "/a/b/c"});
  CHECK(tree.files.stat("/a/b/c")->type == FileType::regular);
  CHECK(tree.files.stat("//a///b//c")->type == FileType::regular);
  CHECK(tree.files.stat("/a/./b/.")->type == FileType::directory);
  CHECK(tree.files.stat("/")->node == kRootNode);
  CHECK(read_file(tree.files, "a/b/c").value() == "/a/b/c");
}

TEST_CASE("a path that cannot be walked says why", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/f"});
  CHECK(error_of(tree.files.stat("")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.stat("/missing")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.stat("/a\0b"s)) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.stat("/" + std::string(256, 'n'))) == std::errc::filename_too_long);
  CHECK(error_of(tree.files.stat("/missing/" + std::string(256, 'n'))) ==
        std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.stat("/f/" + std::string(256, 'n'))) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.stat(std::string(4096, '/'))) == std::errc::filename_too_long);
  CHECK(tree.files.stat(std::string(4095, '/')));
}

TEST_CASE("a missing middle is ENOENT and a middle that is no directory ENOTDIR", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> f"});
  CHECK(error_of(tree.files.stat("/missing/x")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.stat("/f/x")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.stat("/l/x")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.stat("/f/.")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.stat("/f/..")) == std::errc::not_a_directory);
  CHECK(error_of(write_file(tree.files, "/f/x", "")) == std::errc::not_a_directory);
}

TEST_CASE("'..' goes to the directory above, and at the root it stays", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/b/", "/f"});
  CHECK(tree.files.stat("/a/b/../../f"));
  CHECK(tree.files.stat("/../../f"));
  CHECK(tree.files.stat("../f"));
  CHECK(tree.files.stat("/..")->node == kRootNode);
}

TEST_CASE("'a/..' is not collapsed: it needs a, and leaves what a leads to", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/deep/", "/deep/er/", "/deep/here", "/here", "/l -> deep/er"});
  CHECK(error_of(tree.files.stat("/missing/../here")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.stat("/here/../here")) == std::errc::not_a_directory);
  CHECK(read_file(tree.files, "/l/../here").value() == "/deep/here");
}

TEST_CASE("a backslash is an ordinary byte (nodejs/node#64129)", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/a\\b", "/..\\x", "/a/"});
  CHECK(read_file(tree.files, "/a\\b").value() == "/a\\b");
  CHECK(error_of(tree.files.stat("/a/b")) == std::errc::no_such_file_or_directory);
  CHECK(names_in(tree.files, "/") == Names{"..\\x", "a", "a\\b"});
}

TEST_CASE("names are bytes, not UTF-8", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/\xff\xfe", "/\x01\n"});
  CHECK(tree.files.stat("/\xff\xfe"));
  CHECK(names_in(tree.files, "/") == Names{"\x01\n", "\xff\xfe"});
}

TEST_CASE("symlinks are followed, relative to where they are", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/f", "/f", "/a/rel -> f", "/a/up -> ../f", "/abs -> /a/f",
                     "/dir -> a", "/a/chain -> ../abs", "/dangling -> nothing"});
  CHECK(read_file(tree.files, "/a/rel").value() == "/a/f");
  CHECK(read_file(tree.files, "/a/up").value() == "/f");
  CHECK(read_file(tree.files, "/abs").value() == "/a/f");
  CHECK(read_file(tree.files, "/dir/rel").value() == "/a/f");
  CHECK(read_file(tree.files, "/a/chain").value() == "/a/f");
  CHECK(error_of(tree.files.stat("/dangling")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.stat("/dangling/x")) == std::errc::no_such_file_or_directory);
  CHECK(tree.files.lstat("/dangling")->type == FileType::symlink);
  CHECK(tree.files.lstat("/dir/rel")->type == FileType::symlink);
}

TEST_CASE("a symlink cannot lead out of the root", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/a/", "/a/out -> ../../../../f", "/a/abs -> /../../f"});
  CHECK(read_file(tree.files, "/a/out").value() == "/f");
  CHECK(read_file(tree.files, "/a/abs").value() == "/f");
}

/// Makes /0 -> last, /1 -> 0, ... : the link called `count - 1` takes `count` traversals.
void build_chain(Namespace& files, int count, const std::string& last) {
  for (int index = 0; index < count; ++index) {
    const std::string target = index == 0 ? last : std::to_string(index - 1);
    REQUIRE(create_symlink(files, target, "/" + std::to_string(index)));
  }
}

TEST_CASE("forty symlinks are followed and no more", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  build_chain(tree.files, 41, "f");
  CHECK(tree.files.stat("/39"));
  CHECK(error_of(tree.files.stat("/40")) == std::errc::too_many_symbolic_link_levels);
  CHECK(tree.files.lstat("/40"));
}

TEST_CASE("symlinks count over the whole resolution, nested ones too", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/d/f", "/one -> d", "/two -> one"});
  const auto times = [](std::string_view step, int count) {
    std::string path;
    for (int index = 0; index < count; ++index) {
      path += step;
    }
    return path;
  };
  CHECK(tree.files.stat("/" + times("one/../", 40)));
  CHECK(error_of(tree.files.stat("/" + times("one/../", 41))) ==
        std::errc::too_many_symbolic_link_levels);
  CHECK(tree.files.stat("/" + times("two/../", 20)));
  CHECK(error_of(tree.files.stat("/" + times("two/../", 20) + "one")) ==
        std::errc::too_many_symbolic_link_levels);
}

TEST_CASE("a symlink to itself is ELOOP", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/self -> self", "/x -> y", "/y -> x", "/grow -> grow/more"});
  for (const char* path : {"/self", "/x", "/x/z", "/grow", "/self/"}) {
    CAPTURE(path);
    CHECK(error_of(tree.files.stat(path)) == std::errc::too_many_symbolic_link_levels);
  }
}

TEST_CASE("a trailing slash asks for a directory and follows the last symlink", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/f", "/to_d -> d", "/to_f -> f", "/slash_d -> d/", "/slash_f -> f/"});
  CHECK(tree.files.stat("/d/"));
  CHECK(error_of(tree.files.stat("/f/")) == std::errc::not_a_directory);
  CHECK(tree.files.lstat("/to_d/")->type == FileType::directory);
  CHECK(tree.files.lstat("/to_d")->type == FileType::symlink);
  CHECK(error_of(tree.files.lstat("/to_f/")) == std::errc::not_a_directory);
  CHECK(tree.files.stat("/slash_d"));
  CHECK(error_of(tree.files.stat("/slash_f")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.read_link("/to_d/")) == std::errc::invalid_argument);
}

TEST_CASE("read_link gives the target byte for byte", "[vfs][walk]") {
  MemoryNamespace tree;
  const std::string longest(4095, 'x');
  build(tree.files, {"/f", "/d/", "/l -> ../\xff//./x/"});
  CHECK(tree.files.read_link("/l").value() == "../\xff//./x/");
  REQUIRE(create_symlink(tree.files, longest, "/long"));
  CHECK(tree.files.read_link("/long").value() == longest);
  CHECK(error_of(tree.files.read_link("/f")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.read_link("/d")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.read_link("/")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.read_link("/missing")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("real_path tells the path without links and dots", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/b/", "/a/b/f", "/l -> a/b", "/a/b/up -> ../../l/f", "/root -> /"});
  CHECK(tree.files.real_path("/").value() == "/");
  CHECK(tree.files.real_path("/..").value() == "/");
  CHECK(tree.files.real_path("/root").value() == "/");
  CHECK(tree.files.real_path("l//.././b/f").value() == "/a/b/f");
  CHECK(tree.files.real_path("/l/").value() == "/a/b");
  CHECK(tree.files.real_path("/l/..").value() == "/a");
  CHECK(tree.files.real_path("/root/l/up").value() == "/a/b/f");
  CHECK(error_of(tree.files.real_path("/l/none")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("real_path is ENAMETOOLONG where the real path is too long", "[vfs][walk]") {
  MemoryNamespace tree;
  std::string path;
  for (int depth = 0; depth < 20; ++depth) {
    const std::string above = path;
    path += "/" + std::string(250, 'd');
    if (depth == 15) {
      REQUIRE(create_symlink(tree.files, above, "/short"));
      path = "/short/" + std::string(250, 'd');
    }
    REQUIRE(create_directory(tree.files, path));
  }
  CHECK(tree.files.stat(path));
  CHECK(error_of(tree.files.real_path(path)) == std::errc::filename_too_long);
}

TEST_CASE("a deep path is walked to its end", "[vfs][walk]") {
  MemoryNamespace tree;
  std::string path;
  for (int depth = 0; depth < 200; ++depth) {
    path += "/d";
    REQUIRE(create_directory(tree.files, path));
  }
  CHECK(tree.files.real_path(path + "/../../d/d").value() == path);
  std::string back = path;
  for (int depth = 0; depth < 199; ++depth) {
    back += "/..";
  }
  CHECK(tree.files.real_path(back).value() == "/d");
}

TEST_CASE("an error names the call and the path as the caller gave it", "[vfs][walk]") {
  MemoryNamespace tree;
  build(tree.files, {"/l -> nothing"});
  const Error error = tree.files.open("//l/../x").error();
  CHECK(error.operation == "open"s);
  CHECK(error.path == "//l/../x");
  CHECK(tree.files.lstat("/none").error().message() == "lstat '/none': No such file or directory");
  CHECK(tree.files.create("/none/x", {}).error().path == "/none/x");
}

}  // namespace
}  // namespace seabag::vfs
