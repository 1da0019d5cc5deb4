// rename(2) and link(2).
#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

TEST_CASE("rename moves a name", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/d/g", "/e/"});
  CHECK(tree.files.rename("/f", "/e/h"));
  CHECK(read_file(tree.files, "/e/h").value() == "/f");
  CHECK(tree.files.rename("/d", "/e/d"));
  CHECK(read_file(tree.files, "/e/d/g").value() == "/d/g");
  CHECK(names_in(tree.files, "/") == Names{"e"});
}

TEST_CASE("rename replaces what has the name", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/a", "/b", "/d/", "/d/x", "/empty/"});
  CHECK(tree.files.rename("/a", "/b"));
  CHECK(read_file(tree.files, "/b").value() == "/a");
  CHECK(tree.files.rename("/d", "/empty"));
  CHECK(names_in(tree.files, "/empty") == Names{"x"});
}

TEST_CASE("rename refuses what does not fit", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/full/", "/full/x"});
  CHECK(error_of(tree.files.rename("/d", "/full")) == std::errc::directory_not_empty);
  CHECK(error_of(tree.files.rename("/d", "/f")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.rename("/f", "/d")) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.rename("/none", "/x")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.rename("/f", "/none/x")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.rename("/f", "/f/x")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.rename("/f", "/" + std::string(256, 'n'))) ==
        std::errc::filename_too_long);
}

TEST_CASE("a missing parent is never made by rename", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  CHECK_FALSE(tree.files.rename("/f", "/new/f"));
  CHECK(names_in(tree.files, "/") == Names{"f"});
}

TEST_CASE("both names of one node: nothing changes", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/"});
  REQUIRE(tree.files.create_link("/f", "/g"));
  CHECK(tree.files.rename("/f", "/g"));
  CHECK(tree.files.rename("/f", "/f"));
  CHECK(tree.files.rename("/d", "/d/"));
  CHECK(names_in(tree.files, "/") == Names{"d", "f", "g"});
}

TEST_CASE("a directory is not moved into itself, by ancestry and not by text (node#65903)",
          "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/b/", "/a/b/c/", "/ab/", "/l -> a/b"});
  CHECK(error_of(tree.files.rename("/a", "/a/x")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.rename("/a", "/a/b/c/x")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.rename("/a", "/l/c/x")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.rename("/a", "/ab/../a/x")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.rename("/a/b", "/a")) == std::errc::directory_not_empty);
  CHECK(tree.files.rename("/a", "/ab/a"));
  CHECK(tree.files.stat("/ab/a/b/c"));
}

TEST_CASE("rename never follows the last component", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/g", "/l -> f", "/m -> g"});
  CHECK(tree.files.rename("/l", "/k"));
  CHECK(tree.files.read_link("/k").value() == "f");
  CHECK(tree.files.rename("/f", "/m"));
  CHECK(tree.files.lstat("/m")->type == FileType::regular);
  CHECK(read_file(tree.files, "/g").value() == "/g");
}

TEST_CASE("a trailing slash in rename asks for a directory", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/l -> d"});
  CHECK(error_of(tree.files.rename("/f/", "/x")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.rename("/f", "/x/")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.rename("/l/", "/x")) == std::errc::not_a_directory);
  CHECK(tree.files.rename("/d/", "/e/"));
  CHECK(names_in(tree.files, "/") == Names{"e", "f", "l"});
}

TEST_CASE("'/', '.' and '..' are not renamed or replaced", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/"});
  for (const char* path : {"/", "/d/.", "/d/..", "/.", "//"}) {
    CAPTURE(path);
    CHECK(error_of(tree.files.rename(path, "/x")) == std::errc::device_or_resource_busy);
    CHECK(error_of(tree.files.rename("/f", path)) == std::errc::device_or_resource_busy);
    CHECK(error_of(tree.files.rename("/f", path, RenameMode::no_replace)) ==
          std::errc::file_exists);
  }
}

TEST_CASE("RENAME_NOREPLACE refuses a name that exists", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/g", "/l -> none"});
  CHECK(error_of(tree.files.rename("/f", "/g", RenameMode::no_replace)) == std::errc::file_exists);
  CHECK(error_of(tree.files.rename("/f", "/l", RenameMode::no_replace)) == std::errc::file_exists);
  CHECK(tree.files.rename("/f", "/h", RenameMode::no_replace));
}

TEST_CASE("RENAME_EXCHANGE swaps two names", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/d/x"});
  CHECK(tree.files.rename("/f", "/d", RenameMode::exchange));
  CHECK(tree.files.stat("/f/x"));
  CHECK(read_file(tree.files, "/d").value() == "/f");
  CHECK(error_of(tree.files.rename("/f", "/none", RenameMode::exchange)) ==
        std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.rename("/f", "/d/", RenameMode::exchange)) ==
        std::errc::not_a_directory);
  CHECK(tree.files.rename("/d", "/f/", RenameMode::exchange));
}

TEST_CASE("rename across mounts is EXDEV, in both directions", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  const Mount mount = tree.files.mount("/m", providers::make_memory_file_system()).value();
  build(tree.files, {"/m/g"});
  CHECK(error_of(tree.files.rename("/f", "/m/f")) == std::errc::cross_device_link);
  CHECK(error_of(tree.files.rename("/m/g", "/g")) == std::errc::cross_device_link);
  CHECK(error_of(tree.files.rename("/f", "/m/g", RenameMode::exchange)) ==
        std::errc::cross_device_link);
}

TEST_CASE("mount points and what leads to them are not renamed or replaced", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/real/", "/way/", "/d/"});
  const Mount real = tree.files.mount("/real", providers::make_memory_file_system()).value();
  const Mount deep = tree.files.mount("/way/to/it", providers::make_memory_file_system()).value();
  for (const char* path : {"/real", "/way"}) {
    CAPTURE(path);
    CHECK(error_of(tree.files.rename("/d", path)) == std::errc::device_or_resource_busy);
    CHECK(error_of(tree.files.rename(path, "/x")) == std::errc::device_or_resource_busy);
  }
  CHECK(error_of(tree.files.rename("/real", "/d", RenameMode::exchange)) ==
        std::errc::device_or_resource_busy);
  CHECK(error_of(tree.files.rename("/way/to", "/way/x")) == std::errc::device_or_resource_busy);
  CHECK(tree.files.rename("/d", "/x"));
}

TEST_CASE("link makes one more name of the same node", "[vfs][link]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/"});
  CHECK(tree.files.create_link("/f", "/d/g")->links == 2);
  CHECK(tree.files.stat("/f")->node == tree.files.stat("/d/g")->node);
  REQUIRE(unlink(tree.files, "/f"));
  CHECK(read_file(tree.files, "/d/g").value() == "/f");
  CHECK(tree.files.stat("/d/g")->links == 1);
}

TEST_CASE("link does not follow a final symlink unless told to", "[vfs][link]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> f", "/dangling -> none"});
  REQUIRE(tree.files.create_link("/l", "/hard"));
  CHECK(tree.files.lstat("/hard")->type == FileType::symlink);
  REQUIRE(tree.files.create_link("/dangling", "/hard2"));
  CHECK(tree.files.lstat("/hard2")->type == FileType::symlink);
  REQUIRE(tree.files.create_link("/l", "/followed", LastLink::follow));
  CHECK(tree.files.lstat("/followed")->type == FileType::regular);
  CHECK(error_of(tree.files.create_link("/dangling", "/x", LastLink::follow)) ==
        std::errc::no_such_file_or_directory);
}

TEST_CASE("link refuses what cannot be linked", "[vfs][link]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/l -> none"});
  const Mount mount = tree.files.mount("/m", providers::make_memory_file_system()).value();
  CHECK(error_of(tree.files.create_link("/d", "/x")) == std::errc::operation_not_permitted);
  CHECK(error_of(tree.files.create_link("/d/.", "/x")) == std::errc::operation_not_permitted);
  CHECK(error_of(tree.files.create_link("/none", "/x")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.create_link("/f", "/d")) == std::errc::file_exists);
  CHECK(error_of(tree.files.create_link("/f", "/l")) == std::errc::file_exists);
  CHECK(error_of(tree.files.create_link("/f", "/")) == std::errc::file_exists);
  CHECK(error_of(tree.files.create_link("/f", "/m")) == std::errc::file_exists);
  CHECK(error_of(tree.files.create_link("/f", "/x/")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.create_link("/f/", "/x")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.create_link("/f", "/m/x")) == std::errc::cross_device_link);
}

TEST_CASE("an error of rename names the side that is wrong", "[vfs][rename]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  CHECK(tree.files.rename("/none", "/x").error().path == "/none");
  CHECK(tree.files.rename("/f", "/none/x").error().path == "/none/x");
}

}  // namespace
}  // namespace seabag::vfs
