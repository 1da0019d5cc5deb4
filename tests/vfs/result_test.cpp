#include "seabag/vfs/result.h"

#include <memory>

#include "support/catch.h"

namespace seabag {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) {
    return make_error(std::errc::invalid_argument, "half", {}, "the number is odd");
  }
  return number / 2;
}

Result<int> quarter(int number) {
  const int first = SEABAG_TRY(half(number));
  return SEABAG_TRY(half(first));
}

Result<void> check_even(int number) {
  (void)SEABAG_TRY(half(number));
  return {};
}

Result<std::unique_ptr<int>> boxed(int number) {
  SEABAG_TRY(check_even(number));
  auto box = SEABAG_TRY(Result<std::unique_ptr<int>>(std::make_unique<int>(number)));
  return box;
}

TEST_CASE("a result holds its value or its error", "[vfs][result]") {
  CHECK(half(4).value() == 2);
  CHECK_FALSE(half(3));
  CHECK(half(3).error().is(std::errc::invalid_argument));
  CHECK(half(3).value_or(7) == 7);
}

TEST_CASE("SEABAG_TRY passes the first error on", "[vfs][result]") {
  CHECK(quarter(8).value() == 2);
  CHECK(quarter(6).error().detail == "the number is odd");
  CHECK(**boxed(2) == 2);
  CHECK_FALSE(boxed(1));
}

TEST_CASE("an error message names operation, path, cause and detail", "[vfs][result]") {
  const Error error = make_error(std::errc::no_such_file_or_directory, "open", "/a", "hint");
  CHECK(error.message() == "open '/a': No such file or directory (hint)");
  CHECK(with_path(errno_error(2, "stat"), "/b").message() ==
        "stat '/b': No such file or directory");
  CHECK(with_path(error, "/other").path == "/a");
}

TEST_CASE("conditions without a name in std::errc compare like the others", "[vfs][result]") {
  CHECK(make_error(kStaleNode, "open").is(kStaleNode));
  CHECK(errno_error(ESTALE, "open").is(kStaleNode));
  CHECK(errno_error(ENODATA, "xattr").is(kNoAttribute));
  CHECK(errno_error(EDQUOT, "write").is(kQuotaExceeded));
}

}  // namespace
}  // namespace seabag
