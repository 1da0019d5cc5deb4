// What steady_test.cpp starts: a program that knows nothing of the session.
//   steady_program watch BOARD     opens the subjects' files until it is over
//   steady_program change BOARD ROUNDS
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "steady_board.h"

namespace {

using seabag::testing::Board;
using seabag::testing::kSubjectPaths;
using seabag::testing::Subject;

constexpr std::int64_t kUnreadable = -2;
constexpr std::uint64_t kMostLines = 20;

std::int64_t read_number(const char* path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return errno == ENOENT ? Subject::kMissing : kUnreadable;
  }
  std::array<char, 32> text{};
  const ssize_t size = read(file, text.data(), text.size() - 1);
  close(file);
  return size > 0 ? std::strtoll(text.data(), nullptr, 10) : kUnreadable;
}

void raise_to(std::atomic<std::int64_t>& highest, std::int64_t number) {
  std::int64_t before = highest.load();
  while (before < number && !highest.compare_exchange_weak(before, number)) {
  }
}

void watch_once(Board& board, std::size_t which) {
  Subject& subject = board.subjects[which];
  const std::uint64_t state = subject.state.load();
  const std::int64_t expected = subject.expected.load();
  const std::int64_t seen = subject.seen.load();
  const std::int64_t number = read_number(kSubjectPaths[which]);
  const bool is_settled = state % 2 == 0 && subject.state.load() == state;
  // What anybody has seen is what everybody sees from then on, also before the change has returned.
  const bool is_old = number >= 0 && number < seen;
  raise_to(subject.seen, number);
  board.checks.fetch_add(is_settled ? 1 : 0);
  if (is_old || (is_settled && number != expected)) {
    if (board.violations.fetch_add(1) > kMostLines) {
      return;
    }
    std::fprintf(stderr, "%s: %lld instead of %lld, seen %lld\n", kSubjectPaths[which],
                 static_cast<long long>(number), static_cast<long long>(expected),
                 static_cast<long long>(seen));
  }
}

void watch(Board& board) {
  board.watchers.fetch_add(1);
  while (!board.is_over.load()) {
    for (std::size_t which = 0; which < kSubjectPaths.size(); ++which) {
      watch_once(board, which);
    }
  }
}

int watch_all(Board& board) {
  std::thread other([&] { watch(board); });
  watch(board);
  other.join();
  return 0;
}

void must(bool is_done, const char* what) {
  if (!is_done) {
    std::perror(what);
    std::exit(1);
  }
}

struct LibraryCalls {
  std::string folder;  ///< what all names are below

  std::string path(const char* name) const { return folder + name; }
  void write(const char* name, std::int64_t number) const {
    const std::string text = std::to_string(number) + "\n";
    const int file = open(path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    must(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), name);
    close(file);
  }
  void rename(const char* from, const char* to) const {
    must(::rename(path(from).c_str(), path(to).c_str()) == 0, from);
  }
  void remove(const char* name) const { must(unlink(path(name).c_str()) == 0, name); }
  void change_mode(const char* name) const { must(chmod(path(name).c_str(), 0640) == 0, name); }
  void link(const char* target, const char* name) const {
    must(symlink(target, path("folder/link").c_str()) == 0, target);
    rename("folder/link", name);
  }
};

}  // namespace

int main(int count, char** arguments) {
  Board* board = count > 2 ? seabag::testing::map_board(arguments[2]) : nullptr;
  if (board == nullptr) {
    return 2;
  }
  if (std::strcmp(arguments[1], "watch") == 0) {
    return watch_all(*board);
  }
  const LibraryCalls calls{.folder = "/seabag-app/by-program/"};
  seabag::testing::play(board->subjects[1], calls, std::strtoll(arguments[3], nullptr, 10));
  return 0;
}
