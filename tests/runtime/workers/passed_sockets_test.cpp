#include "seabag/workers/passed_sockets.h"

#include <unistd.h>

#include <map>
#include <string>

#include "support/catch.h"

namespace seabag::workers {
namespace {

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string own_number() { return std::to_string(getpid()); }

TEST_CASE("without LISTEN_FDS, or for another process, nothing is passed", "[workers][passed]") {
  for (const auto& variables : {std::map<std::string, std::string>{},
                                {{"LISTEN_FDS", "2"}},
                                {{"LISTEN_FDS", "2"}, {"LISTEN_PID", "1"}},
                                {{"LISTEN_FDS", "2"}, {"LISTEN_PID", own_number() + "x"}},
                                {{"LISTEN_FDS", "0"}, {"LISTEN_PID", own_number()}}}) {
    const auto passed = take_passed_sockets(environment_of(variables));
    REQUIRE(passed);
    CHECK(passed->sockets.empty());
    CHECK_FALSE(passed->predecessor.is_open());
  }
}

TEST_CASE("variables that make no sense are refused", "[workers][passed]") {
  for (const char* count : {"", "x", "-1", "1 ", "99999"}) {
    const auto passed =
        take_passed_sockets(environment_of({{"LISTEN_FDS", count}, {"LISTEN_PID", own_number()}}));
    REQUIRE_FALSE(passed);
    CHECK(passed.error().is(std::errc::invalid_argument));
    CHECK(passed.error().path == "LISTEN_FDS=" + std::string(count));
  }
  const auto names = take_passed_sockets(environment_of(
      {{"LISTEN_FDS", "2"}, {"LISTEN_PID", own_number()}, {"LISTEN_FDNAMES", "one"}}));
  REQUIRE_FALSE(names);
  CHECK(names.error().path == "LISTEN_FDNAMES=one");
  const auto upgrade = take_passed_sockets(environment_of({{"LISTEN_FDS", "0"},
                                                           {"LISTEN_PID", own_number()},
                                                           {"LISTEN_FDNAMES", ""},
                                                           {"SEABAG_UPGRADE", "100000"}}));
  REQUIRE_FALSE(upgrade);
}

}  // namespace
}  // namespace seabag::workers
