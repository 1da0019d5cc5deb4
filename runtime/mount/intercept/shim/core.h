#pragma once

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "protocol.h"
#include "raw_calls.h"

/// What every hook stands on: which paths may be virtual, asking the host about them, and the
/// functions that the hooks have replaced. Compiled into the library that is preloaded into other
/// programs and into the one that a program links; neither may need more than the C library, and
/// nothing here allocates or takes a lock.
namespace seabag::intercept::shim {

/// The C library's own function, or the one of whoever else stands in front of it.
#define SEABAG_NATIVE(name)                                 \
  ([]() -> decltype(&::name) {                              \
    static std::atomic<void*> known{nullptr};               \
    void* function = known.load(std::memory_order_relaxed); \
    if (function == nullptr) {                              \
      function = dlsym(RTLD_NEXT, #name);                   \
      known.store(function, std::memory_order_relaxed);     \
    }                                                       \
    return reinterpret_cast<decltype(&::name)>(function);   \
  }())

/// The mounts, or null as long as there can be none.
extern std::atomic<const MountPage*> the_page;
/// Whether the environment has been looked at.
extern std::atomic<bool> is_ready;
void get_ready();

inline const MountPage* page() {
  if (!is_ready.load(std::memory_order_acquire)) [[unlikely]] {
    get_ready();
  }
  return the_page.load(std::memory_order_acquire);
}

/// A C string, cut where it does not fit.
template <std::size_t kSize>
void copy_text(std::array<char, kSize>& to, const char* text) {
  const std::size_t length = strnlen(text, kSize - 1);
  std::memcpy(to.data(), text, length);
  to[length] = '\0';
}

/// What is known of a descriptor. Nothing is known of those from 4,096 on.
inline constexpr std::uint8_t kKnownReal = 1;
inline constexpr std::uint8_t kKnownDirectory = 2;
inline constexpr std::uint8_t kKnownGoverned = 4;
inline constexpr int kKnownDescriptors = 4096;
extern std::array<std::atomic<std::uint8_t>, kKnownDescriptors> known_descriptors;

inline std::uint8_t known(int descriptor) {
  return descriptor >= 0 && descriptor < kKnownDescriptors
             ? known_descriptors[static_cast<std::size_t>(descriptor)].load(
                   std::memory_order_relaxed)
             : std::uint8_t{0};
}
inline void set_known(int descriptor, std::uint8_t marks) {
  if (descriptor >= 0 && descriptor < kKnownDescriptors) {
    known_descriptors[static_cast<std::size_t>(descriptor)].store(marks, std::memory_order_relaxed);
  }
}

/// Whether the working directory is far from every mount, as it was found at this version of the
/// page; 0 when that is not known. See working_directory.h.
extern std::atomic<std::uint32_t> far_directory_version;

/// Whether an absolute path without `..` leads neither into a mount nor above one. Reads the page
/// once; false when that is being changed.
bool is_apart(const MountPage& mounts, const char* path);

inline bool has_double_dot(const char* path) {
  for (const char* dot = std::strchr(path, '.'); dot != nullptr; dot = std::strchr(dot + 1, '.')) {
    if (dot[1] == '.') {
      return true;
    }
  }
  return false;
}

/// Whether a path certainly leads to no mount: a few compares, for the calls of a program that has
/// nothing to do with them.
inline bool is_outside(int directory, const char* path) {
  const MountPage* mounts = page();
  if (mounts == nullptr || path == nullptr) {
    return true;
  }
  if (has_double_dot(path)) {
    return false;
  }
  if (path[0] == '/') {
    const auto second = static_cast<unsigned char>(path[1]);
    const std::uint64_t word = mounts->second_bytes[second / 64].load(std::memory_order_relaxed);
    return ((word >> (second % 64)) & 1) == 0 || is_apart(*mounts, path);
  }
  if (directory == AT_FDCWD) {
    return far_directory_version.load(std::memory_order_relaxed) ==
           mounts->version.load(std::memory_order_relaxed) + 1;
  }
  return (known(directory) & kKnownReal) != 0;
}

/// How a request ended.
enum class Ending : std::uint8_t {
  done,    ///< successful
  failed,  ///< errno says why
  real,    ///< go to `real_path` with the native call
};

/// A request on its way to the host and back.
class Errand {
 public:
  Errand(Operation operation) { reset(operation); }  // NOLINT(google-explicit-constructor)

  /// Takes a path along, the first or second of the request. False when it leads to no mount.
  bool take(int directory, const char* path) { return take(0, directory, path); }
  bool take_second(int directory, const char* path) { return take(1, directory, path); }
  /// Takes bytes along as they are.
  bool take_text(std::size_t which, const char* bytes, std::size_t length);
  bool take_tail(const void* bytes, std::size_t length);
  /// Sends a descriptor along, which stays the caller's.
  void take_file(int descriptor) { letter_.descriptor = descriptor; }

  Ending run();

  Request& request() { return letter_.request; }
  const Answer& answer() const { return reply_.answer; }
  const char* data() const { return reply_.data.data(); }
  /// After `real`.
  const char* real_path() const { return reply_.data.data(); }
  const char* second_real_path() const {
    return reply_.data.data() + std::strlen(reply_.data.data()) + 1;
  }
  /// The descriptor that came along, or -1; the caller's from now on.
  int descriptor();
  /// 0, or -1 with errno.
  int result(Ending ending) const { return ending == Ending::done ? 0 : -1; }

  /// Goes again with another operation; the paths stay.
  void reset(Operation operation);

 private:
  bool take(std::size_t which, int directory, const char* path);
  bool append(std::size_t which, const char* bytes, std::size_t length);
  bool take_working_directory(std::size_t which, const char* path);
  bool take_from_directory(std::size_t which, int directory, const char* path);

  Letter letter_;
  Reply reply_;
  std::size_t used_ = 0;
};

/// Whether an absolute path is in a mount or above one, compared as it is written. `..` is taken
/// away with what precedes it.
bool touches_mount(const char* path);

/// What a directory's descriptor stands for; false when it is a real one.
bool read_ticket(int descriptor, DirectoryTicket& ticket, std::array<char, kLongestPath>& path);
/// Whether a descriptor stands for a virtual directory.
bool is_virtual_directory(int descriptor);

/// While it lives, this thread's calls are native: the host is at work.
class Inside {
 public:
  Inside();
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  bool before_;
};
bool is_inside();
void stay_inside();

/// The same process answers: `desk` is called instead of the socket; programs that are started get
/// `name` and `shim`.
void attach_desk(Desk desk, const MountPage* mounts, const char* name, const char* shim);
void detach_desk();

/// The variable with the host's name for programs that are started; empty without interception.
const char* host_name();
/// The library to preload into programs that are started.
const char* shim_path();

void fill_status(const WireStatus& from, struct stat& to);

}  // namespace seabag::intercept::shim
