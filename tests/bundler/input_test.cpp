#include "seabag/bundler/input.h"

#include <string>

#include "support/catch.h"

namespace seabag::bundler {

TEST_CASE("an input without a prefix goes to the root", "[bundler][input]") {
  const auto input = parse_input("site/docs");
  REQUIRE(input);
  CHECK(input->path == "site/docs");
  CHECK(input->prefix == "/");
}

TEST_CASE("the last ':/' divides path and prefix", "[bundler][input]") {
  const auto input = parse_input("a:/b:/c//d/");
  REQUIRE(input);
  CHECK(input->path == "a:/b");
  CHECK(input->prefix == "/c/d/");
  CHECK(parse_input("C:x")->path == "C:x");
}

TEST_CASE("bad inputs are refused with a reason", "[bundler][input]") {
  CHECK(parse_input("").error().is(std::errc::invalid_argument));
  CHECK(parse_input(":/x").error().is(std::errc::invalid_argument));
  CHECK(parse_input("a:/../b").error().is(std::errc::invalid_argument));
  CHECK(parse_input("a:/./b").error().is(std::errc::invalid_argument));
  CHECK(parse_input(std::string("a\0b", 3)).error().is(std::errc::invalid_argument));
  CHECK(parse_input("a:/" + std::string(256, 'n')).error().is(std::errc::filename_too_long));
  CHECK(normalise_prefix("relative").error().is(std::errc::invalid_argument));
  std::string deep;
  for (int level = 0; level < 2100; ++level) {
    deep += "/d";
  }
  CHECK(normalise_prefix(deep).error().is(std::errc::filename_too_long));
}

TEST_CASE("archives are told by their names", "[bundler][input]") {
  for (const char* name : {"a.tar", "d/a.TAR.GZ", "a.tgz", "a.tar.zst", "a.zip", "a.7z", "a.iso",
                           "a.cpio", "a.cpio.gz", "x.tar.bz2"}) {
    CHECK(is_archive_name(name));
  }
  for (const char* name : {"a", "tar", ".tar", "a.gz", "a.tar/b", "a.html", "a.zip.txt", ".zip"}) {
    CHECK_FALSE(is_archive_name(name));
  }
}

}  // namespace seabag::bundler
