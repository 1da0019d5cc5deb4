#include "seabag/vfs/observed.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "memory_namespace.h"
#include "seabag/vfs/change_feed.h"
#include "seabag/vfs/faulty.h"
#include "seabag/vfs/prefix.h"
#include "support/catch.h"

namespace seabag::vfs {
namespace {

std::string word(ChangeKind kind) {
  constexpr std::string_view kWords[] = {"created", "modified",  "attributes", "removed",
                                         "moved",   "exchanged", "lost"};
  return std::string(kWords[static_cast<std::size_t>(kind)]);
}

/// An observed file system in memory and what it told, one line a change.
struct Observed {
  std::shared_ptr<FaultPlan> faults = std::make_shared<FaultPlan>();
  std::shared_ptr<WritableFileSystem> files =
      make_observed(make_writable_faulty(providers::make_memory_file_system(), faults));
  std::vector<std::string> told;
  ChangeFeed::Observation observation =
      files->capabilities().changes->observe([this](const Change& change) {
        std::string line = word(change.kind);
        for (const std::string_view name : {change.name, change.new_name}) {
          if (!name.empty()) {
            line.append(" ").append(name);
          }
        }
        told.push_back(line);
      });

  NodeId make(std::string_view name, FileType type = FileType::regular, NodeId parent = kRootNode) {
    const auto made = files->create(parent, name, {.type = type});
    REQUIRE(made);
    return made->node;
  }
  std::vector<std::string> take() { return std::exchange(told, {}); }
};

using Lines = std::vector<std::string>;

constexpr std::byte kByte{'x'};

TEST_CASE("each mutation is told once", "[vfs][observed]") {
  Observed observed;
  WritableFileSystem& files = *observed.files;
  const NodeId file = observed.make("file");
  CHECK(observed.take() == Lines{"created file"});

  SECTION("names") {
    REQUIRE(files.link(file, kRootNode, "second"));
    REQUIRE(files.rename(kRootNode, "second", kRootNode, "third", RenameMode::replace));
    observed.make("directory", FileType::directory);
    REQUIRE(files.rename(kRootNode, "directory", kRootNode, "third", RenameMode::exchange));
    REQUIRE(files.remove(kRootNode, "directory", RemoveKind::file));
    REQUIRE(files.remove(kRootNode, "third", RemoveKind::directory));
    CHECK(observed.take() == Lines{"created second", "moved second third", "created directory",
                                   "exchanged directory third", "removed directory",
                                   "removed third"});
  }
  SECTION("content") {
    const auto opened = files.open_writable(file).value();
    REQUIRE(opened->write_at({&kByte, 1}, 0));
    REQUIRE(opened->append({&kByte, 1}));
    REQUIRE(opened->resize(10));
    REQUIRE(opened->allocate(AllocateMode::punch_hole, 0, 5));
    REQUIRE(opened->sync(SyncScope::all));
    REQUIRE(files.set_attributes(file, {.mode = 0600, .size = 1}));
    CHECK(observed.take() == Lines(5, "modified"));
  }
  SECTION("attributes") {
    REQUIRE(files.set_attributes(file, {.mode = 0600}));
    REQUIRE(files.set_xattr(file, "user.a", "1", XattrMode::any));
    REQUIRE(files.remove_xattr(file, "user.a"));
    CHECK(observed.take() == Lines(3, "attributes"));
  }
  SECTION("a file without a name, when it gets one") {
    const auto unnamed = files.create_unnamed(kRootNode, {}).value();
    CHECK(observed.take().empty());
    REQUIRE(files.link(unnamed->attributes().value().node, kRootNode, "named"));
    CHECK(observed.take() == Lines{"created named"});
  }
}

TEST_CASE("what has no effect is not told", "[vfs][observed]") {
  Observed observed;
  WritableFileSystem& files = *observed.files;
  const NodeId file = observed.make("file");
  REQUIRE(files.link(file, kRootNode, "second"));
  (void)observed.take();  // only what follows is looked at

  REQUIRE(files.rename(kRootNode, "file", kRootNode, "second", RenameMode::replace));
  REQUIRE(files.set_attributes(file, {}));
  REQUIRE(files.open_writable(file).value()->write_at({}, 0));
  REQUIRE(files.sync());
  CHECK_FALSE(files.create(kRootNode, "file", {}));
  CHECK_FALSE(files.remove(kRootNode, "missing", RemoveKind::file));
  CHECK_FALSE(files.rename(kRootNode, "missing", kRootNode, "other", RenameMode::replace));
  CHECK_FALSE(files.remove_xattr(file, "user.none"));
  observed.faults->add({.call = ContractCall::write_at, .error = std::errc::no_space_on_device});
  CHECK_FALSE(files.open_writable(file).value()->write_at({&kByte, 1}, 0));
  CHECK(observed.take().empty());
}

TEST_CASE("a rename tells what it replaced", "[vfs][observed]") {
  auto files = make_observed(providers::make_memory_file_system());
  const NodeId from = files->create(kRootNode, "from", {})->node;
  const NodeId to = files->create(kRootNode, "to", {})->node;
  Change seen;
  const auto observation =
      files->capabilities().changes->observe([&](const Change& change) { seen = change; });
  REQUIRE(files->rename(kRootNode, "from", kRootNode, "to", RenameMode::replace));
  CHECK(seen.node == from);
  CHECK(seen.other == to);
  CHECK(seen.new_parent == kRootNode);
}

TEST_CASE("nothing is told after the end of an observation", "[vfs][observed]") {
  Observed observed;
  observed.observation.end();
  observed.make("file");
  CHECK(observed.take().empty());
  CHECK_FALSE(observed.files->capabilities().changes->is_observed());
}

TEST_CASE("an observation may outlive its file system", "[vfs][observed]") {
  auto files = make_observed(providers::make_memory_file_system());
  auto observation = files->capabilities().changes->observe([](const Change&) {});
  files.reset();
  observation.end();
}

TEST_CASE("a feed that cannot be prepared is not observed", "[vfs][observed]") {
  const auto files = make_observed(providers::make_memory_file_system());
  const auto observation = files->capabilities().changes->observe(
      [](const Change&) {},
      []() -> Result<void> { return make_error(std::errc::io_error, "prepare"); });
  CHECK(error_of(observation) == std::errc::io_error);
  CHECK_FALSE(files->capabilities().changes->is_observed());
}

class Listener final : public MutationObserver {
 public:
  void on_name(NodeId, std::string_view name) override { told.emplace_back(name); }
  void on_node(NodeId, NodeChange change) override {
    told.emplace_back(change == NodeChange::content ? "(content)" : "(attributes)");
  }
  std::vector<std::string> told;
};

TEST_CASE("observers are told what caches have to forget", "[vfs][observed]") {
  const auto files = std::make_shared<ObservedFileSystem>(providers::make_memory_file_system());
  Listener listener;
  files->add_observer(listener);
  const NodeId node = files->create(kRootNode, "a", {})->node;
  REQUIRE(files->rename(kRootNode, "a", kRootNode, "b", RenameMode::replace));
  REQUIRE(files->open_writable(node).value()->resize(1));
  REQUIRE(files->remove(kRootNode, "b", RemoveKind::file));
  CHECK(listener.told ==
        Lines{"a", "(attributes)", "a", "b", "(attributes)", "(content)", "b", "(attributes)"});
  listener.told.clear();

  SECTION("but not by those who do it for them") {
    const auto quiet = files->quiet_for(listener);
    std::vector<std::string> fed;
    const auto observation = files->capabilities().changes->observe(
        [&](const Change& change) { fed.push_back(word(change.kind)); });
    const NodeId made = quiet->create(kRootNode, "c", {})->node;
    REQUIRE(quiet->open_writable(made).value()->resize(1));
    CHECK(listener.told.empty());
    CHECK(fed == Lines{"created", "modified"});
  }
  SECTION("and not after they are removed") {
    files->remove_observer(listener);
    REQUIRE(files->create(kRootNode, "c", {}));
    CHECK(listener.told.empty());
  }
}

TEST_CASE("an observer may wait for another mutation", "[vfs][observed][threads]") {
  class Waiting final : public MutationObserver {
   public:
    void on_name(NodeId, std::string_view) override {
      std::jthread([&] { (void)quiet->create(kRootNode, "other", {}); }).join();
    }
    void on_node(NodeId, NodeChange) override {}
    std::shared_ptr<WritableFileSystem> quiet;
  };
  const auto files = std::make_shared<ObservedFileSystem>(providers::make_memory_file_system());
  const auto observation = files->capabilities().changes->observe([](const Change&) {});
  Waiting observer;
  observer.quiet = files->quiet_for(observer);
  files->add_observer(observer);
  REQUIRE(files->create(kRootNode, "file", {}));
  CHECK(files->lookup(kRootNode, "other"));
  files->remove_observer(observer);
}

TEST_CASE("observing what is observed gives the same file system", "[vfs][observed]") {
  const auto files = make_observed(providers::make_memory_file_system());
  CHECK(make_observed(files) == files);
}

TEST_CASE("a prefix does not pass on a feed of numbers that are not its own", "[vfs][observed]") {
  const auto files = make_observed(providers::make_memory_file_system());
  REQUIRE(files->create(kRootNode, "top", {.type = FileType::directory}));
  CHECK(make_prefix(files, "/top").value()->capabilities().changes == nullptr);
}

TEST_CASE("changes of names are told in their order", "[vfs][observed][threads]") {
  constexpr int kRounds = 50;
  const auto files = make_observed(providers::make_memory_file_system());
  bool exists = false;
  int disorders = 0;
  const auto observation = files->capabilities().changes->observe([&](const Change& change) {
    const bool created = change.kind == ChangeKind::created;
    disorders += created == exists ? 1 : 0;
    exists = created;
  });
  {
    const std::jthread remover([&] {
      for (int removed = 0; removed < kRounds; std::this_thread::yield()) {
        removed += files->remove(kRootNode, "file", RemoveKind::file) ? 1 : 0;
      }
    });
    for (int made = 0; made < kRounds; std::this_thread::yield()) {
      made += files->create(kRootNode, "file", {}) ? 1 : 0;
    }
  }
  CHECK(disorders == 0);
  CHECK_FALSE(exists);
}

}  // namespace
}  // namespace seabag::vfs
