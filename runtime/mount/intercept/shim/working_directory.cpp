#include "working_directory.h"

#include <sched.h>

#include <cstdlib>

namespace seabag::intercept::shim {

std::atomic<std::uint32_t> far_directory_version{0};

namespace {

// A few words are copied under it, by very few calls.
class Guard {
 public:
  Guard() {
    while (is_held.exchange(true, std::memory_order_acquire)) {
      sched_yield();
    }
  }
  ~Guard() { is_held.store(false, std::memory_order_release); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  static inline std::atomic<bool> is_held{false};
};

// Where a process works. There are two: a child made by vfork(2) shares this memory with its parent
// until it starts a program, and must not move the parent.
struct Place {
  std::atomic<bool> is_in_mount{false};
  std::uint64_t moment = 0;
  std::array<char, kLongestPath> path{};
};
Place own_place;
Place child_place;
std::atomic<int> own_process{0};
std::atomic<int> child_process{0};

Place& current() {
  const int child = child_process.load(std::memory_order_acquire);
  return child != 0 && child == raw::process() ? child_place : own_place;
}

// The place to change.
Place& changed() {
  const int process = raw::process();
  if (own_process.load() == process) {
    return own_place;
  }
  child_process.store(process, std::memory_order_release);
  return child_place;
}

// Without "(unreachable)", which the kernel writes before what is outside of the root.
bool read_real(WorkingDirectory& out) {
  const long length =
      raw::call(SYS_getcwd, raw::address(out.path.data()), static_cast<long>(out.path.size()));
  if (length <= 1 || out.path[0] != '/') {
    return false;
  }
  out.length = static_cast<std::uint32_t>(length) - 1;
  return true;
}

}  // namespace

bool has_virtual_directory() { return current().is_in_mount.load(std::memory_order_acquire); }

void watch_working_directory() {
  own_process.store(raw::process());
  child_process.store(0);
}

bool get_working_directory(WorkingDirectory& out) {
  const Place& place = current();
  if (place.is_in_mount.load(std::memory_order_acquire)) {
    const Guard guard;
    out.is_virtual = true;
    out.moment = place.moment;
    out.path = place.path;
    out.length = static_cast<std::uint32_t>(std::strlen(place.path.data()));
    return true;
  }
  const MountPage* mounts = the_page.load(std::memory_order_acquire);
  const std::uint32_t version = mounts != nullptr ? mounts->version.load() : 0;
  out.is_virtual = false;
  out.moment = 0;
  if (!read_real(out)) {
    return false;
  }
  if (version % 2 == 0 && !touches_mount(out.path.data())) {
    far_directory_version.store(version + 1);
  }
  return true;
}

void set_virtual_directory(const char* path, std::uint64_t moment) {
  Place& place = changed();
  const Guard guard;
  copy_text(place.path, path);
  place.moment = moment;
  far_directory_version.store(0);
  place.is_in_mount.store(true, std::memory_order_release);
  // For programs that the C library starts by itself, as system(3) does.
  if (&place == &own_place) {
    setenv(kDirectoryVariable, path, 1);
  }
}

void set_real_directory() {
  Place& place = changed();
  const bool was_in_mount = place.is_in_mount.exchange(false, std::memory_order_acq_rel);
  far_directory_version.store(0);
  if (was_in_mount && &place == &own_place) {
    unsetenv(kDirectoryVariable);
  }
}

}  // namespace seabag::intercept::shim
