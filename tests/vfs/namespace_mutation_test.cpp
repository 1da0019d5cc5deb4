// Making and removing names, attributes, and the read-only mount.
#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

TEST_CASE("create makes directories, with or without a trailing slash", "[vfs][create]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> none"});
  CHECK(create_directory(tree.files, "/a", {.mode = 0700})->mode == 0700);
  CHECK(create_directory(tree.files, "/b/"));
  CHECK(create_directory(tree.files, "/b/c///"));
  CHECK(error_of(create_directory(tree.files, "/none/d")) == std::errc::no_such_file_or_directory);
  for (const char* path : {"/", "/a", "/a/", "/f", "/f/", "/l", "/l/", "/a/.", "/a/..", "."}) {
    CAPTURE(path);
    CHECK(error_of(create_directory(tree.files, path)) == std::errc::file_exists);
  }
}

TEST_CASE("create makes symlinks, which take no trailing slash", "[vfs][create]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  CHECK(create_symlink(tree.files, "f", "/l"));
  CHECK(error_of(create_symlink(tree.files, "f", "/l")) == std::errc::file_exists);
  CHECK(error_of(create_symlink(tree.files, "f", "/new/")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(create_symlink(tree.files, "", "/new")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(create_symlink(tree.files, std::string(4096, 'x'), "/new")) ==
        std::errc::filename_too_long);
}

TEST_CASE("unlink removes a name and never a directory", "[vfs][remove]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/l -> d", "/dangling -> none"});
  for (const char* path : {"/d", "/d/", "/", "/d/.", "/d/.."}) {
    CAPTURE(path);
    CHECK(error_of(unlink(tree.files, path)) == std::errc::is_a_directory);
  }
  CHECK(error_of(unlink(tree.files, "/f/")) == std::errc::not_a_directory);
  CHECK(error_of(unlink(tree.files, "/l/")) == std::errc::not_a_directory);
  CHECK(error_of(unlink(tree.files, "/none")) == std::errc::no_such_file_or_directory);
  CHECK(unlink(tree.files, "/l"));
  CHECK(unlink(tree.files, "/dangling"));
  CHECK(unlink(tree.files, "/f"));
  CHECK(names_in(tree.files, "/") == Names{"d"});
}

TEST_CASE("rmdir removes an empty directory and nothing else", "[vfs][remove]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/full/", "/full/x", "/l -> d"});
  CHECK(error_of(remove_directory(tree.files, "/f")) == std::errc::not_a_directory);
  CHECK(error_of(remove_directory(tree.files, "/l")) == std::errc::not_a_directory);
  CHECK(error_of(remove_directory(tree.files, "/l/")) == std::errc::not_a_directory);
  CHECK(error_of(remove_directory(tree.files, "/full")) == std::errc::directory_not_empty);
  CHECK(error_of(remove_directory(tree.files, "/none")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(remove_directory(tree.files, "/d/.")) == std::errc::invalid_argument);
  CHECK(error_of(remove_directory(tree.files, "/d/..")) == std::errc::directory_not_empty);
  CHECK(error_of(remove_directory(tree.files, "/")) == std::errc::device_or_resource_busy);
  CHECK(remove_directory(tree.files, "/d/"));
}

TEST_CASE("mount points and what leads to them are not removed", "[vfs][remove]") {
  MemoryNamespace tree;
  build(tree.files, {"/m/", "/way/"});
  const Mount mount = tree.files.mount("/m", providers::make_memory_file_system()).value();
  const Mount deep = tree.files.mount("/way/to/it", providers::make_memory_file_system()).value();
  CHECK(error_of(remove_directory(tree.files, "/m")) == std::errc::device_or_resource_busy);
  CHECK(error_of(unlink(tree.files, "/m")) == std::errc::is_a_directory);
  CHECK(error_of(remove_directory(tree.files, "/way/to")) == std::errc::device_or_resource_busy);
  CHECK(error_of(remove_directory(tree.files, "/way")) == std::errc::directory_not_empty);
}

TEST_CASE("remove_all removes a tree and follows no symlink", "[vfs][remove]") {
  MemoryNamespace tree;
  build(tree.files,
        {"/keep/", "/keep/f", "/a/", "/a/b/", "/a/b/f", "/a/l -> ../keep", "/f", "/l -> keep"});
  CHECK(tree.files.remove_all("/a/"));
  CHECK(tree.files.remove_all("/f"));
  CHECK(error_of(tree.files.remove_all("/l/")) == std::errc::not_a_directory);
  CHECK(tree.files.remove_all("/l"));
  CHECK(error_of(tree.files.remove_all("/a")) == std::errc::no_such_file_or_directory);
  CHECK(names_in(tree.files, "/") == Names{"keep"});
  CHECK(tree.files.stat("/keep/f"));
}

TEST_CASE("remove_all removes nothing where something is mounted", "[vfs][remove]") {
  MemoryNamespace tree;
  build(tree.files, {"/a/", "/a/f", "/a/m/"});
  const Mount mount = tree.files.mount("/a/m", providers::make_memory_file_system()).value();
  for (const char* path : {"/", "/a", "/a/m"}) {
    CAPTURE(path);
    CHECK(error_of(tree.files.remove_all(path)) == std::errc::device_or_resource_busy);
  }
  CHECK(tree.files.stat("/a/f"));
}

TEST_CASE("attributes are changed through symlinks or on them", "[vfs][attributes]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> f"});
  const Timestamp moment{.seconds = 12, .nanoseconds = 34};
  REQUIRE(set_times(tree.files, "/l", NewTime::at(moment), NewTime::at(moment)));
  CHECK(tree.files.stat("/f")->modified == moment);
  CHECK(tree.files.lstat("/l")->modified != moment);
  REQUIRE(tree.files.set_attributes("/l", {.uid = 5, .modified = NewTime::at({.seconds = 1})},
                                    LastLink::keep));
  CHECK(tree.files.lstat("/l")->uid == 5);
  CHECK(tree.files.lstat("/l")->modified.seconds == 1);
  CHECK(tree.files.stat("/f")->uid == 0);
  CHECK(set_mode(tree.files, "/l", 04711)->mode == 04711);
  CHECK(tree.files.set_attributes("/f", {.size = 1})->size == 1);
  CHECK(error_of(tree.files.set_attributes("/", {.size = 1})) == std::errc::is_a_directory);
  CHECK(error_of(set_mode(tree.files, "/none", 0)) == std::errc::no_such_file_or_directory);
}

TEST_CASE("extended attributes are set, told and removed by path", "[vfs][attributes]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> f"});
  REQUIRE(tree.files.set_xattr("/l", "user.b", "2"));
  REQUIRE(tree.files.set_xattr("/f", "user.a", "1", XattrMode::create));
  CHECK(error_of(tree.files.set_xattr("/f", "user.a", "1", XattrMode::create)) ==
        std::errc::file_exists);
  CHECK(tree.files.xattr("/l", "user.a").value() == "1");
  CHECK(tree.files.xattrs("/f").value() == Names{"user.a", "user.b"});
  CHECK(tree.files.xattrs("/l", LastLink::keep)->empty());
  CHECK(tree.files.remove_xattr("/f", "user.a"));
  CHECK(error_of(tree.files.xattr("/f", "user.a")) == kNoAttribute);
  CHECK(error_of(tree.files.remove_xattr("/f", "user.a")) == kNoAttribute);
}

/// The same tree once writable and once mounted read-only at `/ro`.
struct ReadOnlyNamespace {
  std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  Namespace files;
  Mount full = files.mount("/rw", memory).value();
  Mount read_only = files.mount("/ro", memory, {.access = MountAccess::read_only}).value();
};

TEST_CASE("every mutation on a read-only mount is EROFS", "[vfs][read_only]") {
  ReadOnlyNamespace tree;
  Namespace& files = tree.files;
  build(files, {"/rw/f", "/rw/d/", "/rw/l -> f"});
  CHECK(read_file(files, "/ro/f").value() == "/rw/f");
  const std::vector<std::error_code> refusals{
      error_of(files.open_writable("/ro/f")),
      error_of(files.open_writable("/ro/f", {.truncate = true})),
      error_of(files.open_writable("/ro/l")),
      error_of(files.open_writable("/ro/new", {.create = CreateMode::if_missing})),
      error_of(files.open_writable("/ro/new", {.create = CreateMode::exclusive})),
      error_of(create_directory(files, "/ro/new")),
      error_of(create_symlink(files, "x", "/ro/new")),
      error_of(files.create_link("/ro/f", "/ro/new")),
      error_of(files.rename("/ro/f", "/ro/new")),
      error_of(files.rename("/ro/f", "/ro/l", RenameMode::exchange)),
      error_of(unlink(files, "/ro/f")),
      error_of(unlink(files, "/ro/l")),
      error_of(remove_directory(files, "/ro/d")),
      error_of(files.remove_all("/ro/d")),
      error_of(set_mode(files, "/ro/f", 0)),
      error_of(set_times(files, "/ro/f", NewTime::now(), NewTime::now())),
      error_of(files.set_attributes("/ro/l", {.uid = 1}, LastLink::keep)),
      error_of(files.set_xattr("/ro/f", "user.a", "")),
      error_of(files.remove_xattr("/ro/f", "user.a")),
  };
  for (std::size_t index = 0; index < refusals.size(); ++index) {
    CAPTURE(index);
    CHECK(refusals[index] == std::errc::read_only_file_system);
  }
  CHECK(files.sync("/ro"));
  CHECK(names_in(files, "/rw") == Names{"d", "f", "l"});
}

TEST_CASE("EROFS does not hide what the walk finds out", "[vfs][read_only]") {
  ReadOnlyNamespace tree;
  Namespace& files = tree.files;
  build(files, {"/rw/f", "/rw/d/", "/rw/full/", "/rw/full/x"});
  CHECK(error_of(files.open_writable("/ro/none")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(files.open_writable("/ro/f", {.create = CreateMode::exclusive})) ==
        std::errc::file_exists);
  CHECK(error_of(files.open_writable("/ro/d")) == std::errc::is_a_directory);
  CHECK(error_of(create_directory(files, "/ro/d")) == std::errc::file_exists);
  CHECK(error_of(create_directory(files, "/ro/none/d")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(create_directory(files, "/ro/f/d")) == std::errc::not_a_directory);
  CHECK(error_of(files.create_link("/ro/none", "/ro/x")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(files.create_link("/ro/f", "/ro/d")) == std::errc::file_exists);
  CHECK(error_of(files.rename("/ro/none", "/ro/x")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(files.rename("/ro/f", "/ro/d", RenameMode::no_replace)) == std::errc::file_exists);
  CHECK(error_of(unlink(files, "/ro/none")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(unlink(files, "/ro/d")) == std::errc::is_a_directory);
  CHECK(error_of(remove_directory(files, "/ro/f")) == std::errc::not_a_directory);
  CHECK(error_of(files.remove_all("/ro/none")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(set_mode(files, "/ro/none", 0)) == std::errc::no_such_file_or_directory);
}

TEST_CASE("a file system that cannot be written is mounted read-only", "[vfs][read_only]") {
  Namespace files;
  const std::shared_ptr<FileSystem> plain = providers::make_memory_file_system();
  const Mount mount = files.mount("/", plain).value();
  CHECK(error_of(write_file(files, "/f", "")) == std::errc::read_only_file_system);
  CHECK(files.mounts().front().access == MountAccess::read_only);
}

}  // namespace
}  // namespace seabag::vfs
