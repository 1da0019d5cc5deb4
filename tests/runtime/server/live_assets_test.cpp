#include "seabag/server/live_assets.h"

#include <memory>
#include <string>
#include <vector>

#include "live_tree.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::Loopback;
using test::Reply;
using test::Served;
using test::simple_hash;
using vfs::Encoding;
using Tree = test::LiveTree;

std::string bytes_of(const vfs::Asset& asset, Encoding encoding = Encoding::identity) {
  const auto bytes = asset.representation(encoding).bytes;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("a file comes with its content, hash, time and fields", "[server][live]") {
  Tree tree;
  tree.write("/a.css", "body{}");
  tree.make_directory("/sub");
  REQUIRE(tree.space.create("/link", {.type = vfs::FileType::symlink, .target = "a.css"}));
  const auto assets = tree.assets();
  const auto asset = assets->find("/a.css");
  REQUIRE(asset);
  CHECK(asset->type == vfs::FileType::regular);
  CHECK(bytes_of(*asset) == "body{}");
  CHECK(asset->modified == tree.now);
  CHECK(asset->content_hash == simple_hash(asset->representation(Encoding::identity).bytes));
  CHECK(asset->header_fields.find("Content-Type: text/css; charset=utf-8\r\n") !=
        std::string_view::npos);
  CHECK(asset->header_fields.find("Vary") == std::string_view::npos);
  CHECK_FALSE(asset->has_variants());
  CHECK(bytes_of(*assets->find("/link")) == "body{}");
  CHECK(assets->find("/sub")->type == vfs::FileType::directory);
  CHECK(assets->find("/")->type == vfs::FileType::directory);
  CHECK(assets->find("/none").error().is(std::errc::no_such_file_or_directory));
  CHECK(assets->find("/a.css/x").error().is(std::errc::not_a_directory));
}

TEST_CASE("a change shows at once, and old answers stay whole", "[server][live]") {
  Tree tree;
  tree.write("/a.txt", "one");
  const auto assets = tree.assets();
  const auto before = assets->find("/a.txt");
  REQUIRE(before);
  tree.write("/a.txt", "two");
  const auto after = assets->find("/a.txt");
  REQUIRE(after);
  CHECK(bytes_of(*before) == "one");
  CHECK(bytes_of(*after) == "two");
  CHECK(before->content_hash != after->content_hash);
  REQUIRE(tree.space.remove("/a.txt", vfs::RemoveKind::file));
  CHECK_FALSE(assets->find("/a.txt"));
}

TEST_CASE("an unchanged file is not read twice", "[server][live]") {
  Tree tree;
  tree.write("/a.txt", "one");
  const auto assets = tree.assets();
  const auto first = assets->find("/a.txt");
  const auto second = assets->find("/a.txt");
  CHECK(first->representations[0].bytes.data() == second->representations[0].bytes.data());
}

TEST_CASE("a cache without space still answers", "[server][live]") {
  Tree tree;
  for (int i = 0; i < 10; ++i) {
    tree.write("/" + std::to_string(i), std::string(1'000, static_cast<char>('0' + i)));
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{6'000}}) {
    const auto assets = tree.assets({.cache_size = size});
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 10; ++i) {
        CHECK(bytes_of(*assets->find("/" + std::to_string(i)))[0] == '0' + i);
      }
    }
  }
}

TEST_CASE("variants are taken when they can be right", "[server][live]") {
  Tree tree;
  const std::string gzip = "\x1f\x8b zipped";
  tree.write("/a.js", std::string(100, 'a'));
  tree.write("/a.js.gz", gzip);
  tree.write("/a.js.br", "brotli");
  tree.write("/a.js.zst", "no zstd");
  tree.write("/stale.js.gz", gzip);
  tree.write("/stale.js", std::string(100, 's'));
  tree.write("/short.js", "x");
  tree.write("/short.js.gz", gzip);
  const auto assets = tree.assets();
  const auto asset = assets->find("/a.js");
  REQUIRE(asset);
  CHECK(bytes_of(*asset, Encoding::gzip) == gzip);
  CHECK(bytes_of(*asset, Encoding::br) == "brotli");
  CHECK_FALSE(asset->representation(Encoding::zstd).present);
  CHECK(asset->header_fields.find("Vary: Accept-Encoding\r\n") != std::string_view::npos);
  CHECK_FALSE(assets->find("/stale.js")->has_variants());
  CHECK_FALSE(assets->find("/short.js")->has_variants());
  // Once it is removed, it is gone.
  REQUIRE(tree.space.remove("/a.js.gz", vfs::RemoveKind::file));
  CHECK_FALSE(assets->find("/a.js")->representation(Encoding::gzip).present);
}

TEST_CASE("the rules of _headers count, and are read again", "[server][live]") {
  Tree tree;
  std::vector<std::string> lines;
  tree.write("/a.txt", "x");
  tree.write("/_headers", "/*\n  X-One: 1\n");
  const auto assets =
      tree.assets({.report = [&](const std::string& line) { lines.push_back(line); }});
  const auto has = [&](const char* field) {
    return assets->find("/a.txt")->header_fields.find(field) != std::string_view::npos;
  };
  CHECK(has("X-One: 1\r\n"));
  tree.write("/_headers", "/*\n  X-Two: 2\n");
  CHECK_FALSE(has("X-One"));
  CHECK(has("X-Two: 2\r\n"));
  tree.write("/_headers", "/*\n  Content-Length: 5\n");
  CHECK(has("X-Two: 2\r\n"));
  CHECK(has("X-Two: 2\r\n"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("_headers:2:") != std::string::npos);
  REQUIRE(tree.space.remove("/_headers", vfs::RemoveKind::file));
  CHECK_FALSE(has("X-Two"));

  tree.write("/_headers", "/*\n  Content-Length: 5\n");
  const auto refused = LiveAssets::create(tree.space, {.hash = simple_hash});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(std::errc::invalid_argument));
}

TEST_CASE("a part of a tree can be the site", "[server][live]") {
  Tree tree;
  tree.make_directory("/site");
  tree.write("/site/a.txt", "inside");
  tree.write("/a.txt", "outside");
  for (const char* root : {"/site", "/site/"}) {
    const auto assets = tree.assets({.root = root});
    CHECK(bytes_of(*assets->find("/a.txt")) == "inside");
    CHECK(assets->find("/")->type == vfs::FileType::directory);
  }
}

TEST_CASE("a live tree is served like a packed one", "[server][live]") {
  Tree tree;
  std::string large;
  for (int i = 0; i < 3'000'000; ++i) {
    large += static_cast<char>('a' + i % 19);
  }
  tree.write("/index.html", "<home>");
  tree.write("/large.bin", large);
  tree.write("/_redirects", "/old /new\n");
  const auto assets = tree.assets();
  Served served({.assets = assets.get()}, {.site = {.mutability = Mutability::changing}});
  Loopback client(served.address());
  const auto get = [&](const std::string& path, const std::string& fields = "") {
    return client.ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
  };
  CHECK(get("/").body == "<home>");
  const Reply whole = get("/large.bin");
  CHECK(whole.body == large);
  const Reply part = get("/large.bin", "Range: bytes=1000000-2500000\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == large.substr(1'000'000, 1'500'001));
  CHECK(get("/large.bin", "If-None-Match: " + *whole.field("ETag") + "\r\n").status == 304);
  CHECK(get("/old").field("Location") == "/new");
  tree.write("/_redirects", "/old /newer\n");
  // Noticed within a second.
  std::string location;
  while (location != "/newer") {
    location = get("/old").field("Location").value_or("");
    CHECK((location == "/new" || location == "/newer"));
  }
}

}  // namespace
}  // namespace seabag::server
