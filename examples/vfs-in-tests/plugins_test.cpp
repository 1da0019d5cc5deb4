#define CATCH_CONFIG_MAIN
#include "plugins.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <memory>

#include "seabag/testing/scoped_tree.h"

namespace {

using seabag::testing::Change;
using seabag::testing::ChangeKind;
using seabag::testing::ScopedTree;
namespace vfs = seabag::vfs;

TEST_CASE("options are read from where they always are") {
  const ScopedTree tree{{"/etc/seabag-example/app.conf", "debug=true\nname=x\n"}};
  CHECK(read_options("/etc/seabag-example/app.conf").at("debug") == "true");
  // What the tree does not have is the machine's own.
  CHECK(std::filesystem::exists("/etc/passwd"));
}

TEST_CASE("after a test there is nothing") {
  CHECK_FALSE(std::filesystem::exists("/etc/seabag-example"));
}

TEST_CASE("writing changes the file and nothing else") {
  const ScopedTree tree{{"/etc/seabag-example/app.conf", "a=1\n"}};
  const auto before = tree.snapshot();
  REQUIRE(write_options("/etc/seabag-example/app.conf", {{"a", "2"}}));
  CHECK(tree.changes_since(before) ==
        std::vector<Change>{{ChangeKind::modified, "/etc/seabag-example/app.conf"}});
  CHECK(tree.read("/etc/seabag-example/app.conf").value() == "a=2\n");
}

TEST_CASE("a full disk at the third write leaves the old file") {
  const auto plan = std::make_shared<vfs::FaultPlan>();
  const ScopedTree tree({{"/etc/seabag-example/app.conf", "a=1\n"}}, {.faults = plan});
  const auto before = tree.snapshot();
  plan->add(
      {.call = vfs::ContractCall::write_at, .error = std::errc::no_space_on_device, .nth = 3});
  CHECK_FALSE(write_options("/etc/seabag-example/app.conf", {{"a", "2"}, {"b", "3"}, {"c", "4"}}));
  CHECK(describe(tree.changes_since(before)) == "nothing");
}

TEST_CASE("short reads lose nothing") {
  const auto plan = std::make_shared<vfs::FaultPlan>();
  const ScopedTree tree({{"/etc/seabag-example/app.conf", "name=a long value\n"}},
                        {.faults = plan, .longest_read = 2});
  CHECK(read_options("/etc/seabag-example/app.conf").at("name") == "a long value");
}

// The compiler is a program like any other: it reads its source from the tree and writes the
// plugin into it.
TEST_CASE("a plugin that is made in the test is loaded") {
  const ScopedTree tree{
      {"/opt/seabag-example/plugins/hello.c", "const char* greeting(void) { return \"hello\"; }\n"},
      {"/opt/seabag-example/plugins/README", "not a plugin\n"}};
  REQUIRE(std::system("cd /opt/seabag-example/plugins && cc -shared -fPIC -o hello.so hello.c") ==
          0);
  CHECK(greetings("/opt/seabag-example/plugins") == std::vector<std::string>{"hello"});
}

}  // namespace
