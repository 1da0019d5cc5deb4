#include "seabag/vfs/watch.h"

#include <string>
#include <thread>
#include <vector>

#include "memory_namespace.h"
#include "seabag/vfs/observed.h"
#include "support/catch.h"

namespace seabag::vfs {
namespace {

using Lines = std::vector<std::string>;

std::string line_of(const WatchEvent& event) {
  constexpr std::string_view kWords[] = {"created", "modified",  "attributes", "removed",
                                         "moved",   "exchanged", "overflow"};
  std::string line(kWords[static_cast<std::size_t>(event.kind)]);
  for (const std::string& path : {event.from, event.path}) {
    if (!path.empty()) {
      line.append(" ").append(path);
    }
  }
  return line;
}

Lines take(Watch& watch) {
  Lines lines;
  while (const auto event = watch.try_next()) {
    lines.push_back(line_of(*event));
  }
  return lines;
}

Watch watch_tree(const Namespace& files, std::string_view path) {
  return watch(files, path, {.depth = WatchDepth::tree}).value();
}

TEST_CASE("a watch tells each operation once, with its path", "[vfs][watch]") {
  MemoryNamespace tree;
  Namespace& files = tree.files;
  build(files, {"/d/", "/outside"});
  Watch watched = watch_tree(files, "/d");

  SECTION("creating and writing") {
    REQUIRE(write_file(files, "/d/file", "text"));
    REQUIRE(create_symlink(files, "file", "/d/link"));
    REQUIRE(files.create_link("/outside", "/d/hard"));
    CHECK(take(watched) ==
          Lines{"created /d/file", "modified /d/file", "created /d/link", "created /d/hard"});
  }
  SECTION("attributes, of the watched directory too") {
    build(files, {"/d/sub/"});
    (void)take(watched);
    REQUIRE(set_mode(files, "/d/sub", 0700));
    REQUIRE(set_mode(files, "/d", 0700));
    REQUIRE(files.set_xattr("/d/sub", "user.a", "1"));
    CHECK(take(watched) == Lines{"attributes /d/sub", "attributes /d", "attributes /d/sub"});
  }
  SECTION("moving within, out and in") {
    build(files, {"/d/a", "/d/sub/"});
    (void)take(watched);
    REQUIRE(files.rename("/d/a", "/d/sub/b"));
    REQUIRE(files.rename("/d/sub/b", "/b"));
    REQUIRE(files.rename("/b", "/d/c"));
    CHECK(take(watched) == Lines{"moved /d/a /d/sub/b", "removed /d/sub/b", "created /d/c"});
  }
  SECTION("a rename onto something is one event") {
    build(files, {"/d/a", "/d/b"});
    (void)take(watched);
    REQUIRE(files.rename("/d/a", "/d/b"));
    REQUIRE(write_file(files, "/d/b", ""));
    CHECK(take(watched) == Lines{"moved /d/a /d/b", "modified /d/b"});
  }
  SECTION("exchanging") {
    build(files, {"/d/a", "/d/b"});
    (void)take(watched);
    REQUIRE(files.rename("/d/a", "/d/b", RenameMode::exchange));
    REQUIRE(files.rename("/d/a", "/outside", RenameMode::exchange));
    CHECK(take(watched) == Lines{"exchanged /d/a /d/b", "created /d/a"});
  }
  SECTION("removing") {
    build(files, {"/d/sub/", "/d/sub/file"});
    (void)take(watched);
    REQUIRE(files.remove_all("/d/sub"));
    REQUIRE(remove_directory(files, "/d"));
    CHECK(take(watched) == Lines{"removed /d/sub/file", "removed /d/sub", "removed /d"});
  }
  SECTION("what is not below it is not told") {
    REQUIRE(write_file(files, "/outside", "more"));
    REQUIRE(unlink(files, "/outside"));
    CHECK(take(watched).empty());
  }
}

TEST_CASE("a recursive watch follows directories that move", "[vfs][watch]") {
  MemoryNamespace tree;
  Namespace& files = tree.files;
  build(files, {"/w/", "/w/a/", "/w/a/deep/", "/w/a/deep/file", "/other/", "/other/in/",
                "/other/in/file"});
  Watch watched = watch_tree(files, "/w");
  REQUIRE(files.rename("/w/a", "/w/b"));
  REQUIRE(write_file(files, "/w/b/deep/file", ""));
  REQUIRE(files.rename("/other/in", "/w/b/in"));
  REQUIRE(write_file(files, "/w/b/in/file", ""));
  REQUIRE(files.rename("/w/b/deep", "/other/deep"));
  REQUIRE(write_file(files, "/other/deep/file", ""));
  CHECK(take(watched) == Lines{"moved /w/a /w/b", "modified /w/b/deep/file", "created /w/b/in",
                               "modified /w/b/in/file", "removed /w/b/deep"});
}

TEST_CASE("a watch of one directory does not look below", "[vfs][watch]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/d/sub/"});
  Watch watched = watch(tree.files, "/d").value();
  build(tree.files, {"/d/file", "/d/sub/file"});
  REQUIRE(tree.files.rename("/d/file", "/d/sub/moved"));
  CHECK(take(watched) == Lines{"created /d/file", "modified /d/file", "removed /d/file"});
}

TEST_CASE("a single file can be watched", "[vfs][watch]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/d/file", "/link -> d/file"});
  Watch watched = watch(tree.files, "/link").value();
  REQUIRE(write_file(tree.files, "/d/file", ""));
  REQUIRE(tree.files.rename("/d/file", "/d/moved"));
  REQUIRE(write_file(tree.files, "/d/moved", ""));
  REQUIRE(unlink(tree.files, "/d/moved"));
  CHECK(take(watched) ==
        Lines{"modified /d/file", "moved /d/file", "modified /d/file", "removed /d/file"});
}

TEST_CASE("writes through files that were open before are told", "[vfs][watch]") {
  MemoryNamespace tree;
  build(tree.files, {"/file"});
  const auto open = tree.files.open_writable("/file").value();
  Watch watched = watch_tree(tree.files, "/");
  REQUIRE(tree.files.rename("/file", "/renamed"));
  REQUIRE(open->resize(1));
  REQUIRE(unlink(tree.files, "/renamed"));
  REQUIRE(open->resize(2));  // an orphan is in no tree any more
  CHECK(take(watched) == Lines{"moved /file /renamed", "modified /renamed", "removed /renamed"});
}

TEST_CASE("a tree includes what is mounted in it", "[vfs][watch]") {
  MemoryNamespace tree;
  const Mount below = tree.files.mount("/mnt/deep", providers::make_memory_file_system()).value();
  Watch watched = watch_tree(tree.files, "/mnt");
  REQUIRE(write_file(tree.files, "/mnt/deep/file", ""));
  CHECK(take(watched) == Lines{"created /mnt/deep/file"});
}

TEST_CASE("two namespaces share the feed of one observed file system", "[vfs][watch]") {
  const auto files = make_observed(providers::make_memory_file_system());
  Namespace one;
  Namespace other;
  const Mount in_one = one.mount("/one", files).value();
  const Mount in_other = other.mount("/other", files, {.access = MountAccess::read_only}).value();
  Watch watched = watch_tree(other, "/other");
  REQUIRE(write_file(one, "/one/file", ""));
  CHECK(take(watched) == Lines{"created /other/file"});
}

TEST_CASE("what does not find room is an overflow", "[vfs][watch]") {
  MemoryNamespace tree;
  Watch watched = watch(tree.files, "/", {.depth = WatchDepth::tree, .capacity = 2}).value();
  build(tree.files, {"/a/", "/b/", "/c/", "/d/"});
  CHECK(take(watched) == Lines{"created /a", "created /b", "overflow"});
  build(tree.files, {"/e/"});
  CHECK(take(watched) == Lines{"created /e"});
}

TEST_CASE("nothing is told after close", "[vfs][watch]") {
  MemoryNamespace tree;
  Watch watched = watch_tree(tree.files, "/");
  build(tree.files, {"/a/"});
  watched.close();
  build(tree.files, {"/b/"});
  CHECK(take(watched).empty());
  CHECK_FALSE(watched.next());
}

TEST_CASE("closing and a stop request wake who waits", "[vfs][watch][threads]") {
  MemoryNamespace tree;
  Watch watched = watch_tree(tree.files, "/");
  SECTION("close") {
    const std::jthread closer([&] { watched.close(); });
    CHECK_FALSE(watched.next());
  }
  SECTION("stop") {
    std::stop_source stop;
    const std::jthread stopper([&] { stop.request_stop(); });
    CHECK_FALSE(watched.next(stop.get_token()));
  }
  SECTION("an event") {
    const std::jthread maker([&] { (void)tree.files.create("/a", {}); });
    const auto event = watched.next();
    REQUIRE(event);
    CHECK(line_of(*event) == "created /a");
  }
}

TEST_CASE("what cannot be watched is refused", "[vfs][watch]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/"});
  CHECK(error_of(watch(tree.files, "/missing")) == std::errc::no_such_file_or_directory);
  const Mount blind =
      tree.files
          .mount("/d", providers::make_memory_file_system(), {.access = MountAccess::read_only})
          .value();
  const auto refused = watch(tree.files, "/d");
  CHECK(error_of(refused) == std::errc::operation_not_supported);
}

TEST_CASE("threads that change names at once are all told", "[vfs][watch][threads]") {
  constexpr int kThreads = 4;
  constexpr int kNames = 200;
  MemoryNamespace tree;
  Watch watched = watch_tree(tree.files, "/");
  {
    std::vector<std::jthread> makers;
    for (int thread = 0; thread < kThreads; ++thread) {
      makers.emplace_back([&files = tree.files, thread] {
        const std::string directory = "/" + std::to_string(thread);
        (void)create_directory(files, directory);
        for (int name = 0; name < kNames; ++name) {
          (void)files.create(directory + "/" + std::to_string(name), {});
        }
        (void)files.rename(directory, directory + "x");
        (void)files.remove(directory + "x/0", RemoveKind::file);
      });
    }
  }
  int created = 0;
  int moved = 0;
  int removed = 0;
  while (const auto event = watched.try_next()) {
    created += event->kind == WatchEventKind::created ? 1 : 0;
    moved += event->kind == WatchEventKind::moved ? 1 : 0;
    removed += event->kind == WatchEventKind::removed && event->path.ends_with("x/0") ? 1 : 0;
  }
  CHECK(created == kThreads * (kNames + 1));
  CHECK(moved == kThreads);
  CHECK(removed == kThreads);
}

}  // namespace
}  // namespace seabag::vfs
