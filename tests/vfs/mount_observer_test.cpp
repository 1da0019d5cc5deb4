#include <string>
#include <vector>

#include "memory_namespace.h"
#include "support/catch.h"

namespace seabag::vfs {
namespace {

struct Observed {
  Namespace files;
  std::vector<std::string> told;
  MountObservation observation =
      files.observe_mounts([this](MountChange change, const MountRecord& record) {
        std::string line = change == MountChange::mounted ? "+" : "-";
        line.append(record.point);
        line.append(record.access == MountAccess::read_only ? " ro" : "");
        told.push_back(line);
      });
};

std::shared_ptr<WritableFileSystem> memory() { return providers::make_memory_file_system(); }

TEST_CASE("mounts and unmounts are told in their order", "[vfs][mount][observer]") {
  Observed observed;
  {
    const Mount root = observed.files.mount("/", memory()).value();
    const Mount below =
        observed.files.mount("b/", memory(), {.access = MountAccess::read_only}).value();
    REQUIRE(observed.files.unmount("/b"));
  }
  CHECK(observed.told == std::vector<std::string>{"+/", "+/b ro", "-/b ro", "-/"});
}

TEST_CASE("a mount that fails is not told", "[vfs][mount][observer]") {
  Observed observed;
  const auto files = memory();
  const Mount first = observed.files.mount("/", files).value();
  CHECK_FALSE(observed.files.mount("/again", files));
  CHECK(observed.told == std::vector<std::string>{"+/"});
}

TEST_CASE("a refused unmount is not told, a lazy one is", "[vfs][mount][observer]") {
  Observed observed;
  Mount root = observed.files.mount("/", memory()).value();
  REQUIRE(write_file(observed.files, "/file", "x"));
  const auto open = observed.files.open("/file").value();
  CHECK_FALSE(root.unmount());
  CHECK(observed.told == std::vector<std::string>{"+/"});
  REQUIRE(root.unmount(UnmountMode::lazy));
  CHECK(observed.told == std::vector<std::string>{"+/", "-/"});
}

TEST_CASE("an observer already sees what it is told of", "[vfs][mount][observer]") {
  Namespace files;
  std::vector<std::size_t> counts;
  const auto observation = files.observe_mounts(
      [&](MountChange, const MountRecord&) { counts.push_back(files.mounts().size()); });
  { const Mount mount = files.mount("/m", memory()).value(); }
  CHECK(counts == std::vector<std::size_t>{1, 0});
}

TEST_CASE("the record tells the file system and its feed", "[vfs][mount][observer]") {
  Namespace files;
  const auto mounted = memory();
  MountRecord seen;
  const auto observation =
      files.observe_mounts([&](MountChange, const MountRecord& record) { seen = record; });
  const Mount mount = files.mount("/", mounted).value();
  CHECK(seen.file_system == mounted);
  CHECK(seen.changes != nullptr);
}

TEST_CASE("no mount is told after the end of an observation", "[vfs][mount][observer]") {
  Observed observed;
  { const MountObservation ended = std::move(observed.observation); }
  const Mount mount = observed.files.mount("/", memory()).value();
  CHECK(observed.told.empty());
}

TEST_CASE("an observation may outlive its namespace", "[vfs][mount][observer]") {
  auto files = std::make_unique<Namespace>();
  const auto observation = files->observe_mounts([](MountChange, const MountRecord&) {});
  files.reset();
}

}  // namespace
}  // namespace seabag::vfs
