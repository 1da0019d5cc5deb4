#include "host.h"

#include <sys/mman.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "memory_file.h"
#include "paged.h"
#include "seabag/vfs/path.h"
#include "server.h"

namespace seabag::intercept {

namespace {

constexpr unsigned kFirstDevice = 0xA0000;

// `/a/b` for `//a/./b/`, and nothing for the root.
Result<std::string> normalised(std::string_view prefix) {
  SEABAG_TRY(vfs::check_path(prefix, "mount"));
  if (!prefix.starts_with('/')) {
    return make_error(std::errc::invalid_argument, "mount", prefix, "the prefix must be absolute");
  }
  std::string path;
  vfs::PathComponents components(prefix);
  for (auto name = components.next(); !name.empty(); name = components.next()) {
    if (name == "..") {
      return make_error(std::errc::invalid_argument, "mount", prefix,
                        "the prefix must not contain '..'");
    }
    if (name != ".") {
      path.append("/").append(name);
    }
  }
  return path;
}

// How many bytes all mount points begin with.
std::size_t common_length(const MountPoints& mounts) {
  std::size_t length = mounts.empty() ? 0 : mounts.front()->point.size();
  for (const auto& mount : mounts) {
    const auto& first = mounts.front()->point;
    const std::size_t room = std::min(length, mount->point.size());
    const auto end = first.begin() + static_cast<std::ptrdiff_t>(room);
    length = static_cast<std::size_t>(
        std::mismatch(first.begin(), end, mount->point.begin()).first - first.begin());
  }
  return length;
}

bool lies_at_or_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

Validity validity_of(const vfs::FileSystem& files, const MountOptions& options) {
  if (options.faults != nullptr) {
    return Validity::none;
  }
  if (files.capabilities().immutable) {
    return Validity::until_mounts;
  }
  return options.changes == Changes::by_session ? Validity::until_change : Validity::none;
}

// Somebody has changed the file system past the session. A new name is nothing that an open of
// another would see.
void tell(const ChangeCount& changes, const vfs::Change& change) {
  if (change.kind != vfs::ChangeKind::created) {
    const ChangeCount::Change told(changes);
  }
}

std::string moved(const std::string& path, const std::string& from, const std::string& to) {
  return to + path.substr(from.size());
}

}  // namespace

Host::Host() : mounts_(std::make_shared<MountPoints>()) {}

Host::~Host() {
  server_.reset();
  const auto mounts = this->mounts();
  for (const auto& mount : *mounts) {
    // Whoever cares about what cannot be kept has called flush.
    (void)mount->pages->flush();
  }
  if (page_ != nullptr) {
    publish(std::make_shared<MountPoints>());
  }
}

Result<std::shared_ptr<Host>> Host::start() {
  std::shared_ptr<Host> host(new Host);
  SEABAG_TRY(host->make_page());
  host->server_ = SEABAG_TRY(Server::start(*host));
  return host;
}

Result<void> Host::make_page() {
  page_file_ = SEABAG_TRY(make_memory_file());
  SEABAG_TRY(resize(page_file_.get(), sizeof(MountPage)));
  void* memory =
      mmap(nullptr, sizeof(MountPage), PROT_READ | PROT_WRITE, MAP_SHARED, page_file_.get(), 0);
  if (memory == MAP_FAILED) {
    return errno_error(errno, "mmap");
  }
  page_ = std::shared_ptr<MountPage>(new (memory) MountPage,
                                     [](MountPage* page) { munmap(page, sizeof(MountPage)); });
  page_->magic = MountPage::kMagic;
  page_->protocol = kProtocol;
  page_->length = 0;
  page_->common = 0;
  struct stat status {};
  const int failed = raw::status(page_file_.get(), status);
  if (failed < 0) {
    return errno_error(-failed, "fstat");
  }
  page_->memory_device = status.st_dev;
  return {};
}

std::shared_ptr<const MountPoints> Host::mounts() const {
  const std::lock_guard lock(mutex_);
  return mounts_;
}

Result<std::shared_ptr<MountPoint>> Host::mount(std::string_view prefix,
                                                std::shared_ptr<vfs::FileSystem> files,
                                                std::shared_ptr<vfs::WritableFileSystem> writable,
                                                const MountOptions& options) {
  auto mount = std::make_shared<MountPoint>();
  mount->point = SEABAG_TRY(normalised(prefix));
  if (files == nullptr) {
    return make_error(std::errc::invalid_argument, "mount", prefix, "there is no file system");
  }
  mount->is_read_only = writable == nullptr || options.access == vfs::MountAccess::read_only;
  mount->validity = validity_of(*files, options);
  const ChangeCount changes =
      mount->validity == Validity::until_change ? ChangeCount(page_) : ChangeCount();
  if (vfs::ChangeFeed* feed = files->capabilities().changes;
      feed != nullptr && mount->validity == Validity::until_change) {
    mount->others = feed->observe([changes](const vfs::Change& change) { tell(changes, change); });
  }
  mount->options = options;
  const auto plan = mount->options.faults;
  const vfs::MountOptions access{.access = mount->options.access};
  const std::string point = mount->point.empty() ? "/" : mount->point;
  if (writable != nullptr) {
    mount->pages =
        std::make_shared<PageStore>(files, mount->is_read_only ? nullptr : writable.get(), changes);
    auto paged = make_paged(std::move(writable), mount->pages);
    auto top = plan ? vfs::make_writable_faulty(std::move(paged), plan) : std::move(paged);
    mount->writable = top.get();
    mount->files = top;
    mount->shown = SEABAG_TRY(names_.mount(point, std::move(top), access));
  } else {
    mount->pages = std::make_shared<PageStore>(files, nullptr, changes);
    mount->files = plan ? vfs::make_faulty(std::move(files), plan) : std::move(files);
    mount->shown = SEABAG_TRY(names_.mount(point, mount->files, access));
  }
  const std::lock_guard lock(mutex_);
  mount->number = ++last_number_;
  mount->device = gnu_dev_makedev(0, kFirstDevice + static_cast<unsigned>(mount->number));
  auto mounts = std::make_shared<MountPoints>(*mounts_);
  mounts->push_back(mount);
  publish(std::move(mounts));
  return mount;
}

void Host::unmount(std::uint64_t number) {
  std::shared_ptr<MountPoint> gone;
  {
    const std::lock_guard lock(mutex_);
    auto mounts = std::make_shared<MountPoints>(*mounts_);
    const auto found = std::find_if(mounts->begin(), mounts->end(),
                                    [&](const auto& mount) { return mount->number == number; });
    if (found == mounts->end()) {
      return;
    }
    gone = *found;
    mounts->erase(found);
    publish(std::move(mounts));
  }
  // A destructor asked for this: there is nobody to tell.
  (void)gone->pages->flush();
  gone->shown.reset();
}

Result<void> Host::flush() {
  std::optional<Error> first;
  const auto mounts = this->mounts();
  for (const auto& mount : *mounts) {
    const auto done = mount->pages->flush();
    if (!done && !first) {
      first = with_path(done.error(), mount->point);
    }
  }
  return first ? Result<void>(*first) : Result<void>();
}

void Host::on_program_end() {
  // The program that wrote is gone, and flush tells again what is still not kept.
  (void)flush();
}

// Readers take a copy and look at the version before and after. It is odd before anybody can ask
// about the new mounts, so that nobody remembers the old ones any more when somebody knows the new.
void Host::publish(std::shared_ptr<const MountPoints> mounts) {
  page_->version.fetch_add(1, std::memory_order_acq_rel);
  mounts_ = std::move(mounts);
  std::size_t length = 0;
  std::array<std::uint64_t, 4> bits{};
  const auto mark = [&](unsigned char byte) { bits[byte / 64] |= std::uint64_t{1} << (byte % 64); };
  for (const auto& mount : *mounts_) {
    const std::size_t size = mount->point.size() + 1;
    if (length + size <= MountPage::kRoom) {
      std::memcpy(page_->prefixes.data() + length, mount->point.c_str(), size);
      length += size;
    }
    if (mount->point.empty()) {
      bits.fill(~std::uint64_t{0});
    } else {
      mark(static_cast<unsigned char>(mount->point[1]));
    }
    mark('\0');
    mark('/');
    mark('.');
  }
  page_->length = static_cast<std::uint32_t>(length);
  page_->common = static_cast<std::uint32_t>(common_length(*mounts_));
  for (std::size_t word = 0; word < bits.size(); ++word) {
    page_->second_bytes[word].store(bits[word], std::memory_order_relaxed);
  }
  page_->version.fetch_add(1, std::memory_order_acq_rel);
}

std::uint64_t Host::moment() const {
  const std::lock_guard lock(mutex_);
  return renames_.size();
}

void Host::record(Renamed renamed) {
  const std::lock_guard lock(mutex_);
  renames_.push_back(std::move(renamed));
}

std::string Host::path_now(std::string_view path, std::uint64_t moment) const {
  const std::lock_guard lock(mutex_);
  std::string now(path);
  for (std::size_t each = moment; each < renames_.size(); ++each) {
    const Renamed& renamed = renames_[each];
    if (lies_at_or_below(now, renamed.from)) {
      now = moved(now, renamed.from, renamed.to);
    } else if (renamed.is_exchange && lies_at_or_below(now, renamed.to)) {
      now = moved(now, renamed.to, renamed.from);
    }
  }
  return now;
}

void Host::start_thread() const {
  if (void (*call)() = thread_start_.load(); call != nullptr) {
    call();
  }
}

}  // namespace seabag::intercept
