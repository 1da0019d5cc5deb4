#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace seabag::testing {

/// A path that one process changes while others look at it.
struct Subject {
  static constexpr std::int64_t kMissing = -1;

  std::atomic<std::uint64_t> state;  ///< odd while it is being changed
  /// The number in the file, or kMissing, while the state is even.
  std::atomic<std::int64_t> expected;
  std::atomic<std::int64_t> seen;  ///< the highest number that anybody has read
};

/// What the processes of one test share.
struct Board {
  std::array<Subject, 3> subjects;
  std::atomic<std::uint64_t> checks;      ///< of states that stayed the same meanwhile
  std::atomic<std::uint64_t> violations;  ///< an old state was seen
  std::atomic<std::uint32_t> watchers;    ///< that have begun
  std::atomic<bool> is_over;
};

/// The paths of the subjects, each in a folder of its own.
inline constexpr std::array<const char*, 3> kSubjectPaths = {
    "/seabag-app/by-host/folder/file", "/seabag-app/by-program/folder/file", "/seabag-other/file"};

/// The board that is kept in a file of one page, or null.
inline Board* map_board(const char* path) {
  const int file = open(path, O_RDWR | O_CLOEXEC);
  void* memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return memory == MAP_FAILED ? nullptr : static_cast<Board*>(memory);
}

/// Makes one change, after which the file has this number.
template <typename Make>
void change(Subject& subject, std::int64_t number, Make make) {
  subject.state.fetch_add(1);
  make();
  subject.expected.store(number);
  subject.state.fetch_add(1);
}

/// Changes what leads to a subject's file, in turns, by the actions of this process.
template <typename Actions>
void play(Subject& subject, Actions& actions, std::int64_t rounds) {
  for (std::int64_t number = 1; number <= rounds; ++number) {
    actions.write("folder/new", number);
    change(subject, number, [&] { actions.rename("folder/new", "folder/file"); });
    if (number % 3 == 0) {
      change(subject, Subject::kMissing, [&] { actions.remove("folder/file"); });
      change(subject, number, [&] { actions.write("folder/file", number); });
    }
    if (number % 4 == 0) {
      change(subject, number, [&] { actions.change_mode("folder/file"); });
    }
    if (number % 5 == 0) {
      change(subject, Subject::kMissing, [&] { actions.rename("folder", "away"); });
      change(subject, number, [&] { actions.rename("away", "folder"); });
    }
    if (number % 7 == 0) {
      actions.write("other", number);
      change(subject, number, [&] { actions.link("../other", "folder/file"); });
    }
  }
}

}  // namespace seabag::testing
