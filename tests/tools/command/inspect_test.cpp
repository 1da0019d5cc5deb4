#include <filesystem>
#include <nlohmann/json.hpp>

#include "seabag/providers/directory.h"
#include "tools/command/command_run.h"

namespace seabag::command {

namespace {

using nlohmann::json;

// A bare bundle with a little of everything.
struct Subject {
  Subject() : path((directory / "site").string()) {
    tree.file("index.html", "<title>Home</title>");
    tree.file("assets/app.js", std::string(100, 'x')).modified =
        vfs::Timestamp{.seconds = 1'000'000'000};
    tree.file("assets/img/logo.svg", "<svg/>");
    tree.directory("empty", 0700);
    tree.symlink("current", "assets");
    testing::write_bundle(tree, path);
  }

  testing::Tree tree;
  testing::TempDir directory;
  std::string path;
};

}  // namespace

TEST_CASE("list and tree show what is in an app", "[command][list]") {
  const Subject site;
  Stage stage;
  CHECK(stage.run({"list", site.path}).out ==
        "/assets/\n/assets/app.js\n/assets/img/\n/assets/img/logo.svg\n/current\n/empty/\n"
        "/index.html\n");
  CHECK(stage.run({"list", site.path, "/assets/img", "index.html"}).out ==
        "/assets/img/logo.svg\n/index.html\n");
  CHECK(stage.run({"list", "--long", site.path, "/empty/../assets/app.js"}).out ==
        "-rw-r--r--           100  2001-09-09 01:46:40  /assets/app.js\n");
  CHECK(stage.run({"tree", site.path, "/assets"}).out ==
        "/assets\n├── app.js\n└── img/\n    └── logo.svg\n\n1 directory, 2 files\n");
}

TEST_CASE("list and stat write JSON", "[command][json]") {
  const Subject site;
  Stage stage;
  const json rows = json::parse(stage.run({"list", "--json", site.path}).out);
  REQUIRE(rows.size() == 7);
  CHECK(rows[1]["path"] == "/assets/app.js");
  CHECK(rows[1]["size"] == 100);
  CHECK(rows[4]["target"] == "assets");
  CHECK(rows[5]["type"] == "directory");

  const json stat =
      json::parse(stage.run({"stat", "--json", site.path, "/index.html", "/current"}).out);
  REQUIRE(stat.size() == 2);
  CHECK(stat[0]["forms"]["identity"] == 19);
  CHECK(stat[0]["hash"].get<std::string>().size() == 32);
  CHECK(stat[0]["headers"][0] == "Content-Type: text/html; charset=utf-8");
  CHECK(stat[1]["type"] == "symlink");
}

TEST_CASE("names that are not UTF-8 do not break JSON", "[command][json]") {
  testing::Tree tree;
  tree.file("caf\xE9", "");
  const testing::TempDir directory;
  const std::string path = (directory / "site").string();
  testing::write_bundle(tree, path);
  Stage stage;
  const json rows = json::parse(stage.run({"list", "--json", path}).out);
  CHECK(rows[0]["path_hex"] == "2f636166e9");
}

TEST_CASE("stat tells what is known about a path", "[command][stat]") {
  const Subject site;
  Stage stage;
  const Outcome outcome = stage.run({"stat", site.path, "/assets/app.js"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("  size        100 B\n") != std::string::npos);
  CHECK(outcome.out.find("  modified    2001-09-09 01:46:40 UTC\n") != std::string::npos);
  CHECK(outcome.out.find("forms       identity 100 B, gzip ") != std::string::npos);
}

TEST_CASE("cat writes files one after the other", "[command][cat]") {
  const Subject site;
  Stage stage;
  CHECK(stage.run({"cat", site.path, "/index.html", "current/img/logo.svg"}).out ==
        "<title>Home</title><svg/>");
  const Outcome directory = stage.run({"cat", site.path, "/assets"});
  CHECK(directory.code == 1);
  CHECK(is_one_line(directory.err));
}

TEST_CASE("extract writes everything or what matches", "[command][extract]") {
  const Subject site;
  Stage stage;
  const std::string all = (site.directory / "all").string();
  CHECK(stage.run({"extract", site.path, "-C", all}).out ==
        "3 files, 3 directories, 1 symlinks, 125 B\n");
  const auto files = providers::DirectoryFileSystem::open_root(all);
  REQUIRE(files);
  testing::check_tree_equals(site.tree, **files);

  const std::string some = (site.directory / "some").string();
  CHECK(stage.run({"extract", site.path, "-C", some, "-q", "**/*.svg", "index.*"}).code == 0);
  CHECK(std::filesystem::exists(some + "/assets/img/logo.svg"));
  CHECK(std::filesystem::exists(some + "/index.html"));
  CHECK_FALSE(std::filesystem::exists(some + "/assets/app.js"));

  const Outcome again = stage.run({"extract", site.path, "-C", some, "/index.html"});
  CHECK(again.code == 7);
  CHECK(stage.run({"extract", site.path, "-C", some, "--force", "/index.html"}).code == 0);

  const Outcome none = stage.run({"extract", site.path, "-C", some, "*.png"});
  CHECK(none.code == 3);
  CHECK(none.err.find("'*.png'") != std::string::npos);
}

TEST_CASE("verify and info tell about a bundle", "[command][verify][info]") {
  const Subject site;
  Stage stage;
  const Outcome info = stage.run({"info", site.path});
  CHECK(info.out.find("directories   4\n") != std::string::npos);
  CHECK(json::parse(stage.run({"info", "--json", site.path}).out)["files"] == 3);
}

TEST_CASE("a missing app, path or bundle is one line and a code", "[command][errors]") {
  const Subject site;
  const std::string plain = (site.directory / "plain").string();
  testing::write_file_bytes(plain, std::as_bytes(std::span("no bundle", 9)));
  Stage stage;
  struct Case {
    std::vector<std::string> arguments;
    int code;
  };
  const std::vector<Case> cases = {
      {{"list", "/no/such/app"}, 3},
      {{"list", plain}, 6},
      {{"list", site.path, "/nothing"}, 3},
      {{"tree", site.path, "/index.html"}, 3},
      {{"stat", site.path, "/index.html/x"}, 3},
      {{"cat", site.path, "/nothing"}, 3},
      {{"verify", plain}, 6},
      {{"info", site.directory.path().string()}, 1},
      {{"extract", site.path, "-C", plain}, 3},
  };
  for (const Case& each : cases) {
    const Outcome outcome = stage.run(each.arguments);
    INFO(each.arguments[0] << " " << each.arguments[1] << ": " << outcome.err);
    CHECK(outcome.code == each.code);
    CHECK(is_one_line(outcome.err));
    CHECK(outcome.err.starts_with("seabag: "));
  }
}

}  // namespace seabag::command
