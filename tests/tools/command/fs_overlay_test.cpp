// What an overlay has changed: seabag fs diff --overlay and seabag fs commit.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "seabag/bundle/reader.h"
#include "seabag/console/exit_code.h"
#include "seabag/providers/sqlite_overlay.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/overlay.h"
#include "seabag/vfs/shortcuts.h"
#include "tools/command/command_run.h"

namespace seabag::command {

namespace {

namespace fs = std::filesystem;

struct Refusal {
  std::vector<std::string> arguments;
  console::ExitCode code;
};

std::string text_in(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// An app, a copy of it on the host, and a database with changes to it.
struct Changed {
  Changed() {
    testing::Tree tree;
    tree.file("old/file", "lower");
    tree.file("old/deep/file", "deep");
    tree.file("same", "same");
    tree.file("gone", "gone");
    testing::write_bundle(tree, app);
    REQUIRE(run({"cp", "-r", app + ":/", copy.string()}).code == 0);
    vfs::Namespace files;
    const auto mount = files.mount("/", open_overlay()).take();
    REQUIRE(vfs::write_file(files, "/new", "written"));
    REQUIRE(vfs::unlink(files, "/gone"));
    REQUIRE(files.rename("/old", "/renamed"));
    REQUIRE(vfs::create_directories(files, "/old"));
    REQUIRE(vfs::write_file(files, "/old/file", "upper"));
  }

  [[nodiscard]] std::shared_ptr<vfs::Overlay> open_overlay() const {
    auto upper = providers::open_sqlite_upper(db).take();
    vfs::OverlayOptions options;
    options.upper = std::move(upper.files);
    options.records = std::move(upper.records);
    options.lowers.push_back(bundle::Bundle::open_executable(app).take());
    return vfs::make_overlay(std::move(options)).take();
  }

  Outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "fs");
    return stage.run(arguments);
  }

  static void check_result(const fs::path& tree) {
    CHECK(text_in(tree / "new") == "written");
    CHECK(text_in(tree / "same") == "same");
    CHECK(text_in(tree / "old/file") == "upper");
    CHECK(text_in(tree / "renamed/file") == "lower");
    CHECK(text_in(tree / "renamed/deep/file") == "deep");
    CHECK_FALSE(fs::exists(tree / "gone"));
    CHECK_FALSE(fs::exists(tree / "old/deep"));
    CHECK(std::distance(fs::directory_iterator(tree), {}) == 4);
  }

  testing::TempDir directory;
  std::string app = (directory / "site").string();
  fs::path copy = directory / "copy";
  std::string db = (directory / "changes.db").string();
  mutable Stage stage;
};

}  // namespace

TEST_CASE("fs diff tells what an overlay changes", "[command][fs][overlay]") {
  const Changed changed;
  const Outcome diff = changed.run({"diff", "--overlay", changed.db, changed.app});
  CHECK(diff.code == 1);
  CHECK(diff.err.empty());
  CHECK(diff.out ==
        "- /gone\n+ /new\n- /old/deep\nM /old/file\n+ /renamed\n+ /renamed/deep\n"
        "+ /renamed/deep/file\n+ /renamed/file\n");
  const Outcome json = changed.run({"diff", "--json", "--overlay", changed.db, changed.app + ":"});
  CHECK(nlohmann::json::parse(json.out).size() == 8);
}

TEST_CASE("fs commit writes what an overlay has changed", "[command][fs][overlay]") {
  const Changed changed;
  const std::string target = changed.copy.string();
  for (int round = 0; round < 2; ++round) {
    const Outcome done = changed.run({"commit", "--overlay", changed.db, changed.app, target});
    CHECK(done.err.empty());
    REQUIRE(done.code == 0);
    Changed::check_result(changed.copy);
  }
}

TEST_CASE("fs commit fails with one line", "[command][fs][overlay]") {
  const Changed changed;
  const std::string& app = changed.app;
  const std::string copy = changed.copy.string();
  const std::vector<Refusal> refusals = {
      {{"commit", app}, console::ExitCode::usage},
      {{"commit", "--overlay", copy + "/none.db", app, copy}, console::ExitCode::not_found},
      {{"commit", "--overlay", copy + "/same", app, copy}, console::ExitCode::usage},
      {{"commit", "--overlay", changed.db, app + "/none"}, console::ExitCode::not_found},
      {{"commit", "--overlay", changed.db, app, copy + "/no.db"}, console::ExitCode::not_found},
      {{"commit", "--overlay", changed.db, app + ":/old", copy}, console::ExitCode::usage},
      {{"commit", "--overlay", changed.db, app}, console::ExitCode::not_allowed},
      {{"diff", "--overlay", changed.db, app, app}, console::ExitCode::usage},
      {{"diff", app}, console::ExitCode::usage}};
  for (const auto& [arguments, code] : refusals) {
    const Outcome outcome = changed.run(arguments);
    CAPTURE(arguments, outcome.err);
    CHECK(outcome.code == static_cast<int>(code));
    CHECK(is_one_line(outcome.err));
  }
}

}  // namespace seabag::command
