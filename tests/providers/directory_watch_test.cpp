// What anybody does in a real directory is told by inotify.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "directory_support.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/shortcuts.h"
#include "seabag/vfs/watch.h"
#include "support/catch.h"

namespace seabag::testing {
namespace {

namespace fs = std::filesystem;
using vfs::WatchEventKind;
using Lines = std::vector<std::string>;

struct Watched {
  explicit Watched(const std::string& path = "/d", vfs::WatchDepth depth = vfs::WatchDepth::tree)
      : watch(vfs::watch(files, path, {.depth = depth}).value()) {}

  /// Everything up to the creation of a file that ends the test.
  Lines take() {
    std::ofstream(sandbox.root() / "d" / "end");
    Lines lines;
    while (const auto event = watch.next()) {
      if (event->path == "/d/end") {
        break;
      }
      lines.push_back(line_of(*event));
    }
    return lines;
  }

  static std::string line_of(const vfs::WatchEvent& event) {
    constexpr std::string_view kWords[] = {"created", "modified",  "attributes", "removed",
                                           "moved",   "exchanged", "overflow"};
    std::string line(kWords[static_cast<std::size_t>(event.kind)]);
    for (const std::string& path : {event.from, event.path}) {
      line.append(path.empty() ? "" : " ").append(path);
    }
    return line;
  }

  Sandbox sandbox;
  vfs::Namespace files;
  vfs::Mount mount = files.mount("/", sandbox.open()).value();
  vfs::Watch watch;
};

TEST_CASE("a watched directory tells what others do", "[directory][watch]") {
  Watched watched;
  const fs::path root = watched.sandbox.root() / "d";
  fs::create_directory(root / "new");
  fs::rename(root / "secret", root / "moved");
  fs::permissions(root / "moved", fs::perms::owner_read);
  fs::rename(root / "moved", watched.sandbox.root() / "gone");
  fs::rename(watched.sandbox.root() / "gone", root / "back");
  fs::remove(root / "back");
  CHECK(watched.take() == Lines{"created /d/new", "moved /d/secret /d/moved", "attributes /d/moved",
                                "removed /d/moved", "created /d/back", "removed /d/back"});
}

TEST_CASE("a watched directory tells what this process does, once", "[directory][watch]") {
  Watched watched;
  vfs::Namespace& files = watched.files;
  REQUIRE(vfs::write_file(files, "/d/file", "text"));
  REQUIRE(files.rename("/d/file", "/d/sub/file"));
  REQUIRE(vfs::unlink(files, "/d/sub/file"));
  CHECK(watched.take() == Lines{"created /d/file", "modified /d/file", "moved /d/file /d/sub/file",
                                "removed /d/sub/file"});
}

TEST_CASE("directories that others make are watched too, whatever is in them already",
          "[directory][watch]") {
  Watched watched;
  const fs::path root = watched.sandbox.root() / "d";
  fs::create_directories(root / "a" / "b" / "c");
  std::ofstream(root / "a" / "b" / "c" / "file");
  fs::rename(root / "a", root / "z");
  std::ofstream(root / "z" / "b" / "late");
  Lines lines = watched.take();
  // The kernel tells of each level only once it is watched: what was there before is found, under
  // the name that the directory had by then, in any order.
  CHECK(std::erase(lines, "moved /d/a /d/z") == 1);
  for (std::string& line : lines) {
    if (line.starts_with("created /d/a/")) {
      line.replace(line.find("/a/"), 3, "/z/");
    }
  }
  // And while directories move, it may be found twice.
  std::ranges::sort(lines);
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  CHECK(lines == Lines{"created /d/a", "created /d/z/b", "created /d/z/b/c",
                       "created /d/z/b/c/file", "created /d/z/b/late"});
}

TEST_CASE("a watch of one level stays there", "[directory][watch]") {
  Watched watched("/d", vfs::WatchDepth::directory);
  const fs::path root = watched.sandbox.root() / "d";
  std::ofstream(root / "sub" / "file");
  std::ofstream(root / "file");
  CHECK(watched.take() == Lines{"created /d/file"});
}

TEST_CASE("a watched file tells of itself", "[directory][watch]") {
  Watched watched("/d/secret", vfs::WatchDepth::directory);
  std::ofstream(watched.sandbox.root() / "d" / "secret", std::ios::app) << "more";
  const auto event = watched.watch.next();
  REQUIRE(event);
  CHECK(Watched::line_of(*event) == "modified /d/secret");
}

TEST_CASE("a directory that is watched can be removed", "[directory][watch]") {
  Watched watched("/d", vfs::WatchDepth::directory);
  fs::remove_all(watched.sandbox.root() / "d");
  Lines lines;
  while (const auto event = watched.watch.next()) {
    lines.push_back(Watched::line_of(*event));
    if (lines.back() == "removed /d") {
      break;
    }
  }
  CHECK(lines.size() >= 3);
}

TEST_CASE("two watches of one directory do not disturb each other", "[directory][watch]") {
  Watched watched;
  {
    auto other = vfs::watch(watched.files, "/d", {.depth = vfs::WatchDepth::tree}).value();
    other.close();
  }
  std::ofstream(watched.sandbox.root() / "d" / "file");
  CHECK(watched.take() == Lines{"created /d/file"});
}

}  // namespace
}  // namespace seabag::testing
