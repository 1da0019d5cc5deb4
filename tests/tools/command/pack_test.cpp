#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/program.h"
#include "tools/command/command_run.h"

namespace seabag::command {

namespace {

namespace fs = std::filesystem;

// A small site on disk.
struct Site {
  Site() : path((directory / "site").string()), app((directory / "app").string()) {
    fs::create_directory(path);
    testing::Tree tree;
    tree.file("index.html", "<title>Home</title>" + std::string(4000, 'x'));
    tree.file("copy.html", "<title>Home</title>" + std::string(4000, 'x'));
    tree.file("assets/app.js", "run();");
    testing::build_tree_on_disk(tree, path);
  }

  // Only what should be there.
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()));
  }

  void write(const std::string& name, std::string_view text) const {
    testing::write_file_bytes(directory / name, std::as_bytes(std::span(text)));
  }

  testing::TempDir directory;
  std::string path;
  std::string app;
};

}  // namespace

TEST_CASE("pack makes an app that holds the site", "[command][pack]") {
  const Site site;
  Stage stage;
  const Outcome outcome = stage.run({"pack", site.path, "--no-cache", "-o", site.app});
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out.starts_with("3 files, "));
  CHECK(outcome.out.find("deduplicated 1 (") != std::string::npos);
  const testing::Ending list = testing::run(site.app, {"--bundle-list"});
  CHECK(list.output == "/assets/\n/assets/app.js\n/copy.html\n/index.html\n");
  CHECK(stage.run({"verify", site.app}).code == 0);
}

TEST_CASE("pack --with-state makes an app that keeps changes", "[command][pack]") {
  const Site site;
  Stage stage;
  REQUIRE(stage.run({"pack", site.path, "--no-cache", "-o", site.app}).code == 0);
  const testing::Ending refused = testing::run(site.app, {"--state", site.path + ".db"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.errors ==
        "app: --state: this app cannot keep changes: pack it with --with-state, or link "
        "seabag::state\n");
  CHECK(testing::run(site.app, {"--help"}).output.find("--state") == std::string::npos);

  REQUIRE(stage.run({"pack", site.path, "--no-cache", "--with-state", "-o", site.app}).code == 0);
  CHECK(testing::run(site.app, {"--help"}).output.find("--state FILE") != std::string::npos);
  CHECK(stage.run({"pack", site.path, "--with-state", "--stub", site.app, "-o", site.app}).code ==
        2);
}

TEST_CASE("pack sums up as JSON", "[command][pack][json]") {
  const Site site;
  Stage stage;
  const Outcome outcome =
      stage.run({"pack", site.path, "--no-cache", "--json", "--profile", "dev", "-o", site.app});
  REQUIRE(outcome.code == 0);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["files"] == 3);
  CHECK(json["deduplicated"]["count"] == 1);
  CHECK(json["representations"]["gzip"]["count"] == 1);
  CHECK(json["bytes_out"] == fs::file_size(site.app));
}

TEST_CASE("pack puts inputs where they are told to go", "[command][pack]") {
  const Site site;
  Stage stage;
  REQUIRE(stage
              .run({"pack", site.path + ":/docs", site.path + "/assets/app.js:/run.js",
                    "--no-cache", "-q", "-o", site.app})
              .code == 0);
  CHECK(stage.run({"list", site.app}).out ==
        "/docs/\n/docs/assets/\n/docs/assets/app.js\n/docs/copy.html\n/docs/index.html\n"
        "/run.js\n");
}

TEST_CASE("the same site gives the same bytes", "[command][pack]") {
  const Site site;
  Stage stage;
  stage.environment["SOURCE_DATE_EPOCH"] = "1700000000";
  REQUIRE(stage.run({"pack", site.path, "--no-cache", "-q", "-o", site.app}).code == 0);
  const std::string other = site.app + "2";
  REQUIRE(stage.run({"pack", site.path, "--no-cache", "-q", "--jobs", "1", "-o", other}).code == 0);
  CHECK(testing::file_bytes(site.app) == testing::file_bytes(other));
}

TEST_CASE("pack shows on a terminal how far it is", "[command][pack][progress]") {
  const Site site;
  Stage stage;
  stage.terminal = testing::StringOutput::Kind::terminal;
  const Outcome outcome = stage.run({"pack", site.path, "--no-cache", "-o", site.app});
  REQUIRE(outcome.code == 0);
  CHECK(outcome.err.find(" files  ") != std::string::npos);
  CHECK(outcome.err.ends_with("\r\x1b[K"));
  CHECK(stage.run({"pack", site.path, "--no-cache", "-q", "-o", site.app}).err.empty());
}

TEST_CASE("pack remembers compressed forms below the home directory", "[command][pack][cache]") {
  const Site site;
  Stage stage;
  stage.environment["HOME"] = site.directory.path().string();
  REQUIRE(stage.run({"pack", site.path, "-o", site.app}).code == 0);
  CHECK(fs::exists(site.directory / ".cache/seabag"));
  const auto json =
      nlohmann::json::parse(stage.run({"pack", site.path, "--json", "-o", site.app}).out);
  CHECK(json["computed_variants"] == 0);
  CHECK(json["cached_variants"] > 0);
}

TEST_CASE("what cannot be packed is one line and leaves nothing behind",
          "[command][pack][errors]") {
  const Site site;
  site.write("bad.toml", "[pack]\nprofile = \"best\"\n");
  site.write("broken.toml", "[pack\n");
  site.write("unknown.toml", "[pack]\nsails = 3\n");
  site.write("plain", "not an executable");
  site.write("broken.zip", "PK\x03\x04 and no more");
  fs::create_directory(site.directory / "empty");
  const std::string here = site.directory.path().string() + "/";
  struct Case {
    std::vector<std::string> arguments;
    int code;
    std::string told;
  };
  const std::vector<Case> cases = {
      {{here + "missing"}, 3, "missing"},
      {{site.path + ":/a/../b"}, 2, "/a/../b"},
      {{here + "broken.zip"}, 6, "broken.zip"},
      {{site.path, "--config", here + "missing.toml"}, 3, "missing.toml"},
      {{site.path, "--config", here + "bad.toml"}, 2, "bad.toml:2:11: pack.profile"},
      {{site.path, "--config", here + "broken.toml"}, 2, "broken.toml:1:"},
      {{site.path, "--config", here + "unknown.toml"}, 2, "unknown.toml:2:1: "},
      {{site.path, "--stub", here + "plain"}, 6, "plain"},
      {{site.path, "--stub", here + "missing"}, 3, "missing"},
  };
  const std::size_t before = site.entries();
  for (const Case& each : cases) {
    std::vector<std::string> arguments = {"pack", "--no-cache", "-o", site.app};
    arguments.insert(arguments.end(), each.arguments.begin(), each.arguments.end());
    Stage stage;
    const Outcome outcome = stage.run(arguments);
    INFO(each.arguments.back() << ": " << outcome.err);
    CHECK(outcome.code == each.code);
    CHECK(is_one_line(outcome.err));
    CHECK(outcome.err.find(each.told) != std::string::npos);
    CHECK(site.entries() == before);
  }
  Stage stage;
  const Outcome nowhere = stage.run({"pack", site.path, "--no-cache", "-o", here + "missing/app"});
  CHECK(nowhere.code == 3);
  CHECK(is_one_line(nowhere.err));
  stage.environment["SOURCE_DATE_EPOCH"] = "yesterday";
  CHECK(stage.run({"pack", site.path, "--no-cache", "-o", site.app}).code == 2);
  CHECK(site.entries() == before);
}

TEST_CASE("a failed pack leaves an older app as it was", "[command][pack][errors]") {
  const Site site;
  Stage stage;
  REQUIRE(stage.run({"pack", site.path, "--no-cache", "-q", "-o", site.app}).code == 0);
  const auto before = testing::file_bytes(site.app);
  site.write("site/_redirects", "/only-one-word\n");
  CHECK(stage.run({"pack", site.path, "--no-cache", "-q", "-o", site.app}).code == 2);
  CHECK(testing::file_bytes(site.app) == before);
}

}  // namespace seabag::command
