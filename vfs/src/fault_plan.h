#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "seabag/vfs/faulty.h"
#include "seabag/vfs/result.h"

namespace seabag::vfs {

/// Where a faulty file system asks the plan. Safe for concurrent use.
class FaultPoint {
 public:
  explicit FaultPoint(std::shared_ptr<FaultPlan> plan) : plan_(std::move(plan)) {}

  /// Makes the call, unless it is one that is to fail.
  template <typename Call>
  auto pass(ContractCall which, Call call) const -> decltype(call()) {
    if (const std::optional<std::errc> error = reach(which)) {
      return make_error(*error, name_of(which), {}, "injected fault");
    }
    return call();
  }

  /// How many of `wanted` bytes there is room for; they are taken.
  [[nodiscard]] std::uint64_t take_space(std::uint64_t wanted) const;

 private:
  [[nodiscard]] std::optional<std::errc> reach(ContractCall which) const;
  [[nodiscard]] static const char* name_of(ContractCall which);

  std::shared_ptr<FaultPlan> plan_;
};

}  // namespace seabag::vfs
