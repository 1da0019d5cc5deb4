#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>

#include "directory_support.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/path_access.h"
#include "seabag/vfs/read_only.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"

/// The short way of whole paths, beside the walk that it stands for.
namespace seabag::testing {
namespace {

namespace fs = std::filesystem;
using providers::DirectoryFileSystem;
using providers::DirectoryOptions;

/// The same tree with the short way and without it.
class BothWays {
 public:
  explicit BothWays(const Sandbox& sandbox, DirectoryOptions options = {})
      : short_(sandbox.open(options)) {
    options.resolution = DirectoryOptions::Resolution::walk;
    long_ = sandbox.open(options);
    mount(short_files_, short_);
    mount(long_files_, long_);
  }

  [[nodiscard]] vfs::PathAccess& access() const { return *short_->path_access(); }
  [[nodiscard]] vfs::Namespace& files() { return short_files_; }

  /// Asks twice, since what is not known yet is walked.
  void check(const std::string& path) {
    CAPTURE(path);
    const std::string expected = describe(long_files_, path);
    CHECK(describe(short_files_, path) == expected);
    CHECK(describe(short_files_, path) == expected);
  }

 private:
  static void mount(vfs::Namespace& files, const std::shared_ptr<DirectoryFileSystem>& root) {
    auto mounted = files.mount("/", root);
    REQUIRE(mounted);
    mounted->keep();
  }
  template <typename T>
  static std::string outcome(const Result<T>& result) {
    return result ? "ok" : result.error().message();
  }
  static std::string attributes(const Result<vfs::Attributes>& found) {
    return found ? std::to_string(found->inode) + "/" + std::to_string(found->size) + "/" +
                       std::to_string(static_cast<int>(found->type))
                 : found.error().message();
  }
  static std::string describe(const vfs::Namespace& files, const std::string& path) {
    const auto text = vfs::read_file(files, path);
    return "read: " + (text ? *text : outcome(text)) + "\nstat: " + attributes(files.stat(path)) +
           "\nlstat: " + attributes(files.lstat(path)) +
           "\nno links: " + outcome(files.open(path, {.last_link = vfs::LastLink::keep})) +
           "\ndirectory: " + outcome(files.open(path, {.directory = true}));
  }

  std::shared_ptr<DirectoryFileSystem> short_;
  std::shared_ptr<DirectoryFileSystem> long_;
  vfs::Namespace short_files_;
  vfs::Namespace long_files_;
};

void make_odd_things(const fs::path& root, const fs::path& outside) {
  fs::create_symlink("d", root / "to_d");
  fs::create_symlink("secret", root / "d" / "to_secret");
  fs::create_symlink("nowhere", root / "d" / "dangling");
  fs::create_symlink(outside / "secret", root / "d" / "to_outside");
  fs::create_directory_symlink(outside, root / "out");
  fs::create_symlink("loop", root / "loop");
  fs::create_hard_link(root / "d" / "secret", root / "d" / "sub" / "linked");
  REQUIRE(::mkfifo((root / "d" / "fifo").c_str(), 0666) == 0);
}

TEST_CASE("the short way tells what the walk tells", "[providers][directory][direct]") {
  const Sandbox sandbox;
  make_odd_things(sandbox.root(), sandbox.outside());
  BothWays both(sandbox);
  for (const char* path : {"/d/secret",
                           "/d/sub/secret",
                           "d/secret",
                           "//d//sub///secret",
                           "/d/sub/linked",
                           "/d",
                           "/d/sub",
                           "/",
                           "/d/sub/",
                           "/d/secret/",
                           "/d/secret/x",
                           "/d/../d/secret",
                           "/d/./secret",
                           "/../d/secret",
                           "/to_d/secret",
                           "/to_d/",
                           "/to_d",
                           "/d/to_secret",
                           "/d/dangling",
                           "/d/to_outside",
                           "/out/secret",
                           "/out/sub/secret",
                           "/loop",
                           "/loop/x",
                           "/d/fifo",
                           "/d/fifo/x",
                           "/d/missing",
                           "/missing/secret",
                           "",
                           "/d/..",
                           "/d/."}) {
    both.check(path);
  }
  both.check("/d/" + std::string(255, 'n'));
  both.check("/d/" + std::string(256, 'n'));
  both.check("/d/" + std::string(5000, 'n'));
  both.check("/missing/" + std::string(256, 'n'));
  both.check(std::string("/d/secret\0x", 11));
  CHECK(sandbox.is_outside_untouched());
}

TEST_CASE("the short way takes what is plain and known, and nothing else",
          "[providers][directory][direct]") {
  const Sandbox sandbox;
  make_odd_things(sandbox.root(), sandbox.outside());
  BothWays both(sandbox);
  CHECK_FALSE(both.access().path_attributes("d/secret"));
  CHECK(both.access().open_path("d/secret") == nullptr);
  const auto walked = both.files().stat("/d/secret");
  REQUIRE(walked);
  REQUIRE(both.access().path_attributes("d/secret"));
  CHECK(both.access().path_attributes("d/secret")->node == walked->node);
  const auto file = both.access().open_path("d/secret");
  REQUIRE(file);
  CHECK(file->attributes()->node == walked->node);
  CHECK(both.access().path_attributes("d")->type == vfs::FileType::directory);
  for (const char* path : {"d/to_secret", "to_d/secret", "d/fifo", "d/to_outside", "out/secret",
                           "d", "d/missing", "d/secret/x", "d/sub"}) {
    CAPTURE(path);
    (void)both.files().stat(std::string("/") + path);  // so that it is known
    CHECK(both.access().open_path(path) == nullptr);
  }
}

/// Whether a reader has opened the fifo, without reading from it itself.
bool has_reader(const fs::path& fifo) {
  const int writer = ::open(fifo.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (writer >= 0) {
    ::close(writer);
  }
  return writer >= 0;
}

TEST_CASE("what takes the place of a known file is told at once",
          "[providers][directory][direct]") {
  const Sandbox sandbox;
  BothWays both(sandbox);
  const fs::path secret = sandbox.root() / "d" / "secret";
  both.check("/d/secret");
  SECTION("another file") {
    write_host_file(sandbox.root() / "other", "another");
    fs::rename(sandbox.root() / "other", secret);
  }
  SECTION("nothing") { fs::remove(secret); }
  SECTION("a directory") {
    fs::remove(secret);
    fs::create_directory(secret);
  }
  SECTION("a link to the outside") {
    fs::remove(secret);
    fs::create_symlink(sandbox.outside() / "secret", secret);
  }
  SECTION("a link in the middle") {
    fs::rename(sandbox.root() / "d", sandbox.root() / "e");
    fs::create_directory_symlink(sandbox.outside(), sandbox.root() / "d");
  }
  SECTION("a fifo, which is not left open") {
    fs::remove(secret);
    REQUIRE(::mkfifo(secret.c_str(), 0666) == 0);
  }
  both.check("/d/secret");
  if (fs::symlink_status(secret).type() == fs::file_type::fifo) {
    CHECK_FALSE(has_reader(secret));
  }
  CHECK(sandbox.is_outside_untouched());
}

TEST_CASE("a path that has come by a rename has the node it had",
          "[providers][directory][direct]") {
  const Sandbox sandbox;
  BothWays both(sandbox);
  const auto node = both.files().stat("/d/sub/secret")->node;
  REQUIRE(both.files().rename("/d", "/e"));
  CHECK(both.files().stat("/e/sub/secret")->node == node);
  CHECK_FALSE(both.files().stat("/d/sub/secret"));
  // Somebody else's renames.
  fs::rename(sandbox.root() / "e", sandbox.root() / "f");
  CHECK(both.files().stat("/f/sub/secret")->node == node);
  CHECK(both.files().open("/f/sub/secret").value()->attributes()->node == node);
  CHECK_FALSE(both.files().open("/e/sub/secret"));
}

TEST_CASE("the policy on linked files holds on the short way", "[providers][directory][direct]") {
  const Sandbox sandbox;
  BothWays both(sandbox, {.linked_files = DirectoryOptions::LinkedFiles::refuse});
  both.check("/d/secret");
  fs::create_hard_link(sandbox.root() / "d" / "secret", sandbox.root() / "linked");
  both.check("/d/secret");
  CHECK(both.files().open("/d/secret").error().is(std::errc::operation_not_permitted));
}

TEST_CASE("mount points lie on the short way as on the walk", "[providers][directory][direct]") {
  const Sandbox sandbox;
  BothWays both(sandbox);
  vfs::Namespace& files = both.files();
  both.check("/d/sub/secret");
  const std::shared_ptr<vfs::WritableFileSystem> above = providers::make_memory_file_system();
  {
    const auto mount = files.mount("/d/sub", above);
    REQUIRE(mount);
    CHECK_FALSE(files.stat("/d/sub/secret"));
    CHECK(vfs::write_file(files, "/d/sub/secret", "mounted"));
    CHECK(vfs::read_file(files, "/d/sub/secret").value() == "mounted");
    CHECK(vfs::read_file(files, "/d/secret").value() == "inside");
    CHECK(files.stat("/d/sub")->node == vfs::kRootNode);
  }
  both.check("/d/sub/secret");
  const auto missing = files.mount("/not/there", above);
  REQUIRE(missing);
  CHECK(files.stat("/not")->type == vfs::FileType::directory);
  CHECK(vfs::read_file(files, "/not/there/secret").value() == "mounted");
  both.check("/d/sub/secret");
}

TEST_CASE("a mount that is in use by the short way is busy", "[providers][directory][direct]") {
  const Sandbox sandbox;
  vfs::Namespace files;
  auto mount = files.mount("/m/n", sandbox.open());
  REQUIRE(mount);
  (void)files.stat("/m/n/d/secret");  // so that it is known
  auto file = files.open("/m/n/d/secret");
  REQUIRE(file);
  CHECK(mount->unmount().error().is(std::errc::device_or_resource_busy));
  file->reset();
  CHECK(mount->unmount());
  CHECK_FALSE(files.open("/m/n/d/secret"));
}

TEST_CASE("a read-only view hands the short way on", "[providers][directory][direct]") {
  const Sandbox sandbox;
  const auto root = sandbox.open();
  vfs::ReadOnlyFileSystem view(root);
  CHECK(view.path_access() == root->path_access());
}

TEST_CASE("the short way never leads outside while a component is swapped",
          "[providers][directory][direct][race]") {
  const Sandbox sandbox;
  BothWays both(sandbox);
  const fs::path root = sandbox.root();
  fs::create_directory_symlink(sandbox.outside(), root / "link");
  const auto known = both.files().stat("/d/sub/secret")->node;
  std::atomic<bool> is_over = false;
  std::atomic<int> swaps = 0;
  std::thread swapper([&] {
    while (!is_over) {
      ::renameat2(AT_FDCWD, (root / "d").c_str(), AT_FDCWD, (root / "link").c_str(),
                  RENAME_EXCHANGE);
      ++swaps;
    }
  });
  int read = 0;
  int escaped = 0;
  int told = 0;
  for (int round = 0; round < 3000 || swaps < 100 || read < 20; ++round) {
    const auto text = vfs::read_file(both.files(), "/d/sub/secret");
    const auto found = both.files().stat("/d/sub/secret");
    read += text && *text == "inside" ? 1 : 0;
    escaped += (text && *text != "inside") || (found && found->node != known) ? 1 : 0;
    told += !text && text.error().message().find(root.parent_path().string()) != std::string::npos
                ? 1
                : 0;
  }
  is_over = true;
  swapper.join();
  CHECK(escaped == 0);
  // The link's own target may be resolved inside, never told as a place of the host.
  CHECK(told == 0);
  CHECK(sandbox.is_outside_untouched());
}

}  // namespace
}  // namespace seabag::testing
