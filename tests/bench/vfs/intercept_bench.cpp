// What interception costs: open + read + close of 4 KiB, and stat, in a mount and outside of every
// mount, against the C library's own functions. First where the calls are answered in the same
// process, then in a program that is intercepted from outside, on a file system that may change and
// on one that cannot. Prints medians of nanoseconds a call, and of the ratios within a round. Start
// it a few times: where the loader has put the code decides about 75 ns of a call, also without
// hooks.
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "seabag/intercept/attach.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/shortcuts.h"
#include "support/fixed_file_system.h"

namespace {

using namespace seabag;

// Short enough that most of them are not interrupted, and as many as the second digit needs.
constexpr int kRounds = 801;
constexpr int kCalls = 100;
constexpr std::size_t kSize = 4096;
constexpr const char* kChanging = "/tmp/seabag-bench.d/changing/file";
constexpr const char* kFixed = "/tmp/seabag-bench.d/fixed/file";

// A program that asks another process waits; one that answers itself is measured alone.
clockid_t the_clock = CLOCK_PROCESS_CPUTIME_ID;

double now_nanoseconds() {
  timespec now{};
  clock_gettime(the_clock, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The functions that are compared: those that a program calls, and those behind the hooks.
struct Calls {
  int (*open)(const char*, int, ...);
  ssize_t (*read)(int, void*, std::size_t);
  int (*close)(int);
  int (*stat)(const char*, struct stat*);
};

Calls native_calls() {
  void* library = dlopen("libc.so.6", RTLD_LAZY);
  const auto find = [&](const char* name) { return dlsym(library, name); };
  return {.open = reinterpret_cast<decltype(Calls::open)>(find("open")),
          .read = reinterpret_cast<decltype(Calls::read)>(find("read")),
          .close = reinterpret_cast<decltype(Calls::close)>(find("close")),
          .stat = reinterpret_cast<decltype(Calls::stat)>(find("stat"))};
}

using Task = bool (*)(const Calls&, const char*);

bool read_once(const Calls& calls, const char* path) {
  std::array<char, kSize> buffer;
  const int file = calls.open(path, O_RDONLY | O_CLOEXEC);
  const bool is_whole = calls.read(file, buffer.data(), buffer.size()) == ssize_t{kSize};
  calls.close(file);
  return is_whole;
}

bool stat_once(const Calls& calls, const char* path) {
  struct stat status {};
  return calls.stat(path, &status) == 0;
}

double round_of(Task task, const Calls& calls, const char* path) {
  const double start = now_nanoseconds();
  for (int each = 0; each < kCalls; ++each) {
    if (!task(calls, path)) {
      std::fprintf(stderr, "cannot use %s\n", path);
      std::exit(1);
    }
  }
  return (now_nanoseconds() - start) / kCalls;
}

double median(std::array<double, kRounds> rounds) {
  std::sort(rounds.begin(), rounds.end());
  return rounds[kRounds / 2];
}

// Of what each round took in proportion to what it was compared with.
double median_ratio(const std::array<double, kRounds>& rounds,
                    const std::array<double, kRounds>& base) {
  std::array<double, kRounds> ratios{};
  std::transform(rounds.begin(), rounds.end(), base.begin(), ratios.begin(), std::divides<>());
  return median(ratios);
}

// All kinds take turns, so that what else the machine does hits them alike; none is always the
// first.
void compare(const char* what, Task task, const std::string& real) {
  const Calls hooked = {.open = ::open, .read = ::read, .close = ::close, .stat = ::stat};
  const Calls native = native_calls();
  struct Kind {
    const char* name;
    const Calls& calls;
    const char* path;
  };
  const std::array<Kind, 4> kinds = {{{"native", native, real.c_str()},
                                      {"outside", hooked, real.c_str()},
                                      {"changing", hooked, kChanging},
                                      {"fixed", hooked, kFixed}}};
  static std::array<std::array<double, kRounds>, kinds.size()> times{};
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t turn = 0; turn < kinds.size(); ++turn) {
      const std::size_t kind = (round + turn) % kinds.size();
      times[kind][round] = round_of(task, kinds[kind].calls, kinds[kind].path);
    }
  }
  std::printf("  %-21s", what);
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    std::printf("  %s %5.0f (%.3f)", kinds[kind].name, median(times[kind]),
                median_ratio(times[kind], times[0]));
  }
  std::printf("\n");
}

void compare_all(const char* where, const std::string& real) {
  std::printf("%s\n", where);
  compare("open+read+close 4 KiB", read_once, real);
  compare("stat", stat_once, real);
  std::fflush(stdout);
}

std::shared_ptr<vfs::WritableFileSystem> tree_with_file() {
  std::shared_ptr<vfs::WritableFileSystem> memory = providers::make_memory_file_system();
  vfs::Namespace names;
  const auto mount = names.mount("/", memory).value();
  return vfs::write_file(names, "/file", std::string(kSize, 'x')) ? memory : nullptr;
}

// The same program, started as one that knows nothing of the session.
int start_program(const intercept::Session& session, const std::string& real) {
  std::vector<std::string> variables = session.environment();
  std::vector<char*> given;
  for (std::string& variable : variables) {
    // This program brings its hooks along.
    if (!variable.starts_with("LD_PRELOAD=")) {
      given.push_back(variable.data());
    }
  }
  given.push_back(nullptr);
  std::string self = "/proc/self/exe";
  std::string path = real;
  std::array<char*, 3> arguments = {self.data(), path.data(), nullptr};
  pid_t program = 0;
  int status = 1;
  if (posix_spawn(&program, self.c_str(), nullptr, nullptr, arguments.data(), given.data()) != 0 ||
      waitpid(program, &status, 0) != program) {
    return 1;
  }
  return WEXITSTATUS(status);
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1) {
    the_clock = CLOCK_MONOTONIC;
    compare_all("another process", arguments[1]);
    return 0;
  }
  std::string path = "/tmp/seabag-bench-XXXXXX";
  const int file = mkstemp(path.data());
  const std::string content(kSize, 'x');
  if (file < 0 || write(file, content.data(), content.size()) != ssize_t{kSize}) {
    std::perror(path.c_str());
    return 1;
  }
  const auto session = intercept::Session::start().value();
  const auto changing = session
                            ->mount("/tmp/seabag-bench.d/changing", tree_with_file(),
                                    {.changes = intercept::Changes::by_session})
                            .value();
  const auto unchanging = std::make_shared<testing::FixedFileSystem>(tree_with_file());
  const auto fixed = session->mount("/tmp/seabag-bench.d/fixed", unchanging).value();
  const int ending = start_program(*session, path);
  {
    const auto attachment = intercept::attach(*session).value();
    compare_all("the same process", path);
  }
  close(file);
  unlink(path.c_str());
  return ending;
}
