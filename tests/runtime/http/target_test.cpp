#include "seabag/http/target.h"

#include <array>
#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

TEST_CASE("a path is decoded once and normalised", "[http][target]") {
  struct Row {
    std::string raw;
    std::string path;
    bool trailing_slash;
  };
  const std::vector<Row> rows = {
      {"/", "/", true},
      {"/a", "/a", false},
      {"/a/", "/a", true},
      {"/a/b.html", "/a/b.html", false},
      {"//", "/", true},
      {"///a//b///", "/a/b", true},
      {"//evil.example/x", "/evil.example/x", false},
      {"/./a/./b/.", "/a/b", true},
      {"/.", "/", true},
      {"/./", "/", true},
      {"/%2e/a", "/a", false},
      {"/.well-known/x", "/.well-known/x", false},
      {"/...", "/...", false},
      {"/..a/b..", "/..a/b..", false},
      {"/a.", "/a.", false},
      {"/%61%62", "/ab", false},
      {"/a%20b", "/a b", false},
      {"/a+b", "/a+b", false},
      {"/%25%32%65", "/%2e", false},
      {"/%252e%252e/x", "/%2e%2e/x", false},
      {"/a%2Fb", "/a%2Fb", false},
      {"/a%2fb/c", "/a%2fb/c", false},
      {"/..%2Fetc", "/..%2Fetc", false},
      {"/%FF", "/\xff", false},
      {"/\xff", "/\xff", false},
      {"/caf%C3%A9", "/caf\xc3\xa9", false},
      {"/caf\xc3\xa9/", "/caf\xc3\xa9", true},
      {"/%C0", "/\xc0", false},
      {"/%C0x", "/\xc0x", false},
      {"/%E0%A0%80", "/\xe0\xa0\x80", false},
      {"/%F0%9F%98%80", "/\xf0\x9f\x98\x80", false},
      {"/%0A%7f", "/\n\x7f", false},
      {"/a;b=c,d", "/a;b=c,d", false},
      {"/~u/:x@y", "/~u/:x@y", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.raw);
    std::vector<char> buffer(row.raw.size());
    const TargetOutcome outcome = decode_target(row.raw, buffer);
    REQUIRE(outcome.error == nullptr);
    CHECK(outcome.target.path == row.path);
    CHECK(outcome.target.trailing_slash == row.trailing_slash);
  }
}

TEST_CASE("a dangerous or malformed path is refused", "[http][target]") {
  const std::vector<std::string> paths = {
      "",
      "a",
      "*",
      "?",
      "/%",
      "/%4",
      "/%g0",
      "/%0g",
      "/a%",
      "/%%41",
      "/%00",
      "/a%00.html",
      "/..",
      "/../",
      "/a/..",
      "/a/../b",
      "/%2e%2e",
      "/.%2e/a",
      "/%2E./a",
      "/a//../b",
      "/\\",
      "/a\\b",
      "/%5c",
      "/..%5c..",
      "/%5C..",
      "/%c0%ae",
      "/%c0%af",
      "/%c1%9c",
      "/\xc0\xaf",
      "/%e0%80%af",
      "/%e0%9f%bf",
      "/%f0%80%80%af",
      "/%f0%8f%bf%bf",
      "/%f8%80%80%80%af",
      "/%fc%80%80%80%80%af",
      "/x%c0%aey",
      "/.\xc0\xae",
  };
  for (const std::string& path : paths) {
    CAPTURE(path);
    std::vector<char> buffer(path.size());
    CHECK(decode_target(path, buffer).error != nullptr);
  }
}

TEST_CASE("a normal path is not copied", "[http][target]") {
  const std::string raw = "/docs/a.b/index.html";
  std::array<char, 32> buffer{};
  CHECK(decode_target(raw, buffer).target.path.data() == raw.data());
  CHECK(decode_target("/a%20b", buffer).target.path.data() == buffer.data());
}

TEST_CASE("an encoded path decodes to itself and holds nothing that breaks a line",
          "[http][target]") {
  std::string all = "/";
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '/' && byte != '\\') {
      all += static_cast<char>(byte);
    }
  }
  std::string encoded;
  append_encoded_path(encoded, all);
  for (const char c : encoded) {
    CHECK((c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '?' && c != '#'));
  }
  std::vector<char> buffer(encoded.size());
  const TargetOutcome outcome = decode_target(encoded, buffer);
  REQUIRE(outcome.error == nullptr);
  CHECK(outcome.target.path == all);
}

}  // namespace
}  // namespace seabag::http
