// What interception costs: open + read + close of 4 KiB, and stat, in a mount and outside of every
// mount, against the C library's own functions; in a program that is intercepted from outside, and
// where the calls are answered in the same process, on a file system that may change and on one
// that cannot. Where the loader has put the code decides about 75 ns of a call, also without hooks,
// so each figure is the median of many starts, with the least and the most of them.
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

constexpr std::size_t kStarts = 21;
// Short enough that most of them are not interrupted, and as many as the second digit needs.
constexpr int kRounds = 301;
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

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// One kind of file in one start: nanoseconds a call, and in proportion to what each round's native
// calls took.
struct Figure {
  double nanoseconds;
  double ratio;
};

constexpr std::array<const char*, 4> kKinds = {"native", "outside", "changing", "fixed"};
constexpr std::array<const char*, 2> kTasks = {"open+read+close 4 KiB", "stat"};
using Figures = std::array<std::array<Figure, kKinds.size()>, kTasks.size()>;

// All kinds take turns, so that what else the machine does hits them alike; none is always the
// first.
std::array<Figure, kKinds.size()> compare(Task task, const char* real) {
  const Calls hooked = {.open = ::open, .read = ::read, .close = ::close, .stat = ::stat};
  const Calls native = native_calls();
  struct Kind {
    const Calls& calls;
    const char* path;
  };
  const std::array<Kind, kKinds.size()> kinds = {
      {{native, real}, {hooked, real}, {hooked, kChanging}, {hooked, kFixed}}};
  std::array<std::vector<double>, kKinds.size()> times{};
  std::array<std::vector<double>, kKinds.size()> ratios{};
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::array<double, kKinds.size()> now{};
    for (std::size_t turn = 0; turn < kinds.size(); ++turn) {
      const std::size_t kind = (round + turn) % kinds.size();
      now[kind] = round_of(task, kinds[kind].calls, kinds[kind].path);
    }
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      times[kind].push_back(now[kind]);
      ratios[kind].push_back(now[kind] / now[0]);
    }
  }
  std::array<Figure, kKinds.size()> figures{};
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    figures[kind] = {.nanoseconds = median(times[kind]), .ratio = median(ratios[kind])};
  }
  return figures;
}

// For the program that has started this one.
void compare_all(const char* real) {
  const Figures figures = {compare(read_once, real), compare(stat_once, real)};
  std::fwrite(&figures, sizeof figures, 1, stdout);
}

void print(const char* where, const std::vector<Figures>& starts) {
  std::printf("%s, %zu starts\n", where, starts.size());
  for (std::size_t task = 0; task < kTasks.size(); ++task) {
    std::printf("  %-21s", kTasks[task]);
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      std::vector<double> times;
      std::vector<double> ratios;
      for (const Figures& figures : starts) {
        times.push_back(figures[task][kind].nanoseconds);
        ratios.push_back(figures[task][kind].ratio);
      }
      const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
      std::printf("  %s %.0f ns", kKinds[kind], median(times));
      if (kind > 0) {
        std::printf(", %.3f (%.3f-%.3f)", median(ratios), *least, *most);
      }
    }
    std::printf("\n");
  }
  std::fflush(stdout);
}

std::shared_ptr<vfs::WritableFileSystem> tree_with_file() {
  std::shared_ptr<vfs::WritableFileSystem> memory = providers::make_memory_file_system();
  vfs::Namespace names;
  const auto mount = names.mount("/", memory).value();
  return vfs::write_file(names, "/file", std::string(kSize, 'x')) ? memory : nullptr;
}

// This program once more, with these variables; its figures are read from a pipe.
bool start_program(std::vector<std::string> variables, const char* mode, const std::string& real,
                   std::vector<Figures>& out) {
  std::vector<char*> given;
  for (std::string& variable : variables) {
    // This program brings its hooks along.
    if (!variable.starts_with("LD_PRELOAD=")) {
      given.push_back(variable.data());
    }
  }
  given.push_back(nullptr);
  std::string self = "/proc/self/exe";
  std::string how = mode;
  std::string path = real;
  std::array<char*, 4> arguments = {self.data(), how.data(), path.data(), nullptr};
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return false;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t program = 0;
  const int error =
      posix_spawn(&program, self.c_str(), &actions, nullptr, arguments.data(), given.data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Figures figures{};
  const bool is_whole =
      error == 0 && read(ends[0], &figures, sizeof figures) == static_cast<ssize_t>(sizeof figures);
  close(ends[0]);
  int status = 1;
  if (error == 0) {
    waitpid(program, &status, 0);
  }
  out.push_back(figures);
  return is_whole && status == 0;
}

struct Mounted {
  std::unique_ptr<intercept::Session> session;
  intercept::Mount changing;
  intercept::Mount fixed;
};

Mounted mount_both() {
  auto session = intercept::Session::start().value();
  auto changing = session
                      ->mount("/tmp/seabag-bench.d/changing", tree_with_file(),
                              {.changes = intercept::Changes::by_session})
                      .value();
  const auto unchanging = std::make_shared<testing::FixedFileSystem>(tree_with_file());
  auto fixed = session->mount("/tmp/seabag-bench.d/fixed", unchanging).value();
  return {
      .session = std::move(session), .changing = std::move(changing), .fixed = std::move(fixed)};
}

bool compare_other(const std::string& real) {
  const Mounted mounted = mount_both();
  std::vector<Figures> starts;
  for (std::size_t start = 0; start < kStarts; ++start) {
    if (!start_program(mounted.session->environment(), "intercepted", real, starts)) {
      return false;
    }
  }
  print("another process", starts);
  return true;
}

bool compare_same(const std::string& real) {
  std::vector<Figures> starts;
  for (std::size_t start = 0; start < kStarts; ++start) {
    if (!start_program({}, "attached", real, starts)) {
      return false;
    }
  }
  print("the same process", starts);
  return true;
}

int run_as_program(const std::string& mode, const char* real) {
  if (mode == "intercepted") {
    the_clock = CLOCK_MONOTONIC;
    compare_all(real);
    return 0;
  }
  const Mounted mounted = mount_both();
  const auto attachment = intercept::attach(*mounted.session).value();
  compare_all(real);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3) {
    return run_as_program(arguments[1], arguments[2]);
  }
  std::string path = "/tmp/seabag-bench-XXXXXX";
  const int file = mkstemp(path.data());
  const std::string content(kSize, 'x');
  if (file < 0 || write(file, content.data(), content.size()) != ssize_t{kSize}) {
    std::perror(path.c_str());
    return 1;
  }
  const bool is_done = compare_other(path) && compare_same(path);
  close(file);
  unlink(path.c_str());
  return is_done ? 0 : 1;
}
