#include "seabag/load/plan.h"

#include <string>

#include "support/catch.h"

namespace seabag::load {
namespace {

Plan plan_for(const std::string& url) { return {.url = *parse_url(url)}; }

TEST_CASE("a plan becomes the bytes of one request", "[load][plan]") {
  Plan plan = plan_for("http://a:81/b?c");
  CHECK(*make_http1_request(plan) ==
        "GET /b?c HTTP/1.1\r\nHost: a:81\r\nUser-Agent: seabag-bench\r\nAccept: */*\r\n\r\n");

  plan.method = "POST";
  CHECK(make_http1_request(plan)->ends_with("\r\nContent-Length: 0\r\n\r\n"));
  plan.body = "x=1";
  plan.fields = {"content-type: text/plain", "hoST: b", "USER-AGENT:u", "Accept: x"};
  CHECK(*make_http1_request(plan) ==
        "POST /b?c HTTP/1.1\r\ncontent-type: text/plain\r\nhoST: b\r\nUSER-AGENT:u\r\nAccept: x\r\n"
        "Content-Length: 3\r\n\r\nx=1");
}

TEST_CASE("what would not be one request is refused", "[load][plan]") {
  for (const char* field :
       {"", "a", ": b", "a b: c", "a : b", "a: b\r\nc: d", "a: b\nc", "Content-Length: 3",
        "transfer-encoding: chunked", "Expect: 100-continue", "Upgrade: websocket"}) {
    CAPTURE(field);
    Plan plan = plan_for("http://a/");
    plan.fields = {field};
    const auto request = make_http1_request(plan);
    REQUIRE_FALSE(request);
    CHECK(request.error().is(std::errc::invalid_argument));
  }
  for (const char* method : {"", "GET ", "G\r\nT", "CONNECT"}) {
    CAPTURE(method);
    Plan plan = plan_for("http://a/");
    plan.method = method;
    CHECK_FALSE(make_http1_request(plan));
  }
}

}  // namespace
}  // namespace seabag::load
