// What the SQLite provider does in a second: streams by 64 KiB and by 4 KiB, small files created
// (with 100 bytes each) in group commit, names looked up and read, and the rename of a directory of
// 100,000 files. Prints the best of a few rounds in wall-clock time, beside the same by the kernel
// on files in the same directory.
//   sqlite_bench [DIRECTORY]     where the files are made and removed; default: /tmp
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "seabag/providers/sqlite.h"
#include "seabag/vfs/file_system.h"

namespace {

using namespace seabag;
using vfs::kRootNode;

constexpr std::size_t kStream = 256U << 20U;
constexpr int kSmallFiles = 20'000;
constexpr int kEntries = 100'000;
constexpr int kRounds = 3;

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::exit(1);
  }
  return std::move(result).take();
}

void must(const Result<void>& result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::exit(1);
  }
}

template <typename Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The fastest of some rounds.
template <typename Work>
double best(Work work) {
  double fastest = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    fastest = std::min(fastest, work());
  }
  return fastest;
}

void tell(const char* what, double value, const char* unit) {
  std::printf("%-44s %12.1f %s\n", what, value, unit);
}

std::vector<std::byte> noise(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::uint32_t state = 1;
  for (std::byte& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::byte>(state >> 24U);
  }
  return bytes;
}

void bench_stream(vfs::WritableFileSystem& files, std::size_t block) {
  constexpr double kMegabytes = kStream / 1e6;
  const auto bytes = noise(block);
  std::vector<std::byte> buffer(block);
  const std::string name = "stream " + std::to_string(block);
  const double write = best([&] {
    const auto node = must(files.create(kRootNode, name, {})).node;
    const auto file = must(files.open_writable(node));
    const double took = seconds([&] {
      for (std::size_t done = 0; done < kStream; done += block) {
        (void)must(file->append(bytes));  // writes all or fails
      }
      must(file->sync(vfs::SyncScope::data));
    });
    must(files.rename(kRootNode, name, kRootNode, name + " done", vfs::RenameMode::replace));
    return took;
  });
  const auto node = must(files.lookup(kRootNode, name + " done")).node;
  const auto file = must(files.open(node));
  const double read = best([&] {
    return seconds([&] {
      for (std::size_t done = 0; done < kStream; done += block) {
        (void)must(file->read_at(buffer, done));  // the file is as long as that
      }
    });
  });
  const std::string by = " by " + std::to_string(block / 1024) + " KiB";
  tell(("sequential write, synced," + by).c_str(), kMegabytes / write, "MB/s");
  tell(("sequential read," + by).c_str(), kMegabytes / read, "MB/s");
}

void bench_small_files(vfs::WritableFileSystem& files) {
  const auto bytes = noise(100);
  int made = 0;
  const double create = best([&] {
    const auto directory = must(files.create(kRootNode, "small " + std::to_string(made),
                                             {.type = vfs::FileType::directory, .mode = 0755}))
                               .node;
    ++made;
    return seconds([&] {
      for (int number = 0; number < kSmallFiles; ++number) {
        const auto node = must(files.create(directory, std::to_string(number), {})).node;
        (void)must(must(files.open_writable(node))->append(bytes));
      }
      must(files.sync());
    });
  });
  tell("small files created, written and closed", kSmallFiles / create, "/s");
  const auto directory = must(files.lookup(kRootNode, "small 0")).node;
  const double lookup = best([&] {
    return seconds([&] {
      for (int number = 0; number < kSmallFiles; ++number) {
        (void)must(files.lookup(directory, std::to_string(number)));
      }
    });
  });
  tell("names looked up", kSmallFiles / lookup, "/s");
}

void bench_rename(vfs::WritableFileSystem& files) {
  const auto make = [&](const char* name) {
    return must(files.create(kRootNode, name, {.type = vfs::FileType::directory, .mode = 0755}))
        .node;
  };
  const auto large = make("large");
  const auto target = make("target");
  for (int number = 0; number < kEntries; ++number) {
    (void)must(files.create(large, std::to_string(number), {}));
  }
  must(files.sync());
  const double rename = best([&] {
    const double took = seconds(
        [&] { must(files.rename(kRootNode, "large", target, "large", vfs::RenameMode::replace)); });
    must(files.rename(target, "large", kRootNode, "large", vfs::RenameMode::replace));
    return took;
  });
  tell("a directory of 100,000 files renamed", rename * 1e6, "us");
}

void bench_native(const std::string& directory) {
  constexpr double kMegabytes = kStream / 1e6;
  constexpr std::size_t kBlock = 65536;
  const auto bytes = noise(kBlock);
  std::vector<std::byte> buffer(kBlock);
  const std::string path = directory + "/native";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool is_good = file >= 0;
  const double write = seconds([&] {
    for (std::size_t done = 0; done < kStream; done += kBlock) {
      is_good = is_good && ::write(file, bytes.data(), kBlock) == ssize_t{kBlock};
    }
    is_good = is_good && ::fdatasync(file) == 0;
  });
  const double read = best([&] {
    return seconds([&] {
      for (std::size_t done = 0; done < kStream; done += kBlock) {
        is_good = is_good &&
                  ::pread(file, buffer.data(), kBlock, static_cast<off_t>(done)) == ssize_t{kBlock};
      }
    });
  });
  ::close(file);
  if (!is_good) {
    std::fprintf(stderr, "the native file could not be written\n");
    std::exit(1);
  }
  tell("native write, synced, by 64 KiB", kMegabytes / write, "MB/s");
  tell("native read by 64 KiB", kMegabytes / read, "MB/s");
}

}  // namespace

int main(int count, char** arguments) {
  const std::string directory = std::string(count > 1 ? arguments[1] : "/tmp") + "/seabag-bench-" +
                                std::to_string(::getpid());
  std::filesystem::create_directory(directory);
  {
    const auto files = must(providers::open_sqlite_file_system(directory + "/files.db"));
    bench_stream(*files, 65536);
    bench_stream(*files, 4096);
    bench_small_files(*files);
    bench_rename(*files);
  }
  bench_native(directory);
  std::filesystem::remove_all(directory);
}
