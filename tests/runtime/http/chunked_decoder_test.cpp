#include "seabag/http/chunked_decoder.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

using namespace std::string_literals;

struct Decoded {
  ChunkState state = ChunkState::need_more;
  Status status = Status::ok;
  std::string data;
  std::size_t consumed = 0;
};

// Feeds the input in pieces of `step` bytes.
Decoded decode(const std::string& input, std::size_t step, const ChunkLimits& limits = {}) {
  ChunkedDecoder decoder(limits);
  Decoded result;
  while (result.consumed < input.size()) {
    const std::string piece = input.substr(result.consumed, step);
    const ChunkOutcome outcome = decoder.decode(piece);
    result.consumed += outcome.consumed;
    result.state = outcome.state;
    result.status = outcome.status;
    result.data += outcome.data;
    if (outcome.state == ChunkState::complete || outcome.state == ChunkState::error) {
      return result;
    }
  }
  return result;
}

TEST_CASE("chunks become content, whole or in pieces", "[http][chunked]") {
  struct Row {
    std::string input;
    std::string data;
  };
  const std::vector<Row> rows = {
      {"0\r\n\r\n", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
      {"a\r\n0123456789\r\n000\r\n\r\n", "0123456789"},
      {"A\r\n0\r\n\r\n6789x\r\n0\r\n\r\n", "0\r\n\r\n6789x"},
      {"0000000000000001\r\nx\r\n0000000000000000\r\n\r\n", "x"},
      {"1;a=b;c=\"d e\"\r\nx\r\n0;last\r\n\r\n", "x"},
      {"1; a = b ;\tc\t=\t\"\\\"\"\r\nx\r\n0;y;z=1\r\n\r\n", "x"},
      {"1\r\nx\r\n0\r\nTrailer: value\r\nOther:\r\n\r\n", "x"},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {1U, 2U, 3U, 5U, 100U}) {
      CAPTURE(row.input, step);
      const Decoded decoded = decode(row.input + "NEXT", step);
      CHECK(decoded.state == ChunkState::complete);
      CHECK(decoded.data == row.data);
      CHECK(decoded.consumed == row.input.size());
    }
  }
}

TEST_CASE("malformed chunks are refused", "[http][chunked]") {
  const std::vector<std::string> inputs = {
      "\r\n",
      " 5\r\nhello\r\n",
      "5 \r\nhello\r\n",
      "5\t\r\nhello\r\n",
      "5 ;a\r\nhello\r\n",
      "+5\r\nhello\r\n",
      "-5\r\nhello\r\n",
      "0x5\r\nhello\r\n",
      "5_0\r\nhello\r\n",
      "g\r\n",
      ";a\r\n",
      "5\nhello\r\n",
      "5\rhello\r\n",
      "5\r\r\nhello\r\n",
      "5\r\nhello\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhellox\r\n",
      "5\r\nhello\r0\r\n\r\n",
      "5\r\nhello\r\n\r\n0\r\n\r\n",
      "0\n\r\n",
      "0\r\n\n",
      "0\r\n\rx",
      "0\r\n x: y\r\n\r\n",
      "0\r\nx : y\r\n\r\n",
      "0\r\n: y\r\n\r\n",
      "0\r\nx\r\n\r\n",
      "0\r\nx: y\n\r\n",
      "0\r\nx: y\rz: w\r\n\r\n",
      "0\r\nx: y\r\n z\r\n\r\n",
      "0\r\nx: \0\r\n\r\n"s,
      "0\r\n\x80: y\r\n\r\n",
      "1;\r\nx\r\n",
      "1;;a\r\nx\r\n",
      "1;a;\r\nx\r\n",
      "1;a \r\nx\r\n",
      "1;a b\r\nx\r\n",
      "1;a=\r\nx\r\n",
      "1;a=b c\r\nx\r\n",
      "1;a=\"b\r\nx\r\n",
      "1;a=\"b\"c\r\nx\r\n",
      "1;a=\"b\" \r\nx\r\n",
      "1;a=\"\\\r\nx\r\n",
      "1;a[\r\nx\r\n",
      "1;a\nb\r\nx\r\n",
      "1;a=\"\nb\"\r\nx\r\n",
      "1;\0\r\nx\r\n"s,
      "1;a\x7f\r\nx\r\n",
      "00000000000000001\r\nx\r\n",
      "10000000000000000\r\nx\r\n",
      "\x80\r\n",
  };
  for (const std::string& input : inputs) {
    for (const std::size_t step : {1U, 100U}) {
      CAPTURE(input, step);
      const Decoded decoded = decode(input, step);
      CHECK(decoded.state == ChunkState::error);
      CHECK(decoded.status == Status::bad_request);
    }
  }
}

TEST_CASE("the largest chunk size is taken as it is", "[http][chunked]") {
  const Decoded decoded = decode("ffffffffffffffff\r\nabc", 100);
  CHECK(decoded.state == ChunkState::data);
  CHECK(decoded.data == "abc");
}

TEST_CASE("extensions and trailers have limits", "[http][chunked]") {
  const auto with_extension = [](std::size_t size) {
    return "1;" + std::string(size, 'e') + "\r\nx\r\n";
  };
  CHECK(decode(with_extension(256) + "0\r\n\r\n", 1000).state == ChunkState::complete);
  CHECK(decode(with_extension(257) + "0\r\n\r\n", 1000).status == Status::bad_request);
  std::string many;
  for (int i = 0; i < 64; ++i) {
    many += with_extension(256);
  }
  CHECK(decode(many + "0\r\n\r\n", 100000).state == ChunkState::complete);
  CHECK(decode(many + with_extension(1), 100000).status == Status::bad_request);
  const auto with_trailer = [](std::size_t size) {
    return "0\r\nx:" + std::string(size - 4, 'y') + "\r\n\r\n";
  };
  CHECK(decode(with_trailer(4096), 10000).state == ChunkState::complete);
  CHECK(decode(with_trailer(4097), 10000).status == Status::header_fields_too_large);
}

TEST_CASE("nothing is decoded behind the end", "[http][chunked]") {
  ChunkedDecoder decoder;
  REQUIRE(decoder.decode("0\r\n\r\n").state == ChunkState::complete);
  CHECK(decoder.decode("0").state == ChunkState::error);
}

TEST_CASE("no input asks for more", "[http][chunked]") {
  ChunkedDecoder decoder;
  CHECK(decoder.decode("").state == ChunkState::need_more);
  CHECK(decoder.decode("5\r\n").state == ChunkState::need_more);
  CHECK(decoder.decode("").state == ChunkState::need_more);
}

}  // namespace
}  // namespace seabag::http
