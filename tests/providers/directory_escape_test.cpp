#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>

#include "directory_support.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"

/// One test for each class of escape, with both ways to follow a path.
namespace seabag::testing {
namespace {

namespace fs = std::filesystem;
using providers::DirectoryOptions;
using vfs::kRootNode;

/// Every call that takes a name, on this one.
std::vector<int> errors_of_name(vfs::WritableFileSystem& files, std::string_view name) {
  const auto node = find(files, "d/secret")->node;
  const auto d = find(files, "d")->node;
  using vfs::RemoveKind;
  using vfs::RenameMode;
  return {error_number(files.lookup(d, name)),
          error_number(files.create(d, name, {.type = vfs::FileType::regular})),
          error_number(files.create(d, name, {.type = vfs::FileType::directory})),
          error_number(files.create(d, name, {.type = vfs::FileType::symlink, .target = "x"})),
          error_number(files.link(node, d, name)),
          error_number(files.remove(d, name, RemoveKind::file)),
          error_number(files.remove(d, name, RemoveKind::directory)),
          error_number(files.rename(d, name, d, "new", RenameMode::replace)),
          error_number(files.rename(d, "secret", d, name, RenameMode::replace))};
}

TEST_CASE("names that are no names lead nowhere", "[providers][directory][escape]") {
  const Sandbox sandbox;
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    using namespace std::string_view_literals;
    for (const std::string_view name :
         {""sv, "."sv, ".."sv, "/"sv, "../outside"sv, "/etc"sv, "sub/"sv, "sub/secret"sv,
          "sub/.."sv, "./secret"sv, "secret\0"sv, "\0"sv, "..\0"sv}) {
      CAPTURE(name);
      for (const int number : errors_of_name(*files, name)) {
        CHECK(number == EINVAL);
      }
    }
    for (const int number : errors_of_name(*files, std::string(256, 'n'))) {
      CHECK(number == ENAMETOOLONG);
    }
    for (const std::string_view name : {"..."sv, "..\\..\\outside"sv, "\\etc"sv, "%2e%2e"sv, " "sv,
                                        "..\xC0\xAF"sv, "\xFF\xFE"sv, "\n"sv, "-rf"sv}) {
      CAPTURE(name);
      CHECK(error_number(files->lookup(kRootNode, name)) == ENOENT);
      CHECK(files->create(kRootNode, name, {}));
      CHECK(fs::exists(sandbox.root() / name));
      CHECK(files->remove(kRootNode, name, vfs::RemoveKind::file));
    }
  }
  CHECK(sandbox.is_outside_untouched());
}

TEST_CASE("paths and links of a caller are resolved inside", "[providers][directory][escape]") {
  const Sandbox sandbox;
  const std::string outside = sandbox.outside().native();
  fs::create_symlink(outside, sandbox.root() / "absolute");
  fs::create_symlink("../outside", sandbox.root() / "relative");
  fs::create_symlink("../../outside", sandbox.root() / "d" / "deep");
  fs::create_symlink("../root2", sandbox.root() / "prefix");
  fs::create_symlink(outside + "/secret", sandbox.root() / "file");
  fs::create_symlink("/d/secret", sandbox.root() / "inner");
  for (const auto resolution : both_resolutions()) {
    vfs::Namespace files;
    const auto mount = files.mount("/", sandbox.open({.resolution = resolution}));
    REQUIRE(mount);
    CHECK(read_file(files, "/inner").value() == "inside");
    REQUIRE(create_symlink(files, outside, "/made"));
    for (const std::string path :
         {"/../outside/secret", "/../../../../../../etc/passwd", "/d/../../outside/secret",
          "/absolute/secret", "/relative/secret", "/d/deep/secret", "/prefix/secret",
          "/made/secret", "/../root2/secret", "/../root/../outside/secret"}) {
      CAPTURE(path);
      CHECK(error_number(read_file(files, path)) == ENOENT);
      CHECK(error_number(files.stat(path)) == ENOENT);
      CHECK(error_number(files.open_writable(path)) == ENOENT);
      CHECK_FALSE(files.set_attributes(path, {.mode = 0777}));
      CHECK_FALSE(files.remove(path, vfs::RemoveKind::file));
      CHECK_FALSE(files.rename(path, "/taken"));
    }
    // A trailing slash follows the last link: inside as well.
    for (const std::string path : {"/absolute/", "/relative/", "/made/", "/file/", "/prefix//"}) {
      CAPTURE(path);
      CHECK_FALSE(files.list(path));
      CHECK_FALSE(files.open(path, {.last_link = vfs::LastLink::keep}));
      CHECK_FALSE(files.stat(path));
      CHECK_FALSE(files.create(path + "x", {.type = vfs::FileType::directory}));
    }
    CHECK(error_number(read_file(files, "/file")) == ENOENT);
    CHECK(error_number(files.set_attributes("/file", {.size = 0})) == ENOENT);
    REQUIRE(files.remove("/made", vfs::RemoveKind::file));
  }
  CHECK(sandbox.is_outside_untouched());
}

TEST_CASE("a symlink is never followed by the provider", "[providers][directory][escape]") {
  const Sandbox sandbox;
  fs::create_symlink(sandbox.outside(), sandbox.root() / "directory");
  fs::create_symlink(sandbox.outside() / "secret", sandbox.root() / "file");
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    for (const char* name : {"directory", "file"}) {
      const auto link = files->lookup(kRootNode, name);
      REQUIRE(link);
      CHECK(link->type == vfs::FileType::symlink);
      CHECK(error_number(files->open(link->node)) == ELOOP);
      CHECK(error_number(files->open_writable(link->node)) == ELOOP);
      CHECK(error_number(files->lookup(link->node, "secret")) == ENOTDIR);
      CHECK(error_number(files->list(link->node, 0, 10)) == ENOTDIR);
      CHECK(error_number(files->create(link->node, "new", {})) == ENOTDIR);
      CHECK(error_number(files->create(kRootNode, name, {})) == EEXIST);
      CHECK(error_number(files->remove(link->node, "secret", vfs::RemoveKind::file)) == ENOTDIR);
      CHECK(error_number(files->set_xattr(link->node, "user.x", "y", vfs::XattrMode::any)) ==
            EPERM);
      CHECK(error_number(files->set_attributes(link->node, {.size = 0})) == EINVAL);
      CHECK_FALSE(files->set_attributes(link->node, {.mode = 0777}));
      // The link itself changes, not what it leads to.
      const auto changed = files->set_attributes(
          link->node, {.modified = vfs::NewTime::at({.seconds = 1'000'000'000})});
      REQUIRE(changed);
      CHECK(changed->modified.seconds == 1'000'000'000);
      CHECK(files->link(link->node, kRootNode, "second"));
      CHECK(fs::is_symlink(sandbox.root() / "second"));
      CHECK(files->rename(kRootNode, "second", kRootNode, "third", vfs::RenameMode::replace));
      CHECK(files->remove(kRootNode, "third", vfs::RemoveKind::file));
    }
  }
  struct stat seen = {};
  REQUIRE(::stat((sandbox.outside() / "secret").c_str(), &seen) == 0);
  CHECK(seen.st_mtime != 1'000'000'000);
  CHECK(sandbox.is_outside_untouched());
}

/// Everything that can be tried in a directory whose place has been taken, below which the same
/// names exist.
void check_is_stale(vfs::WritableFileSystem& files, vfs::NodeId directory, vfs::NodeId file) {
  CHECK(error_number(files.attributes(directory)) == ESTALE);
  CHECK(error_number(files.lookup(directory, "secret")) == ESTALE);
  CHECK(error_number(files.lookup(directory, "sub")) == ESTALE);
  CHECK(error_number(files.list(directory, 0, 10)) == ESTALE);
  CHECK(error_number(files.create(directory, "new", {})) == ENOENT);
  CHECK(error_number(files.create(directory, "new", {.type = vfs::FileType::directory})) == ENOENT);
  CHECK(error_number(files.create_unnamed(directory, {})) == ENOENT);
  CHECK(error_number(files.link(find(files, "plain")->node, directory, "new")) == ENOENT);
  CHECK(error_number(files.remove(directory, "secret", vfs::RemoveKind::file)) == ENOENT);
  CHECK(error_number(files.rename(directory, "secret", kRootNode, "stolen",
                                  vfs::RenameMode::replace)) == ENOENT);
  CHECK(error_number(files.rename(kRootNode, "plain", directory, "secret",
                                  vfs::RenameMode::exchange)) == ENOENT);
  CHECK(error_number(files.attributes(file)) == ESTALE);
  CHECK(error_number(files.open(file)) == ESTALE);
  CHECK(error_number(files.open_writable(file)) == ESTALE);
  CHECK(error_number(files.link(file, kRootNode, "stolen")) == ESTALE);
  CHECK(error_number(files.set_attributes(file, {.mode = 0777, .size = 0})) == ESTALE);
  CHECK(error_number(files.set_xattr(file, "user.x", "y", vfs::XattrMode::any)) == ESTALE);
  CHECK(error_number(files.xattr(file, "user.x")) == ESTALE);
}

TEST_CASE("a component that was swapped is not entered", "[providers][directory][escape]") {
  const Sandbox sandbox;
  write_host_file(sandbox.root() / "plain", "plain");
  const fs::path directory = sandbox.root() / "d";
  const fs::path away = sandbox.root() / "away";
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    const auto d = find(*files, "d")->node;
    const auto sub = find(*files, "d/sub")->node;
    const auto secret = find(*files, "d/secret")->node;
    const auto deep = find(*files, "d/sub/secret")->node;
    SECTION("for a link to the outside") {
      fs::rename(directory, away);
      fs::create_symlink(sandbox.outside(), directory);
      check_is_stale(*files, d, secret);
      check_is_stale(*files, sub, deep);
      fs::remove(directory);
      fs::rename(away, directory);
    }
    SECTION("for another directory") {
      fs::rename(directory, away);
      fs::create_directories(directory / "sub");
      write_host_file(directory / "secret", kMarker);
      write_host_file(directory / "sub" / "secret", kMarker);
      check_is_stale(*files, d, secret);
      check_is_stale(*files, sub, deep);
      fs::remove_all(directory);
      fs::rename(away, directory);
    }
    SECTION("because it was moved out of the root") {
      const fs::path gone = sandbox.outside() / "gone";
      fs::rename(directory, gone);
      check_is_stale(*files, d, secret);
      check_is_stale(*files, sub, deep);
      // Not even through a link that leads to the very same nodes.
      fs::create_directory_symlink(gone, directory);
      check_is_stale(*files, d, secret);
      check_is_stale(*files, sub, deep);
      fs::remove(directory);
      fs::rename(gone, directory);
    }
    // Once all is back in its place, the same nodes work again.
    CHECK(content(*files, secret).value() == "inside");
    CHECK(content(*files, deep).value() == "inside");
  }
  CHECK(sandbox.is_outside_untouched());
}

TEST_CASE("the magic links of proc are links like others", "[providers][directory][escape]") {
  if (!fs::exists("/proc/self/fd")) {
    WARN("skipped: no /proc here");
    return;
  }
  const Sandbox sandbox;
  const int outside = ::open(sandbox.outside().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(outside >= 0);
  for (const auto resolution : both_resolutions()) {
    auto opened =
        providers::DirectoryFileSystem::open_root("/proc/self", {.resolution = resolution});
    REQUIRE(opened);
    vfs::FileSystem& files = **opened;
    const std::string descriptor = "fd/" + std::to_string(outside);
    for (const std::string& path :
         {std::string("cwd"), std::string("root"), std::string("exe"), descriptor}) {
      CAPTURE(path);
      const auto link = find(files, path);
      REQUIRE(link);
      CHECK(link->type == vfs::FileType::symlink);
      CHECK(error_number(files.open(link->node)) == ELOOP);
      CHECK(error_number(files.lookup(link->node, "secret")) == ENOTDIR);
      CHECK(files.read_link(link->node));
    }
    vfs::Namespace paths;
    const auto mount = paths.mount("/", std::move(opened).take());
    REQUIRE(mount);
    CHECK(error_number(read_file(paths, "/" + descriptor + "/secret")) == ENOENT);
    CHECK(error_number(read_file(paths, "/root/etc/passwd")) == ENOENT);
    CHECK(error_number(paths.list("/cwd/")) == ENOENT);
  }
  ::close(outside);
}

TEST_CASE("another mount is entered only where that is allowed", "[providers][directory][escape]") {
  const Sandbox sandbox;
  fs::create_directory(sandbox.root() / "tmpfs");
  fs::create_directory(sandbox.root() / "bind");
  write_host_file(sandbox.root() / "covered", "inside");
  bool is_possible = false;
  on_own_thread([&] {
    const std::string root = sandbox.root().native();
    is_possible =
        isolate_mounts() && ::mount("none", (root + "/tmpfs").c_str(), "tmpfs", 0, nullptr) == 0 &&
        ::mount(sandbox.outside().c_str(), (root + "/bind").c_str(), nullptr, MS_BIND, nullptr) ==
            0 &&
        ::mount((sandbox.outside() / "secret").c_str(), (root + "/covered").c_str(), nullptr,
                MS_BIND, nullptr) == 0;
    if (!is_possible) {
      return;
    }
    write_host_file(sandbox.root() / "tmpfs" / "file", "mounted");
    for (const auto resolution : both_resolutions()) {
      const auto crossing = sandbox.open({.resolution = resolution});
      CHECK(content(*crossing, find(*crossing, "tmpfs/file")->node).value() == "mounted");
      CHECK(content(*crossing, find(*crossing, "covered")->node).value() == kMarker);
      CHECK(error_number(crossing->remove(kRootNode, "tmpfs", vfs::RemoveKind::directory)) ==
            EBUSY);

      const auto staying =
          sandbox.open({.mounts = DirectoryOptions::Mounts::refuse, .resolution = resolution});
      CHECK(content(*staying, find(*staying, "d/sub/secret")->node).value() == "inside");
      for (const char* name : {"tmpfs", "bind", "covered"}) {
        CHECK(error_number(staying->lookup(kRootNode, name)) == EXDEV);
      }
      // Listings tell the names; the nodes are out of reach all the same.
      const auto entries = staying->list(kRootNode, 0, 100);
      for (const auto& entry : entries.value()) {
        const bool is_mount = entry.name != "d";
        CHECK(error_number(staying->attributes(entry.node)) == (is_mount ? EXDEV : 0));
        if (is_mount) {
          CHECK(error_number(staying->lookup(entry.node, "secret")) == EXDEV);
          CHECK(error_number(staying->open(entry.node)) == EXDEV);
          CHECK(error_number(staying->create(entry.node, "new", {})) == EXDEV);
          CHECK(error_number(staying->set_attributes(entry.node, {.mode = 0})) == EXDEV);
        }
      }
    }
  });
  if (!is_possible) {
    WARN("skipped: no privilege to mount");
  }
  CHECK(sandbox.is_outside_untouched());
}

TEST_CASE("hard links to the outside follow the policy", "[providers][directory][escape]") {
  const Sandbox sandbox;
  fs::create_hard_link(sandbox.outside() / "secret", sandbox.root() / "linked");
  using LinkedFiles = DirectoryOptions::LinkedFiles;
  for (const auto resolution : both_resolutions()) {
    const auto lenient = sandbox.open({.resolution = resolution});
    CHECK(content(*lenient, find(*lenient, "linked")->node).value() == kMarker);

    for (const auto policy : {LinkedFiles::read_only, LinkedFiles::refuse}) {
      const auto files = sandbox.open({.linked_files = policy, .resolution = resolution});
      const auto linked = find(*files, "linked");
      REQUIRE(linked);
      CHECK(linked->links == 2);
      const bool is_refused = policy == LinkedFiles::refuse;
      CHECK(error_number(files->open(linked->node)) == (is_refused ? EPERM : 0));
      CHECK(error_number(files->xattr(linked->node, "user.x")) == (is_refused ? EPERM : ENODATA));
      CHECK(error_number(files->open_writable(linked->node)) == EPERM);
      CHECK(error_number(files->set_attributes(linked->node, {.mode = 0777})) == EPERM);
      CHECK(error_number(files->set_attributes(linked->node, {.size = 0})) == EPERM);
      CHECK(error_number(files->set_xattr(linked->node, "user.x", "y", vfs::XattrMode::any)) ==
            EPERM);
      CHECK(error_number(files->remove_xattr(linked->node, "user.x")) == EPERM);
      CHECK_FALSE(files->capabilities().hard_links);
      CHECK(error_number(files->link(find(*files, "d/secret")->node, kRootNode, "new")) == EPERM);
      // A file with one name is no concern of the policy, and names can be changed anyway.
      CHECK(files->open_writable(find(*files, "d/secret")->node));
      CHECK(files->rename(kRootNode, "linked", kRootNode, "moved", vfs::RenameMode::replace));
      CHECK(files->rename(kRootNode, "moved", kRootNode, "linked", vfs::RenameMode::replace));
    }
  }
  CHECK(sandbox.is_outside_untouched());
}

/// Tells whether anybody has opened a file since; O_PATH does not count.
class OpenWatch {
 public:
  explicit OpenWatch(const fs::path& path)
      : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    REQUIRE(::inotify_add_watch(descriptor_, path.c_str(), IN_OPEN) >= 0);
  }
  ~OpenWatch() { ::close(descriptor_); }
  OpenWatch(const OpenWatch&) = delete;
  OpenWatch& operator=(const OpenWatch&) = delete;

  [[nodiscard]] bool was_opened() const {
    std::array<char, 4096> events{};
    return ::read(descriptor_, events.data(), events.size()) > 0;
  }

 private:
  int descriptor_;
};

TEST_CASE("fifos, sockets and devices are shown and never opened",
          "[providers][directory][escape]") {
  const Sandbox sandbox;
  const fs::path fifo = sandbox.root() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0666) == 0);
  REQUIRE(::mknod((sandbox.root() / "socket").c_str(), S_IFSOCK | 0666, 0) == 0);
  std::vector<std::string> names = {"fifo", "socket"};
  if (::mknod((sandbox.root() / "device").c_str(), S_IFCHR | 0666, ::makedev(1, 3)) == 0) {
    names.emplace_back("device");
  } else {
    WARN("no privilege to make a device: tested without");
  }
  const OpenWatch watch(fifo);
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    for (const std::string& name : names) {
      CAPTURE(name);
      const auto node = files->lookup(kRootNode, name);
      REQUIRE(node);
      CHECK(node->device == (name == "device" ? ::makedev(1, 3) : 0));
      CHECK(error_number(files->open(node->node)) == ENXIO);
      CHECK(error_number(files->open_writable(node->node)) == ENXIO);
      CHECK(error_number(files->xattr(node->node, "user.x")) == ENODATA);
      CHECK(files->xattrs(node->node)->empty());
      CHECK(error_number(files->set_xattr(node->node, "user.x", "", vfs::XattrMode::any)) == EPERM);
      CHECK(error_number(files->set_attributes(node->node, {.size = 0})) == EINVAL);
      CHECK(files->set_attributes(node->node, {.mode = 0600})->mode == 0600);
      CHECK(files->list(kRootNode, 0, 100));
    }
    for (const auto type : {vfs::FileType::fifo, vfs::FileType::socket,
                            vfs::FileType::character_device, vfs::FileType::block_device}) {
      CHECK(error_number(files->create(kRootNode, "made", {.type = type})) == EPERM);
      CHECK(error_number(files->create(kRootNode, "d", {.type = type})) == EEXIST);
    }
  }
  CHECK_FALSE(watch.was_opened());
}

TEST_CASE("no error tells where the root is", "[providers][directory][escape]") {
  const Sandbox sandbox;
  const std::string host = sandbox.root().parent_path().filename().native();
  fs::create_symlink(sandbox.outside(), sandbox.root() / "link");
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    std::vector<Error> errors;
    const auto note = [&](const auto& result) {
      REQUIRE_FALSE(result);
      errors.push_back(result.error());
    };
    const auto d = find(*files, "d")->node;
    const auto secret = find(*files, "d/secret")->node;
    note(files->lookup(d, "missing"));
    note(files->lookup(secret, "name"));
    note(files->lookup(d, ".."));
    note(files->attributes(vfs::NodeId{999}));
    note(files->open(d));
    note(files->open(find(*files, "link")->node));
    note(files->list(secret, 0, 1));
    note(files->read_link(d));
    note(files->xattr(d, "user.none"));
    note(files->create(d, "secret", {}));
    note(files->create(d, "x", {.type = vfs::FileType::fifo}));
    note(files->link(d, kRootNode, "x"));
    note(files->remove(d, "missing", vfs::RemoveKind::file));
    note(files->remove(kRootNode, "d", vfs::RemoveKind::directory));
    note(files->rename(kRootNode, "d", d, "x", vfs::RenameMode::replace));
    note(files->set_attributes(d, {.size = 1}));
    note(files->set_xattr(d, "trusted.x", "", vfs::XattrMode::any));
    for (const Error& error : errors) {
      CAPTURE(error.message());
      CHECK(error.path.empty());
      CHECK(error.message().find(host) == std::string::npos);
      CHECK(error.message().find("root") == std::string::npos);
    }
    vfs::Namespace paths;
    const auto mount = paths.mount("/site", files);
    REQUIRE(mount);
    CHECK(paths.open("/site/d/none").error().message() ==
          "open '/site/d/none': No such file or directory");
  }
}

}  // namespace
}  // namespace seabag::testing
