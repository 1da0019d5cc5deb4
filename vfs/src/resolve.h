#pragma once

#include <string_view>
#include <utility>

#include "mount_table.h"
#include "walk.h"

namespace seabag::vfs {

/// A node that a walk found may be gone when the call reaches it: the whole walk is then made
/// again, as Linux does, so that a name that is only ever replaced is never missing. Bounded, so
/// that a provider that always says ESTALE is heard.
template <typename Call>
auto retry_stale(const Call& call) {
  constexpr int kMaxAttempts = 64;
  auto result = call();
  for (int attempt = 1; attempt < kMaxAttempts && !result && result.error().is(kStaleNode);
       ++attempt) {
    result = call();
  }
  return result;
}

/// A path as a call was given it.
struct Request {
  std::string_view path;  ///< owned by the caller
  const char* operation;
  LastLink last_link = LastLink::follow;
};

/// Resolves a path and makes a call on what it leads to: `call(const Walk&, const Target&)`.
template <typename Call>
auto resolve_and(const MountTable& mounts, const Request& request, const Call& call) {
  using Answer = decltype(call(std::declval<const Walk&>(), std::declval<const Target&>()));
  return retry_stale([&]() -> Answer {
    const MountTable::Snapshot snapshot = mounts.snapshot();
    Walk walk(*snapshot, request.path, request.operation);
    const Target target = SEABAG_TRY(walk.resolve(request.last_link));
    return call(std::as_const(walk), target);
  });
}

}  // namespace seabag::vfs
