#include "file.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

namespace seabag::providers {

Result<std::size_t> MemoryFile::read_at(std::span<std::byte> buffer, std::uint64_t offset) const {
  std::size_t count = 0;
  bool is_access_due = false;
  {
    const std::shared_lock lock(node_.mutex);
    count = node_.content->read(buffer, offset);
    is_access_due = file_system_.is_access_due(node_);
  }
  if (is_access_due) {
    file_system_.touch_accessed(node_);
  }
  return count;
}

Result<vfs::Attributes> MemoryFile::attributes() const { return node_.read_attributes(); }

Result<std::uint64_t> MemoryFile::find_extent(vfs::ExtentKind kind, std::uint64_t offset) const {
  const std::shared_lock lock(node_.mutex);
  const std::uint64_t found = node_.content->find_extent(kind, offset);
  if (found > Content::kMaxSize) {
    return make_error(std::errc::no_such_device_or_address, "lseek");
  }
  return found;
}

Result<std::size_t> MemoryFile::write_at(std::span<const std::byte> bytes, std::uint64_t offset) {
  const std::unique_lock lock(node_.mutex);
  return write_locked(bytes, offset, "write");
}

Result<std::size_t> MemoryFile::append(std::span<const std::byte> bytes) {
  const std::unique_lock lock(node_.mutex);
  return write_locked(bytes, node_.content->size(), "append");
}

Result<std::size_t> MemoryFile::write_locked(std::span<const std::byte> bytes, std::uint64_t offset,
                                             const char* operation) {
  if (bytes.empty()) {
    return std::size_t{0};
  }
  if (offset > Content::kMaxSize || bytes.size() > Content::kMaxSize - offset) {
    return make_error(std::errc::file_too_large, operation);
  }
  const Content::Written written = node_.content->write(bytes, offset);
  if (written.count == 0) {
    return make_error(written.obstacle, operation);
  }
  touch_modified();
  return written.count;
}

Result<void> MemoryFile::resize(std::uint64_t size) {
  if (size > Content::kMaxSize) {
    return make_error(std::errc::file_too_large, "truncate");
  }
  const std::unique_lock lock(node_.mutex);
  node_.content->resize(size);
  touch_modified();
  return {};
}

Result<void> MemoryFile::allocate(vfs::AllocateMode mode, std::uint64_t offset,
                                  std::uint64_t length) {
  if (length == 0) {
    return make_error(std::errc::invalid_argument, "fallocate", {}, "the length is 0");
  }
  if (offset > Content::kMaxSize || length > Content::kMaxSize - offset) {
    return make_error(std::errc::file_too_large, "fallocate");
  }
  using Mode = vfs::AllocateMode;
  const std::unique_lock lock(node_.mutex);
  Content& content = *node_.content;
  if (mode != Mode::punch_hole) {
    const std::errc obstacle = content.reserve(offset, length);
    if (obstacle != std::errc()) {
      return make_error(obstacle, "fallocate");
    }
  }
  if (mode == Mode::punch_hole) {
    content.punch(offset, length);
  }
  if (mode == Mode::zero_range) {
    content.zero(offset, length);
  }
  if (mode == Mode::extend || mode == Mode::zero_range) {
    content.grow_size(offset + length);
  }
  touch_modified();
  return {};
}

Result<void> MemoryFile::sync(vfs::SyncScope) { return {}; }

void MemoryFile::touch_modified() {
  const vfs::Timestamp present = file_system_.now();
  node_.modified = present;
  node_.changed = present;
}

}  // namespace seabag::providers
