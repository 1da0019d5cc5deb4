#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel_subject.h"
#include "operation.h"

namespace seabag::testing {

struct RoundOptions {
  std::string provider;
  std::uint64_t seed = 1;
  std::uint64_t operations = 0;
};

/// Where the two went apart.
struct Divergence {
  std::vector<Operation> operations;  ///< all of the round; the last one shows it
  std::string difference;             ///< empty: there is none

  explicit operator bool() const { return !difference.empty(); }
};

/// Makes random operations on an empty tree, and compares.
[[nodiscard]] Divergence run_round(const KernelMount& mount, const RoundOptions& options);

/// Fewer operations that still diverge in the same way, found by leaving some out. Gives up after
/// half a minute.
[[nodiscard]] Divergence minimised(const KernelMount& mount, const std::string& provider,
                                   Divergence divergence);

}  // namespace seabag::testing
