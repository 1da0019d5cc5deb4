// Runs the real command: what it serves is asked for over a socket.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>

#include "tools/app/packed_app.h"

namespace seabag::command {
namespace {

using testing::Ending;
using testing::ServingApp;
using testing::TempDir;

void write(const std::filesystem::path& path, std::string_view text) {
  testing::write_file_bytes(path, std::as_bytes(std::span(text)));
}

/// `seabag serve SUBJECT` on a free port.
ServingApp serve(const std::string& subject) {
  return ServingApp(SEABAG_COMMAND, {"serve", subject});
}

void check_stops(ServingApp& app) {
  app.program().send_signal(SIGTERM);
  const Ending ending = app.program().finish();
  INFO(ending.errors);
  CHECK(ending.exit_code == 0);
}

/// A site as a packed app.
struct Packed {
  Packed() {
    testing::Tree tree;
    tree.file("index.html", "home\n");
    tree.file("about.html", "about\n");
    testing::write_bundle(tree, path);
  }
  TempDir directory;
  std::string path = (directory / "app").string();
};

}  // namespace

TEST_CASE("serve shows a directory as it is now", "[command][serve]") {
  const TempDir directory;
  write(directory / "index.html", "first\n");
  write(directory / "about.html", "about\n");
  ServingApp app = serve(directory.path().string());
  CHECK(app.get("/").body == "first\n");
  CHECK(app.get("/about").body == "about\n");
  CHECK(app.get("/none").status == 404);
  write(directory / "index.html", "second, longer\n");
  CHECK(app.get("/").body == "second, longer\n");
  write(directory / "none.html", "now\n");
  CHECK(app.get("/none").body == "now\n");
  check_stops(app);
}

TEST_CASE("serve shows a packed app", "[command][serve]") {
  const Packed packed;
  ServingApp app = serve(packed.path);
  CHECK(app.get("/").body == "home\n");
  CHECK(app.get("/about").body == "about\n");
  check_stops(app);
}

TEST_CASE("serve shows an archive", "[command][serve]") {
  const Packed packed;
  const std::string archive = (packed.directory / "site.tar.zst").string();
  const Ending exported = testing::run(SEABAG_COMMAND, {"export", packed.path, "-o", archive});
  INFO(exported.errors);
  REQUIRE(exported.exit_code == 0);
  ServingApp app = serve(archive);
  CHECK(app.get("/").body == "home\n");
  CHECK(app.get("/about.html").body == "about\n");
  check_stops(app);
}

TEST_CASE("serve refuses in one line what it cannot serve", "[command][serve]") {
  const TempDir directory;
  write(directory / "plain", "text\n");
  for (const char* name : {"plain", "missing"}) {
    const Ending ending = testing::run(
        SEABAG_COMMAND, {"serve", (directory / name).string(), "--listen", "127.0.0.1:0"});
    CHECK(ending.exit_code > 0);
    CHECK(ending.output.empty());
    CHECK(ending.errors.find(name) != std::string::npos);
    CHECK(std::count(ending.errors.begin(), ending.errors.end(), '\n') == 1);
  }
}

TEST_CASE("serve lists directories and asks for passwords as the settings say",
          "[command][serve]") {
  const TempDir directory;
  std::filesystem::create_directories(directory / "site/files");
  std::filesystem::create_directories(directory / "site/admin");
  write(directory / "site/files/a b.txt", "text\n");
  const std::string config = (directory / "seabag.toml").string();
  write(config,
        "[[site.auth]]\npaths = \"/admin\"\nusers = "
        "'ann:$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLt"
        "ip/cZ/1GM/O6IND4WQhG.'\n");
  const std::string site = (directory / "site").string();
  ServingApp app(SEABAG_COMMAND, {"serve", site, "--listing", "--config", config});
  CHECK(app.get("/files/").body.find("./a%20b.txt") != std::string::npos);
  CHECK(app.get("/admin/").status == 401);
  check_stops(app);
  const Ending ending =
      testing::run(SEABAG_COMMAND, {"serve", site, "--config", config, "--listen", "0.0.0.0:0"});
  CHECK(ending.exit_code == 2);
  CHECK(ending.output.empty());
  CHECK(ending.errors.find("in clear text at 0.0.0.0:") != std::string::npos);
}

}  // namespace seabag::command
