#include "seabag/http2/response_encoder.h"

#include <cstdint>
#include <string>
#include <vector>

#include "seabag/http/date.h"
#include "seabag/http2/hpack_decoder.h"
#include "support/catch.h"
#include "support/http2_frames.h"

namespace seabag::http2 {
namespace {

using http::ResponseHead;
using http::Status;
using test::Fields;

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A client that decodes all blocks of one connection.
class Client {
 public:
  explicit Client(ResponseEncoder& encoder) : encoder_(encoder) {}

  Fields read(const ResponseHead& head) {
    // Of exactly the bound, so that writing past it is seen.
    std::vector<char> block(ResponseEncoder::bound(head));
    size = encoder_.write(head, table, block);
    REQUIRE(size <= block.size());
    decoder.begin({block.data(), size}, scratch_, 100'000);
    Fields fields;
    DecodedField field;
    HpackDecoder::State state = decoder.next(field);
    for (; state == HpackDecoder::State::field; state = decoder.next(field)) {
      fields.emplace_back(field.name, field.value);
    }
    REQUIRE(state == HpackDecoder::State::end);
    return fields;
  }

  EncoderTable table;
  HpackDecoder decoder;
  std::size_t size = 0;  ///< of the last block

 private:
  ResponseEncoder& encoder_;
  std::vector<char> scratch_ = std::vector<char>(std::size_t{128} * 1024);
};

Fields written(ResponseEncoder& encoder, const ResponseHead& head) {
  return Client(encoder).read(head);
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

TEST_CASE("what answers share takes a byte from the second answer of a connection on",
          "[http2][response]") {
  ResponseEncoder encoder;
  const ResponseHead head{.date = kDate,
                          .fields = "Content-Type: text/css\r\nX-Frame-Options: DENY\r\n",
                          .further_fields = "Vary: Accept-Encoding\r\n",
                          .encoding = vfs::Encoding::gzip};
  const Fields expected{{":status", "200"},           {"date", std::string(kDate)},
                        {"content-type", "text/css"}, {"x-frame-options", "DENY"},
                        {"vary", "Accept-Encoding"},  {"content-encoding", "gzip"}};
  Client first(encoder);
  CHECK(first.read(head) == expected);
  const std::size_t alone = first.size;
  CHECK(first.read(head) == expected);  // seen again: enters the table
  CHECK(first.read(head) == expected);
  CHECK(first.size == expected.size());
  CHECK(alone > 60);

  Client second(encoder);
  CHECK(second.read(head) == expected);
  CHECK(second.size <= alone);
  CHECK(second.read(head) == expected);
  CHECK(second.size == expected.size());
}

TEST_CASE("a line that was seen with others is found wherever it stands", "[http2][response]") {
  ResponseEncoder encoder;
  Client client(encoder);
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(client.read({.fields = "A: 1\r\nB: 2\r\n"}));
    static_cast<void>(client.read({.fields = "b: 2\r\nC: 3\r\n"}));
  }
  CHECK(client.decoder.table_size() == 3 * 34);
  CHECK(client.read({.fields = "A: 1\r\nB: 2\r\n"}) ==
        Fields{{":status", "200"}, {"a", "1"}, {"b", "2"}});
  CHECK(client.size == 3);
}

TEST_CASE("only what is the same again enters the table", "[http2][response]") {
  ResponseEncoder encoder;
  Client client(encoder);
  for (int i = 0; i < 10; ++i) {
    const std::string line = "X-Request: " + std::to_string(i) + "\r\n";
    static_cast<void>(client.read({.fields = line,
                                   .further_fields = "Set-Cookie: a=b\r\n",
                                   .entity_tag = "\"same\"",
                                   .last_modified = 7,
                                   .location = "/same"}));
  }
  CHECK(client.decoder.table_size() == 0);
}

TEST_CASE("a new date takes the place of the last one", "[http2][response]") {
  ResponseEncoder encoder;
  Client client(encoder);
  Client late(encoder);
  for (std::int64_t second = 0; second < 500; ++second) {
    const http::DateText date = http::format_date(second);
    const std::string text(date.data(), date.size());
    const Fields expected{{":status", "200"}, {"date", text}, {"x", "y"}};
    CHECK(client.read({.date = text, .fields = "X: y\r\n"}) == expected);
    CHECK(client.read({.date = text, .fields = "X: y\r\n"}) == expected);
    CHECK((second == 0 || client.size == 3));
    if (second % 100 == 99) {
      CHECK(late.read({.date = text, .fields = "X: y\r\n"}) == expected);
    }
  }
  CHECK(client.decoder.table_size() <= EncoderTable::kLimit);
  CHECK(client.decoder.table_size() > EncoderTable::kLimit - 100);
}

TEST_CASE("more shared lines than there are places begin again", "[http2][response]") {
  ResponseEncoder encoder;
  Client client(encoder);
  for (int i = 0; i < 1'000; ++i) {
    const std::string value = std::to_string(i * 37 % 101);
    CHECK(client.read({.fields = "X: " + value + "\r\n"}) ==
          Fields{{":status", "200"}, {"x", value}});
    CHECK(client.read({.fields = "X: " + value + "\r\n"}) ==
          Fields{{":status", "200"}, {"x", value}});
  }
  std::string many;
  for (int i = 0; i < 70; ++i) {
    many += "X: " + std::to_string(i) + "\r\n";
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(client.read({.fields = many}).size() == 71);
  }
}

TEST_CASE("a client's smaller table is told and kept to (RFC 7541 4.2)", "[http2][response]") {
  ResponseEncoder encoder;
  Client client(encoder);
  const ResponseHead head{.date = kDate, .fields = "X: y\r\n"};
  const Fields expected{{":status", "200"}, {"date", std::string(kDate)}, {"x", "y"}};
  for (const std::size_t limit : {4096U, 100U, 40U, 0U, 4096U}) {
    client.table.restrict_to(limit);
    for (int i = 0; i < 3; ++i) {
      CHECK(client.read(head) == expected);
      CHECK(client.decoder.table_size() <= limit);
    }
  }
  CHECK(client.decoder.table_size() == 0);
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
