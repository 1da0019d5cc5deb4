#include "seabag/bundler/ignore.h"

#include <string>

#include "support/catch.h"

namespace seabag::bundler {
namespace {

/// `path` is a directory when it ends in a slash.
bool is_ignored(std::string_view rules, std::string_view path) {
  IgnoreSubject subject = IgnoreSubject::file;
  if (path.ends_with('/')) {
    subject = IgnoreSubject::directory;
    path.remove_suffix(1);
  }
  return IgnoreRules::parse(rules).decide(path, subject) == IgnoreVerdict::ignored;
}

struct Case {
  const char* rules;
  const char* path;
  bool expected;
};

}  // namespace

TEST_CASE("ignore rules follow the grammar of gitignore", "[bundler][ignore]") {
  const auto row = GENERATE(values<Case>({
      {"*.o", "a.o", true},
      {"*.o", "d/e/a.o", true},
      {"*.o", "a.oo", false},
      {"# *.o", "# *.o", false},
      {"\\#a", "#a", true},
      {"\\!a", "!a", true},
      {"", "a", false},
      {"/", "a", false},
      {"   ", "a", false},
      {"a  ", "a", true},
      {"a\\ ", "a ", true},
      {"a\\ ", "a", false},
      {"a\r\n", "a", true},
      {"\xef\xbb\xbf"
       "a",
       "a", true},
      {"build/", "build/", true},
      {"build/", "build", false},
      {"build/", "x/build/", true},
      {"/build", "build", true},
      {"/build", "x/build", false},
      {"doc/*.txt", "doc/a.txt", true},
      {"doc/*.txt", "doc/x/a.txt", false},
      {"doc/*.txt", "x/doc/a.txt", false},
      {"**/foo", "foo", true},
      {"**/foo", "a/b/foo", true},
      {"**/foo/bar", "x/foo/bar", true},
      {"**/foo/bar", "x/foo/y/bar", false},
      {"abc/**", "abc/x", true},
      {"abc/**", "abc/x/y", true},
      {"abc/**", "abc/", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/x/y/c", false},
      {"a/**/b/**/c", "a/b/x/b/c", true},
      {"**", "any/thing", true},
      {"a**b", "axxb", true},
      {"/a**b", "a/b", false},
      {"fil?", "file", true},
      {"fil?", "fil", false},
      {"d/?", "d//", false},
      {"[abc].c", "b.c", true},
      {"[a-c]x", "bx", true},
      {"[!a-c]x", "bx", false},
      {"[^a-c]x", "dx", true},
      {"[]]x", "]x", true},
      {"[]-]x", "-x", true},
      {"[a-]x", "-x", true},
      {"[\\]]x", "]x", true},
      {"[[:digit:]]x", "7x", true},
      {"[[:digit:][:upper:]]x", "Qx", true},
      {"[[:nonsense:]]x", "nx", false},
      {"[abc", "a", false},
      {"[abc", "[abc", false},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"a\\", "a", false},
      {"*a*b*c", "xxaxxbxxc", true},
      {"*a*b*c", "xxaxxcxxb", false},
      {"*\n!keep", "keep", false},
      {"*\n!keep", "other", true},
      {"!a\na", "a", true},
      {"a\n!a\na", "a", true},
      {"\xff\xfe*", "\xff\xfe name", true},
  }));
  INFO("rules '" << row.rules << "', path '" << row.path << "'");
  CHECK(is_ignored(row.rules, row.path) == row.expected);
}

TEST_CASE("a deeper rule file overrules the ones above it", "[bundler][ignore]") {
  const auto top = std::make_shared<const IgnoreScope>(
      nullptr, "", IgnoreRules::parse("*.log\n/only-at-top\nd/special\n"));
  const IgnoreScope nested(top, "d", IgnoreRules::parse("!important.log\n/local\n"));
  CHECK(nested.is_ignored("d/x.log", IgnoreSubject::file));
  CHECK_FALSE(nested.is_ignored("d/important.log", IgnoreSubject::file));
  CHECK(nested.is_ignored("d/local", IgnoreSubject::file));
  CHECK_FALSE(nested.is_ignored("d/e/local", IgnoreSubject::file));
  CHECK(nested.is_ignored("d/special", IgnoreSubject::file));
  CHECK_FALSE(nested.is_ignored("d/only-at-top", IgnoreSubject::file));
}

TEST_CASE("a pattern of many stars is matched in reasonable time", "[bundler][ignore]") {
  std::string pattern;
  for (int count = 0; count < 100; ++count) {
    pattern += "*a";
  }
  CHECK_FALSE(matches_segment(pattern, std::string(250, 'b')));
  CHECK_FALSE(matches_segment(pattern + "x", std::string(250, 'a')));
}

}  // namespace seabag::bundler
