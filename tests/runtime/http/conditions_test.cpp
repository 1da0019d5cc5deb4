#include "seabag/http/conditions.h"

#include <string>
#include <vector>

#include "parsed_request.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
const Validators kState{.entity_tag = "\"now\"",
                        .modified = {.seconds = 784111777, .nanoseconds = 500000000},
                        .has_variants = false};
const std::string kThen = "Sun, 06 Nov 1994 08:49:37 GMT\r\n";
const std::string kBefore = "Sun, 06 Nov 1994 08:49:36 GMT\r\n";
const std::string kAfter = "Sun, 06 Nov 1994 08:49:38 GMT\r\n";

Precondition evaluate(const std::string& method, const std::string& fields) {
  const ParsedRequest request(method + " / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  REQUIRE(request.is_complete());
  return evaluate_preconditions(request.head, kState);
}

TEST_CASE("preconditions are evaluated in the order of RFC 9110", "[http][conditions]") {
  const auto proceed = Precondition::proceed;
  const auto not_modified = Precondition::not_modified;
  const auto failed = Precondition::failed;
  struct Row {
    std::string fields;
    Precondition for_get;
    Precondition for_put;
  };
  const std::vector<Row> rows = {
      {"", proceed, proceed},
      {"If-Match: \"now\"\r\n", proceed, proceed},
      {"If-Match: \"old\", \"now\"\r\n", proceed, proceed},
      {"If-Match: *\r\n", proceed, proceed},
      {"If-Match: \"old\"\r\n", failed, failed},
      {"If-Match: W/\"now\"\r\n", failed, failed},
      {"If-Match: \"now-gz\"\r\n", failed, failed},
      {"If-Match:\r\n", failed, failed},
      {"If-Match: \"old\"\r\nIf-Match: \"now\"\r\n", proceed, proceed},
      {"If-None-Match: \"now\"\r\n", not_modified, failed},
      {"If-None-Match: W/\"now\"\r\n", not_modified, failed},
      {"If-None-Match: *\r\n", not_modified, failed},
      {"If-None-Match: \"old\"\r\n", proceed, proceed},
      {"If-None-Match: \"now-gz\"\r\n", proceed, proceed},
      {"If-None-Match: \"old\"\r\nX: y\r\nIf-None-Match: \"now\"\r\n", not_modified, failed},
      {"If-Modified-Since: " + kThen, not_modified, proceed},
      {"If-Modified-Since: " + kAfter, not_modified, proceed},
      {"If-Modified-Since: " + kBefore, proceed, proceed},
      {"If-Modified-Since: yesterday\r\n", proceed, proceed},
      {"If-Modified-Since: " + kThen + "If-Modified-Since: " + kThen, proceed, proceed},
      {"If-Unmodified-Since: " + kThen, proceed, proceed},
      {"If-Unmodified-Since: " + kBefore, failed, failed},
      {"If-Unmodified-Since: never\r\n", proceed, proceed},
      // Tags win over dates.
      {"If-None-Match: \"old\"\r\nIf-Modified-Since: " + kAfter, proceed, proceed},
      {"If-None-Match: \"now\"\r\nIf-Modified-Since: " + kBefore, not_modified, failed},
      {"If-Match: \"now\"\r\nIf-Unmodified-Since: " + kBefore, proceed, proceed},
      // The first half decides before the second.
      {"If-Match: \"old\"\r\nIf-None-Match: \"now\"\r\n", failed, failed},
      {"If-Match: \"now\"\r\nIf-None-Match: \"now\"\r\n", not_modified, failed},
      {"If-Unmodified-Since: " + kThen + "If-Modified-Since: " + kThen, not_modified, proceed},
      {"If-Unmodified-Since: " + kBefore + "If-Modified-Since: " + kThen, failed, failed},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields);
    CHECK(evaluate("GET", row.fields) == row.for_get);
    CHECK(evaluate("HEAD", row.fields) == row.for_get);
    CHECK(evaluate("PUT", row.fields) == row.for_put);
  }
}

TEST_CASE("a range applies when If-Range matches strongly", "[http][conditions]") {
  struct Row {
    std::string fields;
    bool applies;
  };
  const std::string range = "Range: bytes=0-0\r\n";
  const std::vector<Row> rows = {
      {"", false},
      {range, true},
      {range + range, false},
      {"If-Range: \"now\"\r\n", false},
      {range + "If-Range: \"now\"\r\n", true},
      {range + "If-Range: \"old\"\r\n", false},
      {range + "If-Range: W/\"now\"\r\n", false},
      {range + "If-Range: \"old\", \"now\"\r\n", false},
      {range + "If-Range: *\r\n", false},
      {range + "If-Range: \"now\"\r\nIf-Range: \"now\"\r\n", false},
      {range + "If-Range: " + kThen, true},
      {range + "If-Range: " + kBefore, false},
      {range + "If-Range: " + kAfter, false},
      {range + "If-Range: soon\r\n", false},
      {range + "If-Range:\r\n", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields);
    const ParsedRequest request(get_with(row.fields));
    REQUIRE(request.is_complete());
    CHECK(range_applies(request.head, kState) == row.applies);
    const ParsedRequest head("HEAD / HTTP/1.1\r\nHost: a\r\n" + row.fields + "\r\n");
    REQUIRE(head.is_complete());
    CHECK_FALSE(range_applies(head.head, kState));
  }
}

TEST_CASE("a date never satisfies If-Range where variants share it", "[http][conditions]") {
  Validators state = kState;
  state.has_variants = true;
  const ParsedRequest by_date(get_with("Range: bytes=0-0\r\nIf-Range: " + kThen));
  CHECK_FALSE(range_applies(by_date.head, state));
  const ParsedRequest by_tag(get_with("Range: bytes=0-0\r\nIf-Range: \"now\"\r\n"));
  CHECK(range_applies(by_tag.head, state));
}

}  // namespace
}  // namespace seabag::http
