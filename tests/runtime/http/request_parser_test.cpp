#include "seabag/http/request_parser.h"

#include <string>
#include <vector>

#include "parsed_request.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

using namespace std::string_literals;

TEST_CASE("a request head is taken apart", "[http][parser]") {
  const ParsedRequest request(
      "GET /docs/a.html?x=1&y=2 HTTP/1.1\r\n"
      "Host: example.org:8080\r\n"
      "user-AGENT:  \t curl/8.0 \t\r\n"
      "X-Empty:\r\n"
      "\r\nrest");
  REQUIRE(request.is_complete());
  const RequestHead& head = request.head;
  CHECK(request.outcome.consumed == request.size - 4);
  CHECK(head.method == Method::get);
  CHECK(head.method_text == "GET");
  CHECK(head.version == Version::http_1_1);
  CHECK(head.target == "/docs/a.html?x=1&y=2");
  CHECK(head.path == "/docs/a.html");
  CHECK(head.query == "?x=1&y=2");
  CHECK(head.authority == "example.org:8080");
  CHECK(head.keep_alive);
  CHECK(head.framing == BodyFraming::none);
  REQUIRE(head.fields().size() == 3);
  CHECK(head.fields()[1].name == "user-AGENT");
  CHECK(head.fields()[1].value == "curl/8.0");
  CHECK(head.value(FieldName::user_agent) == "curl/8.0");
  CHECK(head.fields()[2].id == FieldName::other);
  CHECK(head.fields()[2].value.empty());
  CHECK_FALSE(head.has(FieldName::range));
  CHECK(head.value(FieldName::range).empty());
}

TEST_CASE("every recognised field is found in any case", "[http][parser]") {
  const std::vector<std::pair<std::string, FieldName>> rows = {
      {"accept", FieldName::accept},
      {"accept-encoding", FieldName::accept_encoding},
      {"authorization", FieldName::authorization},
      {"connection", FieldName::connection},
      {"content-length", FieldName::content_length},
      {"content-type", FieldName::content_type},
      {"cookie", FieldName::cookie},
      {"expect", FieldName::expect},
      {"host", FieldName::host},
      {"if-match", FieldName::if_match},
      {"if-modified-since", FieldName::if_modified_since},
      {"if-none-match", FieldName::if_none_match},
      {"if-range", FieldName::if_range},
      {"if-unmodified-since", FieldName::if_unmodified_since},
      {"origin", FieldName::origin},
      {"range", FieldName::range},
      {"referer", FieldName::referer},
      {"transfer-encoding", FieldName::transfer_encoding},
      {"upgrade", FieldName::upgrade},
      {"user-agent", FieldName::user_agent},
  };
  CHECK(rows.size() + 1 == kFieldNameCount);
  for (const auto& [name, id] : rows) {
    CAPTURE(name);
    CHECK(recognise_field(name) == id);
    std::string upper = name;
    for (char& c : upper) {
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    CHECK(recognise_field(upper) == id);
    for (std::size_t i = 0; i < name.size(); ++i) {
      std::string other = name;
      other[i] = other[i] == '-' ? '_' : '!';
      CHECK(recognise_field(other) == FieldName::other);
    }
    CHECK(recognise_field(name + "s") == FieldName::other);
    CHECK(recognise_field(name.substr(1)) == FieldName::other);
  }
  CHECK(recognise_field("") == FieldName::other);
}

TEST_CASE("methods are recognised by their exact spelling", "[http][parser]") {
  const std::vector<std::pair<std::string, Method>> rows = {
      {"GET", Method::get},         {"HEAD", Method::head},   {"POST", Method::post},
      {"PUT", Method::put},         {"PATCH", Method::patch}, {"DELETE", Method::delete_resource},
      {"OPTIONS", Method::options}, {"TRACE", Method::trace}, {"get", Method::other},
      {"PROPFIND", Method::other},  {"G", Method::other},     {"!#$%&'*+-.^_`|~", Method::other},
  };
  for (const auto& [text, method] : rows) {
    CAPTURE(text);
    const ParsedRequest request(text + " / HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(request.is_complete());
    CHECK(request.head.method == method);
    CHECK(request.head.method_text == text);
  }
}

TEST_CASE("targets come in four forms", "[http][parser]") {
  struct Row {
    std::string line;
    std::string path;
    std::string query;
    std::string authority;
  };
  const std::vector<Row> rows = {
      {"GET / HTTP/1.1", "/", "", "h"},
      {"GET /? HTTP/1.1", "/", "?", "h"},
      {"GET /a?b?c=/d HTTP/1.1", "/a", "?b?c=/d", "h"},
      {"GET //x HTTP/1.1", "//x", "", "h"},
      {"GET http://o.example:81/p?q HTTP/1.1", "/p", "?q", "o.example:81"},
      {"GET HTTP://o.example HTTP/1.1", "/", "", "o.example"},
      {"GET https://o.example?q HTTP/1.1", "/", "?q", "o.example"},
      {"GET http://[::1]:8080/ HTTP/1.1", "/", "", "[::1]:8080"},
      {"OPTIONS * HTTP/1.1", "*", "", "h"},
      {"OPTIONS http://o.example HTTP/1.1", "*", "", "o.example"},
      {"CONNECT o.example:443 HTTP/1.1", "", "", "o.example:443"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const ParsedRequest request(row.line + "\r\nHost: h\r\n\r\n");
    REQUIRE(request.is_complete());
    CHECK(request.head.path == row.path);
    CHECK(request.head.query == row.query);
    CHECK(request.head.authority == row.authority);
  }
}

TEST_CASE("a malformed request line is refused", "[http][parser]") {
  const std::vector<std::string> lines = {
      "",
      " ",
      "GET",
      "GET ",
      "GET /",
      "GET HTTP/1.1",
      "GET  HTTP/1.1",
      " GET / HTTP/1.1",
      "\tGET / HTTP/1.1",
      "GET  / HTTP/1.1",
      "GET /  HTTP/1.1",
      "GET\t/ HTTP/1.1",
      "GET /\tHTTP/1.1",
      "GET / HTTP/1.1 ",
      "GET /a b HTTP/1.1",
      "GET /a\tb HTTP/1.1",
      "GET /a#b HTTP/1.1",
      "GET /?a#b HTTP/1.1",
      "GET /a\x7f HTTP/1.1",
      "GET /\x01 HTTP/1.1",
      "GET /\0 HTTP/1.1"s,
      "GET a HTTP/1.1",
      "GET ? HTTP/1.1",
      "GET * HTTP/1.1",
      "GET ftp://a/ HTTP/1.1",
      "GET http:/a HTTP/1.1",
      "GET http:///a HTTP/1.1",
      "GET http://user@a/ HTTP/1.1",
      "GET http://user:pw@a/ HTTP/1.1",
      "GET http://a:b/ HTTP/1.1",
      "GET http://a:999999/ HTTP/1.1",
      "GET http://[::1/ HTTP/1.1",
      "GET http://[]/ HTTP/1.1",
      "GET http://\xff/ HTTP/1.1",
      "CONNECT / HTTP/1.1",
      "CONNECT http://a/ HTTP/1.1",
      "CONNECT u@a:443 HTTP/1.1",
      "G\xc3\x89T / HTTP/1.1",
      "GET /caf\xc3\xa9 HTTP/1.1",
      "GET /?\x80 HTTP/1.1",
      "G(T / HTTP/1.1",
      "GE:T / HTTP/1.1",
      "\"GET\" / HTTP/1.1",
      "GET / HTTP/0.9",
      "GET / HTTP/1.2",
      "GET / HTTP/2.0",
      "GET / HTTP/1.10",
      "GET / HTTP/01.1",
      "GET / HTTP/1,1",
      "GET / HTTP/1.",
      "GET / HTTP/1",
      "GET / HTTP/",
      "GET / http/1.1",
      "GET / HTTPS/1.1",
      "GET / XHTTP/1.1",
      "GET / HTTP /1.1",
      "GET /HTTP/1.1",
      "PRI * HTTP/2.0",
      "\x16\x03\x01",
  };
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(ParsedRequest(line + "\r\nHost: a\r\n\r\n").is_refused());
  }
}

TEST_CASE("only CRLF ends a line", "[http][parser]") {
  const std::vector<std::string> requests = {
      "GET / HTTP/1.1\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\n",
      "GET / HTTP/1.1\rHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
      "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\rX: y",
      "GET / HTTP/1.1\r\nHost: a\r\nA: b\rB: c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nA: b\nC: d\r\n\r\n",
      "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
  };
  for (const std::string& request : requests) {
    CAPTURE(request);
    CHECK(ParsedRequest(request).is_refused());
  }
  CHECK(ParsedRequest("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").is_complete());
}

TEST_CASE("a malformed field line is refused", "[http][parser]") {
  const std::vector<std::string> lines = {
      ": b",         " A: b",    "\tA: b",     "A : b",       "A\t: b",    "A",
      "A b",         "A b: c",   "A(: b",      "A\"B: c",     "A/B: c",    "A[0]: c",
      "\xc3\xa9: b", "A\x80: b", "A: b\r\n c", "A: b\r\n\tc", "A: b\r\n ", "A: \x01",
      "A: b\x7f",    "A: b\0c"s, "A: \x1b[0m", "A\0: b"s,     "A\x0b: b",  "A: b\x0c",
      "{}: b",       "A=B: c",   "A@: c",      "A,B: c",      "A;B: c",    "<A>: b",
  };
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(ParsedRequest(get_with(line + "\r\n")).is_refused());
    CHECK(ParsedRequest("GET / HTTP/1.1\r\n" + line + "\r\nHost: a\r\n\r\n").is_refused());
  }
}

TEST_CASE("values may hold tabs, spaces and bytes from 0x80 on", "[http][parser]") {
  const ParsedRequest request(get_with("A: \xff b\tc\x80 \r\nB: : \" :\r\n"));
  REQUIRE(request.is_complete());
  CHECK(request.head.fields()[1].value == "\xff b\tc\x80");
  CHECK(request.head.fields()[2].value == ": \" :");
}

TEST_CASE("Host must be there once on HTTP/1.1 and be valid", "[http][parser]") {
  const std::string line = "GET / HTTP/1.1\r\n";
  CHECK(ParsedRequest(line + "\r\n").is_refused());
  CHECK(ParsedRequest(line + "Host: a\r\nHost: a\r\n\r\n").is_refused());
  CHECK(ParsedRequest(line + "Host: a\r\nhOST: b\r\n\r\n").is_refused());
  CHECK(ParsedRequest("GET / HTTP/1.0\r\n\r\n").is_complete());
  CHECK(ParsedRequest("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n").is_refused());
  CHECK(ParsedRequest("GET http://b/ HTTP/1.1\r\n\r\n").is_refused());
  const std::vector<std::string> invalid = {
      "",         "a b",      "a, b",     "a/b",     "u@a",   "u:p@a", "a:b", "a:1:2",
      ":80",      "[::1",     "::1",      "[::1]x",  "[]",    "a\\b",  "a?b", "a#b",
      "\xc3\xa9", "http://a", "a:123456", "[::1]:x", "[a/b]", "a\"b",  "<a>",
  };
  for (const std::string& host : invalid) {
    CAPTURE(host);
    CHECK(ParsedRequest(line + "Host: " + host + "\r\n\r\n").is_refused());
  }
  const std::vector<std::string> valid = {
      "a",           "a:",          "a:80", "A.example.",       "127.0.0.1", "[::1]",
      "[::1]:65535", "xn--caf-dma", "a_b",  "[fe80::1%25eth0]", "[v1.x:y]"};
  for (const std::string& host : valid) {
    CAPTURE(host);
    const ParsedRequest request(line + "Host: " + host + "\r\n\r\n");
    CHECK(request.is_complete());
    CHECK(request.head.authority == host);
  }
}

TEST_CASE("a head is incomplete at every shorter length", "[http][parser]") {
  const std::string text =
      "\r\nPOST http://h/a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nX: y \r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(ParsedRequest(text.substr(0, size)).outcome.state == ParseState::incomplete);
  }
  CHECK(ParsedRequest(text).is_complete());
}

ParseOutcome feed(std::string_view text, std::size_t step, const ParserLimits& limits) {
  ParseProgress progress;
  RequestHead head;
  for (std::size_t size = std::min(step, text.size());; size = std::min(size + step, text.size())) {
    const std::string part(text.substr(0, size));
    const ParseOutcome outcome = parse_request_head(part, limits, head, progress);
    if (outcome.state != ParseState::incomplete || size == text.size()) {
      return outcome;
    }
  }
}

TEST_CASE("a head in pieces gives what it gives as a whole", "[http][parser]") {
  const ParserLimits limits{.request_line = 40, .field_block = 60, .fields = 3};
  const std::vector<std::string> requests = {
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\nGET /abc HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\nGET",
      "GET / HTTP/1.1\r\nHost: a\r\nA: b\nB: c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nA: b\rB: c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\rA: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(100, 'x') + "\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: " + std::string(37, 'x') + "\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: " + std::string(38, 'x') + "\r\n\r\n",
      "GET /" + std::string(26, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /" + std::string(27, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
      std::string(200, 'G'),
      "\r\n" + std::string(200, 'G'),
  };
  for (const std::string& request : requests) {
    CAPTURE(request);
    const ParsedRequest whole(request, limits);
    for (const std::size_t step : {1U, 2U, 3U, 7U, 64U}) {
      CAPTURE(step);
      const ParseOutcome outcome = feed(request, step, limits);
      CHECK(outcome.state == whole.outcome.state);
      CHECK(outcome.status == whole.outcome.status);
      CHECK(outcome.consumed == whole.outcome.consumed);
    }
  }
}

TEST_CASE("a limit is reported as soon as it is passed", "[http][parser]") {
  const ParserLimits limits{.request_line = 100, .field_block = 200, .fields = 5};
  CHECK(ParsedRequest(std::string(100, 'G'), limits).outcome.state == ParseState::incomplete);
  CHECK(ParsedRequest(std::string(101, 'G'), limits).is_refused(Status::uri_too_long));
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::size_t fields_left = 200 - std::string("Host: a\r\nX: ").size() - 2;
  CHECK(ParsedRequest(start + std::string(fields_left, 'x') + "\r\n\r\n", limits).is_complete());
  CHECK(ParsedRequest(start + std::string(fields_left + 1, 'x'), limits)
            .is_refused(Status::header_fields_too_large));
}

TEST_CASE("field lines are counted", "[http][parser]") {
  const auto request_with = [](std::size_t count) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 1; i < count; ++i) {
      text += "A: b\r\n";
    }
    return text + "\r\n";
  };
  CHECK(ParsedRequest(request_with(100)).is_complete());
  CHECK(ParsedRequest(request_with(101)).is_refused(Status::header_fields_too_large));
  CHECK(ParsedRequest(request_with(101), {.fields = 1000})
            .is_refused(Status::header_fields_too_large));
  CHECK(ParsedRequest(request_with(4), {.fields = 4}).is_complete());
  CHECK(ParsedRequest(request_with(5), {.fields = 4}).is_refused(Status::header_fields_too_large));
}

TEST_CASE("default limits are those of the documents", "[http][parser]") {
  const std::string tail = " HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::size_t room = 8192 - std::string("GET / HTTP/1.1").size();
  CHECK(ParsedRequest("GET /" + std::string(room, 'x') + tail).is_complete());
  CHECK(
      ParsedRequest("GET /" + std::string(room + 1, 'x') + tail).is_refused(Status::uri_too_long));
  const std::size_t value = 32768 - std::string("Host: a\r\nX: \r\n").size();
  CHECK(ParsedRequest(get_with("X: " + std::string(value, 'x') + "\r\n")).is_complete());
  CHECK(ParsedRequest(get_with("X: " + std::string(value + 1, 'x') + "\r\n"))
            .is_refused(Status::header_fields_too_large));
}

TEST_CASE("pipelined heads are taken one by one", "[http][parser]") {
  const std::string good = get_with("A: b\r\n");
  const std::string text = good + good + "BAD\r\n\r\n";
  const ParsedRequest first(text);
  REQUIRE(first.is_complete());
  CHECK(first.outcome.consumed == good.size());
  const ParsedRequest second(text.substr(first.outcome.consumed));
  REQUIRE(second.is_complete());
  CHECK(ParsedRequest(text.substr(2 * good.size())).is_refused());
}

TEST_CASE("lines of one field stay apart and are marked as repeated", "[http][parser]") {
  const ParsedRequest request(get_with("If-None-Match: \"a\"\r\nX: 1\r\nif-none-match: \"b\"\r\n"));
  REQUIRE(request.is_complete());
  CHECK(request.head.is_repeated(FieldName::if_none_match));
  CHECK_FALSE(request.head.is_repeated(FieldName::host));
  CHECK(request.head.value(FieldName::if_none_match) == "\"a\"");
  CHECK(request.head.fields()[3].value == "\"b\"");
}

TEST_CASE("a head can be used for one request after the other", "[http][parser]") {
  RequestHead head;
  const std::string first =
      "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  REQUIRE(parse_request_head(first, {}, head).state == ParseState::complete);
  CHECK_FALSE(head.expects_continue);
  const std::string second = get_with("Upgrade: x\r\n");
  REQUIRE(parse_request_head(second, {}, head).state == ParseState::complete);
  CHECK(head.content_length == 0);
  CHECK(head.framing == BodyFraming::none);
  CHECK_FALSE(head.has(FieldName::content_length));
  CHECK(head.keep_alive);
  CHECK(head.fields().size() == 2);
}

}  // namespace
}  // namespace seabag::http
