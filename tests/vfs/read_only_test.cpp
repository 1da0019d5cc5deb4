#include "seabag/vfs/read_only.h"

#include <span>
#include <thread>

#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

constexpr auto kFrozen = std::errc::read_only_file_system;

/// file, dir/, link -> file; frozen by the test.
struct Scene {
  std::shared_ptr<ReadOnlyFileSystem> files =
      std::make_shared<ReadOnlyFileSystem>(providers::make_memory_file_system());
  NodeId file = files->create(kRootNode, "file", {}).value().node;
  NodeId dir = files->create(kRootNode, "dir", {.type = FileType::directory}).value().node;
  NodeId link =
      files->create(kRootNode, "link", {.type = FileType::symlink, .target = "file"}).value().node;
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST_CASE("freezing makes every mutation EROFS", "[vfs][read_only]") {
  Scene scene;
  ReadOnlyFileSystem& files = *scene.files;
  CHECK_FALSE(files.is_frozen());
  files.freeze();
  CHECK(files.is_frozen());
  CHECK(error_of(files.create(kRootNode, "new", {})) == kFrozen);
  CHECK(error_of(files.create_unnamed(kRootNode, {})) == kFrozen);
  CHECK(error_of(files.open_writable(scene.file)) == kFrozen);
  CHECK(error_of(files.link(scene.file, kRootNode, "new")) == kFrozen);
  CHECK(error_of(files.remove(kRootNode, "file", RemoveKind::file)) == kFrozen);
  CHECK(error_of(files.remove(kRootNode, "dir", RemoveKind::directory)) == kFrozen);
  CHECK(error_of(files.rename(kRootNode, "file", scene.dir, "new", RenameMode::replace)) ==
        kFrozen);
  CHECK(error_of(files.rename(kRootNode, "file", kRootNode, "link", RenameMode::replace)) ==
        kFrozen);
  CHECK(error_of(files.rename(kRootNode, "file", kRootNode, "dir", RenameMode::exchange)) ==
        kFrozen);
  CHECK(error_of(files.set_attributes(scene.file, {.mode = 0})) == kFrozen);
  CHECK(error_of(files.set_attributes(scene.link, {.modified = NewTime::now()})) == kFrozen);
  CHECK(error_of(files.set_xattr(scene.file, "user.a", "", XattrMode::any)) == kFrozen);
  CHECK(error_of(files.remove_xattr(scene.file, "user.a")) == kFrozen);
  CHECK(files.sync());
  CHECK(files.lookup(kRootNode, "file")->links == 1);
}

TEST_CASE("freezing also closes files opened before (nodejs/node#64401)", "[vfs][read_only]") {
  Scene scene;
  const auto file = scene.files->open_writable(scene.file).value();
  const auto unnamed = scene.files->create_unnamed(kRootNode, {}).value();
  REQUIRE(file->append(bytes_of("before")));
  scene.files->freeze();
  for (WritableFile* open : {file.get(), unnamed.get()}) {
    CHECK(error_of(open->write_at(bytes_of("x"), 0)) == kFrozen);
    CHECK(error_of(open->append(bytes_of("x"))) == kFrozen);
    CHECK(error_of(open->resize(0)) == kFrozen);
    CHECK(error_of(open->allocate(AllocateMode::punch_hole, 0, 1)) == kFrozen);
    CHECK(open->sync(SyncScope::all));
  }
  CHECK(file->attributes()->size == 6);
  CHECK(file->find_extent(ExtentKind::data, 0));
  CHECK(error_of(scene.files->link(unnamed->attributes()->node, kRootNode, "named")) == kFrozen);
}

TEST_CASE("EROFS hides nothing that a lookup finds out", "[vfs][read_only]") {
  Scene scene;
  ReadOnlyFileSystem& files = *scene.files;
  files.freeze();
  const auto rename = [&](std::string_view from, std::string_view to, RenameMode mode) {
    return error_of(files.rename(kRootNode, from, kRootNode, to, mode));
  };
  CHECK(error_of(files.create(kRootNode, "dir", {})) == std::errc::file_exists);
  CHECK(error_of(files.create(scene.file, "x", {})) == std::errc::not_a_directory);
  CHECK(error_of(files.create(kRootNode, "..", {})) == std::errc::invalid_argument);
  CHECK(error_of(files.link(scene.file, kRootNode, "link")) == std::errc::file_exists);
  CHECK(error_of(files.link(NodeId{999}, kRootNode, "x")) == kStaleNode);
  CHECK(error_of(files.remove(kRootNode, "none", RemoveKind::file)) ==
        std::errc::no_such_file_or_directory);
  CHECK(rename("none", "x", RenameMode::replace) == std::errc::no_such_file_or_directory);
  CHECK(rename("file", "dir", RenameMode::no_replace) == std::errc::file_exists);
  CHECK(rename("file", "none", RenameMode::exchange) == std::errc::no_such_file_or_directory);
  CHECK(error_of(files.open_writable(scene.dir)) == std::errc::is_a_directory);
  CHECK(error_of(files.set_attributes(NodeId{999}, {})) == kStaleNode);
  CHECK(error_of(files.create_unnamed(NodeId{999}, {})) == kStaleNode);
}

TEST_CASE("a file system can be frozen under a namespace that uses it", "[vfs][read_only]") {
  auto read_only = std::make_shared<ReadOnlyFileSystem>(providers::make_memory_file_system());
  Namespace files;
  const Mount root = files.mount("/", read_only).value();
  build(files, {"/a/", "/a/f"});
  read_only->freeze();
  read_only->freeze();
  CHECK(read_file(files, "/a/f").value() == "/a/f");
  CHECK(error_of(write_file(files, "/a/f", "")) == kFrozen);
  CHECK(error_of(write_file(files, "/a/g", "")) == kFrozen);
  CHECK(error_of(create_directory(files, "/a")) == std::errc::file_exists);
  CHECK(error_of(files.remove_all("/a")) == kFrozen);
}

TEST_CASE("nothing changes any more once freeze has returned", "[vfs][read_only][threads]") {
  Scene scene;
  const auto file = scene.files->open_writable(scene.file).value();
  std::thread writer([&] {
    while (file->append(bytes_of("x"))) {
    }
  });
  while (file->attributes()->size < 100) {
    std::this_thread::yield();
  }
  scene.files->freeze();
  const std::uint64_t size = file->attributes()->size;
  writer.join();
  CHECK(file->attributes()->size == size);
}

}  // namespace
}  // namespace seabag::vfs
