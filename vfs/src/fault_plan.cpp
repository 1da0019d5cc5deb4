#include "fault_plan.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>
#include <vector>

namespace seabag::vfs {
namespace {

std::size_t index_of(ContractCall call) { return static_cast<std::size_t>(call); }

/// A fault and how often its call has been made since it was added.
struct Watched {
  Fault fault;
  std::uint64_t calls = 0;
};

}  // namespace

struct FaultPlan::State {
  mutable std::mutex mutex;
  std::array<std::uint64_t, kContractCallCount> counts{};
  std::vector<Watched> faults;
  std::optional<std::uint64_t> space;
  std::shared_ptr<const Hook> hook;
};

FaultPlan::FaultPlan() : state_(std::make_unique<State>()) {}

FaultPlan::~FaultPlan() = default;

void FaultPlan::add(const Fault& fault) {
  const std::lock_guard lock(state_->mutex);
  state_->faults.push_back({.fault = fault});
}

void FaultPlan::limit_space(std::optional<std::uint64_t> bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->space = bytes;
}

void FaultPlan::set_hook(Hook hook) {
  auto shared = hook ? std::make_shared<const Hook>(std::move(hook)) : nullptr;
  const std::lock_guard lock(state_->mutex);
  std::swap(state_->hook, shared);
}

void FaultPlan::clear() {
  set_hook({});
  const std::lock_guard lock(state_->mutex);
  state_->faults.clear();
  state_->space.reset();
}

std::uint64_t FaultPlan::count(ContractCall call) const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts.at(index_of(call));
}

std::optional<std::errc> FaultPoint::reach(ContractCall which) const {
  FaultPlan::State& state = *plan_->state_;
  std::optional<std::errc> error;
  std::shared_ptr<const FaultPlan::Hook> hook;
  {
    const std::lock_guard lock(state.mutex);
    ++state.counts.at(index_of(which));
    hook = state.hook;
    for (Watched& watched : state.faults) {
      if (watched.fault.call != which) {
        continue;
      }
      ++watched.calls;
      const bool applies = watched.calls >= watched.fault.nth &&
                           watched.calls - watched.fault.nth < watched.fault.times;
      if (applies && !error) {
        error = watched.fault.error;
      }
    }
  }
  if (hook != nullptr) {
    (*hook)(which);
  }
  return error;
}

std::uint64_t FaultPoint::take_space(std::uint64_t wanted) const {
  FaultPlan::State& state = *plan_->state_;
  const std::lock_guard lock(state.mutex);
  if (!state.space) {
    return wanted;
  }
  const std::uint64_t taken = std::min(wanted, *state.space);
  *state.space -= taken;
  return taken;
}

const char* FaultPoint::name_of(ContractCall which) {
  static constexpr std::array<const char*, kContractCallCount> kNames{
      "lookup",   "attributes", "open",           "list",           "read_link",     "xattr",
      "xattrs",   "statistics", "create",         "create_unnamed", "open_writable", "link",
      "remove",   "rename",     "set_attributes", "set_xattr",      "remove_xattr",  "sync",
      "read",     "attributes", "find_extent",    "write",          "append",        "resize",
      "allocate", "sync"};
  return kNames.at(index_of(which));
}

}  // namespace seabag::vfs
