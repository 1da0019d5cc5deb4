#include <string>
#include <vector>

#include "echo.h"

namespace seabag::websocket {
namespace {

using test::Echo;
using test::WebSocketCase;

const Limits kLimits{.message = 200'000, .frame = 150'000};

std::vector<std::string> answers_of(const WebSocketCase& one, std::size_t step) {
  std::optional<DeflateAgreement> deflate;
  if (one.is_deflated) {
    deflate = DeflateAgreement{.shortest = 1'000'000};  // its own answers are never compressed
  }
  Echo echo(kLimits, deflate);
  echo.take(one.bytes, step);
  CHECK(echo.session.is_over() == one.ends);
  std::vector<std::string> answers;
  while (const auto frame = test::take_server_frame(echo.said)) {
    answers.push_back(test::described(*frame, frame->payload));
  }
  CHECK(echo.said.empty());
  return answers;
}

void check_all(std::size_t step) {
  const auto cases = test::websocket_cases(std::string(SEABAG_TEST_DATA) + "/websocket/cases.txt");
  REQUIRE(cases.size() > 300);
  for (const WebSocketCase& one : cases) {
    INFO(one.what);
    const std::vector<std::string> answers = answers_of(one, step);
    // Not CHECK(answers == ...): some have many bytes.
    CHECK((answers == one.answers));
  }
}

TEST_CASE("every case is answered as it must be", "[websocket][cases]") { check_all(1'000'000); }

TEST_CASE("and so when it comes byte by byte", "[websocket][cases]") { check_all(1); }

TEST_CASE("and in pieces of odd sizes", "[websocket][cases]") {
  check_all(7);
  check_all(997);
}

}  // namespace
}  // namespace seabag::websocket
