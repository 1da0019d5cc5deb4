// What interception costs, in this process: open + read + close of 4 KiB in a mount and outside of
// every mount, against the same without interception. Prints medians of 15 rounds in nanoseconds
// a call, and the ratios.
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "seabag/intercept/attach.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/shortcuts.h"

namespace {

using namespace seabag;

constexpr int kRounds = 15;
constexpr int kCalls = 4000;
constexpr std::size_t kSize = 4096;

double now_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

bool read_once(const std::string& path) {
  std::array<char, kSize> buffer{};
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_whole = read(file, buffer.data(), buffer.size()) == ssize_t{kSize};
  close(file);
  return is_whole;
}

bool stat_once(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

double round_of(bool (*call)(const std::string&), const std::string& path) {
  const double start = now_nanoseconds();
  for (int each = 0; each < kCalls; ++each) {
    if (!call(path)) {
      std::fprintf(stderr, "cannot use %s\n", path.c_str());
      std::exit(1);
    }
  }
  return (now_nanoseconds() - start) / kCalls;
}

double median(std::array<double, kRounds> rounds) {
  std::sort(rounds.begin(), rounds.end());
  return rounds[kRounds / 2];
}

// The three kinds take turns, so that what else the machine does hits them alike.
void compare(const char* what, bool (*call)(const std::string&), intercept::Session& session,
             const std::string& real, const std::string& in_mount) {
  std::array<double, kRounds> native{};
  std::array<double, kRounds> outside{};
  std::array<double, kRounds> inside{};
  for (std::size_t round = 0; round < kRounds; ++round) {
    native[round] = round_of(call, real);
    const auto attachment = intercept::attach(session);
    if (!attachment) {
      std::fprintf(stderr, "%s\n", attachment.error().message().c_str());
      std::exit(1);
    }
    outside[round] = round_of(call, real);
    inside[round] = round_of(call, in_mount);
  }
  const double base = median(native);
  std::printf("%-22s native %7.0f  outside %7.0f (%.3f)  in a mount %7.0f (%.2f)\n", what, base,
              median(outside), median(outside) / base, median(inside), median(inside) / base);
}

}  // namespace

int main() {
  std::string path = "/tmp/seabag-bench-XXXXXX";
  const int file = mkstemp(path.data());
  const std::string content(kSize, 'x');
  if (file < 0 || write(file, content.data(), content.size()) != ssize_t{kSize}) {
    std::perror(path.c_str());
    return 1;
  }
  const auto session = intercept::Session::start().value();
  std::shared_ptr<vfs::WritableFileSystem> memory = providers::make_memory_file_system();
  const auto mount = session->mount("/seabag-bench", memory).value();
  if (!vfs::write_file(session->files(), "/seabag-bench/file", content)) {
    return 1;
  }
  compare("open+read+close 4 KiB", read_once, *session, path, "/seabag-bench/file");
  compare("stat", stat_once, *session, path, "/seabag-bench/file");
  close(file);
  unlink(path.c_str());
}
