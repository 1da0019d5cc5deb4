#include <chrono>
#include <string>
#include <thread>

#include "live_tree.h"
#include "served.h"
#include "support/inflate.h"

namespace seabag::server {
namespace {

using test::LiveTree;
using test::Loopback;
using test::Reply;
using test::Served;
using vfs::Encoding;

std::string text_of(std::size_t size, char seed = 'a') {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) {
    text += "line " + std::to_string(i) + seed + "\n";
  }
  return text;
}

/// The asset as soon as it has variants.
vfs::Asset find_compressed(const LiveAssets& assets, const std::string& path) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < limit) {
    const auto asset = assets.find(path);
    REQUIRE(asset);
    if (asset->has_variants()) {
      return *asset;
    }
    std::this_thread::yield();
  }
  FAIL("no variants of " << path);
  return {};
}

std::string bytes_of(const vfs::Asset& asset, Encoding encoding) {
  const auto bytes = asset.representation(encoding).bytes;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("compressed forms of a live file come after the first request", "[server][live]") {
  LiveTree tree;
  const std::string text = text_of(20'000);
  tree.write("/a.css", text);
  const auto assets = tree.assets({.compression = LiveCompression::on});
  const auto first = assets->find("/a.css");
  REQUIRE(first);
  CHECK_FALSE(first->has_variants());
  CHECK(first->header_fields.find("Vary: Accept-Encoding\r\n") != std::string_view::npos);
  const vfs::Asset asset = find_compressed(*assets, "/a.css");
  CHECK(bytes_of(asset, Encoding::identity) == text);
  CHECK(asset.content_hash == first->content_hash);
  CHECK(test::inflate(bytes_of(asset, Encoding::gzip)) == text);
  CHECK(bytes_of(asset, Encoding::zstd).starts_with("\x28\xb5\x2f\xfd"));
  CHECK(asset.representation(Encoding::zstd).length < text.size() / 2);
  CHECK_FALSE(asset.representation(Encoding::br).present);
  CHECK(asset.header_fields == first->header_fields);
}

TEST_CASE("a change of a live file drops its compressed forms", "[server][live]") {
  LiveTree tree;
  tree.write("/a.txt", text_of(5'000));
  const auto assets = tree.assets({.compression = LiveCompression::on});
  find_compressed(*assets, "/a.txt");
  const std::string second = text_of(6'000, 'b');
  tree.write("/a.txt", second);
  const auto changed = assets->find("/a.txt");
  REQUIRE(changed);
  CHECK(bytes_of(*changed, Encoding::identity) == second);
  const vfs::Asset asset = find_compressed(*assets, "/a.txt");
  CHECK(test::inflate(bytes_of(asset, Encoding::gzip)) == second);
}

TEST_CASE("forms beside a live file are preferred to made ones", "[server][live]") {
  LiveTree tree;
  tree.write("/a.txt", text_of(5'000));
  tree.write("/a.txt.gz", "\x1f\x8b of somebody else");
  const auto assets = tree.assets({.compression = LiveCompression::on});
  while (!assets->find("/a.txt")->representation(Encoding::zstd).present) {
    std::this_thread::yield();
  }
  CHECK(bytes_of(*assets->find("/a.txt"), Encoding::gzip) == "\x1f\x8b of somebody else");
}

TEST_CASE("what does not become smaller is left alone", "[server][live]") {
  LiveTree tree;
  tree.write("/a.png", text_of(5'000));
  tree.write("/short.txt", "short");
  const auto assets = tree.assets({.compression = LiveCompression::on});
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(assets->find("/a.png")->has_variants());
    CHECK_FALSE(assets->find("/short.txt")->has_variants());
  }
  CHECK(assets->find("/a.png")->header_fields.find("Vary") == std::string_view::npos);
}

TEST_CASE("many live files are compressed within a small cache", "[server][live]") {
  LiveTree tree;
  for (int i = 0; i < 40; ++i) {
    tree.write("/" + std::to_string(i) + ".js", text_of(4'000));
  }
  const auto assets = tree.assets({.cache_size = 20'000, .compression = LiveCompression::on});
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 40; ++i) {
      const auto asset = assets->find("/" + std::to_string(i) + ".js");
      REQUIRE(asset);
      CHECK(asset->representation(Encoding::identity).length == text_of(4'000).size());
    }
  }
}

TEST_CASE("a compressed live file is served with an ETag of its own", "[server][live]") {
  LiveTree tree;
  const std::string text = text_of(5'000);
  tree.write("/a.txt", text);
  const auto assets = tree.assets({.compression = LiveCompression::on});
  Served served({.assets = assets.get()});
  find_compressed(*assets, "/a.txt");
  Loopback client(served.address());
  const Reply gzip = client.ask("GET /a.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
  CHECK(gzip.field("content-encoding") == "gzip");
  CHECK(gzip.field("vary") == "Accept-Encoding");
  CHECK(gzip.field("etag")->ends_with("-gz\""));
  CHECK(test::inflate(gzip.body) == text);
  const Reply plain = client.ask("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.body == text);
  CHECK(plain.field("vary") == "Accept-Encoding");
}

}  // namespace
}  // namespace seabag::server
