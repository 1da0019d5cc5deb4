// open(2): what is opened, made, truncated and refused.
#include <span>

#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

constexpr WriteOptions kCreate{.create = CreateMode::if_missing};
constexpr WriteOptions kExclusive{.create = CreateMode::exclusive};
constexpr WriteOptions kTruncate{.truncate = true};
constexpr WriteOptions kNoFollow{.last_link = LastLink::keep};
constexpr WriteOptions kDirectory{.directory = true};

TEST_CASE("a file is opened for reading by path", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/d/f", "/l -> d/f"});
  CHECK(tree.files.open("/d/f"));
  CHECK(tree.files.open("/l"));
  CHECK(error_of(tree.files.open("/none")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.open("/d")) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.open("/")) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.open("/d/f/")) == std::errc::not_a_directory);
}

TEST_CASE("O_NOFOLLOW refuses a symlink as last component only", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/d/f", "/l -> d/f", "/dl -> d", "/dangling -> none"});
  const OpenOptions no_follow{.last_link = LastLink::keep};
  CHECK(error_of(tree.files.open("/l", no_follow)) == std::errc::too_many_symbolic_link_levels);
  CHECK(tree.files.open("/dl/f", no_follow));
  CHECK(tree.files.open("/d/f", no_follow));
  CHECK(error_of(tree.files.open("/dangling", no_follow)) ==
        std::errc::too_many_symbolic_link_levels);
  CHECK(error_of(tree.files.open_writable("/l", kNoFollow)) ==
        std::errc::too_many_symbolic_link_levels);
  CHECK(error_of(tree.files.open_writable(
            "/dangling", {.create = CreateMode::if_missing, .last_link = LastLink::keep})) ==
        std::errc::too_many_symbolic_link_levels);
  CHECK(error_of(tree.files.stat("/none")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("O_NOFOLLOW and a trailing slash stay inside the root (CVE-2026-39822)", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files,
        {"/jail/", "/jail/out -> ../..", "/jail/up -> /..", "/jail/f -> /secret", "/secret"});
  const OpenOptions no_follow{.last_link = LastLink::keep};
  CHECK(error_of(tree.files.open("/jail/out/", no_follow)) == std::errc::is_a_directory);
  CHECK(tree.files.lstat("/jail/out/")->node == kRootNode);
  CHECK(tree.files.lstat("/jail/up/")->node == kRootNode);
  CHECK(error_of(tree.files.open("/jail/f/", no_follow)) == std::errc::not_a_directory);
}

TEST_CASE("O_DIRECTORY refuses everything else with ENOTDIR", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/f", "/l -> f"});
  CHECK(error_of(tree.files.open("/f", {.directory = true})) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.open("/l", {.last_link = LastLink::keep, .directory = true})) ==
        std::errc::not_a_directory);
  CHECK(error_of(tree.files.open("/d", {.directory = true})) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.open_writable("/f", kDirectory)) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.open_writable("/d", kDirectory)) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.open_writable("/x",
                                          {.create = CreateMode::if_missing, .directory = true})) ==
        std::errc::invalid_argument);
}

TEST_CASE("without O_CREAT nothing is made", "[vfs][open]") {
  MemoryNamespace tree;
  CHECK(error_of(tree.files.open_writable("/f")) == std::errc::no_such_file_or_directory);
  CHECK(error_of(tree.files.open_writable("/f", kTruncate)) ==
        std::errc::no_such_file_or_directory);
  CHECK(tree.files.list("/")->empty());
}

TEST_CASE("O_CREAT makes what is missing and opens what is there", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/there"});
  CHECK(tree.files.open_writable(
      "/new", {.create = CreateMode::if_missing, .node = {.mode = 0640, .uid = 7, .gid = 8}}));
  const Attributes made = tree.files.stat("/new").value();
  CHECK(made.mode == 0640);
  CHECK(made.uid == 7);
  CHECK(made.gid == 8);
  CHECK(made.size == 0);
  CHECK(tree.files.open_writable("/there", kCreate));
  CHECK(read_file(tree.files, "/there").value() == "/there");
  CHECK(error_of(tree.files.open_writable("/none/f", kCreate)) ==
        std::errc::no_such_file_or_directory);
}

TEST_CASE("O_CREAT through a dangling symlink makes its target", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/l -> chain", "/chain -> d/new", "/bad -> none/new"});
  REQUIRE(write_file(tree.files, "/l", "made"));
  CHECK(read_file(tree.files, "/d/new").value() == "made");
  CHECK(tree.files.lstat("/l")->type == FileType::symlink);
  CHECK(error_of(tree.files.open_writable("/bad", kCreate)) ==
        std::errc::no_such_file_or_directory);
}

TEST_CASE("O_EXCL refuses every name that exists, dangling symlinks too", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/d/", "/l -> f", "/dangling -> none"});
  for (const char* path : {"/f", "/d", "/l", "/dangling", "/", "/d/.", "/d/.."}) {
    CAPTURE(path);
    CHECK(error_of(tree.files.open_writable(path, kExclusive)) == std::errc::file_exists);
  }
  CHECK(error_of(tree.files.stat("/none")) == std::errc::no_such_file_or_directory);
  CHECK(tree.files.open_writable("/new", kExclusive));
  CHECK(error_of(tree.files.open_writable("/new", kExclusive)) == std::errc::file_exists);
}

TEST_CASE("O_TRUNC empties a file, also without O_CREAT", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/l -> f", "/d/"});
  CHECK(tree.files.open_writable("/l", kTruncate));
  CHECK(tree.files.stat("/f")->size == 0);
  CHECK(error_of(tree.files.open_writable("/d", kTruncate)) == std::errc::is_a_directory);
}

TEST_CASE("a directory is not opened for writing", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/l -> d"});
  for (const char* path : {"/d", "/d/", "/l", "/d/.", "/d/..", "/", "."}) {
    CAPTURE(path);
    CHECK(error_of(tree.files.open_writable(path)) == std::errc::is_a_directory);
    CHECK(error_of(tree.files.open_writable(path, kCreate)) == std::errc::is_a_directory);
  }
}

TEST_CASE("a trailing slash and O_CREAT are EISDIR, without it ENOTDIR", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/f", "/slash -> new/"});
  CHECK(error_of(tree.files.open_writable("/f/")) == std::errc::not_a_directory);
  CHECK(error_of(tree.files.open_writable("/f/", kCreate)) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.open_writable("/new/", kCreate)) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.open_writable("/slash", kCreate)) == std::errc::is_a_directory);
  CHECK(error_of(tree.files.open_writable("/new/")) == std::errc::no_such_file_or_directory);
  CHECK(names_in(tree.files, "/") == Names{"f", "slash"});
}

TEST_CASE("a fifo or a device is not opened", "[vfs][open]") {
  MemoryNamespace tree;
  REQUIRE(tree.files.create("/fifo", {.type = FileType::fifo}));
  CHECK(error_of(tree.files.open("/fifo")) == std::errc::no_such_device_or_address);
  CHECK(error_of(tree.files.open_writable("/fifo")) == std::errc::no_such_device_or_address);
}

TEST_CASE("an unlinked file lives while it is open", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  const auto file = tree.files.open_writable("/f").value();
  REQUIRE(unlink(tree.files, "/f"));
  CHECK(file->attributes()->links == 0);
  CHECK(file->append(std::as_bytes(std::span("more", 4))).value() == 4);
  CHECK(file->attributes()->size == 6);
}

TEST_CASE("a file that is renamed while it is open stays open (nodejs/node#64103)", "[vfs][open]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  const auto file = tree.files.open_writable("/f").value();
  REQUIRE(tree.files.rename("/f", "/g"));
  REQUIRE(file->write_at(std::as_bytes(std::span("G!", 2)), 0).value() == 2);
  CHECK(read_file(tree.files, "/g").value() == "G!");
}

}  // namespace
}  // namespace seabag::vfs
