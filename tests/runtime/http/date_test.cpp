#include "seabag/http/date.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

std::string formatted(std::int64_t seconds) {
  const DateText text = format_date(seconds);
  return {text.data(), text.size()};
}

TEST_CASE("a moment is written as IMF-fixdate", "[http][date]") {
  CHECK(formatted(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(formatted(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(formatted(951782399) == "Mon, 28 Feb 2000 23:59:59 GMT");
  CHECK(formatted(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(formatted(1709210096) == "Thu, 29 Feb 2024 12:34:56 GMT");
  CHECK(formatted(4102444800) == "Fri, 01 Jan 2100 00:00:00 GMT");
  CHECK(formatted(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
  CHECK(formatted(INT64_MAX) == "Fri, 31 Dec 9999 23:59:59 GMT");
  CHECK(formatted(INT64_MIN) == "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST_CASE("all three forms of a date are read", "[http][date]") {
  CHECK(parse_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(parse_date("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
  CHECK(parse_date("Sun Nov  6 08:49:37 1994") == 784111777);
  CHECK(parse_date("Wed Nov 16 08:49:37 1994") == 784975777);
  CHECK(parse_date("Thursday, 01-Jan-70 00:00:00 GMT") == 0);
  CHECK(parse_date("Tuesday, 31-Dec-69 23:59:59 GMT") == 3155759999);
  CHECK(parse_date("Sat, 31 Dec 2016 23:59:60 GMT") == parse_date("Sun, 01 Jan 2017 00:00:00 GMT"));
}

TEST_CASE("what is no date is not read", "[http][date]") {
  const std::vector<std::string> texts = {
      "",
      "0",
      "Sun",
      "Sun,",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
      " Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT",
      "sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 31 Nov 1994 08:49:37 GMT",
      "Wed, 29 Feb 2023 00:00:00 GMT",
      "Wed, 29 Feb 1900 00:00:00 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:00 GMT",
      "Sun, 06 Nov 1994 08:00:61 GMT",
      "Sun, 06 Nov 1994 8:49:37 GMT",
      "Sun, -6 Nov 1994 08:49:37 GMT",
      "Sun, 06 Foo 1994 08:49:37 GMT",
      "Foo, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT",
      "Sun Nov 06 08:49:37 94",
      "Sun Nov  06 08:49:37 1994",
      "Sun Nov 6 08:49:37 1994",
      "1994-11-06T08:49:37Z",
      "784111777",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text).has_value());
  }
}

TEST_CASE("a written date reads as itself", "[http][date]") {
  for (std::int64_t seconds = -62167219200; seconds < 253402300800; seconds += 86400 * 37 + 4321) {
    if (parse_date(formatted(seconds)) != seconds) {
      FAIL("not itself: " << seconds << " " << formatted(seconds));
    }
  }
}

}  // namespace
}  // namespace seabag::http
