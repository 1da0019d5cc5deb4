#include <sys/stat.h>
#include <unistd.h>

#include "seabag/bundle/reader.h"
#include "self_apps.h"
#include "support/catch.h"
#include "support/program.h"
#include "support/temp_dir.h"

namespace seabag::bundle {
namespace {

namespace fs = std::filesystem;
using testing::run;

constexpr const char* kText = "from inside\n";

/// The first of these that is installed; empty when none is.
std::string find_tool(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    for (const char* directory : {"/usr/bin/", "/usr/local/bin/", "/bin/"}) {
      if (access((directory + name).c_str(), X_OK) == 0) {
        return directory + name;
      }
    }
  }
  return {};
}

void check_runs(const fs::path& app) {
  const auto ending = run(app.string(), {"/file", "--descriptor"});
  INFO(app.string() << ": " << ending.errors << ", signal " << ending.signal);
  CHECK(ending.exit_code == 0);
  CHECK(ending.output == kText);
}

TEST_CASE("a program of any kind runs from its own bundle", "[providers][bundle][executable]") {
  const testing::TempDir directory;
  for (const std::string& kind : testing::self_app_kinds()) {
    const auto app = directory / kind;
    const auto report =
        testing::write_bundle(testing::packed_tree(), app, {.stub = testing::self_app(kind)});
    CHECK(report.output_bytes == fs::file_size(app));
    check_runs(app);
    struct stat status {};
    REQUIRE(stat(app.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0755);
  }
}

TEST_CASE("an unpacked program says that nothing is inside", "[providers][bundle][executable]") {
  for (const std::string& kind : testing::self_app_kinds()) {
    const auto ending = run(testing::self_app(kind).string(), {});
    CHECK(ending.exit_code == 1);
    CHECK(ending.errors == "open: no bundle inside (nothing has been packed into it)\n");
  }
}

TEST_CASE("a packed program survives every strip", "[providers][bundle][executable]") {
  const std::vector<std::vector<std::string>> commands{
      {"strip"},         {"strip", "-s"}, {"strip", "--strip-debug"}, {"eu-strip"},
      {"llvm-strip-14"}, {"llvm-strip"},  {"llvm-strip-14", "-s"},
  };
  const testing::TempDir directory;
  for (const std::string& kind : testing::self_app_kinds()) {
    for (const auto& command : commands) {
      const std::string tool = find_tool({command[0]});
      if (tool.empty()) {
        WARN(command[0] << " is not installed: not tried");
        continue;
      }
      const auto app = directory / kind;
      std::vector<std::string> arguments(command.begin() + 1, command.end());
      arguments.push_back(app.string());
      fs::copy_file(testing::self_app(kind), app, fs::copy_options::overwrite_existing);
      if (run(tool, arguments).exit_code != 0) {
        WARN(command[0] << " cannot strip " << kind << ", packed or not: not tried");
        continue;
      }
      testing::write_bundle(testing::packed_tree(), app, {.stub = testing::self_app(kind)});
      const auto before = fs::file_size(app);
      const auto stripped = run(tool, arguments);
      INFO(tool << " " << arguments[0] << ": " << stripped.errors);
      REQUIRE(stripped.exit_code == 0);
      CHECK(fs::file_size(app) < before);
      check_runs(app);
      CHECK(Bundle::open_executable(app.string()));
    }
  }
}

TEST_CASE("a stripped program can be packed", "[providers][bundle][executable]") {
  const std::string tool = find_tool({"strip"});
  if (tool.empty()) {
    WARN("strip is not installed: not tried");
    return;
  }
  const testing::TempDir directory;
  for (const std::string& kind : testing::self_app_kinds()) {
    const auto stub = directory / "stub";
    fs::copy_file(testing::self_app(kind), stub, fs::copy_options::overwrite_existing);
    REQUIRE(run(tool, {stub.string()}).exit_code == 0);
    testing::write_bundle(testing::packed_tree(), directory / "app", {.stub = stub});
    check_runs(directory / "app");
    // What strip makes of a packed program is what a stripped one is packed to, so nothing is lost.
    REQUIRE(run(tool, {(directory / "app").string()}).exit_code == 0);
    check_runs(directory / "app");
  }
}

TEST_CASE("packing a packed program replaces its bundle", "[providers][bundle][executable]") {
  const testing::TempDir directory;
  for (const std::string& kind : testing::self_app_kinds()) {
    const auto first = directory / (kind + ".first");
    const auto second = directory / (kind + ".second");
    const auto third = directory / (kind + ".third");
    testing::Tree small;
    small.file("file", kText);
    testing::write_bundle(small, first, {.stub = testing::self_app(kind)});
    testing::write_bundle(testing::packed_tree(), second, {.stub = first});
    check_runs(second);
    // Smaller again, and in place: the stub is the output.
    testing::write_bundle(small, second, {.stub = second});
    check_runs(second);
    testing::write_bundle(small, third, {.stub = testing::self_app(kind)});
    const bool is_same = testing::file_bytes(second) == testing::file_bytes(third);
    CHECK(is_same);
  }
}

}  // namespace
}  // namespace seabag::bundle
