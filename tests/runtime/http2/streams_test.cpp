#include <string>

#include "client.h"

namespace seabag::http2 {
namespace {

using test::data_frame;
using test::get_frame;
using test::make_frame;
using test::number;
using test::post_frame;
using testing::answer;
using testing::Client;
using testing::Frame;
using testing::greet;
using testing::Heard;

std::string reset(std::uint32_t stream) {
  return make_frame(FrameType::rst_stream, 0, stream, number(8));
}

TEST_CASE("content comes in parts, and ends with its stream", "[http2][streams]") {
  Client client;
  greet(client);
  const Heard head = client.ask(post_frame(1));
  CHECK(head.ending == Ending::more);
  std::vector<Heard> heard = client.say(data_frame(1, "abc").substr(0, 11));
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].content == "ab");
  heard = client.say("c" + data_frame(1,
                                      std::string("\x02"
                                                  "def\0\0",
                                                  6),
                                      kPadded | kEndStream));
  REQUIRE(heard.size() >= 3);
  CHECK(heard[0].content == "c");
  std::string rest;
  for (const Heard& one : heard) {
    rest += one.content;
  }
  CHECK(rest == "cdef");
  CHECK(heard[heard.size() - 2].ending == Ending::ends);
  answer(client, head.slot);
  CHECK(client.session.stream_count() == 0);
}

TEST_CASE("trailers end the content and are dropped (RFC 9113 8.1)", "[http2][streams]") {
  Client client;
  greet(client);
  client.ask(post_frame(1));
  const std::string trailers = test::block_of({{"x-sum", "1"}});
  const std::vector<Heard> heard = client.say(
      data_frame(1, "a") + make_frame(FrameType::headers, kEndHeaders | kEndStream, 1, trailers));
  REQUIRE(heard.size() == 3);
  CHECK(heard[1].content.empty());
  CHECK(heard[1].ending == Ending::ends);
}

TEST_CASE("malformed trailers end their stream", "[http2][streams]") {
  const auto trailers = [](std::uint8_t flags, const test::Fields& fields) {
    return make_frame(FrameType::headers, static_cast<std::uint8_t>(kEndHeaders | flags), 1,
                      test::block_of(fields));
  };
  const std::string bad[] = {trailers(0, {{"x", "1"}}), trailers(kEndStream, {{":path", "/"}}),
                             trailers(kEndStream, {{"connection", "close"}}),
                             trailers(kEndStream, {{"x", "a\nb"}})};
  for (const std::string& bytes : bad) {
    Client client;
    greet(client);
    client.ask(post_frame(1));
    CHECK(client.stream_error(bytes) == ErrorCode::protocol_error);
    CHECK(client.session.stream_count() == 0);
  }
}

TEST_CASE("a stream that the client has ended takes nothing more (RFC 9113 5.1)",
          "[http2][streams]") {
  for (const std::string& bytes : {data_frame(1, "x"), get_frame(1)}) {
    Client client;
    greet(client);
    client.ask(get_frame(1));
    CHECK(client.stream_error(bytes) == ErrorCode::stream_closed);
  }
}

TEST_CASE("a closed stream takes nothing more", "[http2][streams]") {
  for (const std::string& bytes : {data_frame(1, "x"), get_frame(1)}) {
    Client ended;
    greet(ended);
    answer(ended, ended.ask(get_frame(1)).slot);
    CHECK(ended.fatal(bytes) == ErrorCode::stream_closed);
    Client gone;
    greet(gone);
    gone.ask(post_frame(1));
    gone.say(reset(1));
    CHECK(gone.fatal(bytes) == ErrorCode::stream_closed);
  }
}

TEST_CASE("what may have crossed with the end of a stream is ignored", "[http2][streams]") {
  Client client;
  greet(client);
  answer(client, client.ask(get_frame(1)).slot);
  client.say(make_frame(FrameType::window_update, 0, 1, number(9)) + reset(1) +
             make_frame(FrameType::priority, 0, 1, number(0) + "x"));
  CHECK(client.hear().empty());
  const Heard head = client.ask(post_frame(3));
  client.session.reset(head.slot, ErrorCode::cancel);
  CHECK(client
            .say(data_frame(3, "late") + make_frame(FrameType::headers, kEndHeaders | kEndStream, 3,
                                                    test::block_of({{"x", "y"}})))
            .back()
            .kind == Event::Kind::need_more);
  CHECK(client.ask(get_frame(5, "/next")).path == "/next");
}

TEST_CASE("numbers of streams only grow (RFC 9113 5.1.1)", "[http2][streams]") {
  Client client;
  greet(client);
  client.ask(get_frame(5));
  CHECK(client.fatal(get_frame(3)) == ErrorCode::protocol_error);
}

TEST_CASE("a stream too many is refused, and its block is decoded", "[http2][streams]") {
  Limits limits;
  limits.streams = 2;
  Client client(limits);
  greet(client);
  const Heard first = client.ask(get_frame(1));
  client.ask(get_frame(3));
  CHECK(client.stream_error(get_frame(5)) == ErrorCode::refused_stream);
  answer(client, first.slot);
  CHECK(client.ask(get_frame(7, "/seven")).path == "/seven");
}

TEST_CASE("a reset by the client closes its stream", "[http2][streams]") {
  Client client;
  greet(client);
  const Heard head = client.ask(post_frame(1));
  const std::vector<Heard> heard = client.say(reset(1));
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].kind == Event::Kind::closed);
  CHECK(heard[0].slot == head.slot);
  CHECK(client.session.stream_count() == 0);
}

TEST_CASE("content that nobody reads is dropped", "[http2][streams]") {
  Client client;
  greet(client);
  const Heard head = client.ask(post_frame(1));
  client.session.discard(head.slot);
  CHECK(client.say(data_frame(1, "dropped") + data_frame(1, "", kEndStream)).size() == 1);
  answer(client, head.slot);
  CHECK(client.hear().empty());
  CHECK(client.session.stream_count() == 0);
}

TEST_CASE("content must be as long as it says (RFC 9113 8.1.1)", "[http2][streams]") {
  const test::Fields three{{"content-length", "3"}};
  const std::string bad[] = {
      post_frame(1, "/", three) + data_frame(1, "abcd"),
      post_frame(1, "/", three) + data_frame(1, "ab", kEndStream),
      post_frame(1, "/", three) + data_frame(1, "ab") + data_frame(1, "c") + data_frame(1, "d"),
      get_frame(1, "/", three),
      post_frame(1, "/", three) + data_frame(1, "ab") +
          make_frame(FrameType::headers, kEndHeaders | kEndStream, 1, test::block_of({{"x", "y"}})),
  };
  for (const std::string& bytes : bad) {
    Client client;
    greet(client);
    CHECK(client.stream_error(bytes) == ErrorCode::protocol_error);
  }
  Client client;
  greet(client);
  const std::vector<Heard> heard =
      client.say(post_frame(1, "/", three) + data_frame(1, "abc", kEndStream));
  CHECK(heard[1].ending == Ending::ends);
}

TEST_CASE("memory may be given back in the middle of a frame", "[http2][streams]") {
  Client client;
  greet(client);
  const Heard head = client.ask(post_frame(1));
  const std::string frame = data_frame(1, "abcdef");
  client.say(frame.substr(0, 11));
  client.session.reset(head.slot, ErrorCode::cancel);
  client.session.shrink();
  CHECK(client.say(frame.substr(11)).size() == 1);
  CHECK(client.ask(get_frame(3, "/next")).path == "/next");
}

TEST_CASE("a drain says GOAWAY twice and ends with the last stream (RFC 9113 6.8)",
          "[http2][streams]") {
  Client client;
  greet(client);
  const Heard before = client.ask(get_frame(1));
  client.session.drain(client.now);
  std::vector<Frame> frames = client.hear();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].payload == number(0x7fff'ffff) + number(0));
  REQUIRE(frames[1].is(FrameType::ping));
  const Heard crossed = client.ask(get_frame(3));
  client.say(make_frame(FrameType::ping, kAck, 0, frames[1].payload));
  frames = client.hear();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].payload == number(3) + number(0));
  CHECK(client.say(get_frame(5)).size() == 1);
  answer(client, before.slot);
  CHECK_FALSE(client.session.is_over());
  answer(client, crossed.slot);
  CHECK(client.session.is_over());
}

TEST_CASE("a drain does not wait long for the client's answer", "[http2][streams]") {
  Client client;
  greet(client);
  client.session.drain(client.now);
  client.hear();
  client.now = client.session.deadline();
  client.session.on_deadline(client.now);
  CHECK(client.session.is_over());
  CHECK(client.hear().size() == 1);
}

}  // namespace
}  // namespace seabag::http2
