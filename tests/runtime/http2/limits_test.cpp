#include <string>

#include "client.h"

namespace seabag::http2 {
namespace {

using test::data_frame;
using test::get_frame;
using test::make_frame;
using test::number;
using test::post_frame;
using testing::Client;
using testing::greet;
using testing::Heard;

std::string repeat(const std::string& bytes, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) {
    all += bytes;
  }
  return all;
}

TEST_CASE("rapid resets are delayed, then end the connection (CVE-2023-44487)", "[http2][limits]") {
  Client client;
  greet(client);
  std::uint32_t stream = 1;
  const auto reset_one = [&] {
    const std::vector<Heard> heard =
        client.say(get_frame(stream) + make_frame(FrameType::rst_stream, 0, stream, number(8)));
    stream += 2;
    return heard.back().kind;
  };
  for (int i = 0; i < 99; ++i) {
    REQUIRE(reset_one() == Event::Kind::need_more);
  }
  CHECK(reset_one() == Event::Kind::paused);
  CHECK(client.session.deadline() == client.now + 100);
  client.now += 100;
  for (int i = 0; i < 99; ++i) {
    REQUIRE(reset_one() == Event::Kind::need_more);
  }
  CHECK(reset_one() == Event::Kind::over);
  CHECK(client.hear().back().error() == ErrorCode::enhance_your_calm);
}

TEST_CASE("resets that the client provokes count too (CVE-2025-8671)", "[http2][limits]") {
  Client client;
  greet(client);
  Event::Kind last = Event::Kind::need_more;
  for (std::uint32_t stream = 1; stream < 400 && last != Event::Kind::over; stream += 2) {
    last =
        client.say(get_frame(stream) + make_frame(FrameType::window_update, 0, stream, number(0)))
            .back()
            .kind;
    client.hear();
    client.now += last == Event::Kind::paused ? 100 : 0;
  }
  Client malformed;
  greet(malformed);
  Event::Kind other = Event::Kind::need_more;
  for (std::uint32_t stream = 1; stream < 600 && other != Event::Kind::over; stream += 2) {
    other = malformed.say(get_frame(stream, "no-path")).back().kind;
    malformed.hear();
    malformed.now += other == Event::Kind::paused ? 100 : 0;
  }
  CHECK(last == Event::Kind::over);
  CHECK(other == Event::Kind::over);
}

TEST_CASE("streams that are served pay for resets", "[http2][limits]") {
  Client client;
  greet(client);
  for (std::uint32_t stream = 1; stream < 4'000; stream += 4) {
    const Heard head = client.ask(get_frame(stream));
    client.session.offer(head.slot, 1, Ending::ends);
    REQUIRE(client.session.next_data(1, client.now));
    client.say(make_frame(FrameType::window_update, 0, 0, number(1)));
    REQUIRE(client
                .say(get_frame(stream + 2) +
                     make_frame(FrameType::rst_stream, 0, stream + 2, number(8)))
                .back()
                .kind == Event::Kind::need_more);
  }
}

TEST_CASE("a header block has a limit of frames, bytes and time (CVE-2024-27316)",
          "[http2][limits]") {
  const std::string first = make_frame(FrameType::headers, kEndStream, 1, "");
  Client frames;
  greet(frames);
  CHECK(frames.fatal(first + repeat(make_frame(FrameType::continuation, 0, 1, ""), 8)) ==
        ErrorCode::enhance_your_calm);
  Client bytes;
  greet(bytes);
  const std::string part(16'000, 'x');
  CHECK(bytes.fatal(first + repeat(make_frame(FrameType::continuation, 0, 1, part), 3)) ==
        ErrorCode::enhance_your_calm);
  Client time;
  greet(time);
  time.say(first);
  CHECK(time.session.deadline() == time.now + 5'000);
  time.session.on_deadline(time.now + 5'000);
  CHECK(time.hear().back().error() == ErrorCode::enhance_your_calm);
}

TEST_CASE("floods of control frames end the connection", "[http2][limits]") {
  const std::string ping = make_frame(FrameType::ping, 0, 0, "abcdefgh");
  const std::string settings = make_frame(FrameType::settings, 0, 0, "");
  const std::string update = make_frame(FrameType::window_update, 0, 0, number(1));
  const std::string priority = make_frame(FrameType::priority, 0, 1, number(0) + "x");
  const std::string said = make_frame(FrameType::priority_update, 0, 0, number(1) + "u=1");
  struct Row {
    const char* what;
    std::string bytes;
  };
  const Row rows[] = {
      {"PING", repeat(ping, 1'001)},
      {"SETTINGS", repeat(settings, 1'001)},
      {"WINDOW_UPDATE", repeat(update, 101)},
      {"PRIORITY", repeat(priority, 101)},
      {"PRIORITY_UPDATE", repeat(said, 101)},
      {"empty DATA", post_frame(1) + repeat(data_frame(1, ""), 2)},
      {"padding", post_frame(1) + repeat(data_frame(1, std::string(2, '\1'), kPadded), 2)}};
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Client client;
    greet(client);
    CHECK(client.fatal(row.bytes) == ErrorCode::enhance_your_calm);
  }
}

TEST_CASE("answers that have gone make room for others", "[http2][limits]") {
  Client client;
  greet(client);
  const std::string ping = make_frame(FrameType::ping, 0, 0, "abcdefgh");
  for (int i = 0; i < 10; ++i) {
    CHECK(client.say(repeat(ping, 1'000)).back().kind == Event::Kind::need_more);
    CHECK(client.hear().size() == 1'000);
  }
}

TEST_CASE("a list of fields that is too large is refused, and the table stays right",
          "[http2][limits]") {
  Client client;
  greet(client);
  // A field of some 4,000 bytes enters the table, then each byte of the block repeats it.
  const std::string value(3'900, 'v');
  std::string block = test::block_of(test::get_fields("/"));
  block += std::string("\x40\x01z\x7f\xbd\x1d", 6) + value;
  block += std::string(1'000, '\xbe');
  const std::vector<Heard> heard =
      client.say(make_frame(FrameType::headers, kEndHeaders | kEndStream, 1, block));
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].kind == Event::Kind::refused);
  CHECK(heard[0].status == http::Status::header_fields_too_large);
  const Heard next = client.ask(make_frame(FrameType::headers, kEndHeaders | kEndStream, 3,
                                           test::block_of(test::get_fields("/")) + "\xbe"));
  CHECK(next.fields.at(0) == std::pair<std::string, std::string>("z", value));
}

TEST_CASE("too many fields and too long a path are refused", "[http2][limits]") {
  Client many;
  greet(many);
  const std::vector<Heard> fields = many.say(get_frame(1, "/", test::Fields(101, {"a", "b"})));
  CHECK(fields[0].status == http::Status::header_fields_too_large);
  Client path;
  greet(path);
  const std::vector<Heard> heard = path.say(get_frame(1, "/" + std::string(8'192, 'p')));
  CHECK(heard[0].kind == Event::Kind::refused);
  CHECK(heard[0].status == http::Status::uri_too_long);
}

}  // namespace
}  // namespace seabag::http2
