// A bundle mounted by the kernel beside files of the machine in the same directory: stat of a
// cached path, open + read + close of a warm 2 KB file, the first sequential read of a large file,
// and find(1) over all files, the first time and again. Prints the best of a few rounds in
// wall-clock time.
//   mount_bench [FILES] [DIRECTORY]   how many files the bundle has (1,000,000), and where
//                                     everything is made and removed (/tmp)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "seabag/bundle/reader.h"
#include "seabag/bundle/writer.h"
#include "seabag/mount/kernel_mount.h"

namespace {

using namespace seabag;

constexpr std::size_t kPerDirectory = 1000;
constexpr std::size_t kSmall = 2048;
constexpr std::size_t kLarge = 1U << 29U;
constexpr std::size_t kPart = 1U << 20U;
constexpr int kRounds = 7;
constexpr int kCalls = 50'000;
const std::string kSmallPath = "/usr/share/site/small.txt";

template <typename T>
T require(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::exit(1);
  }
  return std::move(result).take();
}

[[noreturn]] void fail(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

template <typename Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename Call>
double best_nanoseconds(Call call) {
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    best = std::min(best, seconds([&] {
                      for (int repeat = 0; repeat < kCalls; ++repeat) {
                        call();
                      }
                    }));
  }
  return best / kCalls * 1e9;
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

bundle::ContentId add(bundle::Writer& writer, std::span<const std::byte> bytes) {
  const bundle::Blob blob = require(writer.add_blob(bytes));
  return require(writer.add_content({.hash = bundle::content_hash(bytes), .identity = blob}));
}

void write_host(const std::string& path, std::span<const std::byte> bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "we"),
                                                             &std::fclose);
  if (file == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) {
    fail(path);
  }
}

// The same small and large file in the bundle and in the directory `native`; in the bundle many
// empty ones too.
void make_trees(const std::string& bundle_path, const std::string& native, std::size_t files) {
  auto writer = require(bundle::Writer::create(bundle_path, bundle::kNoStub,
                                               {.durability = bundle::Durability::cached}));
  const auto large = noise(kLarge);
  const auto small = std::span(large).first(kSmall);
  bundle::Tree tree;
  bundle::EntryId place = bundle::kRootEntry;
  for (const char* name : {"usr", "share", "site"}) {
    place = require(tree.add_directory(place, name, {.mode = 0755}));
  }
  static_cast<void>(require(tree.add_file(place, "small.txt", {.mode = 0644}, add(writer, small))));
  static_cast<void>(
      require(tree.add_file(bundle::kRootEntry, "large", {.mode = 0644}, add(writer, large))));
  const auto nothing = add(writer, {});
  const auto many = require(tree.add_directory(bundle::kRootEntry, "many", {.mode = 0755}));
  bundle::EntryId directory = many;
  for (std::size_t file = 0; file < files; ++file) {
    if (file % kPerDirectory == 0) {
      directory = require(
          tree.add_directory(many, "dir" + std::to_string(file / kPerDirectory), {.mode = 0755}));
    }
    static_cast<void>(
        require(tree.add_file(directory, "file" + std::to_string(file), {.mode = 0644}, nothing)));
  }
  static_cast<void>(require(writer.finish(std::move(tree))));
  write_host(native + kSmallPath, small);
  write_host(native + "/large", large);
}

void stat_once(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    fail(path);
  }
}

void read_once(const std::string& path) {
  std::array<char, 2 * kSmall> room{};
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, room.data(), room.size()) != static_cast<ssize_t>(kSmall)) {
    fail(path);
  }
  close(file);
}

double gigabytes_per_second(const std::string& path) {
  std::vector<char> room(kPart);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    fail(path);
  }
  std::size_t total = 0;
  const double taken = seconds([&] {
    for (ssize_t count = 1; count > 0;) {
      count = read(file, room.data(), room.size());
      total += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }
  });
  close(file);
  if (total != kLarge) {
    fail(path);
  }
  return static_cast<double>(total) / taken / 1e9;
}

void tell_ratio(const char* what, double native, double mounted) {
  std::printf("%-34s native %8.0f ns  mounted %8.0f ns  ratio %5.2f\n", what, native, mounted,
              mounted / native);
}

double find_seconds(const std::string& directory) {
  const std::string command = "find '" + directory + "' > /dev/null";
  return seconds([&] {
    if (std::system(command.c_str()) != 0) {
      std::exit(1);
    }
  });
}

mount::KernelMount mount_again(const std::string& directory, const std::string& bundle_path) {
  return require(
      mount::KernelMount::mount(directory, require(bundle::Bundle::open_executable(bundle_path))));
}

void measure(const std::string& home, std::size_t files) {
  const std::string bundle_path = home + "/bundle";
  const std::string native = home + "/native";
  const std::string mounted = home + "/mounted";
  std::filesystem::create_directory(mounted);
  make_trees(bundle_path, native, files);
  double first = 0;
  double again = 0;
  double found = 1e9;
  double found_again = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto mount = mount_again(mounted, bundle_path);
    first = std::max(first, gigabytes_per_second(mounted + "/large"));
    again = std::max(again, gigabytes_per_second(mounted + "/large"));
    found = std::min(found, find_seconds(mounted + "/many"));
    found_again = std::min(found_again, find_seconds(mounted + "/many"));
  }
  const auto mount = mount_again(mounted, bundle_path);
  tell_ratio("stat, cached", best_nanoseconds([&] { stat_once(native + kSmallPath); }),
             best_nanoseconds([&] { stat_once(mounted + kSmallPath); }));
  tell_ratio("open + read 2 KB + close, warm",
             best_nanoseconds([&] { read_once(native + kSmallPath); }),
             best_nanoseconds([&] { read_once(mounted + kSmallPath); }));
  std::printf("%-34s first %.2f GB/s, again %.2f GB/s, native %.2f GB/s\n",
              "sequential read of 512 MiB", first, again, gigabytes_per_second(native + "/large"));
  std::printf("find over %zu files: %26s first %.2f s, again %.2f s\n", files, "", found,
              found_again);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t files = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  std::string home = std::string(argc > 2 ? argv[2] : "/tmp") + "/seabag-mount-bench-XXXXXX";
  if (mkdtemp(home.data()) == nullptr) {
    fail(home);
  }
  measure(home, files);
  std::filesystem::remove_all(home);
  return 0;
}
