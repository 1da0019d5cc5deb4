#include "listing.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "descriptor.h"
#include "posix_status.h"

namespace seabag::providers {
namespace {

constexpr std::size_t kMaxKept = 32;
constexpr std::size_t kMaxKeptBytes = std::size_t{32} << 20U;

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

vfs::FileType type_of(unsigned char type) {
  switch (type) {
    case DT_DIR:
      return vfs::FileType::directory;
    case DT_LNK:
      return vfs::FileType::symlink;
    case DT_FIFO:
      return vfs::FileType::fifo;
    case DT_SOCK:
      return vfs::FileType::socket;
    case DT_CHR:
      return vfs::FileType::character_device;
    case DT_BLK:
      return vfs::FileType::block_device;
    default:
      return vfs::FileType::regular;
  }
}

/// FNV-1a, finished with a mix so that close names lie far apart.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char byte : name) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  }
  hash ^= hash >> 32U;
  return hash * 0x9E3779B97F4A7C15U;
}

}  // namespace

Result<std::shared_ptr<const Listing>> Listing::read(int descriptor, const char* operation) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  Descriptor opened(uninterrupted([&] { return ::openat(descriptor, ".", kFlags); }));
  if (!opened.is_open()) {
    return errno_error(errno, operation);
  }
  const std::unique_ptr<DIR, CloseStream> stream(::fdopendir(opened.get()));
  if (!stream) {
    return errno_error(errno, operation);
  }
  (void)opened.release();  // the stream's now
  auto listing = std::make_shared<Listing>();
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      break;
    }
    const std::string_view name(&entry->d_name[0]);
    if (name != "." && name != "..") {
      listing->rows_.push_back({.inode = entry->d_ino,
                                .type = type_of(entry->d_type),
                                .length = static_cast<std::uint16_t>(name.size()),
                                .offset = listing->names_.size()});
      listing->names_ += name;
    }
  }
  if (errno != 0) {
    return errno_error(errno, operation);
  }
  listing->sort();
  return std::shared_ptr<const Listing>(std::move(listing));
}

void Listing::sort() {
  for (Row& row : rows_) {
    row.cookie = hash_of(name(row)) >> 2U;
  }
  std::sort(rows_.begin(), rows_.end(), [this](const Row& left, const Row& right) {
    return left.cookie != right.cookie ? left.cookie < right.cookie : name(left) < name(right);
  });
  std::uint64_t previous = 0;
  for (Row& row : rows_) {
    row.cookie = std::max(row.cookie, previous + 1);
    previous = row.cookie;
  }
  // A file system may tell a name twice while it changes.
  const auto same = [this](const Row& left, const Row& right) { return name(left) == name(right); };
  rows_.erase(std::unique(rows_.begin(), rows_.end(), same), rows_.end());
}

std::size_t Listing::after(std::uint64_t cookie) const {
  const auto next =
      std::upper_bound(rows_.begin(), rows_.end(), cookie,
                       [](std::uint64_t value, const Row& row) { return value < row.cookie; });
  return static_cast<std::size_t>(next - rows_.begin());
}

std::shared_ptr<const Listing> OpenListings::find(vfs::NodeId directory) {
  const std::lock_guard lock(mutex_);
  const auto kept = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& candidate) {
    return candidate.directory == directory;
  });
  if (kept == kept_.end()) {
    return nullptr;
  }
  kept_.splice(kept_.begin(), kept_, kept);
  return kept->listing;
}

void OpenListings::keep(vfs::NodeId directory, std::shared_ptr<const Listing> listing) {
  const std::lock_guard lock(mutex_);
  erase(directory);
  bytes_ += listing->bytes();
  kept_.push_front({.directory = directory, .listing = std::move(listing)});
  while (kept_.size() > kMaxKept || (kept_.size() > 1 && bytes_ > kMaxKeptBytes)) {
    bytes_ -= kept_.back().listing->bytes();
    kept_.pop_back();
  }
}

void OpenListings::drop(vfs::NodeId directory) {
  const std::lock_guard lock(mutex_);
  erase(directory);
}

void OpenListings::erase(vfs::NodeId directory) {
  for (auto kept = kept_.begin(); kept != kept_.end(); ++kept) {
    if (kept->directory == directory) {
      bytes_ -= kept->listing->bytes();
      kept_.erase(kept);
      return;
    }
  }
}

}  // namespace seabag::providers
