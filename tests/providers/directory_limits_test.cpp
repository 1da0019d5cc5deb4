#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "directory_support.h"
#include "support/catch.h"
#include "support/provider_contract.h"
#include "support/tree.h"

/// Few descriptors, no privileges, old kernels, long paths, and a file system that copies up.
namespace seabag::testing {
namespace {

namespace fs = std::filesystem;
using providers::DirectoryFileSystem;
using vfs::kRootNode;
using vfs::NodeId;

/// Lets the process have few descriptors at a time, until the end of scope.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    struct rlimit few = before_;
    few.rlim_cur = count;
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  struct rlimit before_ = {};
};

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

/// Makes, uses and removes directories with 200 files each.
void use_tree(vfs::WritableFileSystem& files, int directory_count) {
  std::vector<NodeId> directories;
  std::vector<NodeId> nodes;
  for (int number = 0; number < directory_count; ++number) {
    const auto directory = files.create(kRootNode, "directory " + std::to_string(number),
                                        {.type = vfs::FileType::directory, .mode = 0755});
    REQUIRE(directory);
    directories.push_back(directory->node);
    for (int file = 0; file < 200; ++file) {
      const auto made = files.create(directory->node, std::to_string(file), {});
      REQUIRE(made);
      nodes.push_back(made->node);
    }
  }
  const std::size_t before = open_descriptors();
  for (const NodeId node : nodes) {
    REQUIRE(files.attributes(node));
    REQUIRE(files.open(node));
  }
  for (const NodeId directory : directories) {
    REQUIRE(files.list(directory, 0, 1000)->size() == 200);
  }
  CHECK(open_descriptors() == before);
  for (int number = 0; number < directory_count; ++number) {
    const NodeId directory = directories[static_cast<std::size_t>(number)];
    for (int file = 0; file < 200; ++file) {
      REQUIRE(files.remove(directory, std::to_string(file), vfs::RemoveKind::file));
    }
    CHECK(files.list(directory, 0, 10)->empty());
    REQUIRE(
        files.remove(kRootNode, "directory " + std::to_string(number), vfs::RemoveKind::directory));
  }
}

TEST_CASE("20,000 files work with 64 descriptors", "[providers][directory][limits]") {
  const Sandbox sandbox;
  const FewDescriptors few(64);
  use_tree(*sandbox.open(), 100);
  use_tree(*sandbox.open({.resolution = providers::DirectoryOptions::Resolution::walk}), 10);
}

TEST_CASE("running out of descriptors is an error and passes", "[providers][directory][limits]") {
  const Sandbox sandbox;
  const auto files = sandbox.open();
  const NodeId secret = find(*files, "d/secret")->node;
  std::vector<std::unique_ptr<vfs::File>> opened;
  const FewDescriptors few(64);
  auto file = files->open(secret);
  for (; file && opened.size() < 100; file = files->open(secret)) {
    opened.push_back(std::move(file).take());
  }
  CHECK(error_number(file) == EMFILE);
  opened.clear();
  CHECK(content(*files, secret).value() == "inside");
}

TEST_CASE("a path longer than any system call takes works", "[providers][directory][limits]") {
  const Sandbox sandbox;
  for (const auto resolution : both_resolutions()) {
    const auto files = sandbox.open({.resolution = resolution});
    std::vector<NodeId> levels = {kRootNode};
    const std::string name(200, 'n');
    for (int level = 0; level < 100; ++level) {
      const auto made =
          files->create(levels.back(), name, {.type = vfs::FileType::directory, .mode = 0755});
      REQUIRE(made);
      levels.push_back(made->node);
    }
    const auto file = files->create(levels.back(), "file", {});
    REQUIRE(file);
    CHECK(files->open_writable(file->node));
    CHECK(files->attributes(levels.back())->type == vfs::FileType::directory);
    CHECK(files->remove(levels.back(), "file", vfs::RemoveKind::file));
    for (levels.pop_back(); !levels.empty(); levels.pop_back()) {
      REQUIRE(files->remove(levels.back(), name, vfs::RemoveKind::directory));
    }
  }
}

TEST_CASE("an unprivileged user gets what the kernel grants", "[providers][directory][limits]") {
  const Sandbox sandbox;
  write_host_file(sandbox.root() / "closed", "nobody");
  fs::permissions(sandbox.root() / "closed", fs::perms::none);
  fs::create_directories(sandbox.root() / "shut" / "sub");
  fs::permissions(sandbox.root() / "shut", fs::perms::none);
  fs::create_directory(sandbox.root() / "free");
  fs::permissions(sandbox.root() / "free", fs::perms::all);
  bool is_possible = false;
  on_own_thread([&] {
    is_possible = ::geteuid() != 0 || drop_privileges();
    if (!is_possible) {
      return;
    }
    for (const auto resolution : both_resolutions()) {
      const auto files = sandbox.open({.resolution = resolution});
      const NodeId closed = find(*files, "closed")->node;
      CHECK(error_number(files->open(closed)) == EACCES);
      CHECK(error_number(files->open_writable(closed)) == EACCES);
      const NodeId shut = find(*files, "shut")->node;
      CHECK(files->attributes(shut)->mode == 0);
      CHECK(error_number(files->lookup(shut, "sub")) == EACCES);
      CHECK(error_number(files->list(shut, 0, 10)) == EACCES);
      CHECK(error_number(files->create(shut, "new", {})) == EACCES);

      const NodeId free = find(*files, "free")->node;
      const auto mine = files->create(free, "mine", {.mode = 0, .uid = 0, .gid = 0});
      REQUIRE(mine);
      CHECK(mine->uid == ::geteuid());
      CHECK(mine->mode == 0);
      CHECK(files->set_attributes(mine->node, {.mode = 0600})->mode == 0600);
      // Writing is all that these need.
      CHECK(files->set_attributes(mine->node, {.mode = 0200}));
      CHECK(files->set_attributes(mine->node, {.size = 5})->size == 5);
      CHECK(files->set_xattr(mine->node, "user.x", "y", vfs::XattrMode::any));
      CHECK(error_number(files->open(mine->node)) == EACCES);
      CHECK(error_number(files->set_attributes(mine->node, {.uid = ::geteuid() + 1})) == EPERM);
      CHECK(files->link(mine->node, free, "linked")->node == mine->node);
      CHECK(files->remove(free, "mine", vfs::RemoveKind::file));
      CHECK(files->remove(free, "linked", vfs::RemoveKind::file));
      const auto unnamed = files->create_unnamed(free, {.mode = 0640});
      REQUIRE(unnamed);
      CHECK(files->link((*unnamed)->attributes()->node, free, "named")->mode == 0640);
      CHECK(files->remove(free, "named", vfs::RemoveKind::file));
    }
  });
  if (!is_possible) {
    WARN("skipped: cannot become another user");
  }
}

std::shared_ptr<vfs::WritableFileSystem> make_empty() {
  struct Mounted {
    TempDir directory;
    std::unique_ptr<DirectoryFileSystem> files;
  };
  auto mounted = std::make_shared<Mounted>();
  auto opened = DirectoryFileSystem::open_root(mounted->directory.path().native());
  REQUIRE(opened);
  mounted->files = std::move(opened).take();
  return {mounted, mounted->files.get()};
}

TEST_CASE("an old kernel makes no difference", "[providers][directory][limits]") {
  on_own_thread([] {
    REQUIRE(take_away(Missing::everything_new));
    check_write_contract(make_empty);
  });
}

TEST_CASE("openat2 may be forbidden at any time", "[providers][directory][limits]") {
  const Sandbox sandbox;
  for (const auto how : {Missing::openat2, Missing::openat2_forbidden}) {
    on_own_thread([&] {
      const auto files = sandbox.open();
      const NodeId secret = find(*files, "d/sub/secret")->node;
      CHECK(content(*files, secret).value() == "inside");
      REQUIRE(take_away(how));
      CHECK(content(*files, secret).value() == "inside");
      CHECK(find(*files, "d/sub/secret")->node == secret);
    });
  }
}

TEST_CASE("an old kernel without proc still changes what it opens",
          "[providers][directory][limits]") {
  const Sandbox sandbox;
  bool is_possible = false;
  on_own_thread([&] {
    is_possible = isolate_mounts() && ::umount2("/proc", MNT_DETACH) == 0;
    if (!is_possible) {
      return;
    }
    REQUIRE_FALSE(fs::exists("/proc/self"));
    REQUIRE(take_away(Missing::everything_new));
    const auto files = sandbox.open();
    const NodeId d = find(*files, "d")->node;
    const NodeId secret = find(*files, "d/secret")->node;
    CHECK(files->set_attributes(d, {.mode = 0711})->mode == 0711);
    CHECK(files->set_attributes(secret, {.mode = 0601, .size = 3})->mode == 0601);
    CHECK(files->create(d, "new", {.type = vfs::FileType::directory, .mode = 01777})->mode ==
          01777);
    CHECK(files->create(d, "file", {.mode = 06755})->mode == 06755);
    CHECK(files->link(secret, d, "linked")->node == secret);
    CHECK(files->lookup(d, "linked")->links == 2);
    const auto now = vfs::NewTime::at({.seconds = 5, .nanoseconds = 6});
    CHECK(files->set_attributes(secret, {.modified = now})->modified.seconds == 5);
  });
  if (!is_possible) {
    WARN("skipped: no privilege to unmount");
  }
}

TEST_CASE("an entry that cannot be looked at does not hide the others",
          "[providers][directory][limits]") {
  const Sandbox sandbox;
  fs::create_directory(sandbox.root() / "dead");
  bool is_possible = false;
  on_own_thread([&] {
    const int server = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (server < 0 || !isolate_mounts()) {
      return;
    }
    const std::string options =
        "fd=" + std::to_string(server) + ",rootmode=40000,user_id=0,group_id=0";
    is_possible =
        ::mount("none", (sandbox.root() / "dead").c_str(), "fuse", 0, options.c_str()) == 0;
    ::close(server);  // whoever asks the mount now gets ENOTCONN
    if (!is_possible) {
      return;
    }
    const auto files = sandbox.open();
    const auto rows = files->list(kRootNode, 0, 10);
    REQUIRE(rows);
    CHECK(rows->size() == 2);
    for (const auto& row : *rows) {
      CHECK(row.type == vfs::FileType::directory);
      CHECK(error_number(files->attributes(row.node)) == (row.name == "dead" ? ESTALE : 0));
    }
    CHECK(error_number(files->lookup(kRootNode, "dead")) == ENOTCONN);
  });
  if (!is_possible) {
    WARN("skipped: no privilege to mount, or no FUSE");
  }
}

TEST_CASE("a node stays the same when overlayfs copies it up", "[providers][directory][limits]") {
  const Sandbox sandbox;
  const std::string base = sandbox.outside().parent_path().native();
  bool is_possible = false;
  on_own_thread([&] {
    fs::create_directories(base + "/over/upper");
    fs::create_directories(base + "/over/work");
    fs::create_directories(base + "/over/merged");
    const std::string options = "lowerdir=" + base + "/root,upperdir=" + base +
                                "/over/upper,workdir=" + base + "/over/work";
    is_possible = isolate_mounts() && ::mount("none", (base + "/over/merged").c_str(), "overlay", 0,
                                              options.c_str()) == 0;
    if (!is_possible) {
      return;
    }
    for (const auto resolution : both_resolutions()) {
      const auto opened =
          DirectoryFileSystem::open_root(base + "/over/merged", {.resolution = resolution});
      REQUIRE(opened);
      auto& files = **opened;
      const NodeId secret = find(files, "d/secret")->node;
      const auto reader = files.open(secret);
      const auto writer = files.open_writable(secret);
      REQUIRE(writer);
      CHECK((*writer)->append(std::as_bytes(std::span("!", 1))));
      CHECK(files.attributes(secret));
      CHECK(files.set_attributes(find(files, "d/sub/secret")->node, {.mode = 0600}));
      CHECK(find(files, "d/secret")->node == secret);
    }
    CHECK(read_host_file(sandbox.root() / "d" / "secret") == "inside");
  });
  if (!is_possible) {
    WARN("skipped: no privilege to mount, or no overlayfs");
  }
}

}  // namespace
}  // namespace seabag::testing
