// How long mounts live: scopes, open files, namespaces that go first.
#include <optional>

#include "memory_namespace.h"

namespace seabag::vfs {
namespace {

std::string text_of(const File& file) {
  std::string text(64, '\0');
  text.resize(file.read_at(std::as_writable_bytes(std::span(text)), 0).value());
  return text;
}

TEST_CASE("a mount ends with its scope", "[vfs][mount]") {
  Namespace files;
  {
    const Mount mount = files.mount("/m", providers::make_memory_file_system()).value();
    CHECK(files.stat("/m"));
  }
  CHECK(error_of(files.stat("/m")) == std::errc::no_such_file_or_directory);
  CHECK(files.mounts().empty());
}

TEST_CASE("a mount that is moved ends once, with its last owner", "[vfs][mount]") {
  Namespace files;
  std::optional<Mount> outer;
  {
    Mount mount = files.mount("/m", providers::make_memory_file_system()).value();
    outer.emplace(std::move(mount));
  }
  CHECK(files.stat("/m"));
  CHECK(outer->point() == "/m");
  Mount other = files.mount("/n", providers::make_memory_file_system()).value();
  other = *std::move(outer);
  outer.reset();
  CHECK(files.stat("/m"));
  CHECK(error_of(files.stat("/n")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("a mount that is kept stays until it is unmounted by path", "[vfs][mount]") {
  Namespace files;
  files.mount("/m", providers::make_memory_file_system()).value().keep();
  CHECK(files.stat("/m"));
  CHECK(files.unmount("/m/."));
  CHECK(error_of(files.unmount("/m")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("unmounting what is no mount point is EINVAL", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/d/", "/f"});
  CHECK(error_of(tree.files.unmount("/d")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.unmount("/f")) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.unmount("/none")) == std::errc::no_such_file_or_directory);
  CHECK(tree.root.unmount());
  CHECK(error_of(tree.root.unmount()) == std::errc::invalid_argument);
  CHECK(error_of(tree.files.unmount("/")) == std::errc::invalid_argument);
}

TEST_CASE("a mount object notices that its mount was unmounted by path", "[vfs][mount]") {
  Namespace files;
  Mount mount = files.mount("/m", providers::make_memory_file_system()).value();
  CHECK(files.unmount("/m"));
  CHECK(error_of(mount.unmount()) == std::errc::invalid_argument);
  const Mount next = files.mount("/m", providers::make_memory_file_system()).value();
  CHECK(error_of(mount.unmount()) == std::errc::invalid_argument);
  CHECK(files.mounts().size() == 1);
}

TEST_CASE("open files keep a mount busy", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  auto reader = tree.files.open("/f").value();
  auto writer = tree.files.open_writable("/f").value();
  CHECK(error_of(tree.root.unmount()) == std::errc::device_or_resource_busy);
  CHECK(error_of(tree.files.unmount("/")) == std::errc::device_or_resource_busy);
  reader.reset();
  CHECK(error_of(tree.root.unmount()) == std::errc::device_or_resource_busy);
  CHECK(tree.files.stat("/f"));
  writer.reset();
  CHECK(tree.root.unmount());
  CHECK(error_of(tree.files.stat("/f")) == std::errc::no_such_file_or_directory);
}

TEST_CASE("a lazy unmount lets open files work on", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  const std::weak_ptr<FileSystem> watched = tree.memory;
  tree.memory.reset();
  auto file = tree.files.open("/f").value();
  CHECK(tree.root.unmount(UnmountMode::lazy));
  CHECK(error_of(tree.files.open("/f")) == std::errc::no_such_file_or_directory);
  CHECK(text_of(*file) == "/f");
  CHECK_FALSE(watched.expired());
  file.reset();
  CHECK(watched.expired());
}

TEST_CASE("a file outlives its namespace and its mount", "[vfs][mount]") {
  std::unique_ptr<File> file;
  {
    MemoryNamespace tree;
    build(tree.files, {"/f"});
    file = tree.files.open("/f").value();
  }
  CHECK(text_of(*file) == "/f");
}

TEST_CASE("a mount object may outlive its namespace", "[vfs][mount]") {
  std::optional<Mount> mount;
  {
    Namespace files;
    mount.emplace(files.mount("/m", providers::make_memory_file_system()).value());
  }
  CHECK(error_of(mount->unmount()) == std::errc::invalid_argument);
}

TEST_CASE("a failed mount holds nothing of its file system", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  std::shared_ptr<WritableFileSystem> unwanted = providers::make_memory_file_system();
  CHECK_FALSE(tree.files.mount("/f/x", unwanted));
  CHECK(unwanted.use_count() == 1);
}

TEST_CASE("unmounting leaves the mounts below where they are", "[vfs][mount]") {
  Namespace files;
  Mount outer = files.mount("/a", providers::make_memory_file_system()).value();
  const Mount inner = files.mount("/a/b/c", providers::make_memory_file_system()).value();
  CHECK(outer.unmount());
  CHECK(names_in(files, "/a") == Names{"b"});
  CHECK(write_file(files, "/a/b/c/f", "still there"));
}

TEST_CASE("errors of an open file carry the path under which it was opened", "[vfs][mount]") {
  MemoryNamespace tree;
  build(tree.files, {"/f"});
  const auto file = tree.files.open_writable("/./f").value();
  const auto refused = file->allocate(AllocateMode::extend, 0, 0);
  REQUIRE(error_of(refused) == std::errc::invalid_argument);
  CHECK(refused.error().path == "/./f");
}

}  // namespace
}  // namespace seabag::vfs
