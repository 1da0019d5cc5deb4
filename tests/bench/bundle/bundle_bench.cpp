// Writing, opening and asking a bundle: `bundle_bench FILES [BYTES]` packs FILES files of BYTES
// bytes (200) into a bare bundle, 100 a directory, and prints what it took. Without the bundler: no
// file is read, nothing is compressed.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "seabag/bundle/reader.h"
#include "seabag/bundle/verify.h"
#include "seabag/bundle/writer.h"

namespace {

using namespace seabag::bundle;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kPerDirectory = 100;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Usage {
  long faults;
  long peak_kib;
};

Usage usage() {
  rusage numbers{};
  getrusage(RUSAGE_SELF, &numbers);
  return {.faults = numbers.ru_minflt + numbers.ru_majflt, .peak_kib = numbers.ru_maxrss};
}

template <typename T>
T require(seabag::Result<T> result) {
  if (!result) {
    const std::string line = result.error().message() + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::exit(1);
  }
  return std::move(result).take();
}

std::string directory_name(std::size_t file) {
  return "dir" + std::to_string(file / kPerDirectory);
}
std::string file_name(std::size_t file) { return "file" + std::to_string(file) + ".html"; }

void write(const std::string& path, std::size_t files, std::size_t length) {
  const auto start = Clock::now();
  const long peak_before = usage().peak_kib;
  Writer writer = require(Writer::create(path, kNoStub, {.durability = Durability::cached}));
  Tree tree;
  std::string text(length, '.');
  EntryId directory = kRootEntry;
  for (std::size_t file = 0; file < files; ++file) {
    if (file % kPerDirectory == 0) {
      directory = require(tree.add_directory(kRootEntry, directory_name(file), {.mode = 0755}));
    }
    text.replace(0, std::min(length, std::size_t{12}), std::to_string(file) + ' ');
    text.resize(length, '.');
    const auto bytes = std::as_bytes(std::span(text));
    const Blob blob = require(writer.add_blob(bytes));
    const ContentId content =
        require(writer.add_content({.hash = content_hash(bytes), .identity = blob}));
    static_cast<void>(require(tree.add_file(directory, file_name(file), {}, content)));
  }
  const double added = seconds_since(start);
  const auto report = require(writer.finish(std::move(tree)));
  const double total = seconds_since(start);
  std::printf(
      "write: %.3f s (%.3f s of them tables), %.0f MB/s, peak memory %.0f B a file\n", total,
      total - added, static_cast<double>(report.payload_bytes) / 1e6 / total,
      static_cast<double>(usage().peak_kib - peak_before) * 1024.0 / static_cast<double>(files));
  std::printf("size: %.1f MB, metadata %.1f B a file, names %.1f B a file\n",
              static_cast<double>(report.output_bytes) / 1e6,
              static_cast<double>(report.metadata_bytes) / static_cast<double>(files),
              static_cast<double>(report.name_bytes) / static_cast<double>(files));
}

void measure_open(const std::string& path) {
  std::vector<double> times;
  long faults = 0;
  for (int round = 0; round < 51; ++round) {
    const long before = usage().faults;
    const auto start = Clock::now();
    const auto bundle = require(Bundle::open_executable(path));
    times.push_back(seconds_since(start));
    faults = usage().faults - before;
  }
  std::nth_element(times.begin(), times.begin() + 25, times.end());
  std::printf("open: %.1f us, %ld page faults\n", times[25] * 1e6, faults);
}

// What a site asks most of the time: the same few of its paths, whose records stay in the
// processor's caches, however many others there are. The best of many rounds.
void measure_popular(const Bundle& bundle, std::span<const std::string> paths) {
  std::size_t found = 0;
  double best = 1;
  for (int round = 0; round < 300; ++round) {
    const auto start = Clock::now();
    for (const std::string& path : paths) {
      found += bundle.find(path) ? 1U : 0U;
    }
    best = std::min(best, seconds_since(start));
  }
  std::printf("find, %zu popular paths: %.0f ns, %zu found\n", paths.size(),
              best * 1e9 / static_cast<double>(paths.size()), found);
}

// What one access costs that waits for the one before it, over as many bytes as the tables have.
// A path that was not asked for lately takes three of them one after the other: its slot in the
// index, its entry, and what that refers to.
void measure_memory(std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kSteps = 1'000'000;
  struct alignas(kLine) Line {
    std::uint32_t next;
  };
  std::vector<Line> lines(std::max<std::size_t>(bytes / kLine, 1));
  std::vector<std::uint32_t> order(lines.size());
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  for (std::size_t i = 0; i < order.size(); ++i) {
    lines[order[i]].next = order[(i + 1) % order.size()];
  }
  double best = 1;
  std::uint32_t at = 0;
  for (int round = 0; round < 3; ++round) {
    const auto start = Clock::now();
    for (std::size_t step = 0; step < kSteps; ++step) {
      at = lines[at].next;
    }
    best = std::min(best, seconds_since(start));
  }
  std::printf("one access to %.1f MB of memory: %.0f ns (at line %u)\n",
              static_cast<double>(lines.size() * kLine) / 1e6,
              best * 1e9 / static_cast<double>(kSteps), at);
}

// Paths at random: nearly every one waits for memory a few times.
void measure_find(const Bundle& bundle, std::size_t files) {
  std::vector<std::string> paths;
  std::mt19937 random(1);
  for (std::size_t i = 0; i < std::min<std::size_t>(files, 300'000); ++i) {
    const std::size_t file = random() % files;
    paths.push_back("/" + directory_name(file) + "/" + file_name(file));
  }
  for (const std::size_t count : {std::size_t{100}, std::size_t{1000}}) {
    measure_popular(bundle, std::span(paths).first(std::min(paths.size(), count)));
  }
  for (const char* what : {"find (first touch)", "find", "find nothing", "find no directory"}) {
    const std::string_view kind(what);
    std::size_t found = 0;
    const auto start = Clock::now();
    for (std::string& path : paths) {
      found += bundle.find(path) ? 1U : 0U;
    }
    std::printf("%s: %.0f ns, %zu of %zu\n", what,
                seconds_since(start) * 1e9 / static_cast<double>(paths.size()), found,
                paths.size());
    if (kind == "find") {
      for (std::string& path : paths) {
        path += 'x';
      }
    } else if (kind == "find nothing") {
      for (std::string& path : paths) {
        path.insert(1, "no");
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t files = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
  const std::size_t length = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200;
  const char* place = std::getenv("TMPDIR");
  const std::string path = std::string(place != nullptr ? place : "/tmp") +
                           "/seabag-bundle-bench-" + std::to_string(getpid());
  write(path, files, length);
  measure_open(path);
  const auto bundle = require(Bundle::open_executable(path));
  measure_find(*bundle, files);
  const auto info = bundle->info();
  measure_memory(info.metadata_bytes + info.name_bytes);
  const auto start = Clock::now();
  const auto report = require(verify(*bundle));
  std::printf("verify: %.3f s, %.1f MB hashed\n", seconds_since(start),
              static_cast<double>(report.hashed_bytes) / 1e6);
  unlink(path.c_str());
  return 0;
}
