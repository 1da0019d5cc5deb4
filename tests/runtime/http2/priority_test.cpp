#include "seabag/http2/priority.h"

#include <string>

#include "client.h"

namespace seabag::http2 {
namespace {

using test::get_frame;
using test::make_frame;
using test::number;
using testing::Client;
using testing::greet;

TEST_CASE("a priority is read from its dictionary (RFC 9218 4)", "[http2][priority]") {
  struct Row {
    const char* text;
    Priority priority;
  };
  const Row rows[] = {
      {"", {3, false}},         {"u=0", {0, false}},
      {"u=7, i", {7, true}},    {"i;x=1 , u=5;y", {5, true}},
      {"i=?0", {3, false}},     {"i=?1,u=1", {1, true}},
      {"u=1, u=2", {2, false}}, {"u=8", {3, false}},
      {"u=-1", {3, false}},     {"u", {3, false}},
      {"i=1", {3, false}},      {"s=\"a, i, u=1\", u=2", {2, false}},
      {"s=\"\\\"", {3, false}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_priority(row.text) == row.priority);
  }
}

/// Opens streams 1, 3, ... with these priorities and 30,000 bytes each; returns which stream each
/// frame of 10,000 bytes is of.
std::string order_of(Client& client, const std::vector<std::string>& priorities) {
  std::uint32_t stream = 1;
  std::vector<std::uint32_t> by_slot(16);
  for (const std::string& priority : priorities) {
    const Slot slot = client.ask(get_frame(stream, "/", {{"priority", priority}})).slot;
    by_slot[slot] = stream;
    client.session.offer(slot, 20'000, Ending::ends);
    stream += 2;
  }
  std::string order;
  while (const auto frame = client.session.next_data(10'000, client.now)) {
    order += std::to_string(by_slot[frame->slot]);
  }
  return order;
}

TEST_CASE("urgent answers go first, others as they came (RFC 9218 10)", "[http2][priority]") {
  Client plain;
  greet(plain);
  CHECK(order_of(plain, {"", "u=1", "u=3"}) == "331155");
  Client shared;
  greet(shared);
  CHECK(order_of(shared, {"i", "i", "u=2"}) == "551313");
  Client mixed;
  greet(mixed);
  CHECK(order_of(mixed, {"i", "", "i"}) == "133515");
}

TEST_CASE("PRIORITY_UPDATE changes the order, also ahead of its stream", "[http2][priority]") {
  Client client;
  greet(client);
  client.say(make_frame(FrameType::priority_update, 0, 0, number(3) + "u=0"));
  CHECK(order_of(client, {"u=1", "u=7"}) == "3311");
  Client later;
  greet(later);
  const Slot first = later.ask(get_frame(1)).slot;
  const Slot second = later.ask(get_frame(3)).slot;
  later.session.offer(first, 1'000, Ending::ends);
  later.session.offer(second, 1'000, Ending::ends);
  later.say(make_frame(FrameType::priority_update, 0, 0, number(3) + "u=1"));
  CHECK(later.session.next_data(1'000, later.now)->slot == second);
}

TEST_CASE("a stream can't depend on itself (RFC 7540 5.3.1)", "[http2][priority]") {
  Client client;
  greet(client);
  client.ask(get_frame(1));
  CHECK(client.stream_error(make_frame(FrameType::priority, 0, 1, number(1) + "x")) ==
        ErrorCode::protocol_error);
  const std::string block = number(3) + "x" + test::block_of(test::get_fields("/"));
  CHECK(client.stream_error(make_frame(FrameType::headers, kPriority | kEndHeaders | kEndStream, 3,
                                       block)) == ErrorCode::protocol_error);
}

}  // namespace
}  // namespace seabag::http2
