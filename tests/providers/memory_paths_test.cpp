#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "seabag/providers/memory.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/path_access.h"
#include "seabag/vfs/prefix.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"

/// The short way of whole paths, beside the walk that it stands for.
namespace seabag::providers {
namespace {

/// One tree with the short way and, through a view that hands none on, without it.
class BothWays {
 public:
  BothWays() : tree_(make_memory_file_system()) {
    mount(short_files_, tree_);
    const auto view = vfs::make_writable_prefix(tree_, "/");
    REQUIRE(view);
    REQUIRE((*view)->path_access() == nullptr);
    mount(long_files_, *view);
  }

  [[nodiscard]] vfs::PathAccess& access() const { return *tree_->path_access(); }
  [[nodiscard]] vfs::Namespace& files() { return short_files_; }

  void check(const std::string& path) {
    const std::string expected = describe(long_files_, path);
    const std::string told = describe(short_files_, path);
    if (told != expected) {
      CAPTURE(path);
      CHECK(told == expected);
    }
  }

 private:
  static void mount(vfs::Namespace& files, std::shared_ptr<vfs::WritableFileSystem> tree) {
    auto mounted = files.mount("/", std::move(tree));
    REQUIRE(mounted);
    mounted->keep();
  }
  static std::string attributes(const Result<vfs::Attributes>& found) {
    return found ? std::to_string(found->inode) + "/" + std::to_string(found->size) + "/" +
                       std::to_string(static_cast<int>(found->type))
                 : found.error().message();
  }
  static std::string opened(const Result<std::unique_ptr<vfs::File>>& file) {
    return file ? attributes((*file)->attributes()) : file.error().message();
  }
  static std::string describe(const vfs::Namespace& files, const std::string& path) {
    return "stat: " + attributes(files.stat(path)) + "\nlstat: " + attributes(files.lstat(path)) +
           "\nopen: " + opened(files.open(path)) +
           "\nno links: " + opened(files.open(path, {.last_link = vfs::LastLink::keep})) +
           "\ndirectory: " + opened(files.open(path, {.directory = true}));
  }

  std::shared_ptr<vfs::WritableFileSystem> tree_;
  vfs::Namespace short_files_;
  vfs::Namespace long_files_;
};

constexpr std::array<const char*, 12> kNames = {
    "a", "b", "c", "d", "file", "name of some length", ".", "..", "...", "", "link", ".hidden"};

/// Up to five names, with now and then a slash too many.
std::string any_path(std::mt19937& random) {
  std::string path = random() % 4 == 0 ? "" : "/";
  for (std::size_t left = random() % 5 + 1; left > 0; --left) {
    path += kNames[random() % kNames.size()];
    path += left > 1 || random() % 8 == 0 ? "/" : "";
  }
  return path;
}

TEST_CASE("memory's short way tells what the walk tells", "[providers][memory][direct]") {
  BothWays both;
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    const std::string path = any_path(random);
    // Whether it works does not matter, as long as the tree changes.
    switch (random() % 10) {
      case 0:
      case 1:
      case 2:
        (void)vfs::create_directory(both.files(), path);
        break;
      case 3:
      case 4:
        (void)vfs::write_file(both.files(), path, path);
        break;
      case 5:
        (void)vfs::create_symlink(both.files(), any_path(random), path);
        break;
      case 6:
        (void)both.files().rename(path, any_path(random));
        break;
      case 7:
        (void)both.files().remove_all(path);
        break;
      default:
        break;
    }
    both.check(path);
    both.check(any_path(random));
  }
}

TEST_CASE("memory's short way takes what is plain, and nothing else",
          "[providers][memory][direct]") {
  BothWays both;
  REQUIRE(vfs::create_directories(both.files(), "/d/e"));
  REQUIRE(vfs::write_file(both.files(), "/d/e/file", "text"));
  REQUIRE(vfs::create_symlink(both.files(), "e", "/d/link"));
  CHECK(both.access().path_attributes("d/e/file")->node == both.files().stat("/d/e/file")->node);
  CHECK(both.access().path_attributes("d/e")->type == vfs::FileType::directory);
  REQUIRE(both.access().open_path("d/e/file"));
  for (const char* path : {"d", "d/e", "d/link", "d/link/file", "d/e/file/x", "d/e/missing", "x"}) {
    CAPTURE(path);
    CHECK(both.access().open_path(path) == nullptr);
  }
  CHECK_FALSE(both.access().path_attributes("d/link"));
  CHECK_FALSE(both.access().path_attributes("d/e/missing"));
}

TEST_CASE("what memory's short way has opened outlives its name", "[providers][memory][direct]") {
  BothWays both;
  REQUIRE(vfs::write_file(both.files(), "/file", "text"));
  const auto file = both.files().open("/file");
  REQUIRE(file);
  REQUIRE(vfs::unlink(both.files(), "/file"));
  CHECK((*file)->attributes()->links == 0);
  CHECK((*file)->attributes()->size == 4);
}

TEST_CASE("a name that is only ever replaced is never missing on memory's short way",
          "[providers][memory][direct]") {
  BothWays both;
  REQUIRE(vfs::create_directories(both.files(), "/d/e"));
  REQUIRE(vfs::write_file(both.files(), "/d/e/file", "text"));
  std::atomic<bool> is_over = false;
  std::thread writer([&] {
    while (!is_over) {
      (void)vfs::write_file(both.files(), "/d/e/next", "text");
      (void)both.files().rename("/d/e/next", "/d/e/file");
    }
  });
  int missing = 0;
  for (int round = 0; round < 20'000; ++round) {
    missing += both.files().stat("/d/e/file") && both.files().open("/d/e/file") ? 0 : 1;
  }
  is_over = true;
  writer.join();
  CHECK(missing == 0);
}

}  // namespace
}  // namespace seabag::providers
