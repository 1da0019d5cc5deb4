#include <string>

#include "client.h"

namespace seabag::http2 {
namespace {

using test::make_frame;
using test::number;
using test::setting;
using testing::Client;
using testing::Frame;
using testing::greet;
using testing::Heard;

TEST_CASE("a session says its settings and its window first", "[http2][frames]") {
  Client client;
  const std::vector<Frame> frames = client.hear();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].is(FrameType::settings));
  CHECK(frames[0].payload.find(setting(Setting::max_concurrent_streams, 128)) != std::string::npos);
  CHECK(frames[0].payload.find(setting(Setting::initial_window_size, 65'536)) != std::string::npos);
  CHECK(frames[0].payload.find(setting(Setting::no_rfc7540_priorities, 1)) != std::string::npos);
  CHECK(frames[1].is(FrameType::window_update));
  CHECK(frames[1].payload == number(1024 * 1024 - 65'535));
}

TEST_CASE("the preface and frames may come byte by byte", "[http2][frames]") {
  Client client;
  client.hear();
  Heard request;
  for (const char byte : test::hello() + test::get_frame(1, "/a")) {
    for (const Heard& heard : client.say({&byte, 1})) {
      request = heard.kind == Event::Kind::request ? heard : request;
    }
  }
  CHECK(request.path == "/a");
  CHECK(client.hear().front().header.flags == kAck);
}

TEST_CASE("what is no preface ends the connection (RFC 9113 3.4)", "[http2][frames]") {
  Client wrong;
  CHECK(wrong.fatal("GET / HTTP/1.1\r\n") == ErrorCode::protocol_error);
  Client no_settings;
  CHECK(no_settings.fatal(std::string(kPreface) + test::get_frame(1)) == ErrorCode::protocol_error);
}

TEST_CASE("frames that break their rules end the connection (RFC 9113 4, 6)", "[http2][frames]") {
  struct Row {
    const char* what;
    std::string bytes;
    ErrorCode code;
  };
  const std::string eight(8, 'p');
  const Row rows[] = {
      {"too long", make_frame(FrameType::headers, kEndHeaders, 1, std::string(16'385, 'x')),
       ErrorCode::frame_size_error},
      {"HEADERS on stream 0", test::get_frame(0), ErrorCode::protocol_error},
      {"HEADERS on an even stream", test::get_frame(2), ErrorCode::protocol_error},
      {"HEADERS with more padding than payload",
       make_frame(FrameType::headers, kPadded | kEndHeaders, 1,
                  "\x05"
                  "abc"),
       ErrorCode::protocol_error},
      {"DATA on stream 0", test::data_frame(0, "x"), ErrorCode::protocol_error},
      {"DATA on an idle stream", test::data_frame(1, "x"), ErrorCode::protocol_error},
      {"DATA with too much padding",
       test::get_frame(1) + test::data_frame(1,
                                             "\x05"
                                             "ab",
                                             kPadded),
       ErrorCode::protocol_error},
      {"DATA without its padding's length", test::data_frame(1, "", kPadded),
       ErrorCode::frame_size_error},
      {"CONTINUATION without HEADERS", make_frame(FrameType::continuation, kEndHeaders, 1, ""),
       ErrorCode::protocol_error},
      {"a frame inside a header block",
       make_frame(FrameType::headers, 0, 1, "") + make_frame(FrameType::ping, 0, 0, eight),
       ErrorCode::protocol_error},
      {"CONTINUATION of another stream",
       make_frame(FrameType::headers, 0, 1, "") + make_frame(FrameType::continuation, 0, 3, ""),
       ErrorCode::protocol_error},
      {"SETTINGS on a stream", make_frame(FrameType::settings, 0, 1, ""),
       ErrorCode::protocol_error},
      {"SETTINGS of a wrong size", make_frame(FrameType::settings, 0, 0, "abc"),
       ErrorCode::frame_size_error},
      {"an acknowledgement with content", make_frame(FrameType::settings, kAck, 0, "abcdef"),
       ErrorCode::frame_size_error},
      {"ENABLE_PUSH of 2", make_frame(FrameType::settings, 0, 0, setting(Setting::enable_push, 2)),
       ErrorCode::protocol_error},
      {"a window too large",
       make_frame(FrameType::settings, 0, 0, setting(Setting::initial_window_size, 1U << 31U)),
       ErrorCode::flow_control_error},
      {"frames too small",
       make_frame(FrameType::settings, 0, 0, setting(Setting::max_frame_size, 16'383)),
       ErrorCode::protocol_error},
      {"frames too large",
       make_frame(FrameType::settings, 0, 0, setting(Setting::max_frame_size, 1U << 24U)),
       ErrorCode::protocol_error},
      {"PING on a stream", make_frame(FrameType::ping, 0, 1, eight), ErrorCode::protocol_error},
      {"PING of a wrong size", make_frame(FrameType::ping, 0, 0, "abc"),
       ErrorCode::frame_size_error},
      {"GOAWAY on a stream", make_frame(FrameType::goaway, 0, 1, eight), ErrorCode::protocol_error},
      {"GOAWAY too short", make_frame(FrameType::goaway, 0, 0, "abc"), ErrorCode::frame_size_error},
      {"RST_STREAM on stream 0", make_frame(FrameType::rst_stream, 0, 0, number(8)),
       ErrorCode::protocol_error},
      {"RST_STREAM on an idle stream", make_frame(FrameType::rst_stream, 0, 1, number(8)),
       ErrorCode::protocol_error},
      {"RST_STREAM of a wrong size", make_frame(FrameType::rst_stream, 0, 1, "abc"),
       ErrorCode::frame_size_error},
      {"WINDOW_UPDATE of a wrong size", make_frame(FrameType::window_update, 0, 0, "abc"),
       ErrorCode::frame_size_error},
      {"WINDOW_UPDATE of 0", make_frame(FrameType::window_update, 0, 0, number(0)),
       ErrorCode::protocol_error},
      {"WINDOW_UPDATE on an idle stream", make_frame(FrameType::window_update, 0, 1, number(1)),
       ErrorCode::protocol_error},
      {"PRIORITY on stream 0", make_frame(FrameType::priority, 0, 0, "abcde"),
       ErrorCode::protocol_error},
      {"PRIORITY of a wrong size", make_frame(FrameType::priority, 0, 1, "abc"),
       ErrorCode::frame_size_error},
      {"PRIORITY_UPDATE on a stream", make_frame(FrameType::priority_update, 0, 1, "abcd"),
       ErrorCode::protocol_error},
      {"PRIORITY_UPDATE too short", make_frame(FrameType::priority_update, 0, 0, "abc"),
       ErrorCode::frame_size_error},
      {"PUSH_PROMISE", make_frame(FrameType::push_promise, kEndHeaders, 1, number(2)),
       ErrorCode::protocol_error},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Client client;
    greet(client);
    CHECK(client.fatal(row.bytes) == row.code);
    CHECK(client.session.is_over());
  }
}

TEST_CASE("PING is answered, and its answers are not", "[http2][frames]") {
  Client client;
  greet(client);
  client.say(make_frame(FrameType::ping, 0, 0, "abcdefgh") +
             make_frame(FrameType::ping, kAck, 0, "abcdefgh"));
  const std::vector<Frame> frames = client.hear();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].is(FrameType::ping));
  CHECK(frames[0].header.flags == kAck);
  CHECK(frames[0].payload == "abcdefgh");
}

TEST_CASE("what is unknown is ignored (RFC 9113 4.1, 5.5)", "[http2][frames]") {
  Client client;
  greet(client);
  client.say(make_frame(std::uint8_t{0x42}, 0xff, 7, "whatever") +
             make_frame(FrameType::settings, 0, 0, setting(Setting{0x4242}, 7)) +
             make_frame(FrameType::goaway, 0, 0, number(0) + number(77) + "debug"));
  CHECK(client.ask(test::get_frame(1, "/x")).path == "/x");
}

TEST_CASE("a block may come in parts and with padding", "[http2][frames]") {
  Client client;
  greet(client);
  const std::string block = test::block_of(test::get_fields("/parts"));
  const std::string first = "\x03" + std::string(5, '\0') + block.substr(0, 4) + "pad";
  const Heard request =
      client.ask(make_frame(FrameType::headers, kPadded | kPriority | kEndStream, 1, first) +
                 make_frame(FrameType::continuation, 0, 1, "") +
                 make_frame(FrameType::continuation, kEndHeaders, 1, block.substr(4)));
  CHECK(request.path == "/parts");
  CHECK(request.ending == Ending::ends);
}

TEST_CASE("a head that is larger than a frame is continued", "[http2][frames]") {
  Client client;
  greet(client);
  const Heard request = client.ask(test::get_frame(1));
  const std::size_t size = 2 * kFrameSize + 5;
  std::string space(Session::head_room(size), '\0');
  for (std::size_t i = 0; i < size; ++i) {
    space[kFrameHeaderSize + i] = static_cast<char>(i % 251);
  }
  const std::string block = space.substr(kFrameHeaderSize, size);
  space.resize(client.session.frame_head(request.slot, space, size));
  client.session.end_with_head(request.slot, space);
  const std::vector<Frame> frames = test::take_frames(space);
  REQUIRE(space.empty());
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].is(FrameType::headers));
  CHECK(frames[0].header.flags == kEndStream);
  CHECK(frames[1].is(FrameType::continuation));
  CHECK(frames[1].header.flags == 0);
  CHECK(frames[2].header.flags == kEndHeaders);
  CHECK(frames[0].payload + frames[1].payload + frames[2].payload == block);
  CHECK(client.session.stream_count() == 0);
}

}  // namespace
}  // namespace seabag::http2
