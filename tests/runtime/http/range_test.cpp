#include "seabag/http/range.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

using Ranges = std::vector<ByteRange>;

TEST_CASE("ranges are clamped, joined and kept in order", "[http][range]") {
  struct Row {
    std::string value;
    Ranges ranges;
  };
  const std::vector<Row> rows = {
      {"bytes=0-0", {{0, 0}}},
      {"bytes=0-99", {{0, 99}}},
      {"bytes=0-100", {{0, 99}}},
      {"bytes=0-", {{0, 99}}},
      {"bytes=99-", {{99, 99}}},
      {"bytes=-1", {{99, 99}}},
      {"bytes=-100", {{0, 99}}},
      {"bytes=-101", {{0, 99}}},
      {"bytes=-99999999999999999999999", {{0, 99}}},
      {"bytes=5-99999999999999999999999", {{5, 99}}},
      {"bytes=000-0009", {{0, 9}}},
      {"BYTES=1-2", {{1, 2}}},
      {"bytes=0-0,50-50", {{0, 0}, {50, 50}}},
      {"bytes=50-50, 0-0", {{50, 50}, {0, 0}}},
      {"bytes=0-0\t,\t50-50", {{0, 0}, {50, 50}}},
      {"bytes=,0-0,,", {{0, 0}}},
      {"bytes=0-9,10-19", {{0, 19}}},
      {"bytes=10-19,0-9", {{0, 19}}},
      {"bytes=0-9,5-14", {{0, 14}}},
      {"bytes=0-9,2-3", {{0, 9}}},
      {"bytes=2-3,0-9", {{0, 9}}},
      {"bytes=0-1,10-11,1-10", {{0, 11}}},
      {"bytes=20-30,0-1,10-11,1-10", {{20, 30}, {0, 11}}},
      {"bytes=0-0,0-0,0-0", {{0, 0}}},
      {"bytes=0-1,3-4", {{0, 1}, {3, 4}}},
      {"bytes=0-0,-1", {{0, 0}, {99, 99}}},
      {"bytes=0-0,100-,-0", {{0, 0}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const RangeSet set = RangeSet::parse(row.value, 100);
    CHECK(set.state() == RangeState::satisfiable);
    CHECK(Ranges(set.ranges().begin(), set.ranges().end()) == row.ranges);
  }
}

TEST_CASE("a malformed range is ignored", "[http][range]") {
  const std::vector<std::string> values = {
      "",           "bytes",         "bytes=",      "bytes=,",     "bytes=-",       "bytes=a-b",
      "bytes=1",    "bytes=2-1",     "bytes=1-2-3", "bytes=--1",   "bytes=1--2",    "bytes=+1-2",
      "bytes=0x1-", "bytes=1 - 2",   "bytes=0 -1",  "bytes= 0-1x", "bytes:0-1",     "bytes 0-1",
      "items=0-1",  "=0-1",          "bytes=0-1;",  "bytes=0-1,x", "bytes=0-1,2-1", "bytes=0.5-1",
      "bytes==0-1", "bytes=\"0-1\"",
  };
  for (const std::string& value : values) {
    CAPTURE(value);
    CHECK(RangeSet::parse(value, 100).state() == RangeState::ignored);
    CHECK(RangeSet::parse(value, 100).ranges().empty());
  }
}

TEST_CASE("a range outside the representation is unsatisfiable", "[http][range]") {
  for (const char* value : {"bytes=100-", "bytes=100-100", "bytes=-0", "bytes=200-300,400-",
                            "bytes=18446744073709551615-", "bytes=99999999999999999999999-"}) {
    CAPTURE(value);
    CHECK(RangeSet::parse(value, 100).state() == RangeState::unsatisfiable);
  }
}

TEST_CASE("every range of nothing is unsatisfiable", "[http][range]") {
  for (const char* value : {"bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-9,-3"}) {
    CAPTURE(value);
    CHECK(RangeSet::parse(value, 0).state() == RangeState::unsatisfiable);
  }
  CHECK(RangeSet::parse("bytes=x", 0).state() == RangeState::ignored);
}

TEST_CASE("more than sixteen ranges that stay apart are ignored", "[http][range]") {
  const auto list = [](int count, int stride) {
    std::string value = "bytes=";
    for (int i = 0; i < count; ++i) {
      value += (i == 0 ? "" : ",") + std::to_string(i * stride) + "-" + std::to_string(i * stride);
    }
    return value;
  };
  CHECK(RangeSet::parse(list(16, 2), 1000).ranges().size() == 16);
  CHECK(RangeSet::parse(list(17, 2), 1000).state() == RangeState::ignored);
  CHECK(RangeSet::parse(list(200, 1), 1000).ranges().size() == 1);
}

TEST_CASE("the largest representation has exact ranges", "[http][range]") {
  const std::uint64_t length = UINT64_MAX;
  const RangeSet set = RangeSet::parse("bytes=0-0,-1", length);
  REQUIRE(set.ranges().size() == 2);
  CHECK(set.ranges()[1] == ByteRange{length - 1, length - 1});
}

TEST_CASE("a multipart answer has the size that was computed", "[http][range]") {
  const RangePart part{
      .boundary = "b0undary", .content_type = "text/plain", .range = {}, .length = 1000};
  const Ranges ranges = {{0, 0}, {10, 99}, {995, 999}};
  std::string body;
  std::array<char, 256> buffer{};
  for (const ByteRange& range : ranges) {
    RangePart one = part;
    one.range = range;
    const std::size_t size = write_part_head(one, buffer);
    CHECK(size == part_head_size(one));
    body.append(buffer.data(), size).append(range.length(), 'x');
  }
  body.append(buffer.data(), write_multipart_end(part.boundary, buffer));
  CHECK(body.size() == multipart_size(part, ranges));
  CHECK(
      body.starts_with("\r\n--b0undary\r\nContent-Type: text/plain\r\n"
                       "Content-Range: bytes 0-0/1000\r\n\r\nx\r\n--b0undary\r\n"));
  CHECK(body.ends_with("xxxxx\r\n--b0undary--\r\n"));
  const RangePart untyped{.boundary = "b", .content_type = "", .range = {1, 2}, .length = 3};
  CHECK(write_part_head(untyped, std::span(buffer).first(10)) == 0);
  CHECK(write_multipart_end("b", std::span(buffer).first(8)) == 0);
  CHECK(std::string(buffer.data(), write_part_head(untyped, buffer)) ==
        "\r\n--b\r\nContent-Range: bytes 1-2/3\r\n\r\n");
}

}  // namespace
}  // namespace seabag::http
