#include <string>

#include "echo.h"
#include "support/websocket_deflate.h"

namespace seabag::websocket {
namespace {

using test::client_frame;
using test::ClientDeflate;
using test::Echo;
using test::ServerFrame;

/// Text that compresses as JSON does; each number another one.
std::string json(int number, std::size_t size) {
  std::string text = "{\"number\":" + std::to_string(number) + ",\"rows\":[";
  for (int row = number; text.size() < size; ++row) {
    text += "{\"id\":" + std::to_string(row * 7919 % 100'003) + ",\"harbour\":\"Kronborg\"},";
  }
  return text.substr(0, size);
}

std::string compressed_frames(const std::string& payload, std::size_t fragment) {
  std::string bytes;
  for (std::size_t at = 0; at == 0 || at < payload.size(); at += fragment) {
    const bool is_first = at == 0;
    bytes += client_frame({.opcode = is_first ? 1U : 0U,
                           .reserved = is_first ? 4U : 0U,
                           .is_final = at + fragment >= payload.size()},
                          std::string_view(payload).substr(at, fragment));
  }
  return bytes;
}

struct Row {
  Takeover takeover;
  int server_bits;
  int client_bits;
};

TEST_CASE("compressed messages of all sizes come back", "[websocket][deflate]") {
  const Row rows[] = {{Takeover::none, 15, 15},
                      {Takeover::none, 9, 9},
                      {Takeover::kept, 15, 15},
                      {Takeover::kept, 9, 9},
                      {Takeover::kept, 12, 10}};
  for (const Row& row : rows) {
    const DeflateAgreement agreement{.server_takeover = row.takeover,
                                     .client_takeover = row.takeover,
                                     .server_window_bits = row.server_bits,
                                     .client_window_bits = row.client_bits,
                                     .shortest = 1};
    Echo echo({}, agreement);
    ClientDeflate client(row.client_bits);
    for (int i = 0; i < 60; ++i) {
      const std::size_t size = std::size_t{16} << (i % 14);
      INFO("message " << i << " of " << size << " bytes, windows " << row.server_bits);
      const std::string message = json(i, size);
      const std::string payload = client.compress(message);
      echo.take(compressed_frames(payload, i % 3 == 0 ? 256 : payload.size()),
                i % 5 == 0 ? 1 : 4096);
      const auto frame = test::take_server_frame(echo.said);
      REQUIRE(frame);
      const std::string back =
          frame->is_deflated ? client.decompress(frame->payload) : frame->payload;
      CHECK((back == message));
      CHECK((frame->is_deflated || row.takeover == Takeover::none));
      if (row.takeover == Takeover::none) {
        client.forget();
      }
    }
    CHECK(echo.session.is_open());
  }
}

TEST_CASE("context takeover makes repeated messages short", "[websocket][deflate]") {
  const auto sizes = [](Takeover takeover) {
    Echo echo({}, DeflateAgreement{.server_takeover = takeover, .shortest = 1});
    std::vector<std::size_t> found;
    for (int i = 0; i < 2; ++i) {
      echo.take(client_frame(Opcode::text, json(1, 600)));
      const auto frame = test::take_server_frame(echo.said);
      REQUIRE(frame);
      CHECK(frame->is_deflated);
      found.push_back(frame->payload.size());
    }
    return found;
  };
  const std::vector<std::size_t> kept = sizes(Takeover::kept);
  CHECK(kept[1] < kept[0] / 4);
  const std::vector<std::size_t> none = sizes(Takeover::none);
  CHECK(none[1] == none[0]);
}

TEST_CASE("what compression does not shorten goes as it is", "[websocket][deflate]") {
  Echo echo({}, DeflateAgreement{.shortest = 100});
  std::string noise;
  for (std::uint32_t i = 0, state = 1; i < 500; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24U);
  }
  echo.take(client_frame(Opcode::binary, noise) + client_frame(Opcode::text, std::string(99, 'a')) +
            client_frame(Opcode::text, std::string(100, 'a')));
  CHECK_FALSE(test::take_server_frame(echo.said)->is_deflated);
  CHECK_FALSE(test::take_server_frame(echo.said)->is_deflated);
  CHECK(test::take_server_frame(echo.said)->is_deflated);
}

TEST_CASE("a compressed bomb ends at the message's limit", "[websocket][deflate]") {
  ClientDeflate client;
  const std::string bomb = client.compress(std::string(40'000'000, '\0'));
  CHECK(bomb.size() < 50'000);
  for (const Takeover takeover : {Takeover::none, Takeover::kept}) {
    Echo echo({.message = 1'000'000}, DeflateAgreement{.client_takeover = takeover});
    echo.take(client_frame({.opcode = 2, .reserved = 4}, bomb));
    CHECK(echo.last.kind == Event::Kind::failed);
    CHECK(echo.last.code == CloseCode::message_too_big);
  }
}

TEST_CASE("blocks without content are no way around the limits", "[websocket][deflate]") {
  Echo echo({.message = 1000}, DeflateAgreement{});
  std::string empty;
  for (int i = 0; i < 1000; ++i) {
    empty.append("\0\0\0\xff\xff", 5);
  }
  echo.take(client_frame({.opcode = 2, .reserved = 4}, empty));
  CHECK(echo.last.code == CloseCode::message_too_big);
}

TEST_CASE("one message is compressed once for all its receivers", "[websocket][deflate]") {
  Workspace workspace;
  const SharedMessage message = *Message::text(json(1, 5000));
  Session one({}, DeflateAgreement{});
  Session two({}, DeflateAgreement{});
  const OutgoingFrame a = one.frame(message, workspace);
  const OutgoingFrame b = two.frame(message, workspace);
  CHECK(a.payload.data() == b.payload.data());
  CHECK(a.payload.size() < 1500);
  Session plain({});
  CHECK(plain.frame(message, workspace).payload.data() == message->payload().data());
}

}  // namespace
}  // namespace seabag::websocket
