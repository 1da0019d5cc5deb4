#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seabag/net/descriptor.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::ReplyBody;
using test::Served;
using vfs::Encoding;

constexpr const char* kHtml =
    "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-cache\r\nVary: "
    "Accept-Encoding\r\n";

/// A small site with everything that answers depend on.
FixedAssets make_site() {
  FixedAssets assets;
  assets.add_directory("/");
  assets.add("/index.html", "<home>", kHtml);
  assets.asset("/index.html").not_modified_fields =
      "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\n";
  assets.add_variant("/index.html", Encoding::gzip, "GZ");
  assets.add_variant("/index.html", Encoding::br, "B");
  assets.add("/digits.txt", "0123456789");
  assets.add("/about.html", "<about>", kHtml);
  assets.add_directory("/docs");
  assets.add("/docs/index.html", "<docs>", kHtml);
  assets.add("/docs/404.html", "<no such doc>", kHtml);
  assets.add("/404.html", "<nothing>", kHtml);
  assets.add("/empty.txt", "");
  assets.add("/.secret", "hidden");
  assets.add("/_redirects", "/old /about 301\n/gone/* /docs/:splat 302\n");
  return assets;
}

/// A body that names the status.
constexpr const char* kPage = "(a page)";

/// What a request gets.
struct Row {
  std::string request;  ///< method, target and fields; Host and the version are added
  int status;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields = {};  ///< empty value: absent
};

std::string complete(const std::string& request) {
  const std::size_t line = request.find("\r\n");
  const std::string first = request.substr(0, line);
  const std::string rest = line == std::string::npos ? "" : request.substr(line + 2);
  return first + " HTTP/1.1\r\nHost: site\r\n" + rest + "\r\n";
}

void check(const Row& row, const Reply& reply) {
  CAPTURE(row.request);
  CHECK(reply.status == row.status);
  if (row.body == kPage) {
    CHECK(reply.body.find(std::to_string(row.status)) != std::string::npos);
  } else {
    CHECK(reply.body == row.body);
  }
  CHECK(reply.field("Date"));
  for (const auto& [name, value] : row.fields) {
    CAPTURE(name);
    CHECK(reply.field(name).value_or("") == value);
  }
}

void check_all(const std::vector<Row>& rows, const FixedAssets& assets,
               const ServerOptions& options = {}) {
  Served served({.assets = &assets}, options);
  Loopback client(served.address());
  for (const Row& row : rows) {
    const bool is_head = row.request.starts_with("HEAD");
    check(row, client.ask(complete(row.request), is_head ? ReplyBody::none : ReplyBody::as_told));
  }
  // All at once, answered in the same order.
  std::string batch;
  for (const Row& row : rows) {
    batch += complete(row.request);
  }
  client.send(batch);
  for (const Row& row : rows) {
    const bool is_head = row.request.starts_with("HEAD");
    check(row, client.receive_reply(is_head ? ReplyBody::none : ReplyBody::as_told));
  }
}

TEST_CASE("methods", "[server][static]") {
  check_all(
      {
          {"GET /digits.txt", 200, "0123456789", {{"Content-Length", "10"}, {"Allow", ""}}},
          {"HEAD /digits.txt",
           200,
           "",
           {{"Content-Length", "10"}, {"Content-Type", "text/plain; charset=utf-8"}}},
          {"HEAD /none.txt", 404, "", {{"Content-Length", "9"}}},
          {"OPTIONS /digits.txt",
           204,
           "",
           {{"Allow", "GET, HEAD, OPTIONS"}, {"Content-Length", ""}}},
          {"OPTIONS *", 204, "", {{"Allow", "GET, HEAD, OPTIONS"}}},
          {"HEAD /", 200, "", {{"Content-Length", "6"}}},
      },
      make_site());
}

TEST_CASE("other methods are refused and say what is allowed", "[server][static]") {
  const FixedAssets assets = make_site();
  Served served({.assets = &assets});
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE", "get"}) {
    CAPTURE(method);
    Loopback client(served.address());
    const Reply reply =
        client.ask(complete(std::string(method) + " /digits.txt\r\nContent-Length: 3\r\n") + "abc");
    CHECK(reply.status == 405);
    CHECK(reply.field("Allow") == "GET, HEAD, OPTIONS");
    // Content that came along is passed over.
    CHECK(client.ask(complete("GET /digits.txt")).body == "0123456789");
  }
}

TEST_CASE("representations", "[server][static]") {
  check_all(
      {
          {"GET /index.html",
           200,
           "<home>",
           {{"Content-Encoding", ""}, {"Vary", "Accept-Encoding"}}},
          {"GET /\r\nAccept-Encoding: gzip\r\n",
           200,
           "GZ",
           {{"Content-Encoding", "gzip"}, {"Content-Length", "2"}}},
          {"GET /\r\nAccept-Encoding: gzip, br\r\n", 200, "B", {{"Content-Encoding", "br"}}},
          {"GET /\r\nAccept-Encoding: gzip;q=1, br;q=0.5\r\n", 200, "GZ"},
          {"GET /\r\nAccept-Encoding: zstd\r\n", 200, "<home>", {{"Content-Encoding", ""}}},
          {"GET /\r\nAccept-Encoding: identity;q=0\r\n", 200, "<home>"},
          {"GET /\r\nAccept-Encoding: *\r\n", 200, "B"},
          {"GET /digits.txt\r\nAccept-Encoding: gzip\r\n", 200, "0123456789", {{"Vary", ""}}},
      },
      make_site());
}

TEST_CASE("conditions", "[server][static]") {
  const FixedAssets assets = make_site();
  Served served({.assets = &assets});
  Loopback client(served.address());
  const std::string plain = *client.ask(complete("GET /")).field("ETag");
  const std::string zipped =
      *client.ask(complete("GET /\r\nAccept-Encoding: gzip\r\n")).field("ETag");
  CHECK(plain != zipped);
  const auto ask = [&](const std::string& fields) {
    return client.ask(complete("GET /\r\n" + fields));
  };

  const Reply same = ask("If-None-Match: " + plain + "\r\n");
  CHECK(same.status == 304);
  CHECK(same.field("ETag") == plain);
  CHECK(same.field("Vary") == "Accept-Encoding");
  CHECK(same.field("Cache-Control") == "no-cache");
  CHECK_FALSE(same.field("Content-Type"));
  CHECK_FALSE(same.field("Content-Length"));
  CHECK(ask("If-None-Match: W/" + plain + "\r\n").status == 304);
  CHECK(ask("If-None-Match: \"other\"\r\n").status == 200);
  CHECK(ask("If-None-Match: " + plain + "\r\nAccept-Encoding: gzip\r\n").status == 200);
  CHECK(ask("If-None-Match: " + zipped + "\r\nAccept-Encoding: gzip\r\n").status == 304);
  CHECK(ask("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n").status == 304);
  CHECK(ask("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n").status == 200);
  CHECK(ask("If-Match: \"other\"\r\n").status == 412);
  CHECK(ask("If-Match: " + plain + "\r\n").status == 200);
  CHECK(ask("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n").status == 412);
  // A page that explains an error has no conditions.
  CHECK(client.ask(complete("GET /none\r\nIf-None-Match: *\r\n")).status == 404);
}

TEST_CASE("single ranges", "[server][static]") {
  check_all(
      {
          {"GET /digits.txt\r\nRange: bytes=2-4\r\n",
           206,
           "234",
           {{"Content-Range", "bytes 2-4/10"}, {"Content-Length", "3"}}},
          {"GET /digits.txt\r\nRange: bytes=7-\r\n",
           206,
           "789",
           {{"Content-Range", "bytes 7-9/10"}}},
          {"GET /digits.txt\r\nRange: bytes=-2\r\n", 206, "89"},
          {"GET /digits.txt\r\nRange: bytes=5-100\r\n", 206, "56789"},
          {"GET /digits.txt\r\nRange: bytes=10-\r\n", 416, "", {{"Content-Range", "bytes */10"}}},
          {"GET /digits.txt\r\nRange: lines=1-2\r\n", 200, "0123456789", {{"Content-Range", ""}}},
          {"GET /digits.txt\r\nRange: bytes=4-2\r\n", 200, "0123456789"},
          {"HEAD /digits.txt\r\nRange: bytes=2-4\r\n", 200, "", {{"Content-Length", "10"}}},
          {"GET /empty.txt\r\nRange: bytes=0-\r\n", 416, "", {{"Content-Range", "bytes */0"}}},
          {"GET /\r\nAccept-Encoding: gzip\r\nRange: bytes=1-2\r\n",
           206,
           "ho",
           {{"Content-Encoding", ""}}},
          {"GET /digits.txt\r\nRange: bytes=2-4\r\nIf-Range: \"x\"\r\n", 200, "0123456789"},
          {"GET /none.txt\r\nRange: bytes=2-4\r\n", 404, "<nothing>"},
      },
      make_site());
}

TEST_CASE("several ranges come as parts", "[server][static]") {
  const FixedAssets assets = make_site();
  Served served({.assets = &assets});
  Loopback client(served.address());
  const Reply reply = client.ask(complete("GET /digits.txt\r\nRange: bytes=0-1, 4-5, -1\r\n"));
  CHECK(reply.status == 206);
  const std::string type = *reply.field("Content-Type");
  const std::string prefix = "multipart/byteranges; boundary=";
  REQUIRE(type.starts_with(prefix));
  const std::string boundary = type.substr(prefix.size());
  std::string expected;
  const std::pair<const char*, const char*> parts[] = {
      {"0-1/10", "01"}, {"4-5/10", "45"}, {"9-9/10", "9"}};
  for (const auto& [range, bytes] : parts) {
    expected += "\r\n--" + boundary +
                "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes " + range +
                "\r\n\r\n" + bytes;
  }
  expected += "\r\n--" + boundary + "--\r\n";
  CHECK(reply.body == expected);
  CHECK(client.ask(complete("GET /digits.txt")).status == 200);
}

TEST_CASE("names", "[server][static]") {
  check_all(
      {
          {"GET /", 200, "<home>"},
          {"GET /about", 200, "<about>"},
          {"GET /about/", 301, kPage, {{"Location", "/about"}}},
          {"GET /docs?a=b", 301, kPage, {{"Location", "/docs/?a=b"}}},
          {"GET /docs/", 200, "<docs>"},
          {"GET /docs/none", 404, "<no such doc>", {{"Content-Type", "text/html; charset=utf-8"}}},
          {"GET /none", 404, "<nothing>"},
          {"GET /.secret", 404, "<nothing>"},
          {"GET /old", 301, kPage, {{"Location", "/about"}}},
          {"GET /gone/x", 302, kPage, {{"Location", "/docs/x"}}},
          {"GET /_redirects", 404, "<nothing>"},
          {"GET /%2e%2e/x", 400, kPage},
          {"GET /a%00b", 400, kPage},
          {"GET http://site/about", 200, "<about>"},
      },
      make_site());
}

TEST_CASE("a single-page app gets its page for its own routes only", "[server][static]") {
  ServerOptions options;
  options.site.names.spa_fallback = "/index.html";
  options.site.names.asset_prefixes = {"/assets"};
  check_all(
      {
          {"GET /app/route\r\nAccept: text/html\r\n", 200, "<home>"},
          {"GET /app/route", 404, "<nothing>"},
          {"GET /app/missing.js\r\nAccept: text/html\r\n", 404, "<nothing>"},
          {"GET /assets/x\r\nAccept: text/html\r\n", 404, "<nothing>"},
      },
      make_site(), options);
}

TEST_CASE("a fault in the redirects shows before serving", "[server][static]") {
  FixedAssets assets;
  assets.add("/_redirects", "/a /b 999\n");
  const auto server = Server::create({}, {.assets = &assets});
  REQUIRE_FALSE(server);
  CHECK(server.error().is(std::errc::invalid_argument));
  CHECK(server.error().path.starts_with("_redirects:1:"));
}

/// A kernel file with known bytes.
net::Descriptor make_file(const std::string& content) {
  net::Descriptor file(memfd_create("content", MFD_CLOEXEC));
  REQUIRE(write(file.get(), content.data(), content.size()) ==
          static_cast<ssize_t>(content.size()));
  return file;
}

TEST_CASE("content that is in a kernel file is sent from there", "[server][static]") {
  std::string content;
  for (int i = 0; i < 300'000; ++i) {
    content += static_cast<char>('a' + i % 23);
  }
  const net::Descriptor file = make_file("prefix" + content);
  FixedAssets assets;
  for (const bool is_mapped : {true, false}) {
    const std::string path = is_mapped ? "/mapped.bin" : "/file.bin";
    assets.add(path, content, "");
    vfs::Representation& identity = assets.asset(path).representations[0];
    identity.descriptor = file.get();
    identity.descriptor_offset = 6;
    identity.bytes = is_mapped ? identity.bytes : std::span<const std::byte>();
  }
  Served served({.assets = &assets});
  Loopback client(served.address());
  for (const char* path : {"/mapped.bin", "/file.bin"}) {
    CAPTURE(path);
    const std::string get = std::string("GET ") + path;
    CHECK(client.ask(complete(get)).body == content);
    CHECK(client.ask(complete(get + "\r\nRange: bytes=5-100004\r\n")).body ==
          content.substr(5, 100'000));
    const Reply parts = client.ask(complete(get + "\r\nRange: bytes=0-99999,200000-299999\r\n"));
    CHECK(parts.status == 206);
    CHECK(parts.body.find("\r\n\r\n" + content.substr(200'000) + "\r\n--") != std::string::npos);
    client.send(complete(get) + complete("HEAD " + std::string(path)) + complete(get));
    CHECK(client.receive_reply().body == content);
    CHECK(client.receive_reply(ReplyBody::none).field("Content-Length") == "300000");
    CHECK(client.receive_reply().body == content);
  }
}

TEST_CASE("a kernel file that has become shorter ends the connection", "[server][static]") {
  const net::Descriptor file = make_file(std::string(100'000, 'x'));
  FixedAssets assets;
  assets.add("/file.bin", std::string(200'000, 'x'), "");
  vfs::Representation& identity = assets.asset("/file.bin").representations[0];
  identity.descriptor = file.get();
  identity.bytes = {};
  Served served({.assets = &assets});
  Loopback client(served.address());
  client.send(complete("GET /file.bin"));
  const std::string received = client.receive_all();
  CHECK(received.size() > 100'000);
  CHECK(received.size() < 101'000);
}

}  // namespace
}  // namespace seabag::server
