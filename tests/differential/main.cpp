// Random operations on a real tmpfs and on a provider, compared after each:
//   differential --provider NAME [--operations N] [--seed S] [--first-round R]
// Exit status: 0 no divergence, 1 one was found and printed, 2 usage, 77 no tmpfs can be had here.
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>

#include "providers.h"
#include "rounds.h"

namespace {

using namespace seabag::testing;

constexpr int kSkipped = 77;
constexpr std::uint64_t kRound = 3000;
constexpr std::size_t kMostPrinted = 60;

struct RunOptions {
  std::string provider;
  std::uint64_t seed = 1;
  std::uint64_t operations = 100'000;
  std::uint64_t first_round = 0;  ///< to see again what a longer run has found
};

std::uint64_t* number_named(std::string_view name, RunOptions& options) {
  if (name == "--seed") {
    return &options.seed;
  }
  if (name == "--operations") {
    return &options.operations;
  }
  return name == "--first-round" ? &options.first_round : nullptr;
}

bool parse(std::span<char*> arguments, RunOptions& options) {
  for (std::size_t at = 0; at + 1 < arguments.size(); at += 2) {
    const std::string_view name = arguments[at];
    const std::string_view value = arguments[at + 1];
    if (name == "--provider") {
      options.provider = value;
      continue;
    }
    std::uint64_t* const number = number_named(name, options);
    if (number == nullptr) {
      return false;
    }
    const auto end = value.data() + value.size();
    if (const auto parsed = std::from_chars(value.data(), end, *number);
        parsed.ec != std::errc() || parsed.ptr != end) {
      return false;
    }
  }
  return arguments.size() % 2 == 0 && !options.provider.empty();
}

int usage() {
  std::string names;
  for (const std::string& name : contender_names()) {
    names += (names.empty() ? "" : "|") + name;
  }
  std::fprintf(stderr,
               "usage: differential --provider %s [--operations N] [--seed S] [--first-round R]\n",
               names.c_str());
  return 2;
}

/// All operations go into a file where they are many; only the last ones are printed then.
void print(const Divergence& divergence, const std::string& file_name) {
  const std::vector<Operation>& operations = divergence.operations;
  std::vector<std::string> lines;
  for (const Operation& operation : operations) {
    lines.push_back("  " + std::to_string(lines.size() + 1) + " " + describe(operation));
  }
  std::size_t first = 0;
  if (lines.size() > kMostPrinted) {
    std::ofstream all(file_name);
    for (const std::string& line : lines) {
      all << line << '\n';
    }
    first = lines.size() - kMostPrinted;
    std::printf("  (the first %zu are %s %s)\n", first,
                all.flush() ? "with the others in" : "left out: cannot write", file_name.c_str());
  }
  for (std::size_t at = first; at < lines.size(); ++at) {
    std::puts(lines[at].c_str());
  }
  std::printf("  %s\n", divergence.difference.c_str());
}

void report(const KernelMount& mount, const RunOptions& options, std::uint64_t round,
            const Divergence& divergence) {
  std::printf("%s diverges: seed %llu, round %llu, operation %zu of it\n  %s\n  %s\n",
              options.provider.c_str(), static_cast<unsigned long long>(options.seed),
              static_cast<unsigned long long>(round), divergence.operations.size(),
              describe(divergence.operations.back()).c_str(), divergence.difference.c_str());
  std::printf("the fewest operations found that show it:\n");
  const std::string name = "differential-" + options.provider + "-" + std::to_string(options.seed) +
                           "-" + std::to_string(round) + ".txt";
  print(minimised(mount, options.provider, divergence),
        (std::filesystem::temp_directory_path() / name).string());
}

/// The number of operations made, or 0 after a divergence.
std::uint64_t run(const KernelMount& mount, const RunOptions& options) {
  std::uint64_t done = 0;
  for (std::uint64_t round = options.first_round; done < options.operations; ++round) {
    const RoundOptions part{.provider = options.provider,
                            .seed = options.seed * 1'000'003 + round,
                            .operations = std::min(kRound, options.operations - done)};
    const Divergence divergence = run_round(mount, part);
    done += divergence.operations.size();
    if (divergence) {
      report(mount, options, round, divergence);
      return 0;
    }
  }
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  RunOptions options;
  if (!parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1), options)) {
    return usage();
  }
  if (const std::string reason = KernelMount::enter_own_namespace(); !reason.empty()) {
    std::printf("skipped: %s\n", reason.c_str());
    return kSkipped;
  }
  const auto mount = KernelMount::make();
  if (mount == nullptr) {
    std::printf("skipped: cannot mount a tmpfs: %s\n", std::strerror(errno));
    return kSkipped;
  }
  if (make_contender(options.provider, *mount) == nullptr) {
    return usage();
  }
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t done = run(*mount, options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (done == 0) {
    return 1;
  }
  std::printf("%s: %llu operations, no divergence, %.0f a second\n", options.provider.c_str(),
              static_cast<unsigned long long>(done), static_cast<double>(done) / took.count());
  return 0;
}
