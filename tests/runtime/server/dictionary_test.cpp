#include "seabag/coding/dictionary.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <zstd.h>

#include <chrono>
#include <string>
#include <vector>

#include "http2_client.h"
#include "live_tree.h"
#include "seabag/net/channel.h"
#include "seabag/server/config.h"
#include "served.h"

namespace seabag::server {
namespace {

using test::FixedAssets;
using test::Loopback;
using test::Reply;
using test::Served;

/// HTTPS as far as the server can tell, without anything that protects it.
class BareChannel final : public net::Channel {
 public:
  net::HandshakeState handshake(int) override { return net::HandshakeState::complete; }
  net::Transfer receive(int socket, std::span<char> space) override {
    const ssize_t count = recv(socket, space.data(), space.size(), 0);
    if (count <= 0) {
      return {0, count == 0 ? net::TransferState::end : net::TransferState::partial};
    }
    const auto bytes = static_cast<std::size_t>(count);
    return {bytes,
            bytes == space.size() ? net::TransferState::complete : net::TransferState::partial};
  }
  net::Transfer send(int socket, std::span<const iovec> parts) override {
    std::size_t size = 0;
    for (const iovec& part : parts) {
      size += part.iov_len;
    }
    const ssize_t count = writev(socket, parts.data(), static_cast<int>(parts.size()));
    const auto bytes = static_cast<std::size_t>(count < 0 ? 0 : count);
    return {bytes, bytes == size ? net::TransferState::complete : net::TransferState::partial};
  }
  void finish(int) override {}
  [[nodiscard]] std::string_view negotiated_protocol() const override { return {}; }
  [[nodiscard]] bool is_resumed() const override { return false; }
};

class BareChannels final : public net::ChannelSource {
 public:
  std::unique_ptr<net::Channel> open() override { return std::make_unique<BareChannel>(); }
};

std::string text_of(int version) {
  std::string text = "// version " + std::to_string(version) + "\n";
  for (int i = 0; i < 500; ++i) {
    text += "function f" + std::to_string(i * 7919 % 100'003) + "() { return " +
            std::to_string(i * i % 1009) + "; }\n";
  }
  return text;
}

std::string name_of(const std::string& text) {
  return coding::structured_text(coding::sha256(std::as_bytes(std::span<const char>(text))));
}

/// Decodes `dcz`; empty when it is none of this dictionary.
std::string decode(const std::string& dcz, const std::string& dictionary) {
  const auto hash = coding::sha256(std::as_bytes(std::span<const char>(dictionary)));
  const std::string head = std::string("\x5e\x2a\x4d\x18\x20\0\0\0", 8) +
                           std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
  if (!dcz.starts_with(head)) {
    return {};
  }
  std::string out(1'000'000, '\0');
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_DCtx_refPrefix(context, dictionary.data(), dictionary.size());
  const std::size_t size = ZSTD_decompressDCtx(context, out.data(), out.size(),
                                               dcz.data() + head.size(), dcz.size() - head.size());
  ZSTD_freeDCtx(context);
  out.resize(ZSTD_isError(size) != 0 ? 0 : size);
  return out;
}

struct Site {
  explicit Site(bool is_secure = true) {
    const std::string fields = "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\n";
    assets.add("/app/v2.js", text_of(2), fields);
    assets.add_variant("/app/v2.js", vfs::Encoding::br, "shorter");
    assets.add("/app/v3.js", text_of(3), fields);
    assets.add("/app/tiny.js", "tiny", fields);
    assets.add("/.old/v1.js", text_of(1));
    assets.add("/index.html", text_of(2));
    options.site.hash = test::simple_hash;
    options.site.dictionaries = {{.match = "/app/*.js", .files = {"/.old/v1.js"}}};
    served.emplace(Services{.assets = &assets}, options, "127.0.0.1:0",
                   Entrance{.channels = is_secure ? &channels : nullptr});
  }

  Reply get(const std::string& path, const std::string& fields, const std::string& verb = "GET") {
    Loopback client(served->address());
    return client.ask(verb + " " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n",
                      verb == "HEAD" ? test::ReplyBody::none : test::ReplyBody::as_told);
  }
  /// Asks until the difference has been made.
  Reply get_delta(const std::string& path, const std::string& fields) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    Reply reply = get(path, fields);
    while (reply.field("content-encoding") != "dcz" && std::chrono::steady_clock::now() < limit) {
      reply = get(path, fields);
    }
    return reply;
  }

  BareChannels channels;
  FixedAssets assets;
  ServerOptions options;
  std::optional<Served> served;
};

std::string offer(const std::string& text = text_of(1), const std::string& codings = "br, dcz") {
  return "Accept-Encoding: " + codings + "\r\nAvailable-Dictionary: " + name_of(text) + "\r\n";
}

TEST_CASE("a client that has an older version gets the difference", "[server][dictionary]") {
  Site site;
  const Reply plain = site.get("/app/v3.js", "");
  CHECK(plain.body == text_of(3));
  CHECK(plain.field("use-as-dictionary") == "match=\"/app/*.js\"");
  const Reply delta = site.get_delta("/app/v3.js", offer());
  REQUIRE(delta.field("content-encoding") == "dcz");
  CHECK(decode(delta.body, text_of(1)) == text_of(3));
  CHECK(delta.body.size() < text_of(3).size() / 20);
  CHECK(delta.field("etag") != plain.field("etag"));
  CHECK_FALSE(delta.field("etag")->starts_with("W/"));
  CHECK(delta.field("use-as-dictionary") == "match=\"/app/*.js\"");
  const Reply head = site.get("/app/v3.js", offer(), "HEAD");
  CHECK(head.field("content-length") == std::to_string(delta.body.size()));
  const Reply same =
      site.get("/app/v3.js", offer() + "If-None-Match: " + *delta.field("etag") + "\r\n");
  CHECK(same.status == 304);
  CHECK_FALSE(same.field("content-encoding"));
}

TEST_CASE("the answer varies by the dictionary", "[server][dictionary]") {
  Site site;
  Loopback client(site.served->address());
  client.send("GET /app/v3.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = client.receive_all();
  CHECK(answer.find("Vary: Accept-Encoding, Available-Dictionary\r\n") != std::string::npos);
}

TEST_CASE("nobody else gets a difference", "[server][dictionary]") {
  Site site;
  site.get_delta("/app/v3.js", offer());
  const std::string name = "Available-Dictionary: " + name_of(text_of(1)) + "\r\n";
  const std::vector<std::string> requests = {
      "Accept-Encoding: dcz\r\n",
      name,
      "Accept-Encoding: gzip, zstd, *\r\n" + name,
      "Accept-Encoding: dcz;q=0\r\n" + name,
      offer(text_of(9)),
      "Accept-Encoding: dcz\r\nAvailable-Dictionary: " + std::string(1000, 'A') + "\r\n",
      "Accept-Encoding: dcz\r\nAvailable-Dictionary: \r\n"};
  for (const std::string& fields : requests) {
    CAPTURE(fields);
    const Reply reply = site.get("/app/v3.js", fields);
    CHECK_FALSE(reply.field("content-encoding"));
    CHECK(reply.body == text_of(3));
  }
  const Reply part = site.get("/app/v3.js", offer() + "Range: bytes=0-9\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == text_of(3).substr(0, 10));
  const Reply other = site.get("/index.html", offer());
  CHECK(other.body == text_of(2));
  CHECK_FALSE(other.field("use-as-dictionary"));
  CHECK(site.get("/.old/v1.js", "").status == 404);
}

TEST_CASE("what is shorter without a dictionary goes without", "[server][dictionary]") {
  Site site;
  for (int i = 0; i < 50; ++i) {
    CHECK(site.get("/app/v2.js", offer()).field("content-encoding") == "br");
    CHECK(site.get("/app/tiny.js", offer()).body == "tiny");
  }
}

TEST_CASE("dictionaries are for HTTPS", "[server][dictionary]") {
  Site site(false);
  for (int i = 0; i < 50; ++i) {
    const Reply reply = site.get("/app/v3.js", offer());
    CHECK_FALSE(reply.field("content-encoding"));
    CHECK_FALSE(reply.field("use-as-dictionary"));
  }
}

TEST_CASE("a difference goes over HTTP/2", "[server][dictionary]") {
  Site site;
  site.get_delta("/app/v3.js", offer());
  test::Http2Client client(site.served->address());
  const auto reply = client.ask(
      1, "/app/v3.js", {{"accept-encoding", "dcz"}, {"available-dictionary", name_of(text_of(1))}});
  CHECK(reply.field("content-encoding") == "dcz");
  CHECK(decode(reply.body, text_of(1)) == text_of(3));
}

TEST_CASE("dictionaries of the settings are read and checked", "[server][dictionary][config]") {
  const auto config = parse_config(
      "[[site.dictionary]]\nmatch = \"/a*\"\nfiles = \"/.old/a\"\n[[site.dictionary]]\n"
      "match = \"/b\"\n",
      "s.toml");
  REQUIRE(config);
  REQUIRE(config->dictionaries.size() == 2);
  CHECK(config->dictionaries[0].files == std::vector<std::string>{"/.old/a"});
  for (const char* text :
       {"", "match = \"app\"", "match = \"/a\\\"b\"", "match = \"/:id\"", "match = \"/a\\r\\nb\"",
        "match = \"/a\"\nfiles = \"x\"", "match = \"/a\"\nfile = \"/x\""}) {
    CAPTURE(text);
    const auto wrong = parse_config(std::string("[[site.dictionary]]\n") + text, "s.toml");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().path.starts_with("s.toml:"));
  }
}

TEST_CASE("a dictionary that is not there keeps the server from starting", "[server][dictionary]") {
  FixedAssets assets;
  assets.add("/empty", "");
  for (const char* file : {"/none", "/empty"}) {
    ServerOptions options;
    options.site.dictionaries = {{.match = "/a", .files = {file}}};
    const auto server = Server::create(options, {.assets = &assets});
    REQUIRE_FALSE(server);
    CHECK(server.error().path == file);
  }
}

}  // namespace
}  // namespace seabag::server
