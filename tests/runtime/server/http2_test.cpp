#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "http2_client.h"
#include "seabag/server/handler.h"
#include "seabag/server/router.h"
#include "served.h"

namespace seabag::server {
namespace {

using http2::ErrorCode;
using http2::FrameType;
using test::data_frame;
using test::Fields;
using test::FixedAssets;
using test::Frame;
using test::get_frame;
using test::Http2Client;
using test::Http2Reply;
using test::Loopback;
using test::make_frame;
using test::number;
using test::post_frame;
using test::Served;
using test::setting;

FixedAssets make_assets() {
  FixedAssets assets;
  assets.add("/a.txt", "alpha\n");
  assets.add("/empty.txt", "");
  assets.add("/big.bin", std::string(3'000'000, 'b'), "");
  assets.add_variant("/a.txt", vfs::Encoding::gzip, "zipped");
  return assets;
}

Router make_router() {
  Router router;
  const auto echo = [](const Request& request) {
    return Response::text(std::string(request.field("x-tag").value_or("-")) + ":" +
                          std::string(request.path()) + ":" + std::string(request.body()));
  };
  REQUIRE(router.add(http::Method::post, "/echo", echo));
  return router;
}

TEST_CASE("HTTP/2 is spoken on the port of HTTP/1.1", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  const Http2Reply reply = client.ask(1, "/a.txt");
  CHECK(reply.status == "200");
  CHECK(reply.body == "alpha\n");
  CHECK(reply.field("content-type") == "text/plain; charset=utf-8");
  CHECK(reply.field("content-length") == "6");
  CHECK(reply.field("last-modified") == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(reply.field("date").size() == 29);
  CHECK(reply.field("connection") == "-");
  CHECK(client.ask(3, "/none").status == "404");
  Loopback other(served.address());
  CHECK(other.ask("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n").body == "alpha\n");
}

TEST_CASE("conditions, ranges and encodings are those of HTTP/1.1", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  const Http2Reply whole = client.ask(1, "/a.txt", {{"accept-encoding", "gzip"}});
  CHECK(whole.body == "zipped");
  CHECK(whole.field("content-encoding") == "gzip");
  const Http2Reply same = client.ask(
      3, "/a.txt", {{"accept-encoding", "gzip"}, {"if-none-match", whole.field("etag")}});
  CHECK(same.status == "304");
  CHECK(same.body.empty());
  const Http2Reply part = client.ask(5, "/big.bin", {{"range", "bytes=10-19"}});
  CHECK(part.status == "206");
  CHECK(part.body == std::string(10, 'b'));
  CHECK(part.field("content-range") == "bytes 10-19/3000000");
  const Http2Reply parts = client.ask(7, "/a.txt", {{"range", "bytes=0-0,3-3"}});
  CHECK(parts.status == "206");
  CHECK(parts.field("content-length") == std::to_string(parts.body.size()));
  CHECK(client.ask(9, "/a.txt", {{"range", "bytes=99-"}}).status == "416");
  CHECK(client.ask(11, "/empty.txt").body.empty());
  Fields head = test::get_fields("/big.bin");
  head[0].second = "HEAD";
  client.socket.send(make_frame(FrameType::headers, http2::kEndStream | http2::kEndHeaders, 13,
                                test::block_of(head)));
  const Http2Reply headed = client.receive_reply(13);
  CHECK(headed.field("content-length") == "3000000");
  CHECK(headed.body.empty());
}

TEST_CASE("large content arrives whole, however small the windows are", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  for (const std::uint32_t window : {1'000U, 65'535U, 10'000'000U}) {
    Http2Client client(served.address(), setting(http2::Setting::initial_window_size, window));
    CHECK(client.ask(1, "/big.bin").body == std::string(3'000'000, 'b'));
    CHECK(client.ask(3, "/a.txt").body == "alpha\n");
  }
}

TEST_CASE("many requests at once are all answered", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  for (std::uint32_t round = 0; round < 5; ++round) {
    std::string batch;
    const std::uint32_t first = round * 200 + 1;
    for (std::uint32_t i = 0; i < 100; ++i) {
      batch += get_frame(first + 2 * i, i % 2 == 0 ? "/a.txt" : "/none");
    }
    client.socket.send(batch);
    std::map<std::uint32_t, Http2Reply> replies;
    std::size_t ended = 0;
    while (ended < 100) {
      const Frame frame = client.receive_frame();
      if (frame.header.stream != 0) {
        ended += client.add(frame, replies[frame.header.stream]) ? 1U : 0U;
      }
    }
    CHECK(replies.size() == 100);
    CHECK(std::all_of(replies.begin(), replies.end(), [&](const auto& reply) {
      const bool is_even = (reply.first - first) / 2 % 2 == 0;
      return reply.second.status == (is_even ? "200" : "404") &&
             (!is_even || reply.second.body == "alpha\n");
    }));
  }
}

TEST_CASE("a slow reader gets everything, and others are served meanwhile", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client slow(served.address(), setting(http2::Setting::initial_window_size, 10'000'000),
                   4096);
  slow.socket.send(make_frame(FrameType::window_update, 0, 0, number(100'000'000)));
  slow.socket.send(get_frame(1, "/big.bin"));
  Http2Client other(served.address());
  CHECK(other.ask(1, "/a.txt").body == "alpha\n");
  CHECK(slow.receive_reply(1).body.size() == 3'000'000);
}

TEST_CASE("urgent answers overtake large ones", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  client.gives_back = false;
  client.socket.send(get_frame(1, "/big.bin", {{"priority", "u=5"}}));
  std::size_t received = 0;
  while (received < 65'535) {
    received += client.receive_until(FrameType::data).payload.size();
  }
  client.socket.send(get_frame(3, "/big.bin", {{"priority", "u=1"}}) +
                     make_frame(FrameType::window_update, 0, 1, number(100'000)) +
                     make_frame(FrameType::window_update, 0, 0, number(30'000)));
  CHECK(client.receive_until(FrameType::data).header.stream == 3);
}

TEST_CASE("a handler gets the content of its request", "[server][http2]") {
  const FixedAssets assets = make_assets();
  const Router router = make_router();
  Served served({.assets = &assets, .router = &router});
  Http2Client client(served.address());
  client.socket.send(post_frame(1, "/echo", {{"x-tag", "one"}}) + data_frame(1, "ab") +
                     post_frame(3, "/echo", {{"x-tag", "two"}, {"expect", "100-continue"}}) +
                     data_frame(3, "xy") + data_frame(1, "cd", http2::kEndStream));
  CHECK(client.receive_reply(1).body == "one:/echo:abcd");
  client.socket.send(data_frame(3, "", http2::kEndStream));
  CHECK(client.receive_reply(3).body == "two:/echo:xy");
  const std::string large(200'000, 'z');
  client.socket.send(post_frame(5, "/echo"));
  std::size_t window = 65'536;
  for (std::size_t at = 0; at < large.size(); at += 10'000) {
    while (window < 10'000) {
      const Frame frame = client.receive_until(FrameType::window_update);
      window += frame.header.stream == 5 ? http2::read_u32(frame.payload.data()) : 0;
    }
    client.socket.send(data_frame(5, large.substr(at, 10'000)));
    window -= 10'000;
  }
  client.socket.send(data_frame(5, "", http2::kEndStream));
  CHECK(client.receive_reply(5).body == "-:/echo:" + large);
}

TEST_CASE("the heads of a connection's answers become short", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  const auto head_size = [&client](std::uint32_t stream) {
    client.socket.send(get_frame(stream, "/a.txt"));
    const Frame head = client.receive_until(FrameType::headers);
    Http2Reply reply;
    CHECK_FALSE(client.add(head, reply));
    CHECK(reply.field("content-type") == "text/plain; charset=utf-8");
    static_cast<void>(client.receive_until(FrameType::data));
    return head.payload.size();
  };
  const std::size_t first = head_size(1);
  static_cast<void>(head_size(3));
  CHECK(head_size(5) + 30 < first);
}

TEST_CASE("a client that wants no table has none", "[server][http2]") {
  const FixedAssets assets = make_assets();
  const Router router = make_router();
  Served served({.assets = &assets, .router = &router});
  Http2Client client(served.address(), setting(http2::Setting::header_table_size, 0));
  client.socket.send(post_frame(1, "/echo", {{"expect", "100-continue"}}) +
                     data_frame(1, "ab", http2::kEndStream));
  Http2Reply reply;
  const Frame interim = client.receive_until(FrameType::headers);
  CHECK(interim.payload == "\x20" + std::string(http2::kContinueBlock));
  CHECK_FALSE(client.add(interim, reply));
  const Frame head = client.receive_until(FrameType::headers);
  CHECK(head.payload.at(0) != '\x20');
  CHECK_FALSE(client.add(head, reply));
  CHECK(reply.status == "100 200");
  std::size_t size = 0;
  for (std::uint32_t stream = 3; stream < 11; stream += 2) {
    client.socket.send(get_frame(stream, "/a.txt"));
    const Frame next = client.receive_until(FrameType::headers);
    CHECK((size == 0 || next.payload.size() == size));
    size = next.payload.size();
    CHECK_FALSE(client.add(next, reply));
  }
}

TEST_CASE("content that nobody wants does not end the connection", "[server][http2]") {
  const FixedAssets assets = make_assets();
  const Router router = make_router();
  ServerOptions options;
  options.limits.body = 10;
  Served served({.assets = &assets, .router = &router}, options);
  Http2Client client(served.address());
  client.socket.send(post_frame(1, "/a.txt") + data_frame(1, "never read"));
  CHECK(client.receive_reply(1).status == "405");
  client.socket.send(data_frame(1, std::string(http2::kFrameSize, 'x')) +
                     data_frame(1, std::string(http2::kFrameSize, 'x')));
  CHECK(client.receive_until(FrameType::rst_stream).error() == ErrorCode::no_error);
  client.socket.send(post_frame(3, "/echo", {{"content-length", "11"}}));
  CHECK(client.receive_reply(3).status == "413");
  client.socket.send(post_frame(5, "/echo") + data_frame(5, "0123456789a"));
  CHECK(client.receive_reply(5).status == "413");
  CHECK(client.ask(7, "/a.txt").status == "200");
}

TEST_CASE("heads that are too large are answered", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  CHECK(client.ask(1, "/" + std::string(9'000, 'p')).status == "414");
  CHECK(client.ask(3, "/", Fields(101, {"a", "b"})).status == "431");
  CHECK(client.ask(5, "/a.txt").status == "200");
}

TEST_CASE("a client that breaks the protocol is told and dropped", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  client.socket.send(make_frame(FrameType::ping, 0, 7, "12345678"));
  CHECK(client.receive_until(FrameType::goaway).error() == ErrorCode::protocol_error);
  CHECK(client.socket.receive_all().empty());
}

TEST_CASE("what is neither protocol is not answered", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Loopback client(served.address());
  client.send("INVALID CONNECTION PREFACE\r\n\r\n");
  CHECK(client.receive_all().empty());
}

TEST_CASE("rapid resets end the connection and nobody else's", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client rude(served.address(), setting(http2::Setting::initial_window_size, 0));
  std::string burst;
  for (std::uint32_t stream = 1; stream < 500; stream += 2) {
    burst += get_frame(stream, "/a.txt") + make_frame(FrameType::rst_stream, 0, stream, number(8));
  }
  rude.socket.send(burst);
  CHECK(rude.receive_until(FrameType::goaway).error() == ErrorCode::enhance_your_calm);
  Http2Client other(served.address());
  CHECK(other.ask(1, "/a.txt").status == "200");
}

TEST_CASE("an idle connection is told goodbye", "[server][http2]") {
  const FixedAssets assets = make_assets();
  ServerOptions options;
  options.limits.keep_alive_time = 60;
  Served served({.assets = &assets}, options);
  Http2Client client(served.address());
  CHECK(client.ask(1, "/a.txt").status == "200");
  CHECK(client.receive_until(FrameType::goaway).error() == ErrorCode::no_error);
  CHECK(client.socket.receive_all().empty());
}

TEST_CASE("content that does not come in time is 408", "[server][http2]") {
  const FixedAssets assets = make_assets();
  const Router router = make_router();
  ServerOptions options;
  options.limits.body_time = 60;
  Served served({.assets = &assets, .router = &router}, options);
  Http2Client client(served.address());
  client.socket.send(post_frame(1, "/echo") + data_frame(1, "some"));
  CHECK(client.receive_reply(1).status == "408");
  CHECK(client.ask(3, "/a.txt").status == "200");
}

TEST_CASE("a drain says GOAWAY twice and finishes what is under way", "[server][http2]") {
  const FixedAssets assets = make_assets();
  Served served({.assets = &assets});
  Http2Client client(served.address());
  client.socket.send(get_frame(1, "/big.bin"));
  CHECK(client.receive_until(FrameType::headers).header.stream == 1);
  served.server().stop();
  Http2Reply reply;
  std::vector<std::string> goodbyes;
  for (bool has_ended = false; !has_ended || goodbyes.size() < 2;) {
    const Frame frame = client.receive_frame();
    if (frame.is(FrameType::goaway)) {
      goodbyes.push_back(frame.payload.substr(0, 4));
    } else if (frame.is(FrameType::ping)) {
      client.socket.send(make_frame(FrameType::ping, http2::kAck, 0, frame.payload));
    } else if (frame.header.stream == 1) {
      has_ended = client.add(frame, reply);
    }
  }
  CHECK(goodbyes == std::vector<std::string>{number(0x7fff'ffff), number(1)});
  CHECK(reply.body.size() == 3'000'000);
  CHECK(client.socket.receive_all().empty());
  CHECK(served.wait());
}

}  // namespace
}  // namespace seabag::server
