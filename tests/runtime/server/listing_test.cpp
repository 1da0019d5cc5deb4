#include <string>
#include <vector>

#include "http2_client.h"
#include "live_tree.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::Http2Client;
using test::LiveTree;
using test::Loopback;
using test::Reply;
using test::ReplyBody;
using test::Served;

constexpr std::size_t kNone = std::string::npos;

/// A tree that is served as a live directory.
struct Site {
  explicit Site(Mutability mutability = Mutability::changing, bool listing = true)
      : assets(tree.assets()),
        options{.site = {.names = {.listing = listing},
                         .mutability = mutability,
                         .hash = test::simple_hash}},
        served({.assets = assets.get(), .files = &tree.space}, options) {}

  Reply get(const std::string& path, const std::string& fields = "",
            const std::string& method = "GET") {
    Loopback client(served.address());
    return client.ask(method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n",
                      method == "HEAD" ? ReplyBody::none : ReplyBody::as_told);
  }

  LiveTree tree;
  std::unique_ptr<LiveAssets> assets;
  ServerOptions options;
  Served served;
};

constexpr const char* kJson = "Accept: application/json\r\n";

TEST_CASE("a directory without an index is listed when that is wanted", "[server][listing]") {
  Site site;
  site.tree.make_directory("/d");
  site.tree.make_directory("/d/zoo");
  site.tree.write("/d/b.txt", "bb");
  site.tree.write("/d/a.txt", "a");
  site.tree.write("/d/.secret", "s");
  const Reply html = site.get("/d/");
  CHECK(html.status == 200);
  CHECK(html.field("content-type") == "text/html; charset=utf-8");
  CHECK(html.field("vary") == "Accept, Accept-Encoding");
  CHECK(html.field("cache-control") == "no-cache");
  const std::size_t zoo = html.body.find("./zoo/");
  const std::size_t a = html.body.find("./a.txt");
  const std::size_t b = html.body.find("./b.txt");
  CHECK((zoo < a && a < b && b != kNone));
  CHECK(html.body.find("secret") == kNone);
  const Reply json = site.get("/d/", kJson);
  CHECK(json.field("content-type") == "application/json");
  CHECK(json.body.starts_with("{\"path\":\"/d/\""));
  CHECK(site.get("/d/", "", "HEAD").field("content-length") == std::to_string(html.body.size()));
  CHECK(site.get("/d").status == 301);
  CHECK(site.get("/d").field("location") == "/d/");
  CHECK(site.get("/none/").status == 404);
  CHECK(site.get("/d/", "", "OPTIONS").status == 204);
}

TEST_CASE("no directory is listed unless asked for", "[server][listing]") {
  Site site(Mutability::changing, false);
  site.tree.make_directory("/d");
  site.tree.write("/d/a.txt", "a");
  CHECK(site.get("/d/").status == 404);
  CHECK(site.get("/").status == 404);
}

TEST_CASE("an index, hidden names and rules come before a listing", "[server][listing]") {
  Site site;
  site.tree.write("/_headers", "/*\n  X-A: b\n");
  site.tree.write("/_redirects", "/old/* /new/:splat\n");
  site.tree.make_directory("/with");
  site.tree.write("/with/index.html", "index");
  site.tree.make_directory("/.git");
  site.tree.write("/.git/config", "c");
  site.tree.write("/plain", "p");
  REQUIRE(
      site.tree.space.create("/dangling", {.type = vfs::FileType::symlink, .target = "nowhere"}));
  REQUIRE(site.tree.space.create("/link", {.type = vfs::FileType::symlink, .target = "with"}));
  REQUIRE(site.tree.space.create("/fifo", {.type = vfs::FileType::fifo}));
  CHECK(site.get("/with/").body == "index");
  CHECK(site.get("/.git/").status == 404);
  const std::string body = site.get("/", kJson).body;
  for (const char* hidden : {"_headers", "_redirects", ".git", "dangling", "fifo"}) {
    CAPTURE(hidden);
    CHECK(body.find(hidden) == kNone);
  }
  CHECK(body.find(R"("./link/","type":"directory")") < body.find("\"plain\""));
}

TEST_CASE("what a listing links to is there, whatever its name", "[server][listing]") {
  Site site;
  const std::vector<std::string> names = {
      "a b",          "50%",         "%41",      "%2F",       "what?",
      "#1",           "\"q\"",       "it's",     "<i>&amp;",  "a:b",
      "javascript:x", "caf\xc3\xa9", "\xff\xfe", "tab\there", "line\nend",
      "a=b&c",        "+",           ";",        "~",         "..."};
  for (const std::string& name : names) {
    site.tree.write("/" + name, "content of " + name);
  }
  site.tree.write("/back\\slash", "no way to it");
  const std::string body = site.get("/", kJson).body;
  std::size_t count = 0;
  constexpr std::string_view kHref = "\"href\":\"./";
  for (std::size_t at = body.find(kHref); at != kNone; at = body.find(kHref, at + 1)) {
    const std::size_t start = at + kHref.size();
    const std::string path = "/" + body.substr(start, body.find('"', start) - start);
    CAPTURE(path);
    const Reply reply = site.get(path);
    CHECK(reply.status == 200);
    CHECK(reply.body.starts_with("content of "));
    ++count;
  }
  CHECK(count == names.size() - 1);  // `...` starts with a dot
  CHECK(body.find("slash") == kNone);
}

TEST_CASE("a listing is compressed and revalidated like a page", "[server][listing]") {
  Site site;
  for (int i = 0; i < 100; ++i) {
    site.tree.write("/file-" + std::to_string(i), "x");
  }
  const Reply plain = site.get("/");
  const Reply gzip = site.get("/", "Accept-Encoding: gzip\r\n");
  REQUIRE(gzip.field("content-encoding") == "gzip");
  CHECK(gzip.body.size() < plain.body.size() / 4);
  CHECK(gzip.field("etag") != plain.field("etag"));
  const std::string condition = "If-None-Match: " + *plain.field("etag") + "\r\n";
  const Reply same = site.get("/", condition);
  CHECK(same.status == 304);
  CHECK(same.field("vary") == "Accept, Accept-Encoding");
  CHECK(site.get("/", condition + kJson).status == 200);
}

TEST_CASE("a large directory is listed in pages", "[server][listing]") {
  Site site(Mutability::fixed);
  site.tree.make_directory("/d");
  for (int i = 0; i < 2'001; ++i) {
    REQUIRE(site.tree.space.create("/d/" + std::to_string(10'000 + i), {}));
  }
  const std::string first = site.get("/d/", kJson).body;
  CHECK(first.find("\"page\":1,\"pages\":3") != kNone);
  CHECK(first.find("\"10999\"") != kNone);
  CHECK(first.find("\"11000\"") == kNone);
  CHECK(site.get("/d/?page=2", kJson).body.find("\"11000\"") != kNone);
  CHECK(site.get("/d/?a=b&page=3").body.find("12000") != kNone);
  for (const char* query : {"?page=4", "?page=0", "?page=", "?page=x", "?page=-1",
                            "?page=99999999999999999999", "?page=18446744073709551615"}) {
    CAPTURE(query);
    CHECK(site.get(std::string("/d/") + query).status == 404);
  }
}

TEST_CASE("a listing over HTTP/2 is the same", "[server][listing]") {
  Site site;
  site.tree.write("/a.txt", "a");
  Http2Client client(site.served.address());
  const auto reply = client.ask(1, "/", {{"accept", "application/json"}});
  CHECK(reply.status == "200");
  CHECK(reply.body == site.get("/", kJson).body);
}

}  // namespace
}  // namespace seabag::server
