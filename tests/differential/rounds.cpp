#include "rounds.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "comparison.h"
#include "generator.h"
#include "namespace_subject.h"
#include "providers.h"

namespace seabag::testing {
namespace {

constexpr std::uint64_t kOperationsBetweenTrees = 500;
constexpr std::uint64_t kOperationsBetweenRenewals = 1000;
constexpr std::chrono::seconds kPatience(30);

/// The two sides of one round.
struct Sides {
  Sides(const KernelMount& mount, const std::string& provider)
      : contender(make_contender(provider, mount)),
        kernel(mount, "reference"),
        ours(std::in_place, contender->file_system()),
        comparison(kernel, *ours, contender->likeness()) {}

  /// The first difference.
  [[nodiscard]] std::string run(const Operation& operation) {
    if (operation.act != Act::renew) {
      return comparison.run(operation);
    }
    for (unsigned slot = 0; slot <= kSlots; ++slot) {
      kernel.run({.act = Act::close, .slot = slot});
    }
    ours.reset();
    std::shared_ptr<vfs::WritableFileSystem> next = contender->renewed();
    ours.emplace(next == nullptr ? contender->file_system() : std::move(next));
    comparison.forget_inodes();
    std::vector<std::string> paths;
    return comparison.compare_trees(paths);
  }

  std::unique_ptr<Contender> contender;
  KernelSubject kernel;
  std::optional<NamespaceSubject> ours;  ///< always there between calls, and in one place
  Comparison comparison;
};

Divergence replay(const KernelMount& mount, const std::string& provider,
                  const std::vector<Operation>& operations) {
  Sides sides(mount, provider);
  Divergence divergence;
  for (const Operation& operation : operations) {
    divergence.operations.push_back(operation);
    divergence.difference = sides.run(operation);
    if (divergence) {
      return divergence;
    }
  }
  std::vector<std::string> paths;
  divergence.difference = sides.comparison.compare_trees(paths);
  return divergence;
}

/// Whether two show the same fault, as far as their last operations and the words can tell.
bool is_same_kind(const Divergence& left, const Divergence& right) {
  const auto kind = [](const Divergence& each) {
    const std::size_t values = each.difference.rfind(": reference ");
    const std::size_t what = each.difference.rfind(": ", values == 0 ? 0 : values - 1);
    return each.difference.substr(what == std::string::npos ? 0 : what,
                                  values == std::string::npos ? values : values - what);
  };
  return !left.operations.empty() && !right.operations.empty() &&
         left.operations.back().act == right.operations.back().act && kind(left) == kind(right);
}

}  // namespace

Divergence run_round(const KernelMount& mount, const RoundOptions& options) {
  Sides sides(mount, options.provider);
  Generator generator(
      options.seed, {.special_files = sides.contender->file_system()->capabilities().special_files,
                     .reservations = sides.contender->likeness().keeps_reservations});
  Divergence divergence;
  for (std::uint64_t number = 1; number <= options.operations && !divergence; ++number) {
    const bool is_renewal = number % kOperationsBetweenRenewals == 0;
    divergence.operations.push_back(is_renewal ? Operation{.act = Act::renew} : generator.next());
    const Operation& operation = divergence.operations.back();
    divergence.difference = sides.run(operation);
    if (sides.comparison.has_succeeded() && !operation.is_on_file() && !is_renewal) {
      generator.learn(operation.act == Act::link || operation.act == Act::rename ? operation.other
                                                                                 : operation.path);
    }
    const bool is_due = number % kOperationsBetweenTrees == 0 || number == options.operations;
    if (!divergence && is_due) {
      std::vector<std::string> paths;
      divergence.difference = sides.comparison.compare_trees(paths);
      generator.learn_all(std::move(paths));
    }
  }
  return divergence;
}

Divergence minimised(const KernelMount& mount, const std::string& provider, Divergence divergence) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + kPatience;
  std::size_t chunk = divergence.operations.size() / 2;
  while (chunk > 0 && Clock::now() < deadline) {
    const std::size_t before = divergence.operations.size();
    for (std::size_t begin = 0; begin < divergence.operations.size() && Clock::now() < deadline;) {
      std::vector<Operation> fewer = divergence.operations;
      const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(begin);
      const std::size_t count = std::min(chunk, fewer.size() - begin);
      fewer.erase(first, first + static_cast<std::ptrdiff_t>(count));
      Divergence shorter = replay(mount, provider, fewer);
      if (shorter && is_same_kind(shorter, divergence)) {
        divergence = std::move(shorter);
      } else {
        begin += chunk;
      }
    }
    const bool is_worth_repeating = chunk == 1 && divergence.operations.size() < before;
    chunk = is_worth_repeating ? 1 : chunk / 2;
  }
  return divergence;
}

}  // namespace seabag::testing
