#include "seabag/providers/memory.h"

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/tree.h"

namespace seabag::providers {
namespace {

using std::errc;
using vfs::kRootNode;
using vfs::Timestamp;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

vfs::NodeId make_file(vfs::WritableFileSystem& files, std::string_view name,
                      std::string_view content) {
  const auto made = files.create(kRootNode, name, {});
  REQUIRE(made);
  const auto file = files.open_writable(made->node);
  REQUIRE(file);
  REQUIRE((*file)->append(bytes_of(content)).value_or(0) == content.size());
  return made->node;
}

/// A clock that goes one second on whenever it is asked.
struct TickingClock {
  std::shared_ptr<std::atomic<std::int64_t>> seconds =
      std::make_shared<std::atomic<std::int64_t>>(1000);

  vfs::Clock clock() const {
    return [now = seconds] { return Timestamp{now->fetch_add(1), 7}; };
  }
  void jump(std::int64_t by) const { *seconds += by; }
};

TEST_CASE("memory stamps creations and changes from its clock", "[providers][memory][times]") {
  const TickingClock ticking;
  const auto files = make_memory_file_system({.clock = ticking.clock()});
  CHECK(files->attributes(kRootNode)->created == Timestamp{1000, 7});
  const vfs::NodeId node = make_file(*files, "file", "text");
  const vfs::Attributes made = *files->attributes(node);
  CHECK(made.created == Timestamp{1001, 7});
  CHECK(files->attributes(kRootNode)->modified == made.created);
  CHECK(made.modified > made.created);
  CHECK(made.changed == made.modified);

  SECTION("chmod, xattr and link change ctime alone") {
    const auto check_only_changed = [&] {
      const vfs::Attributes now = *files->attributes(node);
      CHECK(now.modified == made.modified);
      CHECK(now.created == made.created);
      CHECK(now.changed > made.changed);
    };
    SECTION("chmod") { REQUIRE(files->set_attributes(node, {.mode = 0600})); }
    SECTION("chown") { REQUIRE(files->set_attributes(node, {.uid = 5})); }
    SECTION("utimes") {
      REQUIRE(files->set_attributes(node, {.accessed = vfs::NewTime::at({1, 0})}));
    }
    SECTION("setxattr") { REQUIRE(files->set_xattr(node, "user.a", "1", vfs::XattrMode::any)); }
    SECTION("link") { REQUIRE(files->link(node, kRootNode, "second")); }
    SECTION("rename") {
      REQUIRE(files->rename(kRootNode, "file", kRootNode, "b", vfs::RenameMode::replace));
    }
    check_only_changed();
  }
  SECTION("unlink changes the survivor's ctime, and the directory's times") {
    REQUIRE(files->link(node, kRootNode, "second"));
    const vfs::Attributes linked = *files->attributes(node);
    const vfs::Attributes root = *files->attributes(kRootNode);
    REQUIRE(files->remove(kRootNode, "second", vfs::RemoveKind::file));
    CHECK(files->attributes(node)->changed > linked.changed);
    CHECK(files->attributes(kRootNode)->modified > root.modified);
    CHECK(files->attributes(kRootNode)->changed > root.changed);
  }
  SECTION("truncate to the size it has changes the times of what holds any page, as on tmpfs") {
    REQUIRE(files->set_attributes(node, {.size = 4}));
    CHECK(files->attributes(node)->modified > made.modified);
    CHECK(files->attributes(node)->changed > made.changed);
    const vfs::NodeId empty = files->create(kRootNode, "empty", {})->node;
    REQUIRE(files->set_attributes(empty, {.size = 100}));
    const vfs::Attributes hole = *files->attributes(empty);
    REQUIRE(files->set_attributes(empty, {.size = 100}));
    CHECK(files->attributes(empty)->modified == hole.modified);
    CHECK(files->attributes(empty)->changed == hole.changed);
  }
  SECTION("a failed call changes no time") {
    const vfs::Attributes root = *files->attributes(kRootNode);
    CHECK_FALSE(files->create(kRootNode, "file", {}));
    CHECK_FALSE(files->remove(kRootNode, "missing", vfs::RemoveKind::file));
    CHECK_FALSE(files->rename(kRootNode, "x", kRootNode, "file", vfs::RenameMode::replace));
    CHECK(files->attributes(kRootNode)->modified == root.modified);
    CHECK(files->attributes(kRootNode)->changed == root.changed);
  }
}

TEST_CASE("memory moves access times as its policy says", "[providers][memory][times]") {
  const TickingClock ticking;
  vfs::AccessTimes policy = vfs::AccessTimes::relative;
  const auto reads = [&] {
    const auto files = make_memory_file_system({.access_times = policy, .clock = ticking.clock()});
    const vfs::NodeId node = make_file(*files, "file", "text");
    std::vector<bool> moved;
    for (int round = 0; round < 3; ++round) {
      const Timestamp before = files->attributes(node)->accessed;
      (void)testing::read_all(*files, node);  // only the time counts
      moved.push_back(files->attributes(node)->accessed != before);
      ticking.jump(round == 1 ? 86'400 : 0);
    }
    return moved;
  };
  SECTION("relatime: after a change, then once a day") {
    CHECK(reads() == std::vector{true, false, true});
  }
  SECTION("strictatime: always") {
    policy = vfs::AccessTimes::always;
    CHECK(reads() == std::vector{true, true, true});
  }
  SECTION("noatime: never") {
    policy = vfs::AccessTimes::never;
    CHECK(reads() == std::vector{false, false, false});
  }
}

TEST_CASE("memory's limits are ENOSPC, and space comes back", "[providers][memory][limits]") {
  const auto files = make_memory_file_system({.capacity_bytes = 1U << 20U, .max_nodes = 4});
  const vfs::NodeId node = make_file(*files, "file", "text");
  const auto file = files->open_writable(node);
  REQUIRE(file);
  const auto free = [&] { return files->statistics()->blocks_free; };
  CHECK(files->statistics()->blocks == 256);
  CHECK(files->statistics()->nodes == 4);

  SECTION("a write is short when space runs out, and fails when there is none") {
    const std::string large = testing::noise(2U << 20U);
    CHECK((*file)->write_at(bytes_of(large), 0).value() == 1U << 20U);
    CHECK((*file)->write_at(bytes_of(large), 4U << 20U).error().is(errc::no_space_on_device));
    CHECK((*file)->attributes()->size == 1U << 20U);
    CHECK(free() == 0);
    CHECK((*file)->write_at(bytes_of(large).first(4096), 4096));
    REQUIRE((*file)->resize(0));
    CHECK(free() == 256);
  }
  SECTION("a reservation is taken whole or not at all") {
    CHECK((*file)
              ->allocate(vfs::AllocateMode::extend, 0, 2U << 20U)
              .error()
              .is(errc::no_space_on_device));
    CHECK((*file)->attributes()->size == 4);
    REQUIRE((*file)->allocate(vfs::AllocateMode::keep_size, 0, 512U << 10U));
    CHECK(free() == 128);
    CHECK((*file)->attributes()->blocks == 1024);
    REQUIRE((*file)->write_at(bytes_of(testing::noise(512U << 10U)), 0));
    CHECK(free() == 128);
    REQUIRE((*file)->allocate(vfs::AllocateMode::punch_hole, 0, 512U << 10U));
    CHECK(free() == 256);
  }
  SECTION("attributes take space too") {
    const std::string value(60'000, 'v');
    int kept = 0;
    errc failure{};
    for (int number = 0; number < 30 && failure == errc{}; ++number) {
      const auto set =
          files->set_xattr(node, "user." + std::to_string(number), value, vfs::XattrMode::create);
      kept += set ? 1 : 0;
      failure = set ? errc{} : static_cast<errc>(set.error().code.value());
    }
    CHECK(failure == errc::no_space_on_device);
    CHECK(kept == 17);
    REQUIRE(files->remove(kRootNode, "file", vfs::RemoveKind::file));
  }
  SECTION("nodes run out, and come back with the last close") {
    REQUIRE(files->create(kRootNode, "b", {}));
    REQUIRE(files->create(kRootNode, "c", {}));
    CHECK(files->create(kRootNode, "d", {}).error().is(errc::no_space_on_device));
    CHECK(files->create_unnamed(kRootNode, {}).error().is(errc::no_space_on_device));
    CHECK(files->statistics()->nodes_free == 0);
    REQUIRE(files->remove(kRootNode, "file", vfs::RemoveKind::file));
    CHECK(files->statistics()->nodes_free == 0);
    REQUIRE(files->remove(kRootNode, "b", vfs::RemoveKind::file));
    CHECK(files->statistics()->nodes_free == 1);
  }
}

TEST_CASE("memory gives everything back when it is empty again", "[providers][memory][limits]") {
  const auto files = make_memory_file_system();
  const auto before = files->statistics();
  testing::Tree tree = testing::sample_tree();
  tree.file("with attribute", "x").xattrs = {{"user.a", "value"}};
  testing::build_tree(tree, *files);
  CHECK(files->statistics()->nodes_free < before->nodes_free);
  for (auto row = tree.nodes().rbegin(); row != tree.nodes().rend(); ++row) {
    const std::size_t slash = row->first.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : row->first.substr(0, slash);
    const std::string name = slash == std::string::npos ? row->first : row->first.substr(slash + 1);
    const auto kind = row->second.type == vfs::FileType::directory ? vfs::RemoveKind::directory
                                                                   : vfs::RemoveKind::file;
    REQUIRE(files->remove(testing::find_node(*files, parent).node, name, kind));
  }
  CHECK(files->statistics()->nodes_free == before->nodes_free);
  CHECK(files->statistics()->blocks_free == before->blocks_free);
}

TEST_CASE("blocks count parts of 4 KiB, as on tmpfs", "[providers][memory]") {
  const auto files = make_memory_file_system();
  CHECK(files->attributes(make_file(*files, "a", "x"))->blocks == 8);
  CHECK(files->attributes(make_file(*files, "b", testing::noise(4097)))->blocks == 16);
  CHECK(files->attributes(make_file(*files, "c", testing::noise(65'537)))->blocks == 136);
  CHECK(files->attributes(make_file(*files, "d", ""))->blocks == 0);
  const auto sparse = files->open_writable(make_file(*files, "e", ""));
  REQUIRE((*sparse)->write_at(bytes_of("x"), 65'000));
  CHECK((*sparse)->attributes()->blocks == 8);
}

TEST_CASE("a user's quota is EDQUOT", "[providers][memory][limits]") {
  constexpr std::uint32_t kUser = 1000;
  const auto files = make_memory_file_system(
      {.capacity_bytes = 1U << 20U, .user_capacity_bytes = 64U << 10U, .user_max_nodes = 2});
  const auto created = files->create(kRootNode, "own", {.uid = kUser});
  REQUIRE(created);
  const auto file = files->open_writable(created->node);
  REQUIRE(file);
  const std::string large = testing::noise(128U << 10U);

  SECTION("for bytes: a write is short, and then fails") {
    CHECK((*file)->append(bytes_of(large)).value() == 64U << 10U);
    CHECK((*file)->append(bytes_of(large)).error().is(kQuotaExceeded));
    CHECK(files->set_xattr(created->node, "user.a", "value", vfs::XattrMode::any)
              .error()
              .is(kQuotaExceeded));
    CHECK((*file)
              ->allocate(vfs::AllocateMode::keep_size, 64U << 10U, 4096)
              .error()
              .is(kQuotaExceeded));
    CHECK((*file)->write_at(bytes_of("over what is there"), 0));
    REQUIRE((*file)->resize(4096));
    CHECK((*file)->append(bytes_of("more")));
  }
  SECTION("for nodes, which come back") {
    REQUIRE(files->create(kRootNode, "b", {.type = vfs::FileType::directory, .uid = kUser}));
    CHECK(files->create(kRootNode, "c", {.uid = kUser}).error().is(kQuotaExceeded));
    CHECK(files->create_unnamed(kRootNode, {.uid = kUser}).error().is(kQuotaExceeded));
    REQUIRE(files->remove(kRootNode, "b", vfs::RemoveKind::directory));
    CHECK(files->create(kRootNode, "c", {.uid = kUser}));
  }
  SECTION("not for user 0 nor for others") {
    CHECK(files->create(kRootNode, "b", {}));
    CHECK(files->create(kRootNode, "c", {.uid = kUser + 1}));
    const auto free = files->open_writable(make_file(*files, "of root", ""));
    CHECK((*free)->append(bytes_of(large)).value() == large.size());
  }
  SECTION("for what is given to a user") {
    const vfs::NodeId given = make_file(*files, "given", large);
    CHECK(files->set_attributes(given, {.uid = kUser}).error().is(kQuotaExceeded));
    CHECK(files->attributes(given)->uid == 0);
    const vfs::NodeId small = make_file(*files, "small", "text");
    REQUIRE(files->set_attributes(small, {.uid = kUser}));
    CHECK((*file)->append(bytes_of(large)).value() == 60U << 10U);
    CHECK(files->set_attributes(make_file(*files, "third", ""), {.uid = kUser})
              .error()
              .is(kQuotaExceeded));
    REQUIRE(files->set_attributes(small, {.uid = 0}));
    CHECK((*file)->append(bytes_of(large)).value() == 4U << 10U);
  }
  SECTION("behind the capacity of all") {
    const auto filling = files->open_writable(make_file(*files, "all", ""));
    REQUIRE((*filling)->allocate(vfs::AllocateMode::extend, 0, 1U << 20U));
    CHECK((*file)->append(bytes_of(large)).error().is(errc::no_space_on_device));
  }
}

TEST_CASE("memory lists in the order of creation", "[providers][memory]") {
  const auto files = make_memory_file_system();
  for (const char* name : {"z", "a", "m"}) {
    make_file(*files, name, "");
  }
  REQUIRE(files->rename(kRootNode, "z", kRootNode, "y", vfs::RenameMode::replace));
  const auto rows = files->list(kRootNode, 0, 10);
  REQUIRE(rows);
  REQUIRE(rows->size() == 3);
  CHECK((*rows)[0].name == "y");
  CHECK((*rows)[1].name == "a");
  CHECK((*rows)[2].name == "m");
}

TEST_CASE("appending is amortised O(1)", "[providers][memory]") {
  // A copy of the whole file for every write takes half a minute here, and we about 50 ms.
  const auto files = make_memory_file_system();
  const auto file = files->open_writable(make_file(*files, "log", ""));
  REQUIRE(file);
  const std::string block = testing::noise(65'536);
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < 1024; ++round) {
    REQUIRE((*file)->append(bytes_of(block)).value_or(0) == block.size());
  }
  CHECK((*file)->attributes()->size == 64U << 20U);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("moving a directory does not touch what is in it", "[providers][memory]") {
  const TickingClock ticking;
  const auto files = make_memory_file_system({.clock = ticking.clock()});
  const auto directory =
      files->create(kRootNode, "d", {.type = vfs::FileType::directory, .mode = 0755});
  REQUIRE(directory);
  for (int number = 0; number < 10'000; ++number) {
    REQUIRE(files->create(directory->node, std::to_string(number), {}));
  }
  const vfs::Attributes child = *files->lookup(directory->node, "77");
  const std::int64_t before = *ticking.seconds;
  REQUIRE(files->rename(kRootNode, "d", kRootNode, "e", vfs::RenameMode::replace));
  CHECK(*ticking.seconds - before == 1);
  CHECK(files->lookup(directory->node, "77")->changed == child.changed);
}

}  // namespace
}  // namespace seabag::providers
