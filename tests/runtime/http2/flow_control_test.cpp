#include <string>

#include "client.h"

namespace seabag::http2 {
namespace {

using test::data_frame;
using test::get_frame;
using test::make_frame;
using test::number;
using test::post_frame;
using test::setting;
using testing::Client;
using testing::Frame;
using testing::greet;
using testing::Heard;

std::string window(std::uint32_t stream, std::uint32_t increment) {
  return make_frame(FrameType::window_update, 0, stream, number(increment));
}

/// Everything that can be sent, as lengths of frames.
std::vector<std::uint32_t> send_all(Client& client) {
  std::vector<std::uint32_t> lengths;
  while (const auto frame = client.session.next_data(1'000'000, client.now)) {
    lengths.push_back(frame->length);
  }
  return lengths;
}

TEST_CASE("content goes in frames, as far as the windows let it (RFC 9113 5.2)", "[http2][flow]") {
  Client client;
  greet(client);
  const Heard head = client.ask(get_frame(1));
  client.session.offer(head.slot, 100'000, Ending::ends);
  CHECK(send_all(client) == std::vector<std::uint32_t>{16'384, 16'384, 16'384, 16'383});
  client.say(window(1, 10'000));
  CHECK(send_all(client).empty());
  client.say(window(0, 4'000));
  CHECK(send_all(client) == std::vector<std::uint32_t>{4'000});
  client.say(window(0, 1'000'000) + window(1, 1'000'000));
  CHECK(send_all(client) == std::vector<std::uint32_t>{16'384, 14'081});
  CHECK(client.session.stream_count() == 0);
}

TEST_CASE("an empty answer needs no window", "[http2][flow]") {
  Client client;
  greet(client, setting(Setting::initial_window_size, 0));
  const Heard head = client.ask(get_frame(1));
  client.session.offer(head.slot, 0, Ending::ends);
  const auto frame = client.session.next_data(100, client.now);
  REQUIRE(frame);
  CHECK(frame->length == 0);
  CHECK(frame->ending == Ending::ends);
  CHECK(client.session.stream_count() == 0);
}

TEST_CASE("a change of the initial window changes open streams (RFC 9113 6.9.2)", "[http2][flow]") {
  Client client;
  greet(client, setting(Setting::initial_window_size, 10));
  const Heard head = client.ask(get_frame(1));
  client.session.offer(head.slot, 30, Ending::ends);
  CHECK(send_all(client) == std::vector<std::uint32_t>{10});
  client.say(make_frame(FrameType::settings, 0, 0, setting(Setting::initial_window_size, 4)));
  client.say(window(1, 6));
  CHECK(send_all(client).empty());  // it was 6 below zero
  client.say(make_frame(FrameType::settings, 0, 0, setting(Setting::initial_window_size, 7)));
  CHECK(send_all(client) == std::vector<std::uint32_t>{3});
}

TEST_CASE("windows do not grow beyond their limit", "[http2][flow]") {
  Client connection;
  greet(connection);
  CHECK(connection.fatal(window(0, 0x7fff'ffff)) == ErrorCode::flow_control_error);
  Client stream;
  greet(stream);
  stream.ask(get_frame(1));
  CHECK(stream.stream_error(window(1, 0x7fff'ffff)) == ErrorCode::flow_control_error);
  Client none;
  greet(none);
  none.ask(get_frame(1));
  CHECK(none.stream_error(window(1, 0)) == ErrorCode::protocol_error);
  Client settings;
  greet(settings);
  settings.ask(get_frame(1));
  settings.say(window(1, 0x7fff'0000));
  CHECK(settings.fatal(make_frame(FrameType::settings, 0, 0,
                                  setting(Setting::initial_window_size, 0x7fff'ffff))) ==
        ErrorCode::flow_control_error);
}

TEST_CASE("what is taken is given back to the client", "[http2][flow]") {
  Client client;
  greet(client);
  const Heard head = client.ask(post_frame(1));
  const std::string part(16'384, 'x');
  client.say(data_frame(1, part) + data_frame(1, part) + data_frame(1, part));
  CHECK(client.hear().empty());
  client.session.consume(head.slot, 2 * part.size());
  const std::vector<Frame> frames = client.hear();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].is(FrameType::window_update));
  CHECK(frames[0].header.stream == 1);
  CHECK(frames[0].payload == number(32'768));
}

TEST_CASE("a client that sends more than it may is stopped", "[http2][flow]") {
  Client client;
  greet(client);
  client.ask(post_frame(1));
  const std::string part(16'384, 'x');
  for (int i = 0; i < 4; ++i) {
    client.say(data_frame(1, part));
  }
  CHECK(client.stream_error(data_frame(1, "x")) == ErrorCode::flow_control_error);
}

TEST_CASE("the connection's window follows what streams take", "[http2][flow]") {
  Client client;
  greet(client);
  const std::string part(16'384, 'x');
  std::uint32_t given = 0;
  for (std::uint32_t stream = 1; stream < 160; stream += 2) {
    client.say(post_frame(stream));
    client.say(data_frame(stream, part, kEndStream));
    client.say(make_frame(FrameType::rst_stream, 0, stream, number(8)));
    for (const Frame& frame : client.hear()) {
      if (frame.is(FrameType::window_update) && frame.header.stream == 0) {
        given += read_u32(frame.payload.data());
      }
    }
  }
  CHECK(given >= 1024 * 1024);
  CHECK_FALSE(client.session.is_over());
}

TEST_CASE("a window that stays closed ends the connection", "[http2][flow]") {
  Client client;
  greet(client, setting(Setting::initial_window_size, 1));
  const Heard head = client.ask(get_frame(1));
  client.session.offer(head.slot, 10, Ending::ends);
  send_all(client);
  const Milliseconds deadline = client.session.deadline();
  CHECK(deadline == client.now + 30'000);
  client.session.on_deadline(deadline - 1);
  CHECK_FALSE(client.session.is_over());
  client.session.on_deadline(deadline);
  CHECK(client.session.is_over());
  CHECK(client.hear().back().error() == ErrorCode::enhance_your_calm);
}

}  // namespace
}  // namespace seabag::http2
