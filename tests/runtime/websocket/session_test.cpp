#include "seabag/websocket/session.h"

#include <string>

#include "echo.h"

namespace seabag::websocket {
namespace {

using test::client_close;
using test::client_frame;
using test::Echo;

TEST_CASE("a server's frames have the shortest length", "[websocket][session]") {
  struct Row {
    std::uint64_t length;
    std::string bytes;
  };
  const Row rows[] = {{0, std::string("\x82\x00", 2)},
                      {125, "\x82\x7d"},
                      {126, std::string("\x82\x7e\x00\x7e", 4)},
                      {65'535, "\x82\x7e\xff\xff"},
                      {65'536, std::string("\x82\x7f\0\0\0\0\0\1\0\0", 10)}};
  for (const Row& row : rows) {
    CHECK(OutgoingHeader(Opcode::binary, Coding::plain, row.length).text() == row.bytes);
  }
  CHECK(OutgoingHeader(Opcode::text, Coding::deflated, 1).text() == "\xc1\x01");
}

TEST_CASE("a mask comes off at every phase, length and place", "[websocket][session]") {
  const MaskingKey key = {'\x01', '\x80', '\xff', '\x5a'};
  std::string text(200, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<char>(i * 31);
  }
  for (std::size_t phase = 0; phase < 5; ++phase) {
    for (std::size_t length = 0; length + phase < text.size(); length += 13) {
      std::string out(length, '?');
      copy_masked(std::string_view(text).substr(phase, length), key, phase, out.data());
      for (std::size_t i = 0; i < length; ++i) {
        REQUIRE(out[i] == static_cast<char>(text[phase + i] ^ key[(phase + i) % 4]));
      }
    }
  }
}

TEST_CASE("we say Close, and wait for the client's", "[websocket][session]") {
  Echo echo;
  echo.session.close(CloseCode::going_away, "the server stops");
  CHECK_FALSE(echo.session.is_open());
  CHECK_FALSE(echo.session.is_over());
  echo.session.close(CloseCode::normal);
  echo.session.ping("late");
  // Messages are thrown away, however they are cut, Pings stay unanswered.
  echo.take(client_frame(Opcode::text, "late") +
            client_frame({.opcode = 1, .is_final = false}, "a") + client_frame(Opcode::ping, "x") +
            client_frame(Opcode::continuation, "\xff"));
  CHECK_FALSE(echo.session.is_over());
  echo.take(client_close(1001, "bye"));
  CHECK(echo.session.is_over());
  CHECK(echo.last.kind == Event::Kind::closed);
  CHECK(echo.last.code == CloseCode::going_away);
  CHECK(echo.last_payload == "bye");
  const auto frame = test::take_server_frame(echo.said);
  REQUIRE(frame);
  CHECK(frame->code() == 1001);
  CHECK(frame->payload.substr(2) == "the server stops");
  CHECK(echo.said.empty());
}

TEST_CASE("a rule that is broken while we wait ends it without another Close",
          "[websocket][session]") {
  Echo echo;
  echo.session.close(CloseCode::normal);
  echo.take(
      "\x81\x01"
      "a");
  CHECK(echo.session.is_over());
  CHECK(echo.last.kind == Event::Kind::failed);
  CHECK(test::take_server_frame(echo.said)->code() == 1000);
  CHECK(echo.said.empty());
}

TEST_CASE("a code that may not be sent becomes an empty Close", "[websocket][session]") {
  for (const CloseCode code : {CloseCode::no_status, CloseCode::abnormal, CloseCode{5000}}) {
    Session session({});
    session.close(code, "why");
    CHECK(session.control() == std::string_view("\x88\x00", 2));
  }
  Session session({});
  session.close(CloseCode::normal, std::string(200, 'r'));
  CHECK(session.control().size() == 2 + kLongestControl);
}

TEST_CASE("we ask for a sign of life, and hear of it", "[websocket][session]") {
  Echo echo;
  echo.session.ping("12");
  CHECK(echo.session.control() ==
        "\x89\x02"
        "12");
  echo.take(client_frame(Opcode::pong, "12"));
  CHECK(echo.last.kind == Event::Kind::pong);
  CHECK(echo.last_payload == "12");
}

TEST_CASE("Pings that nobody answers cost no memory", "[websocket][session]") {
  Session session({});
  Workspace workspace;
  std::string pings;
  for (int i = 0; i < 1000; ++i) {
    pings += client_frame(Opcode::ping, std::to_string(i) + std::string(100, 'p'));
  }
  for (std::string_view left = pings; !left.empty();) {
    left.remove_prefix(session.take(left, workspace).used);
  }
  CHECK(session.control().size() <= 4096);
  CHECK(session.control().ends_with("999" + std::string(100, 'p')));
}

TEST_CASE("a message has no more fragments than it may", "[websocket][session]") {
  Echo echo({.fragments = 10});
  const std::string piece = client_frame({.opcode = 0, .is_final = false}, "");
  echo.take(client_frame({.opcode = 1, .is_final = false}, ""));
  for (int i = 0; i < 9; ++i) {
    echo.take(piece);
  }
  CHECK(echo.session.is_open());
  echo.take(piece);
  CHECK(echo.last.code == CloseCode::policy_violation);
}

TEST_CASE("a promise of much content takes no memory", "[websocket][session]") {
  // Under a sanitizer, or a limit of memory, this would be seen.
  Echo echo({.message = std::size_t{1} << 40U, .frame = std::size_t{1} << 40U});
  echo.take(client_frame({.opcode = 2, .length = std::uint64_t{1} << 39U}, "x"));
  CHECK(echo.session.is_open());
}

TEST_CASE("a text that is not UTF-8 is not sent", "[websocket][session]") {
  CHECK(Message::text("\xe2\x82").error().is(std::errc::illegal_byte_sequence));
  CHECK(Message::text("\xff").error().is(std::errc::illegal_byte_sequence));
  CHECK(Message::text("\xe2\x82\xac"));
}

}  // namespace
}  // namespace seabag::websocket
