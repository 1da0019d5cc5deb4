#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>

#include "seabag/vfs/namespace.h"
#include "seabag/vfs/observed.h"
#include "seabag/vfs/watch.h"
#include "support/catch.h"
#include "support/kernel_mount.h"
#include "support/tree.h"

namespace seabag::testing {
namespace {

/// A file system that both a program's own calls and a mount change.
struct Shared {
  std::shared_ptr<vfs::ObservedFileSystem> files = std::make_shared<vfs::ObservedFileSystem>(
      std::shared_ptr<vfs::WritableFileSystem>(make_own_memory()));
  MountedDirectory mounted{files};

  [[nodiscard]] vfs::Attributes make_file(const std::string& name, const std::string& text) const {
    const auto made = files->create(vfs::kRootNode, name, {.mode = 0644});
    REQUIRE(made);
    write_text(made->node, text, 0);
    return *made;
  }

  void write_text(vfs::NodeId node, const std::string& text, std::uint64_t offset) const {
    const auto file = files->open_writable(node);
    REQUIRE(file);
    REQUIRE((*file)->write_at(std::as_bytes(std::span(text)), offset));
  }

  [[nodiscard]] std::string read_text(const std::string& name) const {
    std::ifstream file(mounted / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  [[nodiscard]] bool is_there(const std::string& name) const {
    struct stat status {};
    return lstat((mounted / name).c_str(), &status) == 0;
  }
};

TEST_CASE("a mount shows at once what the library makes, moves and removes",
          "[mount][invalidate]") {
  if (!can_mount()) {
    return;
  }
  const Shared shared;
  CHECK_FALSE(shared.is_there("file"));  // now cached as missing
  const vfs::Attributes made = shared.make_file("file", "one");
  CHECK(shared.is_there("file"));
  CHECK(shared.read_text("file") == "one");

  REQUIRE(shared.files->rename(vfs::kRootNode, "file", vfs::kRootNode, "other",
                               vfs::RenameMode::replace));
  CHECK_FALSE(shared.is_there("file"));
  CHECK(shared.read_text("other") == "one");

  REQUIRE(shared.files->link(made.node, vfs::kRootNode, "second"));
  struct stat status {};
  REQUIRE(stat((shared.mounted / "other").c_str(), &status) == 0);
  CHECK(status.st_nlink == 2);

  REQUIRE(shared.files->remove(vfs::kRootNode, "other", vfs::RemoveKind::file));
  CHECK_FALSE(shared.is_there("other"));
  REQUIRE(stat((shared.mounted / "second").c_str(), &status) == 0);
  CHECK(status.st_nlink == 1);
}

TEST_CASE("a mount shows at once what the library writes", "[mount][invalidate]") {
  if (!can_mount()) {
    return;
  }
  const Shared shared;
  const vfs::Attributes made = shared.make_file("file", "before");
  const int open_before = open((shared.mounted / "file").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(open_before >= 0);
  CHECK(shared.read_text("file") == "before");
  shared.write_text(made.node, "after, and longer", 0);
  CHECK(shared.read_text("file") == "after, and longer");
  std::string text(64, '\0');
  CHECK(pread(open_before, text.data(), text.size(), 0) == 17);
  close(open_before);

  REQUIRE(shared.files->set_attributes(made.node, {.mode = 0604}));
  struct stat status {};
  REQUIRE(stat((shared.mounted / "file").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0604);
  REQUIRE(shared.files->set_attributes(made.node, {.size = 5}));
  CHECK(shared.read_text("file") == "after");
}

TEST_CASE("what changes below a directory in use leaves it in use", "[mount][invalidate]") {
  if (!can_mount()) {
    return;
  }
  const Shared shared;
  const auto made = shared.files->create(vfs::kRootNode, "directory",
                                         {.type = vfs::FileType::directory, .mode = 0755});
  REQUIRE(made);
  const int inside = open((shared.mounted / "directory").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(inside >= 0);
  REQUIRE(shared.files->create(made->node, "file", {.mode = 0644}));
  REQUIRE(shared.files->rename(vfs::kRootNode, "directory", vfs::kRootNode, "moved",
                               vfs::RenameMode::replace));
  struct stat status {};
  CHECK(fstatat(inside, "file", &status, 0) == 0);
  CHECK(shared.is_there("moved/file"));
  close(inside);
}

TEST_CASE("a watch tells what is done through a mount", "[mount][watch]") {
  if (!can_mount()) {
    return;
  }
  const Shared shared;
  vfs::Namespace files;
  const auto mount = files.mount("/", shared.files).value();
  auto watch = vfs::watch(files, "/", {.depth = vfs::WatchDepth::tree}).value();
  std::filesystem::create_directory(shared.mounted / "directory");
  std::filesystem::rename(shared.mounted / "directory", shared.mounted / "moved");
  std::ofstream(shared.mounted / "moved/file") << "text";
  const auto is_next = [&](vfs::WatchEventKind kind, const char* path) {
    const auto event = watch.try_next();
    return event && event->kind == kind && event->path == path;
  };
  CHECK(is_next(vfs::WatchEventKind::created, "/directory"));
  CHECK(is_next(vfs::WatchEventKind::moved, "/moved"));
  CHECK(is_next(vfs::WatchEventKind::created, "/moved/file"));
  CHECK(is_next(vfs::WatchEventKind::modified, "/moved/file"));
}

}  // namespace
}  // namespace seabag::testing
