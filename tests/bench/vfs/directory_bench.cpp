// What opening and looking at a file costs through a Namespace over the directory provider, beside
// the machine's own calls on the same path in the same run, at depths 1 and 4. Interleaved rounds,
// in nanoseconds of CPU time a call: the fastest and the median round. The ratio is the median of
// the rounds' own, since what disturbs the machine disturbs both halves of a round.
//
//   directory_bench [DIRECTORY]   somewhere else than in /dev/shm
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "seabag/providers/directory.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/shortcuts.h"

namespace {

using namespace seabag;

constexpr int kRounds = 201;
constexpr int kCalls = 2'000;

using Call = std::function<bool()>;

void require(bool is_good, const char* what) {
  if (!is_good) {
    std::printf("failed: %s\n", what);
    std::exit(1);
  }
}

double nanoseconds_a_call(const Call& call) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  };
  bool is_good = true;
  const double start = now();
  for (int done = 0; done < kCalls; ++done) {
    is_good = call() && is_good;
  }
  const double each = (now() - start) / kCalls;
  require(is_good, "a call");
  return each;
}

double median_of(std::vector<double> rounds) {
  const auto middle = rounds.begin() + kRounds / 2;
  std::nth_element(rounds.begin(), middle, rounds.end());
  return *middle;
}

void compare(const char* what, const Call& ours, const Call& native) {
  std::vector<double> our_rounds;
  std::vector<double> native_rounds;
  std::vector<double> ratios;
  for (int round = 0; round < kRounds; ++round) {
    our_rounds.push_back(nanoseconds_a_call(ours));
    native_rounds.push_back(nanoseconds_a_call(native));
    ratios.push_back(our_rounds.back() / native_rounds.back());
  }
  std::printf("  %-38s min %6.0f median %6.0f ns  native %6.0f %6.0f ns  ratio %5.2f\n", what,
              *std::min_element(our_rounds.begin(), our_rounds.end()), median_of(our_rounds),
              *std::min_element(native_rounds.begin(), native_rounds.end()),
              median_of(native_rounds), median_of(ratios));
}

bool open_and_close(const char* path) { return ::close(::open(path, O_RDONLY | O_CLOEXEC)) == 0; }

bool open_stat_and_close(int directory, const char* path) {
  const int file = ::openat(directory, path, O_RDONLY | O_CLOEXEC);
  struct stat status {};
  const bool is_good = ::fstat(file, &status) == 0;
  return ::close(file) == 0 && is_good;
}

void bench_path(const vfs::Namespace& files, const std::string& host, const std::string& path) {
  const std::string native = host + path;
  const int root = ::open(host.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  std::printf("%s\n", path.c_str());
  compare(
      "open + close", [&] { return files.open(path).has_value(); },
      [&] { return open_and_close(native.c_str()); });
  compare(
      "stat, native: openat + fstat + close", [&] { return files.stat(path).has_value(); },
      [&] { return open_stat_and_close(root, path.c_str() + 1); });
  compare(
      "stat, native: stat", [&] { return files.stat(path).has_value(); },
      [&] {
        struct stat status {};
        return ::stat(native.c_str(), &status) == 0;
      });
  ::close(root);
}

}  // namespace

int main(int count, char** arguments) {
  std::string host = std::string(count > 1 ? arguments[1] : "/dev/shm") + "/seabag-bench-XXXXXX";
  require(mkdtemp(host.data()) != nullptr, "mkdtemp");
  {
    vfs::Namespace files;
    const vfs::Mount mount =
        files.mount("/", providers::DirectoryFileSystem::open_root(host).value()).value();
    require(create_directories(files, "/a/b/c").has_value(), "mkdir");
    require(write_file(files, "/file", "1").has_value(), "write");
    require(write_file(files, "/a/b/c/file", "4").has_value(), "write");
    bench_path(files, host, "/file");
    bench_path(files, host, "/a/b/c/file");
    require(files.remove_all("/a").has_value() && unlink(files, "/file").has_value(), "cleaning");
  }
  return ::rmdir(host.c_str());
}
