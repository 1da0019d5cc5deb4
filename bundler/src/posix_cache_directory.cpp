#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "cache_directory.h"
#include "posix_listing.h"

namespace seabag::bundler {
namespace {

constexpr const char* kLockName = "lock";
constexpr std::string_view kTemporaryPrefix = "new-";
constexpr std::string_view kSegmentSuffix = ".seg";

Result<void> make_directories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return errno_error(errno, "mkdir", part);
    }
    if (slash == std::string::npos) {
      return {};
    }
  }
}

/// Removes a temporary file unless the process that made it is alive and holds its lock.
void remove_if_abandoned(int directory, const char* name) {
  const auto file = open_at(directory, name, O_RDONLY, {});
  if (file && ::flock(file->get(), LOCK_EX | LOCK_NB) == 0) {
    ::unlinkat(directory, name, 0);
  }
}

}  // namespace

Result<CacheDirectory> CacheDirectory::open(const std::string& path) {
  SEABAG_TRY(make_directories(path));
  return CacheDirectory(path,
                        SEABAG_TRY(open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, path)));
}

Result<Descriptor> CacheDirectory::lock() const {
  const int number =
      ::openat(directory_.get(), kLockName, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (number < 0) {
    return errno_error(errno, "open", path_);
  }
  Descriptor file(number);
  while (::flock(number, LOCK_EX) != 0) {
    if (errno != EINTR) {
      return errno_error(errno, "flock", path_);
    }
  }
  return file;
}

Result<std::vector<CacheDirectory::Entry>> CacheDirectory::list() const {
  const Descriptor locked = SEABAG_TRY(lock());
  const Descriptor again =
      SEABAG_TRY(open_at(directory_.get(), ".", O_RDONLY | O_DIRECTORY, path_));
  Listing listing;
  SEABAG_TRY(listing.read(again.get()));
  std::vector<Entry> entries;
  for (const Listing::Name& name : listing.names()) {
    const std::string_view text = listing.text(name);
    if (text.starts_with(kTemporaryPrefix)) {
      remove_if_abandoned(directory_.get(), listing.c_str(name));
    }
    if (!text.ends_with(kSegmentSuffix)) {
      continue;
    }
    const auto status = status_at(directory_.get(), listing.c_str(name), path_);
    if (status && status->type == vfs::FileType::regular) {
      entries.push_back(
          {.name = std::string(text), .size = status->size, .used = status->modified});
    }
  }
  std::ranges::stable_sort(entries, {}, &Entry::used);
  return entries;
}

Result<Descriptor> CacheDirectory::open_segment(const std::string& name) const {
  return open_at(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW, path_);
}

void CacheDirectory::remove(const std::string& name) const {
  ::unlinkat(directory_.get(), name.c_str(), 0);
}

void CacheDirectory::touch(const std::string& name) const {
  ::utimensat(directory_.get(), name.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

Result<CacheDirectory::Temporary> CacheDirectory::create() const {
  // The lock keeps others from taking the file for abandoned before it is locked itself.
  const Descriptor locked = SEABAG_TRY(lock());
  std::string name = path_ + "/" + std::string(kTemporaryPrefix) + "XXXXXX";
  const int number = ::mkostemp(name.data(), O_CLOEXEC);
  if (number < 0) {
    return errno_error(errno, "open", path_);
  }
  Temporary made{.file = Descriptor(number), .name = name.substr(path_.size() + 1)};
  if (::flock(number, LOCK_EX | LOCK_NB) != 0) {
    return errno_error(errno, "flock", path_);
  }
  return made;
}

Result<void> CacheDirectory::publish(const std::string& temporary, std::uint64_t checksum) const {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%016llx%s", static_cast<unsigned long long>(checksum),
                kSegmentSuffix.data());
  if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), name.data()) != 0) {
    return errno_error(errno, "rename", path_);
  }
  return {};
}

Result<void> CacheDirectory::publish_used(const std::string& temporary, std::uint64_t checksum,
                                          vfs::Timestamp used) const {
  const std::array<timespec, 2> times{
      timespec{.tv_sec = used.seconds, .tv_nsec = used.nanoseconds},
      timespec{.tv_sec = used.seconds, .tv_nsec = used.nanoseconds}};
  if (::utimensat(directory_.get(), temporary.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return errno_error(errno, "utimensat", path_);
  }
  return publish(temporary, checksum);
}

}  // namespace seabag::bundler
