#include "seabag/server/config.h"

#include <string>

#include "support/catch.h"

namespace seabag::server {
namespace {

TEST_CASE("an empty config has all defaults", "[server][config]") {
  for (const char* text : {"", "# nothing\n", "[server]\n[site]\n"}) {
    const auto config = parse_config(text, "seabag.toml");
    REQUIRE(config);
    CHECK(config->listen.empty());
    CHECK(config->workers == 1);
    CHECK(config->access_log.empty());
    CHECK(config->limits.body == 1024 * 1024);
    CHECK(config->names.index == "index.html");
    CHECK(config->names.clean_urls);
  }
}

TEST_CASE("a config sets everything that it can", "[server][config]") {
  const auto config = parse_config(R"([server]
listen = ["127.0.0.1:8080", "unix:/run/app.sock"]
workers = "auto"
accept = "shared"
access_log = "-"
admin = "public::9000"
[server.limits]
request_line = 4096
header_block = 16384
header_fields = 50
body = 0
connections = 500
connections_per_address = 20
[server.timeouts]
header = 3
body = 1.5
body_rate = 2048
keep_alive = 1
write = 0.25
linger = 4
drain = 5
drain_delay = 2
[site]
index = "home.html"
clean_urls = false
spa_fallback = "/app.html"
asset_prefixes = "/assets"
security_headers = "strict"
listing = true
[pack]
profile = "release"
)",
                                   "seabag.toml", {"pack"});
  REQUIRE(config);
  REQUIRE(config->listen.size() == 2);
  CHECK(config->listen[0].address.text() == "127.0.0.1:8080");
  CHECK(config->listen[1].address.text() == "unix:/run/app.sock");
  CHECK(config->workers == 0);
  CHECK(config->access_log == "-");
  CHECK(config->admin->text() == "*:9000");
  CHECK(config->accept == net::Spreading::shared);
  const Limits& limits = config->limits;
  CHECK(limits.head.request_line == 4096);
  CHECK(limits.head.field_block == 16384);
  CHECK(limits.head.fields == 50);
  CHECK(limits.body == 0);
  CHECK(limits.connections == 500);
  CHECK(limits.connections_per_address == 20);
  CHECK(limits.head_time == 3'000);
  CHECK(limits.body_time == 1'500);
  CHECK(limits.body_rate == 2048);
  CHECK(limits.keep_alive_time == 1'000);
  CHECK(limits.crowded_keep_alive_time == 1'000);
  CHECK(limits.write_time == 250);
  CHECK(limits.linger_time == 4'000);
  CHECK(limits.drain_time == 5'000);
  CHECK(limits.drain_delay == 2'000);
  CHECK(config->names.index == "home.html");
  CHECK_FALSE(config->names.clean_urls);
  CHECK(config->names.spa_fallback == "/app.html");
  CHECK(config->names.asset_prefixes == std::vector<std::string>{"/assets"});
  CHECK(config->security == http::SecurityProfile::strict);
  CHECK(config->names.listing);
}

TEST_CASE("a fault in a config is told with its place", "[server][config]") {
  struct Row {
    const char* text;
    const char* place;
    const char* detail;
  };
  const Row rows[] = {
      {"[server\n", "c:1:", ""},
      {"[server]\nlisten = 5\n", "c:2:10", "listen must be text in quotes"},
      {"[server]\nlisten = [\"127.0.0.1:1\", 5]\n", "c:2:26", "listen must be text"},
      {"[server]\nlisten = \"8080\"\n", "c:2:10", "listen '8080': expected ADDR:PORT"},
      {"[server]\nlisten = \"1.2.3.4:99999\"\n", "c:2:10", "from 0 to 65535"},
      {"[server]\nlisen = \"x\"\n", "c:2:1", "unknown key 'lisen' in [server] (there are: listen"},
      {"[sever]\n", "c:1:2", "unknown key 'sever' in the file (there are: server, site)"},
      {"server = 1\n", "c:1:10", "server must be a table"},
      {"[server]\nworkers = 0\n", "c:2:11", "a whole number from 1 to 1024"},
      {"[server]\nworkers = \"many\"\n", "c:2:11", "a number or \"auto\""},
      {"[server]\nworkers = 1.5\n", "c:2:11", "a whole number"},
      {"[server]\naccept = \"first\"\n", "c:2:10", "\"auto\", \"spread\""},
      {"[server]\nadmin = \":9000\"\n", "c:2:9", "admin ':9000': everybody who reaches this"},
      {"[server]\nadmin = \"public:x\"\n", "c:2:9", "expected ADDR:PORT"},
      {"[server.limits]\nbody = -1\n", "c:2:8", "from 0 to"},
      {"[server.limits]\nheader_fields = 101\n", "c:2:17", "from 1 to 100"},
      {"[server.timeouts]\nheader = 0\n", "c:2:10", "seconds above 0"},
      {"[server.timeouts]\nheader = nan\n", "c:2:10", "seconds above 0"},
      {"[server.timeouts]\nheader = inf\n", "c:2:10", "seconds above 0"},
      {"[server.timeouts]\nheader = \"5s\"\n", "c:2:10", "a number of seconds"},
      {"[site]\nindex = \"a/b\"\n", "c:2:9", "without slashes"},
      {"[site]\nindex = \"\"\n", "c:2:9", "the name of a file"},
      {"[site]\nclean_urls = \"yes\"\n", "c:2:14", "true or false"},
      {"[site]\nspa_fallback = \"x.html\"\n", "c:2:16", "start with a slash"},
      {"[site]\nasset_prefixes = [\"/a\", \"b\"]\n", "c:2:25", "start with a slash"},
      {"[site]\nsecurity_headers = \"max\"\n", "c:2:20", "\"basic\" or \"strict\""},
      {"a = 1\na = 2\n", "c:2:", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto config = parse_config(row.text, "c");
    REQUIRE_FALSE(config);
    CHECK(config.error().is(std::errc::invalid_argument));
    CAPTURE(config.error().message());
    CHECK(config.error().path.starts_with(row.place));
    CHECK(config.error().detail.find(row.detail) != std::string::npos);
    CHECK(config.error().message().find('\n') == std::string::npos);
  }
}

}  // namespace
}  // namespace seabag::server
