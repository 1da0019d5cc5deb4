// Random operations on a real tmpfs and on a provider, compared after each:
//   differential --provider NAME [--operations N] [--seed S]
// Exit status: 0 no divergence, 1 one was found and printed, 2 usage, 77 no tmpfs can be had here.
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "providers.h"
#include "rounds.h"

namespace {

using namespace seabag::testing;

constexpr int kSkipped = 77;
constexpr std::uint64_t kRound = 3000;

bool parse(std::span<char*> arguments, RoundOptions& options) {
  for (std::size_t at = 0; at + 1 < arguments.size(); at += 2) {
    const std::string_view name = arguments[at];
    const std::string_view value = arguments[at + 1];
    if (name == "--provider") {
      options.provider = value;
      continue;
    }
    if (name != "--operations" && name != "--seed") {
      return false;
    }
    std::uint64_t& number = name == "--seed" ? options.seed : options.operations;
    const auto end = value.data() + value.size();
    if (const auto parsed = std::from_chars(value.data(), end, number);
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
  std::fprintf(stderr, "usage: differential --provider %s [--operations N] [--seed S]\n",
               names.c_str());
  return 2;
}

void print(const Divergence& divergence) {
  int number = 0;
  for (const Operation& operation : divergence.operations) {
    std::printf("  %3d %s\n", ++number, describe(operation).c_str());
  }
  std::printf("  %s\n", divergence.difference.c_str());
}

/// The number of operations made, or 0 after a divergence.
std::uint64_t run(const KernelMount& mount, const RoundOptions& options) {
  std::uint64_t done = 0;
  for (std::uint64_t round = 0; done < options.operations; ++round) {
    const RoundOptions part{.provider = options.provider,
                            .seed = options.seed * 1'000'003 + round,
                            .operations = std::min(kRound, options.operations - done)};
    const Divergence divergence = run_round(mount, part);
    done += divergence.operations.size();
    if (divergence) {
      std::printf("%s diverges: seed %llu, operation %llu (number %zu of round %llu)\n  %s\n  %s\n",
                  options.provider.c_str(), static_cast<unsigned long long>(options.seed),
                  static_cast<unsigned long long>(done), divergence.operations.size(),
                  static_cast<unsigned long long>(round),
                  describe(divergence.operations.back()).c_str(), divergence.difference.c_str());
      std::printf("the fewest operations found that show it:\n");
      print(minimised(mount, options.provider, divergence));
      return 0;
    }
  }
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  RoundOptions options{.operations = 100'000};
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
