#include "found_cache.h"

namespace seabag::intercept::shim {

namespace {

constexpr std::size_t kEntries = 128;
constexpr std::size_t kLongest = 232;
// Out of the way of the program's own.
constexpr int kFirstNumber = 760;
constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
// What may have changed since it was remembered would keep its memory; larger files are asked for.
constexpr off_t kLargestSteady = 1024 * 1024;

struct Entry {
  std::atomic<bool> is_held{false};
  bool has_status = false;
  bool is_fixed = false;
  Moment moment{};
  int descriptor = -1;       ///< O_PATH: to the host the file is not open
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

// Whether what was found at that moment is still so.
bool is_current(const Moment& moment, bool is_fixed) {
  const Moment now = moment_now();
  const bool is_unchanged =
      moment.changes == now.changes && (now.changes & MountPage::kUnderWay) == 0;
  return moment.version != 0 && moment.version == now.version && (is_fixed || is_unchanged);
}

bool is_about(const Entry& entry, const char* path) {
  return is_current(entry.moment, entry.is_fixed) && std::strcmp(entry.path.data(), path) == 0;
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

// The entry for a path, which may have been another's. What it holds of the same path may still be
// right when something else has changed.
bool claim(Entry& entry, const Finding& finding) {
  const bool is_fixed = (finding.marks & kMarkFixed) != 0;
  const bool is_steady = is_fixed || (finding.marks & kMarkSteady) != 0;
  if (!is_steady || finding.path[0] != '/' || std::strlen(finding.path) >= kLongest ||
      !is_current(finding.moment, is_fixed)) {
    return false;
  }
  if (entry.moment.version != finding.moment.version ||
      std::strcmp(entry.path.data(), finding.path) != 0) {
    forget_descriptor(entry);
    entry.has_status = false;
    entry.opened = 0;
    copy_text(entry.path, finding.path);
  }
  entry.is_fixed = is_fixed;
  entry.moment = finding.moment;
  return true;
}

// What is over keeps its memory until somebody looks: who asks the host looks at one more entry.
void forget_something() {
  static std::atomic<std::uint32_t> hand{0};
  const Held entry(entries[hand.fetch_add(1, std::memory_order_relaxed) % kEntries]);
  if (entry && entry->descriptor >= 0 && !is_current(entry->moment, entry->is_fixed)) {
    forget_descriptor(*entry);
  }
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
  const int opened = reopen(descriptor, O_PATH | O_CLOEXEC);
  if (opened < 0) {
    return -1;
  }
  const long high = raw::call(SYS_fcntl, opened, F_DUPFD_CLOEXEC, kFirstNumber);
  raw::close(opened);
  return high < 0 ? -1 : static_cast<int>(high);
}

}  // namespace

Moment moment_now() {
  const MountPage* mounts = page();
  if (mounts == nullptr) {
    return {};
  }
  const std::uint32_t version = mounts->version.load();
  return {.version = version % 2 != 0 ? 0 : (std::uint64_t{hosts.load()} << 32) | version,
          .changes = mounts->changes.load()};
}

void forget_found() {
  hosts.fetch_add(1);
  for (Entry& each : entries) {
    if (const Held entry(each); entry) {
      forget_descriptor(*entry);
      entry->moment = {};
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

void remember_status(const Finding& finding, const WireStatus& status) {
  const Held entry(entry_of(finding.path));
  if (entry && claim(*entry, finding)) {
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
  // The host may have given the file up before it could see this one open it.
  if (opened >= 0 && !is_about(*entry, path)) {
    raw::close(opened);
    return -1;
  }
  return opened < 0 ? -1 : opened;
}

void remember_file(const Finding& finding, int flags, int descriptor) {
  if ((flags & ~kReadFlags) != 0) {
    return;
  }
  forget_something();
  const Held entry(entry_of(finding.path));
  struct stat status {};
  if (!entry || raw::status(descriptor, status) < 0 || !claim(*entry, finding) ||
      ++entry->opened < 2) {
    return;
  }
  if (is_still_open(*entry) && entry->inode == status.st_ino && entry->device == status.st_dev) {
    return;
  }
  forget_descriptor(*entry);
  if (entry->is_fixed || status.st_size <= kLargestSteady) {
    entry->descriptor = duplicate_high(descriptor);
    entry->inode = status.st_ino;
    entry->device = status.st_dev;
  }
}

}  // namespace seabag::intercept::shim
