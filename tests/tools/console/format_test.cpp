#include "seabag/console/format.h"

#include "support/catch.h"

namespace seabag::console {

TEST_CASE("bytes are shown with three digits at most", "[console][format]") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 KiB");
  CHECK(format_bytes(10 * 1024) == "10 KiB");
  CHECK(format_bytes(1023 * 1024) == "1.0 MiB");
  CHECK(format_bytes(std::uint64_t{5} << 40U) == "5.0 TiB");
  CHECK(format_bytes(~std::uint64_t{0}) == "16 EiB");
}

TEST_CASE("counts have thousands separators", "[console][format]") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1,000");
  CHECK(format_count(1'234'567) == "1,234,567");
}

TEST_CASE("durations lose precision as they grow", "[console][format]") {
  CHECK(format_seconds(0.264) == "0.26 s");
  CHECK(format_seconds(12.44) == "12.4 s");
  CHECK(format_seconds(59.97) == "1 min 00 s");
  CHECK(format_seconds(185) == "3 min 05 s");
  CHECK(format_seconds(7800) == "2 h 10 min");
}

TEST_CASE("times are in UTC, also before 1970", "[console][format]") {
  CHECK(format_time({.seconds = 1'709'251'199}) == "2024-02-29 23:59:59");
  CHECK(format_time({.seconds = -1}) == "1969-12-31 23:59:59");
}

TEST_CASE("modes look as in ls", "[console][format]") {
  CHECK(format_mode(vfs::FileType::regular, 0644) == "-rw-r--r--");
  CHECK(format_mode(vfs::FileType::directory, 01777) == "drwxrwxrwt");
  CHECK(format_mode(vfs::FileType::regular, 04755) == "-rwsr-xr-x");
  CHECK(format_mode(vfs::FileType::regular, 02644) == "-rw-r-Sr--");
  CHECK(format_mode(vfs::FileType::symlink, 0777) == "lrwxrwxrwx");
}

TEST_CASE("names cannot control a terminal", "[console][format]") {
  CHECK(printable("naïve file.txt") == "naïve file.txt");
  CHECK(printable("\x1b[31mred") == "\\x1b[31mred");
  CHECK(printable("a\\b") == "a\\\\b");
  CHECK(printable("latin\xE9") == "latin\\xe9");
  CHECK(printable("\xC2\x9B"
                  "31m") == "\\xc2\\x9b31m");
}

TEST_CASE("UTF-8 is told from other bytes", "[console][format]") {
  CHECK(is_utf8("grün €𝄞"));
  CHECK_FALSE(is_utf8("\xC0\xAF"));          // overlong
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(is_utf8("\xE2\x82"));          // cut off
}

TEST_CASE("hexadecimal is lower case", "[console][format]") {
  CHECK(format_hex(std::string_view("\x00\xAB\xff", 3)) == "00abff");
}

}  // namespace seabag::console
