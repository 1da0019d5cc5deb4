#include "posix_listing.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace seabag::bundler {
namespace {

constexpr std::size_t kBufferSize = 128U << 10U;

Listing::Kind kind_of(vfs::FileType type) {
  switch (type) {
    case vfs::FileType::regular:
      return Listing::Kind::regular;
    case vfs::FileType::directory:
      return Listing::Kind::directory;
    case vfs::FileType::symlink:
      return Listing::Kind::symlink;
    default:
      return Listing::Kind::other;
  }
}

}  // namespace

Result<void> Listing::add(int directory, std::string_view name, unsigned char type) {
  if (name == "." || name == "..") {
    return {};
  }
  Name entry{.offset = static_cast<std::uint32_t>(text_.size()),
             .length = static_cast<std::uint32_t>(name.size()),
             .kind = Kind::other};
  text_ += name;
  text_ += '\0';
  switch (type) {
    case DT_REG:
      entry.kind = Kind::regular;
      break;
    case DT_DIR:
      entry.kind = Kind::directory;
      break;
    case DT_LNK:
      entry.kind = Kind::symlink;
      break;
    case DT_UNKNOWN:
      entry.kind = kind_of(SEABAG_TRY(status_at(directory, c_str(entry), name)).type);
      break;
    default:
      break;
  }
  names_.push_back(entry);
  return {};
}

Result<void> Listing::read(int directory) {
  names_.clear();
  text_.clear();
  if (!buffer_) {
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(kBufferSize);
  }
  for (;;) {
    const ssize_t filled = ::getdents64(directory, buffer_.get(), kBufferSize);
    if (filled < 0) {
      return errno_error(errno, "list");
    }
    if (filled == 0) {
      break;
    }
    const std::byte* record = buffer_.get();
    const std::byte* const end = record + filled;
    while (record < end) {
      std::uint16_t length = 0;
      std::memcpy(&length, record + offsetof(dirent64, d_reclen), sizeof length);
      const auto type = static_cast<unsigned char>(record[offsetof(dirent64, d_type)]);
      const auto* name =
          static_cast<const char*>(static_cast<const void*>(record + offsetof(dirent64, d_name)));
      SEABAG_TRY(add(directory, name, type));
      record += length;
    }
  }
  std::ranges::sort(names_, {}, [this](const Name& name) { return text(name); });
  return {};
}

}  // namespace seabag::bundler
