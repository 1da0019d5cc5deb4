// What the memory provider and the directory provider cost through a Namespace, beside the same
// calls on the machine's own tmpfs (/dev/shm) in the same run. Interleaved rounds, in nanoseconds
// of CPU time a call: the fastest round, and the median; ratios are ours to native by the medians.
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "seabag/providers/directory.h"
#include "seabag/providers/memory.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/shortcuts.h"

namespace {

using namespace seabag;

constexpr int kRounds = 25;
constexpr const char* kDeep = "/a/b/c/d/file";

double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void require(bool is_good, const char* what) {
  if (!is_good) {
    std::printf("failed: %s\n", what);
    std::exit(1);
  }
}

using Work = std::function<void(int)>;

double time_of(const Work& work, int calls) {
  const double start = cpu_nanoseconds();
  work(calls);
  return (cpu_nanoseconds() - start) / calls;
}

struct Summary {
  double least;
  double median;
};

Summary summary_of(std::vector<double> rounds) {
  std::ranges::sort(rounds);
  return {.least = rounds.front(), .median = rounds[rounds.size() / 2]};
}

/// Both sides in turn, so that what disturbs the machine disturbs both.
void compare(const char* what, int calls, const Work& ours, const Work& native) {
  std::vector<double> first;
  std::vector<double> second;
  for (int round = 0; round < kRounds; ++round) {
    first.push_back(time_of(ours, calls));
    second.push_back(time_of(native, calls));
  }
  const Summary our = summary_of(std::move(first));
  const Summary native_one = summary_of(std::move(second));
  std::printf("%-34s min %9.1f median %9.1f ns  native %9.1f %9.1f ns  ratio %5.2f\n", what,
              our.least, our.median, native_one.least, native_one.median,
              our.median / native_one.median);
}

Work repeat(const std::function<bool()>& call) {
  return [call](int calls) {
    bool is_good = true;
    for (int done = 0; done < calls; ++done) {
      is_good = call() && is_good;
    }
    require(is_good, "a call");
  };
}

void bench_calls(vfs::Namespace& files, const std::string& host) {
  const std::string native = host + kDeep;
  compare("stat at depth 5", 100'000, repeat([&] { return files.stat(kDeep).has_value(); }),
          repeat([&] {
            struct stat status {};
            return ::stat(native.c_str(), &status) == 0;
          }));
  compare("open + close at depth 5", 50'000, repeat([&] { return files.open(kDeep).has_value(); }),
          repeat([&] { return ::close(::open(native.c_str(), O_RDONLY | O_CLOEXEC)) == 0; }));
}

void bench_reads(vfs::Namespace& files, const std::string& host) {
  const auto file = files.open(kDeep).value();
  const int descriptor = ::open((host + kDeep).c_str(), O_RDONLY | O_CLOEXEC);
  std::vector<std::byte> buffer(4096);
  compare("read 4 KiB", 100'000,
          repeat([&] { return file->read_at(buffer, 4096).value() == 4096; }),
          repeat([&] { return ::pread(descriptor, buffer.data(), 4096, 4096) == 4096; }));
  ::close(descriptor);
}

void bench_appends(vfs::Namespace& files, const std::string& host) {
  constexpr int kCount = 1024;
  const std::vector<std::byte> block(65536, std::byte{7});
  const std::string native = host + "/stream";
  const Work ours = [&](int) {
    const auto file =
        files.open_writable("/stream", {.create = vfs::CreateMode::if_missing, .truncate = true});
    for (int done = 0; done < kCount; ++done) {
      require((*file)->append(block).value_or(0) == block.size(), "append");
    }
  };
  const Work theirs = [&](int) {
    const int file =
        ::open(native.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    for (int done = 0; done < kCount; ++done) {
      require(::write(file, block.data(), block.size()) == 65536, "write");
    }
    ::close(file);
  };
  compare("64 MiB in appends of 64 KiB", 1, ours, theirs);
}

void bench_million() {
  constexpr int kFiles = 1'000'000;
  const auto files = providers::make_memory_file_system({.max_nodes = 2 * kFiles});
  const auto before = mallinfo2();
  std::size_t names = 0;
  const double start = cpu_nanoseconds();
  for (int number = 0; number < kFiles; ++number) {
    const std::string name = "file " + std::to_string(number);
    names += name.size();
    require(files->create(vfs::kRootNode, name, {}).has_value(), "create");
  }
  const double each = (cpu_nanoseconds() - start) / kFiles;
  const auto after = mallinfo2();
  const double bytes = static_cast<double>(after.uordblks + after.hblkhd) -
                       static_cast<double>(before.uordblks + before.hblkhd);
  std::printf("%-36s %10.1f bytes a file + name, created in %.0f ns each\n",
              "a million empty files", (bytes - static_cast<double>(names)) / kFiles, each);
}

void bench_directory(const std::string& host) {
  vfs::Namespace files;
  std::shared_ptr<providers::DirectoryFileSystem> root =
      providers::DirectoryFileSystem::open_root(host).value();
  const vfs::Mount mount = files.mount("/", root).value();
  const std::string native = host + kDeep;
  compare("directory provider: open + close", 10'000,
          repeat([&] { return files.open(kDeep).has_value(); }),
          repeat([&] { return ::close(::open(native.c_str(), O_RDONLY | O_CLOEXEC)) == 0; }));
  const auto node = files.stat(kDeep).value().node;
  compare("directory provider: open of a node", 10'000,
          repeat([&] { return root->open(node).has_value(); }),
          repeat([&] { return ::close(::open(native.c_str(), O_RDONLY | O_CLOEXEC)) == 0; }));
}

void fill(vfs::Namespace& files) {
  require(create_directories(files, "/a/b/c/d").has_value(), "mkdir");
  require(write_file(files, kDeep, std::string(65536, 'x')).has_value(), "write");
}

}  // namespace

int main() {
  std::string host = "/dev/shm/seabag-bench-XXXXXX";
  require(mkdtemp(host.data()) != nullptr, "mkdtemp in /dev/shm");
  {
    vfs::Namespace native;
    const vfs::Mount mount =
        native.mount("/", providers::DirectoryFileSystem::open_root(host).value()).value();
    fill(native);
  }
  vfs::Namespace files;
  const vfs::Mount mount = files.mount("/", providers::make_memory_file_system()).value();
  fill(files);
  bench_calls(files, host);
  bench_reads(files, host);
  bench_appends(files, host);
  bench_directory(host);
  bench_million();
  vfs::Namespace native;
  const vfs::Mount cleaning =
      native.mount("/", providers::DirectoryFileSystem::open_root(host).value()).value();
  require(native.remove_all("/a").has_value() && unlink(native, "/stream").has_value(), "cleaning");
  return ::rmdir(host.c_str());
}
