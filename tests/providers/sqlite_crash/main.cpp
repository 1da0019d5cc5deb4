// The long run of the crash test of the SQLite provider: sqlite_crash DIRECTORY [KILLS [SEED]].
// Makes databases in DIRECTORY, kills 1,000 writers at random moments unless told otherwise, and
// prints what came of it. The database of a failure stays.
#include <cstdio>
#include <cstdlib>

#include "providers/sqlite_crash/kill_rounds.h"

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: sqlite_crash DIRECTORY [KILLS [SEED]]\n");
    return 2;
  }
  constexpr int kDecimal = 10;
  const auto number = [&](int index, std::uint64_t otherwise) {
    return count > index ? std::strtoull(arguments[index], nullptr, kDecimal) : otherwise;
  };
  const auto report = seabag::testing::run_kill_rounds(
      {.kills = number(2, 1000), .seed = number(3, 1), .directory = arguments[1]});
  std::printf("%llu kills, %llu steps, %llu of them synced, %llu orphans purged: %s\n",
              static_cast<unsigned long long>(report.kills),
              static_cast<unsigned long long>(report.steps),
              static_cast<unsigned long long>(report.synced_steps),
              static_cast<unsigned long long>(report.orphans),
              report.failure ? report.failure->c_str() : "no failure");
  return report.failure ? 1 : 0;
}
