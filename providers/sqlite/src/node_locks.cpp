#include "node_locks.h"

#include <fcntl.h>

#include <cerrno>
#include <limits>

#include "posix_storage.h"

namespace seabag::providers {
namespace {

constexpr std::int64_t kPresence = 0;
constexpr std::int64_t kOverlay =
    std::numeric_limits<std::int64_t>::max() - 1;  // the last there is

struct flock range_of(std::int64_t byte, int kind) {
  struct flock range {};
  range.l_type = static_cast<decltype(range.l_type)>(kind);
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return range;
}

}  // namespace

bool NodeLocks::lock(std::int64_t byte, int kind) const {
  struct flock range = range_of(byte, kind);
  return ::fcntl(descriptor_, F_OFD_SETLK, &range) == 0;
}

Result<void> NodeLocks::join() {
  if (!lock(kPresence, F_RDLCK)) {
    return errno_error(errno, "open");
  }
  return {};
}

Result<void> NodeLocks::claim_overlay() {
  // What is being ended or replaced needs a moment to write everything down.
  constexpr int kRounds = 1500;  // some 3 s
  for (int round = 0; !lock(kOverlay, F_WRLCK); ++round) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
      return errno_error(errno, "open");
    }
    if (round == kRounds || !wait_for_turn(round)) {
      return make_error(std::errc::device_or_resource_busy, "open", {},
                        "another overlay has the database: end what runs with it first");
    }
  }
  return {};
}

bool NodeLocks::is_alone() const { return !is_held(kPresence); }

bool NodeLocks::is_held(std::int64_t node) const {
  struct flock range = range_of(node, F_WRLCK);
  // Who cannot tell takes it for held: nothing is deleted then.
  return ::fcntl(descriptor_, F_OFD_GETLK, &range) != 0 || range.l_type != F_UNLCK;
}

Result<void> NodeLocks::hold(std::int64_t node) {
  if (taken_.contains(node)) {
    return make_error(kStaleNode, "open");
  }
  for (int round = 0; !lock(node, F_RDLCK); ++round) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
      return errno_error(errno, "open");
    }
    if (!wait_for_turn(round)) {
      return make_error(std::errc::device_or_resource_busy, "open", {},
                        "another process is deleting the file and does not come to an end");
    }
  }
  return {};
}

void NodeLocks::release(std::int64_t node) {
  (void)lock(node, F_UNLCK);  // cannot fail for a descriptor that could be locked
}

bool NodeLocks::take(std::int64_t node) {
  if (taken_.contains(node)) {
    return true;
  }
  if (!lock(node, F_WRLCK)) {
    return false;
  }
  taken_.insert(node);
  return true;
}

void NodeLocks::give_back() {
  for (const std::int64_t node : taken_) {
    release(node);
  }
  taken_.clear();
}

}  // namespace seabag::providers
