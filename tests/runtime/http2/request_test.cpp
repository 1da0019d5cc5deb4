#include <algorithm>
#include <string>

#include "client.h"

namespace seabag::http2 {
namespace {

using test::Fields;
using test::get_fields;
using test::make_frame;
using testing::Client;
using testing::greet;
using testing::Heard;

std::string request(const Fields& fields) {
  return make_frame(FrameType::headers, kEndHeaders | kEndStream, 1, test::block_of(fields));
}

std::string value_of(const Heard& heard, const std::string& name) {
  const auto found = std::find_if(heard.fields.begin(), heard.fields.end(),
                                  [&](const auto& field) { return field.first == name; });
  return found == heard.fields.end() ? "-" : found->second;
}

TEST_CASE("a request becomes a head (RFC 9113 8.3.1)", "[http2][request]") {
  Client client;
  greet(client);
  const Heard heard = client.ask(request({{":method", "GET"},
                                          {":path", "/a%20b?q=1"},
                                          {":scheme", "https"},
                                          {":authority", "x:8"},
                                          {"accept", "*/*"},
                                          {"te", "trailers"}}));
  CHECK(heard.method == "GET");
  CHECK(heard.path == "/a%20b");
  CHECK(heard.authority == "x:8");
  CHECK(value_of(heard, "accept") == "*/*");
  CHECK(value_of(heard, "host") == "x:8");
  CHECK(heard.ending == Ending::ends);
}

TEST_CASE("cookies that come in parts become one field (RFC 9113 8.2.3)", "[http2][request]") {
  Client client;
  greet(client);
  const Heard heard = client.ask(request(get_fields(
      "/", {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"cookie", "c=3"}, {"z", "w"}})));
  CHECK(value_of(heard, "cookie") == "a=1; b=2; c=3");
  CHECK(value_of(heard, "x") == "y");
  CHECK(value_of(heard, "z") == "w");
  CHECK(heard.fields.size() == 4);
}

TEST_CASE("Host stands in for an authority, and must not differ", "[http2][request]") {
  Client client;
  greet(client);
  const Fields fields{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "h"}};
  CHECK(client.ask(request(fields)).authority == "h");
}

TEST_CASE("OPTIONS may ask for everything, CONNECT has no path", "[http2][request]") {
  Client options;
  greet(options);
  Fields fields = get_fields("*");
  fields[0].second = "OPTIONS";
  CHECK(options.ask(request(fields)).path == "*");
  Client connect;
  greet(connect);
  CHECK(connect.ask(request({{":method", "CONNECT"}, {":authority", "x:1"}})).path.empty());
}

TEST_CASE("extended CONNECT is accepted where it is offered (RFC 8441)", "[http2][request]") {
  const Fields fields{{":method", "CONNECT"},
                      {":protocol", "websocket"},
                      {":scheme", "https"},
                      {":path", "/chat"},
                      {":authority", "x"}};
  Limits limits;
  limits.extended_connect = ExtendedConnect::accepted;
  Client client(limits);
  CHECK(client.hear().front().payload.find(test::setting(Setting::enable_connect_protocol, 1)) !=
        std::string::npos);
  greet(client);
  const Heard heard = client.ask(request(fields));
  CHECK(heard.protocol == "websocket");
  CHECK(heard.path == "/chat");
  Client refused;
  greet(refused);
  CHECK(refused.stream_error(request(fields)) == ErrorCode::protocol_error);
}

TEST_CASE("malformed requests end their stream (RFC 9113 8.1.1)", "[http2][request]") {
  const auto without = [](std::size_t index) {
    Fields fields = get_fields("/");
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(index));
    return fields;
  };
  const auto with = [](const char* name, const std::string& value) {
    return get_fields("/", {{name, value}});
  };
  Fields late = get_fields("/");
  std::rotate(late.begin(), late.begin() + 1, late.end());
  late.insert(late.begin(), {"x", "y"});
  struct Row {
    const char* what;
    Fields fields;
  };
  const Row rows[] = {
      {"no method", without(0)},
      {"no scheme", without(1)},
      {"no authority", without(2)},
      {"no path", without(3)},
      {"an empty path", get_fields("")},
      {"a path without a slash", get_fields("a")},
      {"a space in the path", get_fields("/a b")},
      {"a fragment", get_fields("/a#b")},
      {"a pseudo-header behind a field", late},
      {"a pseudo-header twice", with(":path", "/")},
      {"an unknown pseudo-header", with(":test", "x")},
      {"a pseudo-header of answers", with(":status", "200")},
      {"connection", with("connection", "close")},
      {"keep-alive", with("keep-alive", "1")},
      {"proxy-connection", with("proxy-connection", "close")},
      {"transfer-encoding", with("transfer-encoding", "chunked")},
      {"upgrade", with("upgrade", "h2c")},
      {"te", with("te", "trailers, gzip")},
      {"a line end in a value", with("x", "a\r\nb")},
      {"NUL in a value", with("x", std::string("a\0b", 3))},
      {"a space before a value", with("x", " a")},
      {"a tab behind a value", with("x", "a\t")},
      {"a space in a name", with("x y", "a")},
      {"an empty name", with("", "a")},
      {"two lengths", get_fields("/", {{"content-length", "0"}, {"content-length", "0"}})},
      {"a length that is none", with("content-length", "+1")},
      {"an authority with a user", get_fields("/", {{"host", "u@x"}})},
      {"another host", with("host", "y")},
      {"CONNECT with a path", {{":method", "CONNECT"}, {":authority", "x"}, {":path", "/"}}},
      {"CONNECT without an authority", {{":method", "CONNECT"}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Client client;
    greet(client);
    CHECK(client.stream_error(request(row.fields)) == ErrorCode::protocol_error);
    CHECK(client.session.stream_count() == 0);
  }
}

TEST_CASE("capital letters in a name are malformed", "[http2][request]") {
  Client client;
  greet(client);
  const std::string block = test::block_of(get_fields("/")) + std::string("\0\x01X\x01y", 5);
  CHECK(client.stream_error(make_frame(FrameType::headers, kEndHeaders | kEndStream, 1, block)) ==
        ErrorCode::protocol_error);
}

}  // namespace
}  // namespace seabag::http2
