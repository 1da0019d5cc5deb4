#include <filesystem>
#include <string>

#include "tools/app/admin_client.h"
#include "tools/app/packed_app.h"

namespace seabag::app {

using testing::AdminClient;
using testing::Ending;
using testing::PackedApp;
using testing::ServingApp;

namespace {

constexpr const char* kBrowser = "/usr/bin/chromium";

/// What the browser makes of a page: its document as text, and what it says about it.
Ending browse(const std::string& url) {
  const testing::TempDir profile;
  return testing::run("/usr/bin/timeout",
                      {"120", kBrowser, "--headless=new", "--no-sandbox", "--disable-gpu",
                       "--disable-dev-shm-usage", "--no-first-run", "--enable-logging=stderr",
                       "--user-data-dir=" + profile.path().string(), "--virtual-time-budget=6000",
                       "--dump-dom", url});
}

/// The text of the element with this id.
std::string text_of(const std::string& document, const std::string& id) {
  const std::size_t name = document.find("id=\"" + id + "\"");
  const std::size_t start = document.find('>', name) + 1;
  return name == std::string::npos ? "none"
                                   : document.substr(start, document.find('<', start) - start);
}

}  // namespace

TEST_CASE("a browser shows the status page, and keeps to its policy", "[app][admin][browser]") {
  if (!std::filesystem::exists(kBrowser)) {
    WARN("skipped: chromium is not installed");
    return;
  }
  const PackedApp packed;
  ServingApp app(packed.path.string(), {"--workers", "2", "--admin", "127.0.0.1:0"});
  const std::string line = app.program().read_line();
  AdminClient(line).wait_until_ready();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(app.get("/").status == 200);
  }
  const Ending ending = browse(line.substr(line.find("http://")) + "/");
  INFO(ending.output << ending.errors);
  REQUIRE(ending.exit_code == 0);
  CHECK(text_of(ending.output, "state") == "ready");
  CHECK(text_of(ending.output, "about").starts_with("version "));
  CHECK(text_of(ending.output, "rate") != "–");
  CHECK(text_of(ending.output, "memory").ends_with(" MiB"));
  CHECK(ending.output.find("<td>serving</td>") != std::string::npos);
  CHECK(ending.output.find("<dd>20</dd>") != std::string::npos);  // requests
  CHECK(ending.output.find("points=\"") != std::string::npos);
  CHECK(ending.errors.find("Refused") == std::string::npos);
  CHECK(ending.errors.find("Content Security Policy") == std::string::npos);
  CHECK(ending.errors.find("Uncaught") == std::string::npos);
}

}  // namespace seabag::app
