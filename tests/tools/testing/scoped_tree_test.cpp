#include "seabag/testing/scoped_tree.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "support/catch.h"

namespace {

namespace fs = std::filesystem;
namespace vfs = seabag::vfs;
using seabag::testing::Change;
using seabag::testing::ChangeKind;
using seabag::testing::ScopedTree;

std::string read_stream(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_CASE("a tree is where its paths say, beside what is real", "[testing]") {
  {
    const ScopedTree tree{{"/etc/seabag-test.conf", "debug=true"}, {"/srv/seabag-test/data/", ""}};
    CHECK(read_stream("/etc/seabag-test.conf") == "debug=true");
    CHECK(fs::is_directory("/srv/seabag-test/data"));
    CHECK(fs::exists("/etc/passwd"));
    CHECK(read_stream("/etc/passwd").starts_with("root:"));
  }
  CHECK_FALSE(fs::exists("/etc/seabag-test.conf"));
  CHECK_FALSE(fs::exists("/srv/seabag-test"));
}

TEST_CASE("each test has a tree of its own", "[testing]") {
  for (const char* text : {"one", "two"}) {
    const ScopedTree tree{{"/etc/seabag-test.conf", text}};
    CHECK(read_stream("/etc/seabag-test.conf") == text);
    std::ofstream("/etc/seabag-test.conf") << "changed";
    CHECK(tree.read("/etc/seabag-test.conf").value() == "changed");
  }
}

TEST_CASE("trees with different folders live side by side", "[testing]") {
  const ScopedTree one{{"/etc/seabag-test.conf", "one"}};
  ScopedTree two{{"/srv/seabag-test/f", "two"}};
  CHECK(read_stream("/etc/seabag-test.conf") == "one");
  REQUIRE(two.write("/srv/seabag-test/new/g", "three"));
  CHECK(read_stream("/srv/seabag-test/new/g") == "three");
  fs::copy_file("/srv/seabag-test/f", "/etc/seabag-test.conf",
                fs::copy_options::overwrite_existing);
  CHECK(one.read("/etc/seabag-test.conf").value() == "two");
}

TEST_CASE("changes are told by path", "[testing]") {
  const ScopedTree tree{{"/srv/seabag-test/a", "1"}, {"/srv/seabag-test/b", "2"}};
  const auto before = tree.snapshot();
  CHECK(describe(tree.changes_since(before)) == "nothing");
  std::ofstream("/srv/seabag-test/a") << "changed";
  fs::remove("/srv/seabag-test/b");
  fs::create_directory("/srv/seabag-test/c");
  CHECK(tree.changes_since(before) ==
        std::vector<Change>{{ChangeKind::modified, "/srv/seabag-test/a"},
                            {ChangeKind::removed, "/srv/seabag-test/b"},
                            {ChangeKind::created, "/srv/seabag-test/c"}});
  CHECK(describe(tree.changes_since(before)) ==
        "modified '/srv/seabag-test/a', removed '/srv/seabag-test/b', created "
        "'/srv/seabag-test/c'");
}

TEST_CASE("a hook sees every call and may take its time", "[testing][faults]") {
  const auto plan = std::make_shared<vfs::FaultPlan>();
  const ScopedTree tree({{"/srv/seabag-test/f", "text"}}, {.faults = plan});
  std::atomic<int> reads = 0;
  plan->set_hook(
      [&](vfs::ContractCall call) { reads += call == vfs::ContractCall::read_at ? 1 : 0; });
  CHECK(read_stream("/srv/seabag-test/f") == "text");
  CHECK(reads >= 1);
  plan->add({.call = vfs::ContractCall::open});
  CHECK_FALSE(std::ifstream("/srv/seabag-test/f"));
  CHECK(std::ifstream("/srv/seabag-test/f"));
}

TEST_CASE("a tree that cannot be made says why", "[testing]") {
  CHECK(ScopedTree::make({{"relative/path", ""}}).error().is(std::errc::invalid_argument));
  CHECK(ScopedTree::make({{"/file", ""}}).error().is(std::errc::invalid_argument));
  CHECK(ScopedTree::make({{"/srv/f", ""}, {"/srv/f", ""}}).error().is(std::errc::file_exists));
}

TEST_CASE("programs that the test starts see the tree", "[testing]") {
  const ScopedTree tree{{"/srv/seabag-test/f", "text"}};
  CHECK(std::system("cp /srv/seabag-test/f /srv/seabag-test/g") == 0);
  CHECK(tree.read("/srv/seabag-test/g").value() == "text");
}

}  // namespace
