#include "seabag/server/json.h"

#include <nlohmann/json.hpp>
#include <string>

#include "served.h"

namespace seabag::server {
namespace {

using nlohmann::json;
using test::FixedAssets;
using test::Loopback;
using test::Served;

std::string post(const std::string& content, const std::string& type = "application/json") {
  return "POST /sum HTTP/1.1\r\nHost: app\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content;
}

TEST_CASE("a handler takes JSON and gives it", "[server][json]") {
  const FixedAssets assets;
  Router router;
  REQUIRE(
      router.add(http::Method::post, "/sum", json_handler<json>([](const json& in, const Request&) {
                   return json{{"sum", in.at("a").get<int>() + in.at("b").get<int>()}};
                 })));
  Served served({.assets = &assets, .router = &router});
  Loopback client(served.address());
  const test::Reply reply = client.ask(post(R"({"a":2,"b":3})", "application/json; charset=utf-8"));
  CHECK(reply.body == "{\"sum\":5}\n");
  CHECK(reply.field("Content-Type") == "application/json");
  const test::Reply malformed = client.ask(post("{\"a\":1,\n\"b\":?}"));
  CHECK(malformed.status == 400);
  CHECK(malformed.body == "{\"error\":\"not JSON at line 2, column 5\"}\n");
  CHECK(client.ask(post("")).status == 400);
  const test::Reply lacking = client.ask(post(R"({"a":2})"));
  CHECK(lacking.status == 400);
  CHECK(lacking.body.find("key 'b' not found") != std::string::npos);
  CHECK(client.ask(post(R"({"a":"x","b":1})")).status == 400);
  CHECK(client.ask(post("{}", "text/plain")).status == 415);
}

TEST_CASE("types of JSON are recognised", "[server][json]") {
  for (const char* type :
       {"application/json", "Application/JSON ; charset=utf-8", "application/problem+json"}) {
    CHECK(is_json_type(type));
  }
  for (const char* type : {"", "+json", "text/json", "application/jsonx"}) {
    CHECK_FALSE(is_json_type(type));
  }
}

TEST_CASE("an error is JSON whatever it says", "[server][json]") {
  const Response response = json_error(http::Status::conflict, "a \"b\"\n\x80");
  CHECK(response.body == "{\"error\":\"a \\\"b\\\"\\n\xef\xbf\xbd\"}\n");
  CHECK(response.status == http::Status::conflict);
}

}  // namespace
}  // namespace seabag::server
