#include "seabag/console/io.h"

#include <string>

#include "support/catch.h"
#include "tools/string_output.h"

namespace seabag::console {

namespace {

const Environment kNoEnvironment = [](const char*) { return std::nullopt; };

}  // namespace

TEST_CASE("output keeps order across its buffer", "[console][output]") {
  testing::StringOutput out;
  const std::string large(200'000, 'x');
  REQUIRE(out.write("first "));
  REQUIRE(out.write(large));
  REQUIRE(out.write(" last"));
  CHECK(out.text() == "first " + large + " last");
}

TEST_CASE("a failure is reported in one line", "[console][io]") {
  testing::StringOutput out;
  testing::StringOutput err;
  Io io{out, err, kNoEnvironment};
  const Error error = make_error(std::errc::no_such_file_or_directory, "open", "/a");
  CHECK(report(io, "seabag", error) == ExitCode::not_found);
  CHECK(err.text() == "seabag: open '/a': No such file or directory\n");
  CHECK(out.text().empty());
}

TEST_CASE("wrong use is told in its own words", "[console][io]") {
  testing::StringOutput out;
  testing::StringOutput err;
  Io io{out, err, kNoEnvironment};
  CHECK(report(io, "seabag", usage_error("--nope: unknown flag")) == ExitCode::usage);
  CHECK(err.text() == "seabag: --nope: unknown flag\n");
}

TEST_CASE("what cannot be written at the end turns success into failure", "[console][io]") {
  testing::FullOutput out;
  testing::StringOutput err;
  Io io{out, err, kNoEnvironment};
  REQUIRE(out.write("result"));
  CHECK(finish(io, "seabag", ExitCode::success) == ExitCode::no_space);
  CHECK(err.text() == "seabag: write 'standard output': No space left on device\n");
}

TEST_CASE("exit codes tell what kind of thing went wrong", "[console][exit]") {
  const auto code = [](std::errc condition) { return exit_code_of(make_error(condition, "test")); };
  CHECK(code(std::errc::invalid_argument) == ExitCode::usage);
  CHECK(code(std::errc::permission_denied) == ExitCode::not_allowed);
  CHECK(code(std::errc::address_in_use) == ExitCode::not_allowed);
  CHECK(code(std::errc::no_space_on_device) == ExitCode::no_space);
  CHECK(code(std::errc::file_exists) == ExitCode::in_the_way);
  CHECK(code(std::errc::io_error) == ExitCode::failure);
  CHECK(exit_code_of(Error{.code = std::make_error_code(std::io_errc::stream)}) ==
        ExitCode::damaged);
}

}  // namespace seabag::console
