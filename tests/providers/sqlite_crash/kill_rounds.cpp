#include "providers/sqlite_crash/kill_rounds.h"

#include <sched.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <new>
#include <random>

#include "providers/sqlite_crash/load.h"
#include "seabag/providers/sqlite.h"

namespace seabag::testing {
namespace {

using providers::open_sqlite_file_system;

/// Rounds that use the same database: some kills hit its creation, some a log with a history.
constexpr std::uint64_t kRoundsPerDatabase = 8;
constexpr std::uint64_t kMostSteps = 400;
constexpr std::uint64_t kLongestMoment = 3000;  // microseconds after a step has begun

/// What SQLite says to one question, or its error.
std::string ask(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string answer = "error";
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    const void* text = sqlite3_column_blob(statement, 0);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, 0));
    answer.assign(static_cast<const char*>(text), size);
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return answer;
}

struct Round {
  std::string path;
  std::string name;  ///< of the directory that the load works in
  std::uint64_t seed = 0;
};

/// The child: never comes back.
[[noreturn]] void run_child(const Round& round, LoadProgress& progress) {
  const auto files = open_sqlite_file_system(round.path);
  if (files) {
    const auto made = (*files)->create(vfs::kRootNode, round.name,
                                       {.type = vfs::FileType::directory, .mode = 0755});
    if (made) {
      // Does not end but by an error: what it is, is told by the state that is found.
      (void)run_load(**files, made->node, round.seed, progress);
    }
  }
  ::_exit(1);
}

bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid == child;
}

/// Waits without sleeping until the child has come so far, and a little longer.
void wait_until(pid_t child, const LoadProgress& progress, std::uint64_t steps,
                std::uint64_t microseconds) {
  while (progress.begun < steps && !has_ended(child)) {
    ::sched_yield();
  }
  const auto moment = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
  while (std::chrono::steady_clock::now() < moment) {
    ::sched_yield();
  }
}

std::optional<std::string> check_tables(const std::string& path) {
  struct Rule {
    const char* sql;
    const char* wanted;
  };
  constexpr Rule kRules[] = {
      {"PRAGMA integrity_check", "ok"},
      {"SELECT count(*) FROM seabag_orphan", "0"},
      {"SELECT count(*) FROM seabag_padded", "0"},
      {"SELECT count(*) FROM fs_inode WHERE ino <> 1 AND ino NOT IN (SELECT ino FROM fs_dentry)",
       "0"},
      {"SELECT count(*) FROM fs_dentry WHERE ino NOT IN (SELECT ino FROM fs_inode)", "0"},
      {"SELECT count(*) FROM fs_data WHERE ino NOT IN (SELECT ino FROM fs_inode)", "0"},
      {"SELECT count(*) FROM fs_data d JOIN fs_inode i USING (ino)"
       " WHERE d.chunk_index * 65536 + length(d.data) > i.size",
       "0"},
  };
  for (const Rule& rule : kRules) {
    const std::string answer = ask(path, rule.sql);
    if (answer != rule.wanted) {
      return std::string(rule.sql) + ": " + answer;
    }
  }
  return std::nullopt;
}

std::optional<std::string> check_files(const Round& round, const LoadProgress& progress) {
  const auto files = open_sqlite_file_system(round.path);
  if (!files) {
    return files.error().message();
  }
  const auto directory = (*files)->lookup(vfs::kRootNode, round.name);
  if (!directory) {
    return progress.synced == 0 ? std::nullopt
                                : std::optional<std::string>(directory.error().message());
  }
  return check_load(**files, directory->node, round.seed, {progress.synced, progress.begun});
}

/// Kills one child and adds to the report.
void run_round(const Round& round, std::mt19937_64& random, LoadProgress& progress,
               KillReport& report) {
  progress.begun = 0;
  progress.synced = 0;
  const pid_t child = ::fork();
  if (child < 0) {
    report.failure = "fork failed";
    return;
  }
  if (child == 0) {
    run_child(round, progress);
  }
  wait_until(child, progress, random() % kMostSteps, random() % kLongestMoment);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ++report.kills;
  report.steps += progress.begun;
  report.synced_steps += progress.synced;
  if (!WIFSIGNALED(status)) {
    report.failure = "the load ended by itself";
    return;
  }
  const std::string orphans = ask(round.path, "SELECT count(*) FROM seabag_orphan");
  report.orphans += orphans == "error" ? 0 : std::stoull(orphans);
  report.failure = check_files(round, progress);
  if (!report.failure) {
    report.failure = check_tables(round.path);
  }
}

}  // namespace

KillReport run_kill_rounds(const KillRounds& rounds) {
  KillReport report;
  void* shared = ::mmap(nullptr, sizeof(LoadProgress), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    report.failure = "mmap failed";
    return report;
  }
  auto* progress = new (shared) LoadProgress;
  std::mt19937_64 random(rounds.seed);
  for (std::uint64_t number = 0; number < rounds.kills && !report.failure; ++number) {
    const std::uint64_t database = number / kRoundsPerDatabase;
    const std::string path = rounds.directory + "/" + std::to_string(database) + ".db";
    run_round({.path = path, .name = "round " + std::to_string(number), .seed = random()}, random,
              *progress, report);
    if (report.failure) {
      *report.failure = path + ", round " + std::to_string(number) + ": " + *report.failure;
    } else if (number % kRoundsPerDatabase == kRoundsPerDatabase - 1) {
      std::error_code ignored;  // what stays is in a temporary directory
      for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(path + suffix, ignored);
      }
    }
  }
  ::munmap(shared, sizeof(LoadProgress));
  return report;
}

}  // namespace seabag::testing
