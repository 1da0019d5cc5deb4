#include "seabag/inspect/extract.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "seabag/providers/directory.h"
#include "seabag/providers/memory.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/tree.h"

namespace seabag::inspect {

namespace {

std::unique_ptr<vfs::WritableFileSystem> memory_with(const testing::Tree& tree) {
  auto files = providers::make_memory_file_system();
  testing::build_tree(tree, *files);
  return files;
}

void check_on_disk(const testing::Tree& tree, const std::filesystem::path& directory) {
  const auto files = providers::DirectoryFileSystem::open_root(directory.string());
  REQUIRE(files);
  testing::check_tree_equals(tree, **files);
}

}  // namespace

TEST_CASE("extract writes the tree back", "[inspect][extract]") {
  testing::Tree tree = testing::sample_tree();
  tree.file("linked/first", "shared");
  tree.hard_link("linked/second", "linked/first");
  tree.directory("read-only", 0555);
  tree.file("read-only/file", "text", 0400).modified = {.seconds = 1'000'000'000, .nanoseconds = 5};
  const auto files = memory_with(tree);
  const testing::TempDir temp;
  const auto report = extract(*files, (temp / "out").string(), {});
  REQUIRE(report);
  check_on_disk(tree, temp / "out");
}

TEST_CASE("extract keeps times of directories that it fills", "[inspect][extract]") {
  testing::Tree tree;
  tree.directory("old").modified = vfs::Timestamp{.seconds = 1'000'000'000};
  tree.file("old/file", "text");
  const auto files = memory_with(tree);
  const testing::TempDir temp;
  REQUIRE(extract(*files, (temp / "out").string(), {}));
  check_on_disk(tree, temp / "out");
}

TEST_CASE("extract writes what is wanted and the directories that lead there",
          "[inspect][extract]") {
  testing::Tree tree;
  tree.file("a/b/wanted.txt", "1");
  tree.file("a/other.txt", "2");
  tree.file("all/of/this", "3");
  tree.directory("nothing");
  const auto files = memory_with(tree);
  const testing::TempDir temp;
  const auto report =
      extract(*files, (temp / "out").string(), {.is_wanted = [](std::string_view path) {
        return path == "/a/b/wanted.txt" || path == "/all";
      }});
  REQUIRE(report);
  CHECK(report->files == 2);
  CHECK(report->directories == 4);
  testing::Tree expected;
  expected.file("a/b/wanted.txt", "1");
  expected.file("all/of/this", "3");
  check_on_disk(expected, temp / "out");
}

TEST_CASE("extract leaves an existing file alone unless told", "[inspect][extract]") {
  testing::Tree tree;
  tree.file("file", "new");
  const auto files = memory_with(tree);
  testing::Tree existing;
  existing.file("file", "old");
  const testing::TempDir temp;
  testing::build_tree_on_disk(existing, temp.path());

  const auto refused = extract(*files, temp.path().string(), {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(std::errc::file_exists));
  CHECK(refused.error().path == "/file");
  check_on_disk(existing, temp.path());

  REQUIRE(extract(*files, temp.path().string(), {.existing = Existing::replace}));
  check_on_disk(tree, temp.path());
}

TEST_CASE("extract never goes through a symlink that is in the way", "[inspect][extract]") {
  testing::Tree tree;
  tree.file("directory/file", "new");
  const auto files = memory_with(tree);
  const testing::TempDir temp;
  std::filesystem::create_directory(temp / "outside");
  std::filesystem::create_directory(temp / "out");
  std::filesystem::create_directory_symlink(temp / "outside", temp / "out/directory");

  CHECK_FALSE(extract(*files, (temp / "out").string(), {}));
  REQUIRE(extract(*files, (temp / "out").string(), {.existing = Existing::replace}));
  CHECK(std::filesystem::is_empty(temp / "outside"));
  check_on_disk(tree, temp / "out");
}

TEST_CASE("extract does not remove a directory to make room for a file", "[inspect][extract]") {
  testing::Tree tree;
  tree.file("name", "new");
  const auto files = memory_with(tree);
  testing::Tree existing;
  existing.file("name/precious", "old");
  const testing::TempDir temp;
  testing::build_tree_on_disk(existing, temp.path());
  const auto refused = extract(*files, temp.path().string(), {.existing = Existing::replace});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(std::errc::is_a_directory));
  check_on_disk(existing, temp.path());
}

TEST_CASE("extract says which directory it could not make", "[inspect][extract]") {
  const auto files = memory_with({});
  const testing::TempDir temp;
  const std::string path = (temp / "missing/out").string();
  const auto refused = extract(*files, path, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(std::errc::no_such_file_or_directory));
  CHECK(refused.error().path == path);
}

}  // namespace seabag::inspect
