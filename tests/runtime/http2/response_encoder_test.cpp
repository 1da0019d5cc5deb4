#include "seabag/http2/response_encoder.h"

#include <string>
#include <vector>

#include "seabag/http2/hpack_decoder.h"
#include "support/catch.h"
#include "support/http2_frames.h"

namespace seabag::http2 {
namespace {

using http::ResponseHead;
using http::Status;
using test::Fields;

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

Fields written(ResponseEncoder& encoder, const ResponseHead& head) {
  std::vector<char> block(ResponseEncoder::bound(head));
  const std::size_t size = encoder.write(head, block);
  REQUIRE(size <= block.size());
  std::vector<char> scratch(128 * 1024);
  HpackDecoder decoder;
  decoder.begin({block.data(), size}, scratch, 100'000);
  Fields fields;
  DecodedField field;
  while (decoder.next(field) == HpackDecoder::State::field) {
    fields.emplace_back(field.name, field.value);
  }
  CHECK(decoder.table_size() == 0);
  return fields;
}

TEST_CASE("an answer's head has all its fields in small letters", "[http2][response]") {
  ResponseEncoder encoder;
  const ResponseHead head{
      .status = Status::partial_content,
      .date = kDate,
      .fields = "Content-Type: text/css\r\nX-Odd:  two\r\n",
      .further_fields = "Vary: Accept-Encoding\r\n",
      .encoding = vfs::Encoding::br,
      .entity_tag = "\"x-br\"",
      .last_modified = 0,
      .location = "/a/",
      .content_range = http::ContentRange{.range = http::ByteRange{1, 2}, .length = 30},
      .content_length = UINT64_MAX,
      .connection = http::ConnectionField::close};
  const Fields expected{{":status", "206"},
                        {"date", std::string(kDate)},
                        {"content-type", "text/css"},
                        {"x-odd", " two"},
                        {"vary", "Accept-Encoding"},
                        {"content-encoding", "br"},
                        {"etag", "\"x-br\""},
                        {"last-modified", "Thu, 01 Jan 1970 00:00:00 GMT"},
                        {"location", "/a/"},
                        {"content-range", "bytes 1-2/30"},
                        {"content-length", "18446744073709551615"}};
  CHECK(written(encoder, head) == expected);
  CHECK(written(encoder, head) == expected);
}

TEST_CASE("every status is told", "[http2][response]") {
  ResponseEncoder encoder;
  for (const int code : {200, 201, 204, 206, 304, 308, 400, 404, 405, 416, 500, 503}) {
    CHECK(written(encoder, {.status = static_cast<Status>(code)}) ==
          Fields{{":status", std::to_string(code)}});
  }
}

TEST_CASE("lines at one address are read again when they have changed", "[http2][response]") {
  ResponseEncoder encoder;
  std::string lines = "X: a\r\n";
  CHECK(written(encoder, {.fields = lines}).at(1).second == "a");
  lines[3] = 'b';
  CHECK(written(encoder, {.fields = lines}).at(1).second == "b");
}

TEST_CASE("the bound holds for long and for many lines", "[http2][response]") {
  ResponseEncoder encoder;
  std::string many;
  for (int i = 0; i < 500; ++i) {
    many += "A: \x01\r\n";
  }
  CHECK(written(encoder, {.fields = many}).size() == 501);
  const std::string name(300, '~');
  const std::string value(5'000, '\x02');
  CHECK(written(encoder, {.fields = name + ": " + value + "\r\n"}).at(1) ==
        std::pair<std::string, std::string>(name, value));
}

TEST_CASE("the interim answer is 100", "[http2][response]") {
  std::vector<char> scratch(10'000);
  HpackDecoder decoder;
  decoder.begin(kContinueBlock, scratch, 1'000);
  DecodedField field;
  REQUIRE(decoder.next(field) == HpackDecoder::State::field);
  CHECK(field.name == ":status");
  CHECK(field.value == "100");
}

}  // namespace
}  // namespace seabag::http2
