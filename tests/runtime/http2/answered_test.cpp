// Streams whose answer is complete before the client has said everything (RFC 9113 8.1).
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

/// Has a request answered whose content is still to come.
void answer_early(Client& client, std::uint32_t stream, const test::Fields& fields = {}) {
  const Heard head = client.ask(post_frame(stream, "/", fields));
  client.session.discard(head.slot);
  answer(client, head.slot);
}

std::string trailers(std::uint32_t stream, std::uint8_t flags, const test::Fields& fields) {
  return make_frame(FrameType::headers, static_cast<std::uint8_t>(kEndHeaders | flags), stream,
                    test::block_of(fields));
}

/// The streams that the client was told to stop.
std::vector<std::uint32_t> stopped(Client& client) {
  std::vector<std::uint32_t> streams;
  for (const Frame& frame : client.hear()) {
    if (frame.is(FrameType::rst_stream)) {
      CHECK(frame.error() == ErrorCode::no_error);
      streams.push_back(frame.header.stream);
    }
  }
  return streams;
}

TEST_CASE("what comes behind an early answer is dropped up to its end", "[http2][answered]") {
  const std::string ends[] = {data_frame(1, "late", kEndStream), data_frame(1, "", kEndStream),
                              data_frame(1, "a") + trailers(1, kEndStream, {{"x-sum", "1"}})};
  for (const std::string& bytes : ends) {
    Client client;
    greet(client);
    answer_early(client, 1);
    CHECK(client.hear().empty());
    CHECK(client.session.stream_count() == 1);
    CHECK(client.say(bytes).size() == 1);
    CHECK(client.hear().empty());
    CHECK(client.session.stream_count() == 0);
    CHECK(client.fatal(data_frame(1, "x")) == ErrorCode::stream_closed);
  }
}

TEST_CASE("what comes behind an early answer is judged", "[http2][answered]") {
  struct Row {
    std::string bytes;
    ErrorCode code;
  };
  const std::string most = make_frame(FrameType::window_update, 0, 1, number(kLargestWindow));
  const Row rows[] = {
      {trailers(1, 0, {{"x", "1"}}), ErrorCode::protocol_error},
      {trailers(1, kEndStream, {{":path", "/"}}), ErrorCode::protocol_error},
      {trailers(1, kEndStream, {{"connection", "close"}}), ErrorCode::protocol_error},
      {trailers(1, kEndStream, {{"x", "a\nb"}}), ErrorCode::protocol_error},
      {trailers(1, kEndStream, {{"x", "1"}}), ErrorCode::protocol_error},
      {data_frame(1, "abcd"), ErrorCode::protocol_error},
      {data_frame(1, "ab", kEndStream), ErrorCode::protocol_error},
      {data_frame(1, "ab") + data_frame(1, "cd", kEndStream), ErrorCode::protocol_error},
      {most, ErrorCode::flow_control_error},
      {make_frame(FrameType::window_update, 0, 1, number(0)), ErrorCode::protocol_error},
      {make_frame(FrameType::priority, 0, 1, number(1) + "x"), ErrorCode::protocol_error},
      {make_frame(FrameType::priority, 0, 1, "x"), ErrorCode::frame_size_error},
  };
  for (const Row& row : rows) {
    Client client;
    greet(client);
    answer_early(client, 1, {{"content-length", "3"}});
    CHECK(client.stream_error(row.bytes) == row.code);
    CHECK(client.session.stream_count() == 0);
    CHECK(client.ask(get_frame(3, "/next")).path == "/next");
  }
}

TEST_CASE("more than fits the window behind an early answer is an error", "[http2][answered]") {
  Limits limits;
  limits.stream_window = 8;
  Client client(limits);
  greet(client);
  answer_early(client, 1);
  CHECK(client.stream_error(data_frame(1, "012345678")) == ErrorCode::flow_control_error);
}

TEST_CASE("a client that goes on behind an early answer is told to stop", "[http2][answered]") {
  Client client;
  greet(client);
  answer_early(client, 1);
  const std::string part(kFrameSize, 'x');
  CHECK(client.say(data_frame(1, part) + data_frame(1, part)).size() == 1);
  CHECK(stopped(client).empty());
  CHECK(client.say(data_frame(1, "x")).size() == 1);
  CHECK(stopped(client) == std::vector<std::uint32_t>{1});
  CHECK(client.session.stream_count() == 0);
  SECTION("and what crossed with that is ignored") {
    CHECK(client.say(data_frame(1, part) + data_frame(1, "x", kEndStream)).size() == 1);
    CHECK(client.hear().empty());
    CHECK(client.fatal(data_frame(1, "x")) == ErrorCode::stream_closed);
  }
  SECTION("and its trailers are ignored once") {
    CHECK(client.say(trailers(1, kEndStream, {{"x", "y"}})).size() == 1);
    CHECK(client.fatal(trailers(1, kEndStream, {{"x", "y"}})) == ErrorCode::stream_closed);
  }
}

TEST_CASE("a client that has sent much before an early answer is told to stop at once",
          "[http2][answered]") {
  Limits limits;
  limits.stream_window = 8;
  Client client(limits);
  greet(client);
  const Heard head = client.ask(post_frame(1));
  client.say(data_frame(1, "01234"));
  client.session.discard(head.slot);
  answer(client, head.slot);
  CHECK(stopped(client) == std::vector<std::uint32_t>{1});
}

TEST_CASE("a client that does not end its half holds a stream for a moment only",
          "[http2][answered]") {
  Client client;
  greet(client);
  answer_early(client, 1);
  client.now += 400;
  answer_early(client, 3);
  const Milliseconds first = client.session.deadline();
  CHECK(first == client.now - 400 + Limits{}.answered_time);
  client.now = first;
  client.session.on_deadline(first);
  CHECK(stopped(client) == std::vector<std::uint32_t>{1});
  client.now = client.session.deadline();
  client.session.on_deadline(client.now);
  CHECK(stopped(client) == std::vector<std::uint32_t>{3});
  CHECK(client.session.stream_count() == 0);
  CHECK(client.session.deadline() == ~Milliseconds{0});
}

TEST_CASE("only so many streams with an early answer are kept", "[http2][answered]") {
  Limits limits;
  limits.answered_streams = 2;
  Client client(limits);
  greet(client);
  answer_early(client, 1);
  answer_early(client, 3);
  client.say(data_frame(1, "", kEndStream));
  answer_early(client, 5);
  CHECK(stopped(client).empty());
  answer_early(client, 7);
  CHECK(stopped(client) == std::vector<std::uint32_t>{3});
  CHECK(client.session.stream_count() == 2);
}

TEST_CASE("an answer to content that nobody discarded ends the same way", "[http2][answered]") {
  Client client;
  greet(client);
  answer(client, client.ask(post_frame(1)).slot);
  CHECK(client.say(data_frame(1, "late", kEndStream)).size() == 1);
  CHECK(client.session.stream_count() == 0);
}

TEST_CASE("streams that end well do not push out those whose rest is ignored",
          "[http2][answered]") {
  Client client;
  greet(client);
  client.session.reset(client.ask(post_frame(1)).slot, ErrorCode::cancel);
  for (std::uint32_t stream = 3; stream < 1'003; stream += 2) {
    answer(client, client.ask(get_frame(stream)).slot);
  }
  CHECK(client.say(data_frame(1, "late")).size() == 1);
  CHECK(client.fatal(data_frame(3, "x")) == ErrorCode::stream_closed);
}

TEST_CASE("trailers without an end for a stream that was reset are a flood", "[http2][answered]") {
  Limits limits;
  limits.resets = 3;
  limits.reset_delay = 0;
  Client client(limits);
  greet(client);
  client.session.reset(client.ask(post_frame(1)).slot, ErrorCode::cancel);
  std::string flood;
  for (int i = 0; i < 8; ++i) {
    flood += trailers(1, 0, {{"x", "y"}});
  }
  CHECK(client.fatal(flood) == ErrorCode::enhance_your_calm);
}

TEST_CASE("empty frames for a stream that was reset are a flood", "[http2][answered]") {
  Client client;
  greet(client);
  client.session.reset(client.ask(post_frame(1)).slot, ErrorCode::cancel);
  CHECK(client.fatal(data_frame(1, "") + data_frame(1, "")) == ErrorCode::enhance_your_calm);
}

TEST_CASE("what follows an empty frame in error is taken at once", "[http2][answered]") {
  Client client;
  greet(client);
  client.ask(get_frame(1));
  const std::vector<Heard> heard =
      client.say(data_frame(1, "", kEndStream) + get_frame(3, "/next"));
  REQUIRE(heard.size() == 3);
  CHECK(heard[0].kind == Event::Kind::closed);
  CHECK(heard[1].path == "/next");
}

TEST_CASE("a drain does not wait for streams with an early answer", "[http2][answered]") {
  Client client;
  greet(client);
  answer_early(client, 1);
  answer_early(client, 3);
  client.session.drain(client.now);
  client.hear();
  client.say(make_frame(FrameType::ping, kAck, 0, "draining"));
  CHECK(client.session.is_over());
  CHECK(stopped(client) == std::vector<std::uint32_t>{1, 3});
}

TEST_CASE("an early answer at the end of a drain ends it", "[http2][answered]") {
  Client client;
  greet(client);
  const Heard head = client.ask(post_frame(1));
  client.session.drain(client.now);
  client.hear();
  client.say(make_frame(FrameType::ping, kAck, 0, "draining"));
  CHECK_FALSE(client.session.is_over());
  answer(client, head.slot);
  CHECK(client.session.is_over());
}

}  // namespace
}  // namespace seabag::http2
