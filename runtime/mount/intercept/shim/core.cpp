#include "core.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

#include "connection.h"
#include "found_cache.h"
#include "working_directory.h"

namespace seabag::intercept::shim {

std::atomic<const MountPage*> the_page{nullptr};
std::atomic<bool> is_ready{false};
std::array<std::atomic<std::uint8_t>, kKnownDescriptors> known_descriptors{};

namespace {

std::atomic<Desk> the_desk{nullptr};
std::atomic<int> desk_process{0};
std::array<char, 256> the_shim{};
[[gnu::tls_model("initial-exec")]] thread_local bool is_host_at_work = false;

// Copies one prefix after the other; the page's owner may be changing it.
class Prefixes {
 public:
  explicit Prefixes(const MountPage& page) {
    std::uint32_t before = 0;
    do {
      before = page.version.load(std::memory_order_acquire);
      length_ = page.length < MountPage::kRoom ? page.length : 0;
      std::memcpy(bytes_.data(), page.prefixes.data(), length_ < kMost ? length_ : kMost);
      std::atomic_thread_fence(std::memory_order_acquire);
    } while (before % 2 != 0 || page.version.load(std::memory_order_relaxed) != before);
    is_cut_ = length_ > kMost;
  }

  // More mounts than were copied: every path has to ask.
  bool is_cut() const { return is_cut_; }
  template <typename Visit>
  bool any(Visit visit) const {
    for (std::size_t at = 0; at < length_; at += std::strlen(bytes_.data() + at) + 1) {
      if (visit(bytes_.data() + at)) {
        return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::size_t kMost = 4096;

  std::array<char, kMost> bytes_;
  std::uint32_t length_ = 0;
  bool is_cut_ = false;
};

bool lies_at_or_below(const char* path, const char* directory) {
  const std::size_t length = std::strlen(directory);
  return std::strncmp(path, directory, length) == 0 &&
         (path[length] == '/' || path[length] == '\0');
}

// `/a/b` for `/x/../a//./b/`; the root is empty. False when it is too long.
bool normalise(const char* path, std::array<char, kLongestPath>& out) {
  std::size_t length = 0;
  while (*path != '\0') {
    while (*path == '/') {
      ++path;
    }
    const char* end = path;
    while (*end != '\0' && *end != '/') {
      ++end;
    }
    const auto size = static_cast<std::size_t>(end - path);
    if (size == 2 && path[0] == '.' && path[1] == '.') {
      while (length > 0 && out[--length] != '/') {
      }
    } else if (size > 0 && !(size == 1 && path[0] == '.')) {
      if (length + size + 2 > out.size()) {
        return false;
      }
      out[length++] = '/';
      std::memcpy(out.data() + length, path, size);
      length += size;
    }
    path = end;
  }
  out[length] = '\0';
  return true;
}

// Whether a path leads through a mount and out of it again by `..`, which only the host can follow.
bool leaves_mount(const char* path, const Prefixes& prefixes) {
  for (const char* dots = std::strstr(path, "/.."); dots != nullptr;
       dots = std::strstr(dots + 1, "/..")) {
    std::array<char, kLongestPath> before;
    std::array<char, kLongestPath> plain;
    const auto length = static_cast<std::size_t>(dots - path);
    if (length >= before.size()) {
      return false;
    }
    std::memcpy(before.data(), path, length);
    before[length] = '\0';
    if (normalise(before.data(), plain) &&
        prefixes.any([&](const char* prefix) { return lies_at_or_below(plain.data(), prefix); })) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_inside() { return is_host_at_work; }
void stay_inside() { is_host_at_work = true; }
Inside::Inside() : before_(is_host_at_work) { is_host_at_work = true; }
Inside::~Inside() { is_host_at_work = before_; }

void get_ready() {
  if (is_ready.exchange(true, std::memory_order_acq_rel)) {
    return;
  }
  const char* name = std::getenv(kHostVariable);
  if (name == nullptr || name[0] == '\0') {
    return;
  }
  connect_to(name);
  watch_working_directory();
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&get_ready), &self) != 0 && self.dli_fname != nullptr) {
    copy_text(the_shim, self.dli_fname);
  }
  Errand hello(Operation::hello);
  if (hello.run() != Ending::done) {
    return;
  }
  const int file = hello.descriptor();
  if (file < 0) {
    return;
  }
  void* memory = mmap(nullptr, sizeof(MountPage), PROT_READ, MAP_SHARED, file, 0);
  raw::close(file);
  if (memory == MAP_FAILED) {
    return;
  }
  const auto* mounts = static_cast<const MountPage*>(memory);
  if (mounts->magic != MountPage::kMagic || mounts->protocol != kProtocol) {
    return;
  }
  if (const char* directory = std::getenv(kDirectoryVariable);
      directory != nullptr && directory[0] == '/') {
    set_virtual_directory(directory, 0);
  }
  the_page.store(mounts, std::memory_order_release);
}

namespace {

// What was preloaded for this program alone is not for those that it starts.
void drop_own_libraries() {
  const char* libraries = std::getenv(kLibrariesVariable);
  const char* preload = std::getenv("LD_PRELOAD");
  std::array<char, 8192> kept{};
  if (libraries != nullptr && preload != nullptr && std::strlen(preload) < kept.size()) {
    copy_text(kept, preload);
    if (char* begin = std::strstr(kept.data(), libraries); begin != nullptr) {
      *(begin > kept.data() ? begin - 1 : begin) = '\0';
      setenv("LD_PRELOAD", kept.data(), 1);
    }
  }
  unsetenv(kLibrariesVariable);
}

// Before main: a program may clear its environment before it makes the first call.
[[gnu::constructor]] void get_ready_early() {
  get_ready();
  if (the_page.load() != nullptr) {
    drop_own_libraries();
  }
}

}  // namespace

void attach_desk(Desk desk, const MountPage* mounts, const char* name, const char* shim) {
  is_ready.store(true);
  forget_found();
  copy_text(the_shim, shim);
  connect_to(name);
  watch_working_directory();
  desk_process.store(raw::process());
  the_desk.store(desk);
  the_page.store(mounts, std::memory_order_release);
}

void detach_desk() {
  the_page.store(nullptr, std::memory_order_release);
  the_desk.store(nullptr);
  forget_found();
  connect_to("");
  set_real_directory();
}

const char* shim_path() { return the_shim.data(); }

bool is_apart(const MountPage& mounts, const char* path) {
  const std::uint32_t before = mounts.version.load(std::memory_order_acquire);
  const std::size_t length = mounts.length;
  if (before % 2 != 0 || length > MountPage::kRoom) {
    return false;
  }
  const char* prefix = mounts.prefixes.data();
  for (const char* end = prefix + length; prefix < end; prefix += std::strlen(prefix) + 1) {
    std::size_t same = 0;
    while (prefix[same] != '\0' && prefix[same] == path[same]) {
      ++same;
    }
    const bool is_name_over = path[same] == '\0' || path[same] == '/';
    const bool is_prefix_over = prefix[same] == '\0' || prefix[same] == '/';
    const bool begins_name = same > 0 && path[same - 1] == '/';
    // `//` and `/./` have not been compared; `a` and `ab` are different names, as are `a` and `b`.
    const bool is_detour = begins_name && (is_name_over || path[same] == '.');
    if (is_detour || (is_name_over && is_prefix_over)) {
      return false;
    }
    if (same < mounts.common) {
      break;
    }
  }
  std::atomic_thread_fence(std::memory_order_acquire);
  return mounts.version.load(std::memory_order_relaxed) == before;
}

bool touches_mount(const char* path) {
  const MountPage* mounts = the_page.load(std::memory_order_acquire);
  std::array<char, kLongestPath> plain;
  if (mounts == nullptr || mounts->length == 0 || !normalise(path, plain)) {
    return false;
  }
  const Prefixes prefixes(*mounts);
  if (prefixes.is_cut() || prefixes.any([&](const char* prefix) {
        return lies_at_or_below(plain.data(), prefix) || lies_at_or_below(prefix, plain.data());
      })) {
    return true;
  }
  return leaves_mount(path, prefixes);
}

bool Errand::append(std::size_t which, const char* bytes, std::size_t length) {
  if (length > letter_.data.size() - used_) {
    return false;
  }
  std::memcpy(letter_.data.data() + used_, bytes, length);
  used_ += length;
  letter_.request.paths[which].length += static_cast<std::uint32_t>(length);
  return true;
}

bool Errand::take_text(std::size_t which, const char* bytes, std::size_t length) {
  return append(which, bytes, length);
}

bool Errand::take_tail(const void* bytes, std::size_t length) {
  if (length > letter_.data.size() - used_) {
    return false;
  }
  std::memcpy(letter_.data.data() + used_, bytes, length);
  used_ += length;
  letter_.request.tail = static_cast<std::uint32_t>(length);
  return true;
}

void Errand::reset(Operation operation) {
  letter_.request = {};
  letter_.request.operation = operation;
  reply_.answer = {};
  reply_.descriptor = -1;
  letter_.descriptor = -1;
  used_ = 0;
}

bool Errand::take(std::size_t which, int directory, const char* path) {
  if (is_inside() || path == nullptr || the_page.load(std::memory_order_acquire) == nullptr) {
    return false;
  }
  const std::size_t length = std::strlen(path);
  if (length == 0 || length >= kLongestPath) {
    return false;  // ENOENT and ENAMETOOLONG are the kernel's to tell
  }
  if (path[0] == '/') {
    return touches_mount(path) && append(which, path, length);
  }
  return directory == AT_FDCWD ? take_working_directory(which, path)
                               : take_from_directory(which, directory, path);
}

bool Errand::take_working_directory(std::size_t which, const char* path) {
  WorkingDirectory directory;
  if (!get_working_directory(directory)) {
    return false;
  }
  std::array<char, kLongestPath> whole;
  const std::size_t length = std::strlen(path);
  if (directory.length + 1 + length >= whole.size()) {
    return false;
  }
  std::memcpy(whole.data(), directory.path.data(), directory.length);
  whole[directory.length] = '/';
  std::memcpy(whole.data() + directory.length + 1, path, length + 1);
  if (!directory.is_virtual && !touches_mount(whole.data())) {
    return false;
  }
  WirePath& wire = letter_.request.paths[which];
  wire.base = directory.is_virtual ? directory.length : 0;
  wire.moment = directory.moment;
  return append(which, whole.data(), directory.length + 1 + length);
}

bool Errand::take_from_directory(std::size_t which, int directory, const char* path) {
  DirectoryTicket ticket{};
  std::array<char, kLongestPath> base;
  if (!read_ticket(directory, ticket, base)) {
    if (std::strstr(path, "..") == nullptr) {
      return false;
    }
    // `..` may lead from a real directory to a mount; the kernel knows where it is.
    std::array<char, 64> link{};
    char* end = link.data() + link.size() - 1;
    for (int rest = directory; end == link.data() + link.size() - 1 || rest > 0; rest /= 10) {
      *--end = static_cast<char>('0' + rest % 10);
    }
    constexpr char kFolder[] = "/proc/self/fd/";
    end -= sizeof(kFolder) - 1;
    std::memcpy(end, kFolder, sizeof(kFolder) - 1);
    const long length = raw::call(SYS_readlinkat, AT_FDCWD, raw::address(end),
                                  raw::address(base.data()), static_cast<long>(base.size()));
    if (length <= 0 || base[0] != '/') {
      return false;
    }
    ticket.length = static_cast<std::uint32_t>(length);
    const std::size_t size = std::strlen(path);
    if (ticket.length + 1 + size >= base.size()) {
      return false;
    }
    base[ticket.length] = '/';
    std::memcpy(base.data() + ticket.length + 1, path, size + 1);
    return touches_mount(base.data()) && append(which, base.data(), ticket.length + 1 + size);
  }
  WirePath& wire = letter_.request.paths[which];
  wire.base = ticket.length;
  wire.moment = ticket.moment;
  return append(which, base.data(), ticket.length) && append(which, "/", 1) &&
         append(which, path, std::strlen(path));
}

Ending Errand::run() {
  const Desk desk = the_desk.load(std::memory_order_acquire);
  if (desk != nullptr && desk_process.load(std::memory_order_relaxed) == raw::process()) {
    const int before = errno;
    const Inside inside;
    desk(letter_, reply_);
    errno = before;
  } else if (!exchange(letter_, sizeof(Request) + used_, reply_)) {
    errno = EIO;
    return Ending::failed;
  }
  if (reply_.answer.error != 0) {
    errno = reply_.answer.error;
    return Ending::failed;
  }
  return reply_.answer.outcome == Outcome::real ? Ending::real : Ending::done;
}

int Errand::descriptor() {
  const int number = reply_.descriptor;
  reply_.descriptor = -1;
  return number;
}

bool read_ticket(int descriptor, DirectoryTicket& ticket, std::array<char, kLongestPath>& path) {
  if (!is_virtual_directory(descriptor)) {
    return false;
  }
  const long head = raw::read_at(descriptor, &ticket, sizeof(ticket), 0);
  if (head != static_cast<long>(sizeof(ticket)) || ticket.magic != DirectoryTicket::kMagic ||
      ticket.length >= path.size()) {
    set_known(descriptor, 0);
    return false;
  }
  return raw::read_at(descriptor, path.data(), ticket.length, sizeof(ticket)) ==
         static_cast<long>(ticket.length);
}

bool is_virtual_directory(int descriptor) {
  const MountPage* mounts = page();
  const std::uint8_t marks = known(descriptor);
  if (mounts == nullptr || (marks & kKnownReal) != 0) {
    return false;
  }
  if ((marks & kKnownDirectory) != 0) {
    return true;
  }
  struct stat status {};
  if (raw::status(descriptor, status) < 0) {
    return false;
  }
  const bool is_ticket = status.st_dev == mounts->memory_device && (status.st_mode & S_ISVTX) != 0;
  if ((marks & kKnownGoverned) == 0) {
    set_known(descriptor, is_ticket ? kKnownDirectory : kKnownReal);
  }
  return is_ticket;
}

void fill_status(const WireStatus& from, struct stat& to) {
  to = {};
  to.st_dev = from.device;
  to.st_ino = from.inode;
  to.st_nlink = from.links;
  to.st_mode = from.mode;
  to.st_uid = from.uid;
  to.st_gid = from.gid;
  to.st_rdev = from.special;
  to.st_size = static_cast<off_t>(from.size);
  to.st_blksize = static_cast<blksize_t>(from.block_size);
  to.st_blocks = static_cast<blkcnt_t>(from.blocks);
  to.st_atim = {.tv_sec = from.accessed.seconds, .tv_nsec = from.accessed.nanoseconds};
  to.st_mtim = {.tv_sec = from.modified.seconds, .tv_nsec = from.modified.nanoseconds};
  to.st_ctim = {.tv_sec = from.changed.seconds, .tv_nsec = from.changed.nanoseconds};
}

}  // namespace seabag::intercept::shim
