// Measures packing against the targets of the project: time, peak memory, use of both cores, and
// what the cache is worth. Each pack runs in a process of its own, so that its peak is its own.
//
//   pack_bench [WORK_DIRECTORY [TREE...]]
//
// WORK_DIRECTORY (default: a new one below $TMPDIR) receives the generated trees and needs room for
// a million small files. Each TREE, such as /usr/share/doc, is packed with the release profile by
// one and by two jobs, and again with what the cache then holds.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "seabag/bundler/pack.h"

namespace {

namespace fs = std::filesystem;
using seabag::bundler::PackOptions;
using seabag::bundler::PackReport;
using seabag::bundler::Profile;

constexpr std::size_t kFilesPerDirectory = 1000;

void make_tree(const fs::path& root, std::size_t files, std::size_t bytes) {
  if (fs::exists(root)) {
    return;
  }
  std::printf("making %s: %zu files of %zu bytes\n", root.c_str(), files, bytes);
  for (std::size_t file = 0; file < files; ++file) {
    const fs::path directory = root / std::to_string(file / kFilesPerDirectory);
    if (file % kFilesPerDirectory == 0) {
      fs::create_directories(directory);
    }
    std::string text = "file " + std::to_string(file) + "\n";
    while (text.size() < bytes) {
      text += "line " + std::to_string(text.size() * (file + 1) % 99991) + " of some text\n";
    }
    text.resize(bytes);
    std::ofstream(directory / ("page-" + std::to_string(file) + ".html"), std::ios::binary) << text;
  }
}

void make_sparse_file(const fs::path& root, off_t size) {
  fs::create_directories(root);
  const int file = open((root / "disk.img").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  constexpr std::string_view kMark = "some data in the middle";
  if (file < 0 || ftruncate(file, size) != 0 ||
      pwrite(file, kMark.data(), kMark.size(), size / 2) < 0) {
    std::perror("sparse file");
    std::exit(1);
  }
  close(file);
}

/// What the child tells, without the parts that are not plain bytes.
struct Figures {
  std::uint64_t files = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t computed = 0;
  std::uint64_t cached = 0;
  double seconds = 0;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void run_child(const PackOptions& options, int result) {
  const auto report = seabag::bundler::pack(options);
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().message().c_str());
    std::_Exit(1);
  }
  const Figures figures{.files = report->files,
                        .bytes_in = report->bytes_in,
                        .bytes_out = report->bytes_out,
                        .computed = report->computed_variants,
                        .cached = report->cached_variants,
                        .seconds = std::chrono::duration<double>(report->elapsed).count()};
  std::_Exit(write(result, &figures, sizeof figures) == sizeof figures ? 0 : 1);
}

/// Packs in a child process and prints a row; the seconds it took.
double measure(const char* what, const PackOptions& options) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    std::perror("pipe");
    std::exit(1);
  }
  const pid_t child = fork();
  if (child == 0) {
    run_child(options, ends[1]);
  }
  close(ends[1]);
  Figures figures;
  const bool is_told = read(ends[0], &figures, sizeof figures) == sizeof figures;
  close(ends[0]);
  rusage usage{};
  int status = 0;
  wait4(child, &status, 0, &usage);
  if (!is_told) {
    std::printf("%-34s failed\n", what);
    return 0;
  }
  struct stat output {};
  stat(options.output.c_str(), &output);
  std::printf(
      "%-34s %9.3f s  cpu %8.2f s  peak %5ld MiB  files %8llu  in %7.1f MB  out %7.1f MB  "
      "on disk %7.1f MB  computed %llu  cached %llu\n",
      what, figures.seconds, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
      usage.ru_maxrss / 1024, static_cast<unsigned long long>(figures.files),
      static_cast<double>(figures.bytes_in) / 1e6, static_cast<double>(figures.bytes_out) / 1e6,
      static_cast<double>(output.st_blocks) * 512 / 1e6,
      static_cast<unsigned long long>(figures.computed),
      static_cast<unsigned long long>(figures.cached));
  std::fflush(stdout);
  return figures.seconds;
}

PackOptions options_for(const fs::path& input, const fs::path& output, Profile profile,
                        unsigned jobs) {
  PackOptions options;
  options.inputs = {{.path = input.string()}};
  options.output = output.string();
  options.profile = profile;
  options.jobs = jobs;
  options.links = seabag::bundler::LinkPolicy::any;
  options.durability = seabag::bundle::Durability::cached;
  return options;
}

void measure_uncompressed(const fs::path& work) {
  const fs::path output = work / "out";
  make_tree(work / "ten-thousand", 10'000, 2000);
  make_tree(work / "million", 1'000'000, 200);
  make_sparse_file(work / "sparse", off_t{8} << 30);
  for (int round = 0; round < 3; ++round) {
    measure("10,000 x 2 KB, none", options_for(work / "ten-thousand", output, Profile::none, 2));
  }
  for (const unsigned jobs : {1U, 2U}) {
    const std::string name = "1,000,000 x 200 B, none, jobs " + std::to_string(jobs);
    measure(name.c_str(), options_for(work / "million", output, Profile::none, jobs));
  }
  measure("8 GiB sparse, none", options_for(work / "sparse", output, Profile::none, 2));
  fs::remove(output);
}

void measure_tree(const fs::path& tree, const fs::path& work) {
  const fs::path output = work / "out";
  const fs::path cache = work / "cache";
  std::printf("%s\n", tree.c_str());
  for (const Profile profile : {Profile::dev, Profile::release}) {
    const bool is_release = profile == Profile::release;
    const double one = measure(is_release ? "  release, 1 job" : "  dev, 1 job",
                               options_for(tree, output, profile, 1));
    fs::remove_all(cache);
    PackOptions cached = options_for(tree, output, profile, 2);
    cached.cache_directory = cache.string();
    const double two = measure(is_release ? "  release, 2 jobs" : "  dev, 2 jobs", cached);
    const double again = measure("  the same again, from the cache", cached);
    std::printf("  2 jobs are %.2f times as fast as 1, the cache %.1f times\n", one / two,
                two / again);
  }
  fs::remove(output);
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path work =
      argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path() / "seabag-pack-bench";
  fs::create_directories(work);
  measure_uncompressed(work);
  for (int index = 2; index < argc; ++index) {
    measure_tree(argv[index], work);
  }
  return 0;
}
