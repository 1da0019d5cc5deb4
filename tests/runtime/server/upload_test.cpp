// Content that handlers take in parts, and connections that they take over.
#include <optional>
#include <string>

#include "http2_client.h"
#include "kept_replies.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using http::Method;
using http2::FrameType;
using test::FixedAssets;
using test::Handed;
using test::Http2Client;
using test::Http2Reply;
using test::Loopback;
using test::make_frame;
using test::Served;

struct Taken {
  Upload upload;
  Reply reply;
};

class App {
 public:
  App() {
    assets_.add("/index.html", "<home>");
    add("/size", [](const Request&, const Upload& upload, const Reply& reply) {
      auto size = std::make_shared<std::size_t>(0);
      upload.on_part([size](std::string_view part) { *size += part.size(); });
      upload.on_end([size, reply](UploadEnd end) {
        if (end == UploadEnd::complete) {
          reply.send(Response::text(std::to_string(*size)));
        }
      });
    });
    add("/echo", [](const Request&, const Upload& upload, const Reply& reply) {
      reply.begin(Response::text({}));
      upload.on_part([reply](std::string_view part) { reply.write(part); });
      upload.on_end([reply](UploadEnd end) {
        if (end == UploadEnd::complete) {
          reply.finish();
        }
      });
    });
    add("/refuse", [](const Request&, const Upload&, const Reply& reply) {
      reply.send(Response::error(http::Status::forbidden));
    });
    add("/throws", [](const Request&, const Upload& upload, const Reply& reply) {
      upload.on_part([](std::string_view) { throw std::runtime_error("bad part"); });
      upload.on_end([reply](UploadEnd) {});
    });
    add(
        "/small",
        [this](const Request&, const Upload& upload, const Reply& reply) {
          upload.on_part([](std::string_view) {});
          upload.on_end([this](UploadEnd end) { ends.put(end); });
          held.put({upload, reply});
        },
        10);
    add("/held", [this](const Request&, const Upload& upload, const Reply& reply) {
      upload.on_end([this](UploadEnd end) { ends.put(end); });
      held.put({upload, reply});
    });
    REQUIRE(router_.add_tunnel(
        "/tunnel/:name", "upper",
        [this](const Request& request, const Upload& upload, const Reply& reply) {
          if (request.param("name") == "closed") {
            reply.send(Response::error(http::Status::forbidden));
            return;
          }
          upload.on_part([reply](std::string_view part) {
            std::string big(part);
            for (char& c : big) {
              c = static_cast<char>(c - ('a' <= c && c <= 'z' ? 0x20 : 0));
            }
            reply.write(big);
            if (big.find('!') != std::string::npos) {
              reply.finish();
            }
          });
          upload.on_end([this](UploadEnd end) { ends.put(end); });
          reply.accept({{"X-Name", std::string(request.param("name"))}});
        }));
  }

  [[nodiscard]] Services services() const { return {.assets = &assets_, .router = &router_}; }

  Handed<Taken> held;
  Handed<UploadEnd> ends;

 private:
  void add(const char* pattern, StreamHandler handler,
           std::optional<std::uint64_t> limit = 100'000'000) {
    REQUIRE(router_.add(Method::post, pattern, std::move(handler), {.content_limit = limit}));
  }

  FixedAssets assets_;
  Router router_;
};

std::string head(const std::string& path, const std::string& framing) {
  return "POST " + path + " HTTP/1.1\r\nHost: app\r\n" + framing + "\r\n\r\n";
}

std::string post(const std::string& path, const std::string& content) {
  return head(path, "Content-Length: " + std::to_string(content.size())) + content;
}

const std::string kGet = "GET / HTTP/1.1\r\nHost: app\r\n\r\n";

TEST_CASE("content is taken in parts, with a length or in chunks", "[server][upload]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(post("/size", std::string(5'000'000, 'x'))).body == "5000000");
  CHECK(client.ask(post("/size", "")).body == "0");
  CHECK(
      client
          .ask(head("/size", "Transfer-Encoding: chunked") + "5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n")
          .body == "8");
  CHECK(client.ask("POST /size HTTP/1.1\r\nHost: app\r\n\r\n").body == "0");
  CHECK(client.ask(kGet).body == "<home>");
}

TEST_CASE("content comes and goes at the same time", "[server][upload]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(head("/echo", "Content-Length: 6") + "one");
  const std::string start = client.receive(8);
  CHECK(start == "HTTP/1.1");
  std::string received;
  while (received.find("3\r\none\r\n") == std::string::npos) {
    received += client.receive(1);
  }
  client.send("two" + kGet);
  CHECK(client.receive(13) == "3\r\ntwo\r\n0\r\n\r\n");
  CHECK(client.receive_reply().body == "<home>");

  Http2Client modern(served.address());
  modern.socket.send(test::post_frame(1, "/echo") + make_frame(FrameType::data, 0, 1, "one"));
  CHECK(modern.receive_until(FrameType::data).payload == "one");
  modern.socket.send(make_frame(FrameType::data, http2::kEndStream, 1, "two"));
  CHECK(modern.receive_until(FrameType::data).payload == "two");
}

TEST_CASE("a client that waits for 100 gets it when the content is wanted", "[server][upload]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(head("/held", "Content-Length: 2\r\nExpect: 100-continue"));
  const Taken taken = app.held.take();
  taken.upload.on_part([reply = taken.reply](std::string_view part) {
    reply.send(Response::text(std::string(part)));
  });
  CHECK(client.receive_reply().status == 100);
  client.send("ok");
  CHECK(client.receive_reply().body == "ok");
}

TEST_CASE("an answer before the content ends the connection or the stream", "[server][upload]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  const test::Reply reply = client.ask(head("/refuse", "Content-Length: 1000000") + "some");
  CHECK(reply.status == 403);
  CHECK(reply.field("Connection") == "close");
  CHECK(client.is_ended());
  Http2Client modern(served.address());
  modern.socket.send(test::post_frame(1, "/refuse"));
  CHECK(modern.receive_reply(1).status == "403");
  CHECK(modern.ask(3, "/").body == "<home>");
}

TEST_CASE("parts that nobody wants stay with the client", "[server][upload]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(head("/held", "Content-Length: 50000000"));
  const Taken taken = app.held.take();
  const std::string part(100'000, 'h');
  std::size_t sent = 0;
  for (int tries = 0; tries < 1'000; ++tries) {
    const std::size_t now = client.send_some(part);
    sent += now;
    tries = now > 0 ? 0 : tries;
  }
  CHECK(sent < 30'000'000);  // what the kernel holds
  auto size = std::make_shared<std::size_t>(0);
  taken.upload.on_part([size, taken](std::string_view bytes) {
    *size += bytes.size();
    if (*size == 50'000'000) {
      taken.reply.send(Response::text("all"));
    }
  });
  while (sent < 50'000'000) {
    const std::size_t next = std::min(part.size(), 50'000'000 - sent);
    client.send(part.substr(0, next));
    sent += next;
  }
  CHECK(client.receive_reply().body == "all");
  CHECK(app.ends.take() == UploadEnd::complete);
}

TEST_CASE("parts that nobody wants hold the window of HTTP/2 back", "[server][upload]") {
  App app;
  Served served(app.services());
  Http2Client client(served.address());
  client.socket.send(test::post_frame(1, "/held"));
  const Taken taken = app.held.take();
  std::string content;
  for (int i = 0; i < 4; ++i) {
    content += make_frame(FrameType::data, 0, 1, std::string(16'000, 'w'));
  }
  client.socket.send(content);
  CHECK(client.ask(3, "/").body == "<home>");
  // No window was opened for the stream: ask for its update, which comes only after this.
  taken.upload.on_part([](std::string_view) {});
  http2::FrameHeader update;
  do {
    update = client.receive_until(FrameType::window_update).header;
  } while (update.stream != 1);
  client.socket.send(make_frame(FrameType::data, http2::kEndStream, 1, "end"));
  CHECK(app.ends.take() == UploadEnd::complete);
  taken.reply.send(Response::text("thanks"));
  CHECK(client.receive_reply(1).body == "thanks");
}

TEST_CASE("content may not be larger than its limit", "[server][upload]") {
  App app;
  Served served(app.services());
  CHECK(Loopback(served.address()).ask(post("/small", "12345678901")).status == 413);
  const std::string chunks = "6\r\n123456\r\n5\r\n78901\r\n0\r\n\r\n";
  Loopback client(served.address());
  CHECK(client.ask(head("/small", "Transfer-Encoding: chunked") + chunks).status == 413);
  CHECK(app.ends.take() == UploadEnd::broken);
  CHECK(client.is_ended());
  // When an answer has begun it breaks off.
  app.held.take();
  Loopback late(served.address());
  late.send(head("/small", "Transfer-Encoding: chunked") + "1\r\n1\r\n");
  app.held.take().reply.begin(Response::text("so far"));
  late.send(chunks);
  CHECK_FALSE(late.receive_all().ends_with("0\r\n\r\n"));
  CHECK(app.ends.take() == UploadEnd::broken);
  Http2Client modern(served.address());
  modern.socket.send(test::post_frame(1, "/small") +
                     make_frame(FrameType::data, http2::kEndStream, 1, "12345678901"));
  CHECK(modern.receive_reply(1).status == "413");
}

TEST_CASE("malformed content and exceptions are answered", "[server][upload]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(head("/size", "Transfer-Encoding: chunked") + "x\r\n").status == 400);
  CHECK(Loopback(served.address()).ask(post("/throws", "part")).status == 500);
}

TEST_CASE("content that does not come in time is answered with 408", "[server][upload]") {
  App app;
  Limits limits;
  limits.body_time = 50;
  Served served(app.services(), {.limits = limits});
  Loopback client(served.address());
  CHECK(client.ask(head("/size", "Content-Length: 10") + "1").status == 408);
  Http2Client modern(served.address());
  modern.socket.send(test::post_frame(1, "/size"));
  CHECK(modern.receive_reply(1).status == "408");
}

TEST_CASE("a client that goes in the middle of its content is noticed", "[server][upload]") {
  App app;
  Served served(app.services());
  for (const bool resets : {false, true}) {
    Loopback client(served.address());
    client.send(head("/held", "Content-Length: 10") + "12345");
    const Taken taken = app.held.take();
    taken.upload.on_part([](std::string_view) {});
    if (resets) {
      client.abort();
    } else {
      client.finish_sending();
    }
    CHECK(app.ends.take() == UploadEnd::broken);
    CHECK(taken.reply.send(Response::text("?")) == Flow::closed);
  }
  Http2Client modern(served.address());
  modern.socket.send(test::post_frame(1, "/held") +
                     make_frame(FrameType::rst_stream, 0, 1, test::number(8)));
  CHECK(app.ends.take() == UploadEnd::broken);
}

std::string upgrade(const std::string& path, const std::string& protocol) {
  return "GET " + path + " HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: " + protocol +
         "\r\n\r\n";
}

TEST_CASE("a handler takes a connection over", "[server][tunnel]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  client.send(upgrade("/tunnel/me", "Upper") + "early ");
  const test::Reply reply = client.receive_reply();
  CHECK(reply.status == 101);
  CHECK(reply.field("Upgrade") == "upper");
  CHECK(reply.field("Connection") == "Upgrade");
  CHECK(reply.field("X-Name") == "me");
  CHECK(client.receive(6) == "EARLY ");
  client.send("bytes");
  CHECK(client.receive(5) == "BYTES");
  client.send("done!");
  CHECK(client.receive_all() == "DONE!");
  CHECK(app.ends.take() == UploadEnd::broken);
  Loopback gone(served.address());
  gone.send(upgrade("/tunnel/me", "upper"));
  CHECK(gone.receive_reply().status == 101);
  gone.finish_sending();
  CHECK(app.ends.take() == UploadEnd::complete);
  CHECK(gone.is_ended());
}

TEST_CASE("no tunnel is made that is not there, or not wanted", "[server][tunnel]") {
  App app;
  Served served(app.services());
  Loopback client(served.address());
  CHECK(client.ask(upgrade("/tunnel/closed", "upper")).status == 403);
  CHECK(client.ask(upgrade("/tunnel/me", "other")).status == 404);
  CHECK(client.ask(upgrade("/", "upper")).body == "<home>");
  CHECK(client.ask("GET /tunnel/me HTTP/1.1\r\nHost: app\r\n\r\n").status == 404);
}

TEST_CASE("a handler takes a stream of HTTP/2 over", "[server][tunnel][http2]") {
  App app;
  Served served(app.services());
  Http2Client client(served.address());
  test::Fields fields = test::get_fields("/tunnel/two");
  fields[0].second = "CONNECT";
  fields.emplace_back(":protocol", "upper");
  client.socket.send(make_frame(FrameType::headers, http2::kEndHeaders, 1, test::block_of(fields)));
  Http2Reply reply;
  client.add(client.receive_until(FrameType::headers), reply);
  CHECK(reply.status == "200");
  CHECK(reply.field("x-name") == "two");
  CHECK(reply.field("upgrade") == "-");
  client.socket.send(make_frame(FrameType::data, 0, 1, "bytes"));
  CHECK(client.receive_until(FrameType::data).payload == "BYTES");
  CHECK(client.ask(3, "/").body == "<home>");
  client.socket.send(make_frame(FrameType::data, http2::kEndStream, 1, "end!"));
  const test::Frame last = client.receive_until(FrameType::data);
  CHECK(last.payload == "END!");
  CHECK(app.ends.take() == UploadEnd::complete);
}

}  // namespace
}  // namespace seabag::server
