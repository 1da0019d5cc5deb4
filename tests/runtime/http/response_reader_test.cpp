#include "seabag/http/response_reader.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

using namespace std::string_literals;

struct Answers {
  std::vector<unsigned> statuses;
  bool keeps_alive = true;
  std::size_t consumed = 0;
  std::string reason;  // of an error
};

// Gives the input in pieces of `step` bytes, what was not consumed in front of the next one.
Answers read_all(const std::string& input, std::size_t step,
                 AnswerContent content = AnswerContent::as_told,
                 const ResponseLimits& limits = {}) {
  ResponseReader reader(content, limits);
  Answers answers;
  for (std::size_t given = 0; given < input.size();) {
    given = std::min(given + step, input.size());
    while (answers.consumed < given) {
      const ReadOutcome outcome =
          reader.read(std::string_view(input).substr(answers.consumed, given - answers.consumed));
      answers.consumed += outcome.consumed;
      if (outcome.state == ReadState::error) {
        answers.reason = outcome.reason;
        return answers;
      }
      if (outcome.state == ReadState::incomplete) {
        break;
      }
      answers.statuses.push_back(reader.status());
      answers.keeps_alive = reader.keeps_alive();
    }
  }
  return answers;
}

TEST_CASE("answers end where their heads say, whole or in pieces", "[http][response]") {
  struct Row {
    std::string input;
    std::vector<unsigned> statuses;
    bool keeps_alive = true;
    AnswerContent content = AnswerContent::as_told;
  };
  const std::vector<Row> rows = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", {200}},
      {"HTTP/1.1 200 \r\ncontent-length:0\r\n\r\n", {200}},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", {404}, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\nX: y\r\n\r\n", {200}},
      {"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
       {204, 304}},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
       {200}},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", {200}, false},
      {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", {200}},
      {"HTTP/1.1 200 OK\r\nConnection: foo, close , keep-alive\r\nContent-Length: 1\r\n\r\nx",
       {200},
       false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
       "\r\n\r\n",
       {200, 200},
       true,
       AnswerContent::none},
      {"HTTP/1.1 200 fran\xc3\xa7"
       "ais\r\nA: \xff\r\nB:\r\nContent-Length: 1\r\n\r\nx",
       {200}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.input);
    for (std::size_t step = 1; step <= row.input.size(); ++step) {
      const Answers answers = read_all(row.input, step, row.content);
      CHECK(answers.reason.empty());
      CHECK(answers.statuses == row.statuses);
      CHECK(answers.keeps_alive == row.keeps_alive);
      CHECK(answers.consumed == row.input.size());
    }
  }
}

TEST_CASE("content without a length ends with the connection", "[http][response]") {
  ResponseReader reader(AnswerContent::as_told);
  const std::string input = "HTTP/1.1 200 OK\r\n\r\nabc";
  CHECK(reader.read(input).consumed == input.size());
  CHECK(reader.read("more").consumed == 4);
  CHECK(reader.end().state == ReadState::complete);
  CHECK(reader.status() == 200);
  CHECK_FALSE(reader.keeps_alive());
}

TEST_CASE("a connection that ends too early is an error", "[http][response]") {
  const std::string input = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t size = 0; size < input.size(); ++size) {
    CAPTURE(size);
    ResponseReader reader(AnswerContent::as_told);
    CHECK(reader.read(input.substr(0, size)).state == ReadState::incomplete);
    CHECK(reader.is_inside() == (size != 0));
    CHECK(reader.end().state == ReadState::error);
  }
  ResponseReader reader(AnswerContent::as_told);
  REQUIRE(reader.read(input).state == ReadState::complete);
  CHECK_FALSE(reader.is_inside());
  CHECK(reader.end().reason == "the connection ended before an answer"s);
}

TEST_CASE("whatever has two readings is refused", "[http][response]") {
  const std::vector<std::string> inputs = {
      "SSH-2.0-OpenSSH_9.2\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.2 200 OK\r\n\r\n",
      "HTTP/1.1  200 OK\r\n\r\n",
      "HTTP/1.1 200\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 099 OK\r\n\r\n",
      "HTTP/1.1 600 OK\r\n\r\n",
      "HTTP/1.1 200 O\rK\r\n\r\n",
      "HTTP/1.1 200 O\nK\r\n\r\n",
      "HTTP/1.1 200 O\0K\r\n\r\n"s,
      "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
      "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\xe9: b\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc",
      "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
  };
  for (const std::string& input : inputs) {
    CAPTURE(input);
    for (std::size_t step = 1; step <= input.size(); ++step) {
      const Answers answers = read_all(input, step);
      CHECK_FALSE(answers.reason.empty());
      CHECK(answers.statuses.empty());
    }
  }
}

TEST_CASE("a head has limits", "[http][response]") {
  const ResponseLimits limits{.status_line = 30, .field_block = 40, .fields = 2, .interim = 2};
  const auto refused = [&](const std::string& input, std::size_t step) {
    return !read_all(input, step, AnswerContent::as_told, limits).reason.empty();
  };
  const std::string line = "HTTP/1.1 200 OK\r\n";
  const std::string length = "Content-Length: 0\r\n";
  for (const std::size_t step : {1U, 7U, 1000U}) {
    CHECK_FALSE(refused("HTTP/1.1 200 " + std::string(17, 'x') + "\r\n" + length + "\r\n", step));
    CHECK(refused("HTTP/1.1 200 " + std::string(18, 'x') + "\r\n" + length + "\r\n", step));
    CHECK_FALSE(refused(line + length + "A: " + std::string(16, 'x') + "\r\n\r\n", step));
    CHECK(refused(line + length + "A: " + std::string(17, 'x') + "\r\n\r\n", step));
    CHECK_FALSE(refused(line + length + "A: b\r\n\r\n", step));
    CHECK(refused(line + length + "A: b\r\nA: b\r\n\r\n", step));
    CHECK(refused(std::string("HTTP/1.1 200 ") + std::string(200, 'x'), step));
    const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    CHECK_FALSE(refused(interim + interim + line + length + "\r\n", step));
    CHECK(refused(interim + interim + interim + line + length + "\r\n", step));
  }
}

}  // namespace
}  // namespace seabag::http
