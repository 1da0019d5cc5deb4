#include "file.h"

#include <algorithm>

namespace seabag::providers {

Result<std::size_t> SqliteFile::read_at(std::span<std::byte> buffer, std::uint64_t offset) const {
  const auto turn = SEABAG_TRY(file_system_.reading("read"));
  const Inode inode = SEABAG_TRY(file_system_.existing(node_));
  const std::size_t count = SEABAG_TRY(file_system_.content().read(inode, buffer, offset));
  file_system_.touch_accessed(inode);
  return count;
}

Result<vfs::Attributes> SqliteFile::attributes() const {
  const auto turn = SEABAG_TRY(file_system_.reading("fstat"));
  return file_system_.describe(SEABAG_TRY(file_system_.existing(node_)));
}

Result<std::uint64_t> SqliteFile::find_extent(vfs::ExtentKind kind, std::uint64_t offset) const {
  const auto turn = SEABAG_TRY(file_system_.reading("lseek"));
  const Inode inode = SEABAG_TRY(file_system_.existing(node_));
  const std::uint64_t found = SEABAG_TRY(file_system_.content().find_extent(inode, kind, offset));
  if (found > ChunkedContent::kMaxSize) {
    return make_error(std::errc::no_such_device_or_address, "lseek");
  }
  return found;
}

template <typename Change>
Result<void> SqliteFile::modify(Changing& turn, Inode inode, Change change) {
  const auto run = [&]() -> Result<void> {
    SEABAG_TRY(change(inode));
    inode.modified = file_system_.now();
    inode.changed = inode.modified;
    SEABAG_TRY(file_system_.store().update_inode(inode));
    return turn.commit();
  };
  Result<void> result = run();
  if (!result) {
    file_system_.content().forget(inode.number);
  }
  return result;
}

Result<std::size_t> SqliteFile::write_at(std::span<const std::byte> bytes, std::uint64_t offset) {
  auto turn = SEABAG_TRY(file_system_.changing("write"));
  return write_part(turn, SEABAG_TRY(file_system_.existing(node_)), bytes, offset);
}

Result<std::size_t> SqliteFile::append(std::span<const std::byte> bytes) {
  auto turn = SEABAG_TRY(file_system_.changing("append"));
  const Inode inode = SEABAG_TRY(file_system_.existing(node_));
  return write_part(turn, inode, bytes, inode.size);
}

Result<std::size_t> SqliteFile::write_part(Changing& turn, const Inode& inode,
                                           std::span<const std::byte> bytes, std::uint64_t offset) {
  if (bytes.empty()) {
    return std::size_t{0};
  }
  if (offset > ChunkedContent::kMaxSize || bytes.size() > ChunkedContent::kMaxSize - offset) {
    return make_error(std::errc::file_too_large, "write");
  }
  SEABAG_TRY(modify(turn, inode, [&](Inode& changed) -> Result<void> {
    SEABAG_TRY(file_system_.content().write(changed, bytes, offset));
    changed.size = std::max(changed.size, offset + bytes.size());
    return {};
  }));
  return bytes.size();
}

Result<void> SqliteFile::resize(std::uint64_t size) {
  if (size > ChunkedContent::kMaxSize) {
    return make_error(std::errc::file_too_large, "truncate");
  }
  auto turn = SEABAG_TRY(file_system_.changing("truncate"));
  return modify(turn, SEABAG_TRY(file_system_.existing(node_)),
                [&](Inode& changed) -> Result<void> {
                  SEABAG_TRY(file_system_.content().resize(changed, size));
                  changed.size = size;
                  return {};
                });
}

Result<void> SqliteFile::check_range(vfs::AllocateMode mode, const Inode& inode,
                                     std::uint64_t offset, std::uint64_t length) const {
  if (mode == vfs::AllocateMode::keep_size && offset + length > inode.size) {
    return make_error(std::errc::operation_not_supported, "fallocate", {},
                      "space behind the end of a file cannot be reserved");
  }
  const bool takes_space =
      mode == vfs::AllocateMode::extend || mode == vfs::AllocateMode::keep_size;
  return takes_space ? file_system_.check_space(length) : Result<void>();
}

Result<void> SqliteFile::allocate(vfs::AllocateMode mode, std::uint64_t offset,
                                  std::uint64_t length) {
  if (length == 0) {
    return make_error(std::errc::invalid_argument, "fallocate", {}, "the length is 0");
  }
  if (offset > ChunkedContent::kMaxSize || length > ChunkedContent::kMaxSize - offset) {
    return make_error(std::errc::file_too_large, "fallocate");
  }
  auto turn = SEABAG_TRY(file_system_.changing("fallocate"));
  const Inode inode = SEABAG_TRY(file_system_.existing(node_));
  SEABAG_TRY(check_range(mode, inode, offset, length));
  return modify(turn, inode, [&](Inode& changed) -> Result<void> {
    using Mode = vfs::AllocateMode;
    ChunkedContent& content = file_system_.content();
    const std::uint64_t end = std::max(changed.size, offset + length);
    const std::uint64_t size = mode == Mode::extend || mode == Mode::zero_range ? end  //
                                                                                : changed.size;
    if (mode == Mode::punch_hole || mode == Mode::zero_range) {
      SEABAG_TRY(content.punch(changed, offset, length));
    } else {
      SEABAG_TRY(content.reserve(changed, offset, length, size));
    }
    if (mode == Mode::zero_range && size > changed.size) {
      SEABAG_TRY(content.resize(changed, size));
    }
    changed.size = size;
    return {};
  });
}

Result<void> SqliteFile::sync(vfs::SyncScope) { return file_system_.sync(); }

}  // namespace seabag::providers
