// What a Namespace costs on top of a provider: the time of `stat` on a mount point minus the time
// of the same call on a provider that does nothing, with 1 and with 1,000 mounts; and a whole path
// against the same lookups made by hand. Prints medians of 15 rounds in nanoseconds
// of CPU time a call.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "seabag/providers/memory.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/shortcuts.h"

namespace {

using namespace seabag;
using namespace seabag::vfs;

constexpr int kRounds = 15;
constexpr int kCalls = 200'000;

/// An empty directory that answers at once.
class NothingFileSystem final : public FileSystem {
 public:
  const Capabilities& capabilities() const override { return capabilities_; }
  Result<Attributes> lookup(NodeId, std::string_view) override { return missing(); }
  Result<Attributes> attributes(NodeId node) override {
    return Attributes{.node = node, .type = FileType::directory};
  }
  Result<std::unique_ptr<File>> open(NodeId) override { return missing(); }
  Result<std::vector<DirectoryEntry>> list(NodeId, std::uint64_t, std::size_t) override {
    return std::vector<DirectoryEntry>{};
  }
  Result<std::string> read_link(NodeId) override { return missing(); }
  Result<std::string> xattr(NodeId, std::string_view) override { return missing(); }
  Result<std::vector<std::string>> xattrs(NodeId) override { return std::vector<std::string>{}; }
  Result<Statistics> statistics() override { return Statistics{}; }

 private:
  static Error missing() { return make_error(std::errc::no_such_file_or_directory, "bench"); }

  Capabilities capabilities_;
};

/// CPU time of this thread: what else the machine does counts less than in wall time.
double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Call>
double nanoseconds(Call call) {
  std::array<double, kRounds> rounds{};
  std::uint64_t links = 0;
  for (double& round : rounds) {
    const double start = cpu_nanoseconds();
    for (int repeat = 0; repeat < kCalls; ++repeat) {
      links += call();
    }
    round = (cpu_nanoseconds() - start) / kCalls;
  }
  if (links == 0) {
    std::printf("nothing was found\n");
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[kRounds / 2];
}

std::uint64_t found(const Result<Attributes>& attributes) {
  return attributes ? attributes->links : 0;
}

void report(const char* what, double base, double measured) {
  std::printf("%-34s direct %6.1f  namespace %6.1f  dispatch %6.1f\n", what, base, measured,
              measured - base);
}

void bench_one(FileSystem& direct) {
  Namespace files;
  const Mount root = files.mount("/", std::make_shared<NothingFileSystem>()).value();
  const double base = nanoseconds([&] { return found(direct.attributes(kRootNode)); });
  report("stat, 1 mount at /", base, nanoseconds([&] { return found(files.stat("/")); }));
}

void bench_thousand(FileSystem& direct) {
  Namespace files;
  std::vector<std::string> points;
  std::vector<Mount> mounts;
  for (int number = 0; number < 1000; ++number) {
    points.push_back("/mount" + std::to_string(number));
    mounts.push_back(files.mount(points.back(), std::make_shared<NothingFileSystem>()).value());
  }
  const double base = nanoseconds([&] { return found(direct.attributes(kRootNode)); });
  std::size_t next = 0;
  report("stat, 1,000 mounts, each in turn", base, nanoseconds([&] {
           next = next + 7 < points.size() ? next + 7 : next + 7 - points.size();
           return found(files.stat(points[next]));
         }));
  report("stat, 1,000 mounts, one of them", base,
         nanoseconds([&] { return found(files.stat("/mount500")); }));
}

void bench_path() {
  std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  Namespace files;
  const Mount root = files.mount("/", memory).value();
  if (!create_directories(files, "/usr/share/doc") || !write_file(files, "/usr/share/doc/f", "")) {
    std::printf("cannot build the tree\n");
    return;
  }
  const double base = nanoseconds([&] {
    NodeId node = kRootNode;
    for (const char* name : {"usr", "share", "doc"}) {
      node = memory->lookup(node, name)->node;
    }
    return found(memory->lookup(node, "f"));
  });
  report("stat of a path of 4, memory", base,
         nanoseconds([&] { return found(files.stat("/usr/share/doc/f")); }));
}

}  // namespace

int main() {
  const std::unique_ptr<FileSystem> direct = std::make_unique<NothingFileSystem>();
  bench_one(*direct);
  bench_thousand(*direct);
  bench_path();
}
