#include "seabag/http/names.h"

#include <map>
#include <string>
#include <vector>

#include "parsed_request.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

// Files by path; every directory above them exists. Counts look-ups.
class FakeSource final : public vfs::AssetSource {
 public:
  explicit FakeSource(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      types_[file] = vfs::FileType::regular;
      for (std::size_t slash = file.rfind('/'); slash != std::string::npos && slash > 0;
           slash = file.rfind('/', slash - 1)) {
        types_[file.substr(0, slash)] = vfs::FileType::directory;
      }
    }
    types_["/"] = vfs::FileType::directory;
  }

  [[nodiscard]] Result<vfs::Asset> find(std::string_view path) const override {
    ++finds;
    if (path == "/broken") {
      return make_error(std::errc::io_error, "find");
    }
    const auto entry = types_.find(path);
    if (entry == types_.end()) {
      return make_error(std::errc::no_such_file_or_directory, "find");
    }
    vfs::Asset asset;
    asset.type = entry->second;
    // The path stands for the content.
    asset.header_fields = entry->first;
    return asset;
  }

  mutable std::size_t finds = 0;

 private:
  std::map<std::string, vfs::FileType, std::less<>> types_;
};

const std::vector<std::string> kSite = {
    "/index.html",
    "/404.html",
    "/about.html",
    "/docs/index.html",
    "/docs/guide.html",
    "/docs/404.html",
    "/both/index.html",
    "/both.html",
    "/empty/data.bin",
    "/app.js",
    "/.hidden",
    "/.git/config",
    "/.well-known/a.txt",
    "/_headers",
    "/_redirects",
    "/docs/_headers",
    "/a b/index.html",
    "/caf\xc3\xa9.html",
    "/\xff",
    "/.well-known/.secret",
    "/.well-knownx",
    "/deep/x.html/y",
    "/docs/.private/z",
    "/with%2Fslash",
};

struct Site {
  explicit Site(NameOptions options = {}, const std::string& redirect_text = "",
                const std::vector<std::string>& files = kSite)
      : source(files), options_(std::move(options)) {
    Result<RedirectRules> parsed = RedirectRules::parse(redirect_text);
    REQUIRE(parsed);
    rules_ = std::move(parsed).value();
  }

  // `STATUS FILE` or `STATUS -> LOCATION`.
  std::string get(const std::string& target, const std::string& accept = "text/html",
                  const std::string& method = "GET") {
    const ParsedRequest request(method + " " + target +
                                " HTTP/1.1\r\nHost: a\r\nAccept: " + accept + "\r\n\r\n");
    REQUIRE(request.is_complete());
    const NameResolver names(source, options_, &rules_);
    const Result<Resolution> resolution = names.resolve(request.head);
    if (!resolution) {
      return "error " + resolution.error().message();
    }
    const std::string status = std::to_string(static_cast<int>(resolution->status));
    if (!resolution->location.empty()) {
      return status + " -> " + resolution->location;
    }
    return resolution->asset ? status + " " + std::string(resolution->asset->header_fields)
                             : status;
  }

  FakeSource source;

 private:
  NameOptions options_;
  RedirectRules rules_;
};

TEST_CASE("a URL names a file, an index or a page", "[http][names]") {
  Site site;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"/", "200 /index.html"},
      {"/?q", "200 /index.html"},
      {"//", "200 /index.html"},
      {"/index.html", "200 /index.html"},
      {"/app.js", "200 /app.js"},
      {"/about", "200 /about.html"},
      {"/about.html", "200 /about.html"},
      {"/about/", "301 -> /about"},
      {"/about/?q=1", "301 -> /about?q=1"},
      {"/docs/", "200 /docs/index.html"},
      {"/docs", "301 -> /docs/"},
      {"/docs?a=b&c", "301 -> /docs/?a=b&c"},
      {"//docs", "301 -> /docs/"},
      {"/docs/guide", "200 /docs/guide.html"},
      {"/docs/./guide.html", "200 /docs/guide.html"},
      {"/docs/index", "200 /docs/index.html"},
      {"/both", "200 /both.html"},
      {"/both/", "200 /both/index.html"},
      {"/a%20b", "301 -> /a%20b/"},
      {"/a%20b/", "200 /a b/index.html"},
      {"/caf%C3%A9", "200 /caf\xc3\xa9.html"},
      {"/%FF", "200 /\xff"},
      {"/with%2Fslash", "200 /with%2Fslash"},
      {"/404.html", "200 /404.html"},
      {"/deep/x.html/y", "200 /deep/x.html/y"},
  };
  for (const auto& [target, result] : rows) {
    CAPTURE(target);
    CHECK(site.get(target) == result);
    CHECK(site.get(target, "*/*", "HEAD") == result);
  }
}

TEST_CASE("what does not exist is 404 with the nearest page", "[http][names]") {
  Site site;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"/nope", "404 /404.html"},
      {"/nope/", "404 /404.html"},
      {"/app.js/", "404 /404.html"},
      {"/app.js/x", "404 /404.html"},
      {"/about.html/", "404 /404.html"},
      {"/empty", "404 /404.html"},
      {"/empty/", "404 /404.html"},
      {"/docs/nope", "404 /docs/404.html"},
      {"/docs/nope/", "404 /docs/404.html"},
      {"/docs/a/b/c", "404 /docs/404.html"},
      {"/docs/guide/", "301 -> /docs/guide"},
      {"/About", "404 /404.html"},
      {"/deep/x", "404 /404.html"},
  };
  for (const auto& [target, result] : rows) {
    CAPTURE(target);
    CHECK(site.get(target) == result);
  }
  Site bare({}, "", {"/app.js"});
  CHECK(bare.get("/") == "404");
  CHECK(bare.get("/nope") == "404");
}

TEST_CASE("hidden names do not exist", "[http][names]") {
  Site site;
  for (const char* target :
       {"/.hidden", "/.git/config", "/.git/", "/.git", "/%2Ehidden", "/.well-known/.secret",
        "/.well-knownx", "/_headers", "/_redirects", "/%5Fredirects", "//_headers", "/_headers/"}) {
    CAPTURE(target);
    CHECK(site.get(target) == "404 /404.html");
  }
  CHECK(site.get("/docs/.private/z") == "404 /docs/404.html");
  CHECK(site.get("/.well-known/a.txt") == "200 /.well-known/a.txt");
  CHECK(site.get("/docs/_headers") == "200 /docs/_headers");
}

TEST_CASE("a malformed path is 400", "[http][names]") {
  Site site;
  for (const char* target : {"/..", "/a/../b", "/%00", "/%", "/a%5Cb", "/%c0%af", "/%2e%2e/x"}) {
    CAPTURE(target);
    CHECK(site.get(target) == "400");
  }
  CHECK(site.source.finds == 0);
}

TEST_CASE("a redirect to a directory can't name another host", "[http][names]") {
  Site site({}, "", {"/evil.example/index.html", "/a\r\nb/index.html"});
  CHECK(site.get("//evil.example") == "301 -> /evil.example/");
  CHECK(site.get("/%2Fevil.example") == "404");
  CHECK(site.get("/a%0D%0Ab?\"<x>") == "301 -> /a%0D%0Ab/?%22%3Cx%3E");
}

TEST_CASE("clean URLs can be turned off and the index renamed", "[http][names]") {
  Site site({.index = "home.htm", .clean_urls = false}, "", {"/a.html", "/d/home.htm"});
  CHECK(site.get("/a") == "404");
  CHECK(site.get("/a/") == "404");
  CHECK(site.get("/d") == "301 -> /d/");
  CHECK(site.get("/d/") == "200 /d/home.htm");
}

TEST_CASE("the single-page fallback answers navigation alone", "[http][names]") {
  Site site({.spa_fallback = "/index.html", .asset_prefixes = {"/assets", "/api/"}});
  CHECK(site.get("/some/route") == "200 /index.html");
  CHECK(site.get("/some/route/", "text/html,application/xml;q=0.9,*/*;q=0.8") == "200 /index.html");
  CHECK(site.get("/some/route", "TEXT/*;q=0.1", "HEAD") == "200 /index.html");
  CHECK(site.get("/some/route", "*/*") == "404 /404.html");
  CHECK(site.get("/some/route", "application/json") == "404 /404.html");
  CHECK(site.get("/some/route", "text/html;q=0") == "404 /404.html");
  CHECK(site.get("/some/route", "text/html;q=0.0, application/json") == "404 /404.html");
  CHECK(site.get("/some/route", "text/html;level=1;q=0.5") == "200 /index.html");
  CHECK(site.get("/some/route", "text/html", "POST") == "404 /404.html");
  CHECK(site.get("/some/file.js") == "404 /404.html");
  CHECK(site.get("/assets/x") == "404 /404.html");
  CHECK(site.get("/assets") == "404 /404.html");
  CHECK(site.get("/assetsx") == "200 /index.html");
  CHECK(site.get("/api/x") == "404 /404.html");
  CHECK(site.get("/.git/config") == "404 /404.html");
  CHECK(site.get("/about") == "200 /about.html");
}

TEST_CASE("redirect rules come before or behind files", "[http][names]") {
  Site site({},
            "/about      /elsewhere\n"
            "/app.js     /forced      302!\n"
            "/docs/      /never\n"
            "/old/*      /docs/:splat 301\n"
            "/rewrite/*  /docs/:splat 200\n"
            "/swap       /app.js      200!\n"
            "/lost/*     /docs/404    404\n"
            "/secret     /.git/config 200\n"
            "/none       /not/there   200\n"
            "/dir        /docs/       200\n");
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"/about", "200 /about.html"},
      {"/app.js", "302 -> /forced"},
      {"/app.js?x=y", "302 -> /forced?x=y"},
      {"/docs/", "200 /docs/index.html"},
      {"/old/guide", "301 -> /docs/guide"},
      {"/old/a/?b", "301 -> /docs/a/?b"},
      {"/rewrite/guide", "200 /docs/guide.html"},
      {"/rewrite/", "200 /docs/index.html"},
      {"/rewrite/nope", "404 /404.html"},
      {"/swap", "200 /app.js"},
      {"/lost/x", "404 /docs/404.html"},
      {"/secret", "404 /404.html"},
      {"/none", "404 /404.html"},
      {"/dir", "200 /docs/index.html"},
  };
  for (const auto& [target, result] : rows) {
    CAPTURE(target);
    CHECK(site.get(target) == result);
  }
}

TEST_CASE("an exact name costs one look-up, a deep miss a bounded number", "[http][names]") {
  Site site;
  CHECK(site.get("/app.js") == "200 /app.js");
  CHECK(site.source.finds == 1);
  site.source.finds = 0;
  CHECK(site.get("/docs/") == "200 /docs/index.html");
  CHECK(site.source.finds == 1);
  site.source.finds = 0;
  std::string deep;
  for (int i = 0; i < 1500; ++i) {
    deep += "/x";
  }
  CHECK(site.get(deep) == "404 /404.html");
  CHECK(site.source.finds < 30);
  CHECK(site.get("/" + std::string(5000, 'x')) == "404");
}

TEST_CASE("a fault of the source is an error, not 404", "[http][names]") {
  Site site;
  CHECK(site.get("/broken") == "error find: Input/output error");
}

}  // namespace
}  // namespace seabag::http
