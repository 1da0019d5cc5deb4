#include "found_cache.h"

namespace seabag::intercept::shim {

namespace {

constexpr std::size_t kEntries = 128;
constexpr std::size_t kLongest = 232;
// Out of the way of the program's own.
constexpr int kFirstNumber = 760;
constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

struct Entry {
  std::atomic<bool> is_held{false};
  bool has_status = false;
  std::uint64_t version = 0;
  int descriptor = -1;
  std::uint32_t opened = 0;  ///< how often the host was asked to open it
  std::uint64_t inode = 0;   ///< of the descriptor's memory file
  std::uint64_t device = 0;
  std::array<char, kLongest> path{};
  WireStatus status{};
};
std::array<Entry, kEntries> entries{};

/// One entry, for as long as nobody else has it.
class Held {
 public:
  explicit Held(Entry& entry) : entry_(entry.is_held.exchange(true) ? nullptr : &entry) {}
  ~Held() {
    if (entry_ != nullptr) {
      entry_->is_held.store(false, std::memory_order_release);
    }
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  explicit operator bool() const { return entry_ != nullptr; }
  Entry* operator->() const { return entry_; }
  Entry& operator*() const { return *entry_; }

 private:
  Entry* entry_;
};

Entry& entry_of(const char* path) {
  std::uint32_t hash = 2166136261U;
  for (; *path != '\0'; ++path) {
    hash = (hash ^ static_cast<unsigned char>(*path)) * 16777619U;
  }
  return entries[hash % kEntries];
}

// Another host counts anew.
std::atomic<std::uint32_t> hosts{1};

// Of host and mounts together; 0 while the mounts are being changed or there are none.
std::uint64_t version_now() {
  const MountPage* mounts = page();
  const std::uint32_t version = mounts != nullptr ? mounts->version.load() : 1;
  return version % 2 != 0 ? 0 : (std::uint64_t{hosts.load()} << 32) | version;
}

bool is_about(const Entry& entry, const char* path) {
  return entry.version != 0 && entry.version == version_now() &&
         std::strcmp(entry.path.data(), path) == 0;
}

// The program may have closed the descriptor and opened another file under its number.
bool is_still_open(const Entry& entry) {
  struct stat status {};
  return entry.descriptor >= 0 && raw::status(entry.descriptor, status) == 0 &&
         status.st_ino == entry.inode && status.st_dev == entry.device;
}

void forget_descriptor(Entry& entry) {
  if (is_still_open(entry)) {
    raw::close(entry.descriptor);
  }
  entry.descriptor = -1;
}

// The entry for a path, which may have been another's.
bool claim(Entry& entry, const char* path) {
  const std::uint64_t version = version_now();
  if (path[0] != '/' || std::strlen(path) >= kLongest || version == 0) {
    return false;
  }
  if (!is_about(entry, path)) {
    forget_descriptor(entry);
    entry.has_status = false;
    entry.opened = 0;
    entry.version = version;
    copy_text(entry.path, path);
  }
  return true;
}

// A new open file description: a position of its own.
int reopen(int descriptor, int flags) {
  std::array<char, 32> path{"/proc/self/fd/"};
  char* end = path.data() + std::strlen(path.data());
  int divisor = 1;
  while (descriptor / divisor >= 10) {
    divisor *= 10;
  }
  for (; divisor > 0; divisor /= 10) {
    *end++ = static_cast<char>('0' + descriptor / divisor % 10);
  }
  return raw::open(path.data(), flags);
}

int duplicate_high(int descriptor) {
  const int opened = reopen(descriptor, O_RDONLY | O_CLOEXEC);
  if (opened < 0) {
    return -1;
  }
  const long high = raw::call(SYS_fcntl, opened, F_DUPFD_CLOEXEC, kFirstNumber);
  raw::close(opened);
  return high < 0 ? -1 : static_cast<int>(high);
}

}  // namespace

void forget_found() {
  hosts.fetch_add(1);
  for (Entry& each : entries) {
    if (const Held entry(each); entry) {
      forget_descriptor(*entry);
      entry->version = 0;
    }
  }
}

bool recall_status(const char* path, struct stat& out) {
  if (path == nullptr || path[0] != '/' || is_inside()) {
    return false;
  }
  const Held entry(entry_of(path));
  if (!entry || !entry->has_status || !is_about(*entry, path)) {
    return false;
  }
  fill_status(entry->status, out);
  return true;
}

void remember_status(const char* path, const WireStatus& status) {
  const Held entry(entry_of(path));
  if (entry && claim(*entry, path)) {
    entry->status = status;
    entry->has_status = true;
  }
}

int open_recalled(const char* path, int flags) {
  if (path == nullptr || path[0] != '/' || (flags & ~kReadFlags) != 0 || is_inside()) {
    return -1;
  }
  const Held entry(entry_of(path));
  if (!entry || entry->descriptor < 0 || !is_about(*entry, path) || !is_still_open(*entry)) {
    return -1;
  }
  const int opened = reopen(entry->descriptor, flags);
  return opened < 0 ? -1 : opened;
}

void remember_file(const char* path, int flags, int descriptor) {
  if ((flags & ~kReadFlags) != 0) {
    return;
  }
  const Held entry(entry_of(path));
  if (!entry || !claim(*entry, path) || ++entry->opened < 2) {
    return;
  }
  forget_descriptor(*entry);
  struct stat status {};
  const int kept = duplicate_high(descriptor);
  if (kept >= 0 && raw::status(kept, status) == 0) {
    entry->descriptor = kept;
    entry->inode = status.st_ino;
    entry->device = status.st_dev;
  }
}

}  // namespace seabag::intercept::shim
