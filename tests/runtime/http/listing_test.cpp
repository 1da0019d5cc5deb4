#include "seabag/http/listing.h"

#include <string>
#include <vector>

#include "parsed_request.h"
#include "seabag/http/negotiation.h"
#include "support/catch.h"

namespace seabag::http {
namespace {

ListedEntry file(std::string_view name, std::uint64_t size = 5) {
  return {.name = name, .size = size, .modified = {.seconds = 784'111'777, .nanoseconds = 0}};
}

ListingPage page_of(std::span<const ListedEntry> entries, std::string_view directory = "/d") {
  return {.directory = directory, .entries = entries};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a listing has links, sizes and times", "[http][listing]") {
  const std::vector<ListedEntry> entries = {
      {.name = "sub", .type = vfs::FileType::directory, .size = 0, .modified = {}},
      file("a.txt"),
      file("big", 1'234'567)};
  const std::string html = render_listing_html(page_of(entries));
  CHECK(has(html, "<title>/d/</title>"));
  CHECK(has(html, "<a href=\"../\">../</a>"));
  CHECK(has(html, "<a href=\"./sub/\">sub/</a>"));
  CHECK(has(html,
            "<a href=\"./a.txt\">a.txt</a><td>5 B<td>"
            "<time datetime=\"1994-11-06T08:49:37Z\">1994-11-06 08:49</time>"));
  CHECK(has(html, "<td>1.2 MB<td>"));
  CHECK_FALSE(has(render_listing_html(page_of(entries, "/")), "../"));
  const std::string json = render_listing_json(page_of(entries));
  CHECK(json ==
        "{\"path\":\"/d/\",\"page\":1,\"pages\":1,\"entries\":["
        "{\"name\":\"sub\",\"href\":\"./sub/\",\"type\":\"directory\","
        "\"modified\":\"1970-01-01T00:00:00Z\"},"
        "{\"name\":\"a.txt\",\"href\":\"./a.txt\",\"type\":\"file\",\"size\":5,"
        "\"modified\":\"1994-11-06T08:49:37Z\"},"
        "{\"name\":\"big\",\"href\":\"./big\",\"type\":\"file\",\"size\":1234567,"
        "\"modified\":\"1994-11-06T08:49:37Z\"}]}\n");
}

TEST_CASE("no name escapes from a listing", "[http][listing]") {
  struct Row {
    const char* name;
    const char* href;
    const char* html;
    const char* json;
  };
  const Row row = GENERATE(values<Row>({
      {"a b", "./a%20b", "a b", "a b"},
      {"50%?#", "./50%25%3F%23", "50%?#", "50%?#"},
      {"<b>", "./%3Cb%3E", "&lt;b&gt;", "<b>"},
      {"\"'&", "./%22&#39;&amp;", "&quot;&#39;&amp;", "\\\"'&"},
      {"javascript:x", "./javascript:x", "javascript:x", "javascript:x"},
      {"\n\x7f", "./%0A%7F", "\xef\xbf\xbd\xef\xbf\xbd", "\\n\x7f"},
      {"\xff\xc3(", "./%FF%C3(", "\xef\xbf\xbd\xef\xbf\xbd(", "\xef\xbf\xbd\xef\xbf\xbd("},
      {"\xed\xa0\x80", "./%ED%A0%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xc3\xa4\xf0\x9f\x8c\x8a", "./%C3%A4%F0%9F%8C%8A", "\xc3\xa4\xf0\x9f\x8c\x8a",
       "\xc3\xa4\xf0\x9f\x8c\x8a"},
  }));
  const std::vector<ListedEntry> entries = {file(row.name)};
  CAPTURE(row.name);
  CHECK(has(render_listing_html(page_of(entries)),
            std::string("<a href=\"") + row.href + "\">" + row.html + "</a>"));
  CHECK(has(render_listing_json(page_of(entries)),
            std::string("{\"name\":\"") + row.json + "\",\"href\":"));
}

TEST_CASE("a listing of several pages leads from one to the next", "[http][listing]") {
  const std::vector<ListedEntry> entries = {file("a")};
  ListingPage page = page_of(entries);
  page.number = 2;
  page.count = 3;
  const std::string html = render_listing_html(page);
  CHECK(has(html, "href=\"?page=1\">previous</a>"));
  CHECK(has(html, "page 2 of 3"));
  CHECK(has(html, "href=\"?page=3\">next</a>"));
  CHECK(has(render_listing_json(page), "\"page\":2,\"pages\":3"));
}

TEST_CASE("what cannot be asked for is not listed", "[http][listing]") {
  for (const char* name :
       {"a", "a b", "50%", "%2F", "a?b", "#", "\xff", "..a", "a.", "caf\xc3\xa9"}) {
    CAPTURE(name);
    CHECK(is_listable(name) == (name[0] != '.'));
  }
  for (const char* name : {"", ".", "..", ".git", "a\\b", "\xc0\xaf"}) {
    CAPTURE(name);
    CHECK_FALSE(is_listable(name));
  }
}

TEST_CASE("JSON is for those who ask for it", "[http][listing]") {
  const auto prefers = [](const std::string& accept) {
    const ParsedRequest request("GET / HTTP/1.1\r\nHost: a\r\nAccept: " + accept + "\r\n\r\n");
    return prefers_json(request.head);
  };
  CHECK(prefers("application/json"));
  CHECK(prefers("text/html;q=0.5, Application/JSON"));
  CHECK_FALSE(prefers("*/*"));
  CHECK_FALSE(prefers("text/html, application/json"));
  CHECK_FALSE(prefers("application/json;q=0"));
  CHECK_FALSE(prefers("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
}

}  // namespace
}  // namespace seabag::http
