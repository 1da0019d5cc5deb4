#include "seabag/vfs/namespace_file_system.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "seabag/providers/memory.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"
#include "support/provider_contract.h"

namespace seabag::testing {
namespace {

using namespace vfs;

/// A namespace with this at its root and nothing else.
std::shared_ptr<WritableFileSystem> joined_with_root(std::shared_ptr<WritableFileSystem> root) {
  auto files = std::make_shared<Namespace>();
  auto mount = files->mount("/", std::move(root));
  REQUIRE(mount);
  mount->keep();
  return make_file_system(files);
}

std::shared_ptr<WritableFileSystem> make_empty() {
  return joined_with_root(providers::make_memory_file_system());
}

TEST_CASE("a namespace with one mount is a provider like the one mounted", "[vfs][joined]") {
  check_write_contract(make_empty);
}

TEST_CASE("a namespace with one mount holds a tree", "[vfs][joined]") {
  check_read_contract(tree_built_with(make_empty));
}

/// `/` in memory with a directory `real`, and mounts at /real/inner, /far/away and /locked.
struct Joined {
  Joined() {
    keep(names->mount("/", root));
    CHECK(create_directories(*names, "/real/other"));
    keep(names->mount("/real/inner", inner));
    keep(names->mount("/far/away", away));
    keep(names->mount("/locked", locked, {.access = MountAccess::read_only}));
    CHECK(write_file(*names, "/real/file", "root"));
    CHECK(write_file(*names, "/real/inner/file", "inner"));
    CHECK(write_file(*names, "/far/away/file", "away"));
    files = make_file_system(names);
  }

  static void keep(Result<Mount> mount) {
    REQUIRE(mount);
    mount->keep();
  }

  [[nodiscard]] Result<Attributes> find(std::initializer_list<const char*> path) const {
    Result<Attributes> found = files->attributes(kRootNode);
    for (const char* name : path) {
      if (!found) {
        break;
      }
      found = files->lookup(found->node, name);
    }
    return found;
  }
  [[nodiscard]] NodeId node(std::initializer_list<const char*> path) const {
    const auto found = find(path);
    REQUIRE(found);
    return found->node;
  }
  [[nodiscard]] std::vector<std::string> names_in(NodeId directory, std::size_t limit = 100) const {
    std::vector<std::string> listed;
    std::uint64_t cookie = 0;
    for (;;) {
      const auto rows = files->list(directory, cookie, limit);
      REQUIRE(rows);
      if (rows->empty()) {
        break;
      }
      CHECK(rows->size() <= limit);
      for (const DirectoryEntry& row : *rows) {
        const auto told = files->attributes(row.node);
        REQUIRE(told);
        CHECK(told->inode == row.inode);
        CHECK(told->type == row.type);
        listed.push_back(row.name);
      }
      cookie = rows->back().cookie;
    }
    std::sort(listed.begin(), listed.end());
    return listed;
  }

  std::shared_ptr<WritableFileSystem> root = providers::make_memory_file_system();
  std::shared_ptr<WritableFileSystem> inner = providers::make_memory_file_system();
  std::shared_ptr<WritableFileSystem> away = providers::make_memory_file_system();
  std::shared_ptr<WritableFileSystem> locked = providers::make_memory_file_system();
  std::shared_ptr<Namespace> names = std::make_shared<Namespace>();
  std::shared_ptr<WritableFileSystem> files;
};

using Names = std::vector<std::string>;

TEST_CASE("mounts show where they are, and directories on the way", "[vfs][joined]") {
  const Joined joined;
  for (const std::size_t limit : {1U, 2U, 100U}) {
    CHECK(joined.names_in(kRootNode, limit) == Names{"far", "locked", "real"});
    CHECK(joined.names_in(joined.node({"real"}), limit) == Names{"file", "inner", "other"});
    CHECK(joined.names_in(joined.node({"far"}), limit) == Names{"away"});
  }
  CHECK(joined.find({"far"})->mode == 0555);
  CHECK(joined.find({"real"})->mode == 0755);
}

TEST_CASE("files of different mounts have different numbers", "[vfs][joined]") {
  const Joined joined;
  const auto one = joined.find({"real", "inner", "file"});
  const auto other = joined.find({"far", "away", "file"});
  REQUIRE((one && other));
  CHECK(one->node != other->node);
  CHECK(one->inode != other->inode);
  const auto file = joined.files->open(one->node);
  REQUIRE(file);
  CHECK((*file)->attributes()->inode == one->inode);
}

TEST_CASE("mutations stay in their mount", "[vfs][joined]") {
  const Joined joined;
  const NodeId real = joined.node({"real"});
  const NodeId inner = joined.node({"real", "inner"});
  const NodeId far = joined.node({"far"});
  WritableFileSystem& files = *joined.files;
  const auto moved = files.rename(real, "file", inner, "moved", RenameMode::replace);
  REQUIRE_FALSE(moved);
  CHECK(moved.error().is(std::errc::cross_device_link));
  const auto linked = files.link(joined.node({"real", "file"}), inner, "linked");
  REQUIRE_FALSE(linked);
  CHECK(linked.error().is(std::errc::cross_device_link));
  CHECK(files.rename(real, "inner", real, "else", RenameMode::replace)
            .error()
            .is(std::errc::device_or_resource_busy));
  CHECK(files.rename(real, "other", real, "inner", RenameMode::replace)
            .error()
            .is(std::errc::device_or_resource_busy));
  CHECK(files.remove(real, "inner", RemoveKind::directory)
            .error()
            .is(std::errc::device_or_resource_busy));
  CHECK(files.create(real, "inner", {}).error().is(std::errc::file_exists));
  CHECK(files.create(far, "file", {}).error().is(std::errc::read_only_file_system));
  CHECK(files.create(joined.node({"locked"}), "file", {})
            .error()
            .is(std::errc::read_only_file_system));
  REQUIRE(files.rename(inner, "file", inner, "renamed", RenameMode::replace));
  CHECK(read_file(*joined.names, "/real/inner/renamed").value() == "inner");
}

TEST_CASE("what is mounted and unmounted later shows", "[vfs][joined]") {
  const Joined joined;
  REQUIRE(joined.names->unmount("/far/away"));
  CHECK(joined.names_in(kRootNode) == Names{"locked", "real"});
  CHECK_FALSE(joined.find({"far"}));
  Joined::keep(joined.names->mount("/real/other", providers::make_memory_file_system()));
  CHECK(joined.files->create(joined.node({"real", "other"}), "new", {}));
  CHECK(joined.names->stat("/real/other/new"));
}

TEST_CASE("a mount is busy while a file of it is open in the whole", "[vfs][joined]") {
  const Joined joined;
  auto file = joined.files->open(joined.node({"far", "away", "file"}));
  REQUIRE(file);
  CHECK(joined.names->unmount("/far/away").error().is(std::errc::device_or_resource_busy));
  file->reset();
  CHECK(joined.names->unmount("/far/away"));
}

}  // namespace
}  // namespace seabag::testing
