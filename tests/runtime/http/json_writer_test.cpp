#include "seabag/http/json_writer.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "seabag/http/utf8.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

std::string string_of(std::string_view text) {
  JsonWriter json;
  return json.value(text).take();
}

TEST_CASE("objects and arrays are separated by commas", "[http][json]") {
  JsonWriter json;
  json.begin_object().member("a", 1).name("b").begin_array();
  json.value("x").value(true).value(nullptr).begin_object().end_object().begin_array().end_array();
  json.end_array().member("c", false).name("d").begin_object().member("e", "f").end_object();
  json.name("g").raw("[1]").end_object();
  CHECK(json.take() == R"({"a":1,"b":["x",true,null,{},[]],"c":false,"d":{"e":"f"},"g":[1]})");
  CHECK(json.value(1).take() == "1");
}

TEST_CASE("strings are escaped", "[http][json]") {
  CHECK(string_of("") == R"("")");
  CHECK(string_of("plain / text") == R"("plain / text")");
  CHECK(string_of("a\"b\\c") == R"("a\"b\\c")");
  CHECK(string_of("\n\r\t\b\x1f\x7f") == "\"\\n\\r\\t\\u0008\\u001f\x7f\"");
  CHECK(string_of(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(string_of("\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80") ==
        "\"\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80\"");
  CHECK(string_of("a\xff"
                  "b\xc3") ==
        "\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\"");
  JsonWriter json;
  CHECK(json.begin_object().member("a\"", 1).end_object().take() == R"({"a\"":1})");
}

TEST_CASE("numbers have their shortest text", "[http][json]") {
  const auto number = [](auto value) { return JsonWriter().value(value).take(); };
  CHECK(number(0) == "0");
  CHECK(number(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(number(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(number(7.25) == "7.25");
  CHECK(number(7.0) == "7");
  CHECK(number(-0.1) == "-0.1");
  CHECK(number(1e300) == "1e+300");
  CHECK(number(-std::numeric_limits<double>::denorm_min()) == "-5e-324");
  CHECK(number(-1.7976931348623157e308) == "-1.7976931348623157e+308");
  CHECK(number(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(number(-std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("a parser of JSON reads what is written", "[http][json]") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) {
      c = static_cast<char>(random() % (i % 2 == 0 ? 256 : 128));
    }
    const double value = static_cast<double>(static_cast<std::int64_t>(random())) / 1024;
    JsonWriter json(0);
    json.begin_array().value(text).value(value).value(random()).end_array();
    const auto read = nlohmann::json::parse(json.take());  // refuses what is no UTF-8
    CHECK(read[1] == value);
    if (i % 2 == 1) {
      CHECK(read[0] == text);
    }
  }
}

TEST_CASE("a UTF-8 character has a length", "[http][json]") {
  struct Row {
    std::string_view text;
    std::size_t length;
  };
  const Row row = GENERATE(values<Row>({
      {"", 0},
      {"a", 1},
      {std::string_view("\0", 1), 1},
      {"\xc3\xb6x", 2},
      {"\xc3", 0},
      {"\xc3x", 0},
      {"\xc1\xbf", 0},
      {"\x80", 0},
      {"\xe2\x82\xac", 3},
      {"\xe2\x82", 0},
      {"\xe0\x9f\xbf", 0},
      {"\xed\xa0\x80", 0},
      {"\xed\x9f\xbf", 3},
      {"\xf0\x9f\x98\x80", 4},
      {"\xf0\x9f\x98", 0},
      {"\xf0\x8f\xbf\xbf", 0},
      {"\xf4\x8f\xbf\xbf", 4},
      {"\xf4\x90\x80\x80", 0},
      {"\xf5\x80\x80\x80", 0},
  }));
  CHECK(utf8_length(row.text) == row.length);
}

}  // namespace
}  // namespace seabag::http
