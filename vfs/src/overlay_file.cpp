#include "overlay_file.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace seabag::vfs {

OverlayReader::OverlayReader(OverlayFileSystem& overlay, NodeId id, std::unique_ptr<File> file)
    : overlay_(overlay), id_(id), lower_(std::move(file)), current_(lower_.get()) {
  overlay_.add_reader(*this);
}

OverlayReader::~OverlayReader() { overlay_.remove_reader(*this); }

Result<std::size_t> OverlayReader::read_at(std::span<std::byte> buffer,
                                           std::uint64_t offset) const {
  return current_.load(std::memory_order_acquire)->read_at(buffer, offset);
}

Result<Attributes> OverlayReader::attributes() const {
  const File* file = current_.load(std::memory_order_acquire);
  return overlay_.describe_open(id_, SEABAG_TRY(file->attributes()));
}

Result<std::uint64_t> OverlayReader::find_extent(ExtentKind kind, std::uint64_t offset) const {
  return current_.load(std::memory_order_acquire)->find_extent(kind, offset);
}

void OverlayReader::switch_to(std::unique_ptr<File> file) {
  upper_ = std::move(file);
  current_.store(upper_.get(), std::memory_order_release);
}

Result<std::size_t> OverlayUpperFile::read_at(std::span<std::byte> buffer,
                                              std::uint64_t offset) const {
  return file_->read_at(buffer, offset);
}

Result<Attributes> OverlayUpperFile::attributes() const {
  return overlay_.describe_open(id_, SEABAG_TRY(file_->attributes()));
}

Result<std::uint64_t> OverlayUpperFile::find_extent(ExtentKind kind, std::uint64_t offset) const {
  return file_->find_extent(kind, offset);
}

Result<std::size_t> OverlayWriter::read_at(std::span<std::byte> buffer,
                                           std::uint64_t offset) const {
  return file_->read_at(buffer, offset);
}

Result<Attributes> OverlayWriter::attributes() const {
  return overlay_.describe_open(id_, SEABAG_TRY(file_->attributes()));
}

Result<std::uint64_t> OverlayWriter::find_extent(ExtentKind kind, std::uint64_t offset) const {
  return file_->find_extent(kind, offset);
}

Result<std::size_t> OverlayWriter::write_at(std::span<const std::byte> bytes,
                                            std::uint64_t offset) {
  return file_->write_at(bytes, offset);
}

Result<std::size_t> OverlayWriter::append(std::span<const std::byte> bytes) {
  return file_->append(bytes);
}

Result<void> OverlayWriter::resize(std::uint64_t size) { return file_->resize(size); }

Result<void> OverlayWriter::allocate(AllocateMode mode, std::uint64_t offset,
                                     std::uint64_t length) {
  return file_->allocate(mode, offset, length);
}

Result<void> OverlayWriter::sync(SyncScope scope) { return file_->sync(scope); }

void OverlayFileSystem::add_reader(OverlayReader& reader) {
  const std::lock_guard lock(table_);
  readers_[reader.id()].push_back(&reader);
}

void OverlayFileSystem::remove_reader(OverlayReader& reader) {
  const std::lock_guard lock(table_);
  const auto found = readers_.find(reader.id());
  std::erase(found->second, &reader);
  if (found->second.empty()) {
    readers_.erase(found);
    orphans_.erase(reader.id());
  }
}

Attributes OverlayFileSystem::describe_open(NodeId id, Attributes attributes) {
  attributes.node = id;
  attributes.inode = static_cast<std::uint64_t>(id);
  attributes.links = is_orphan(id) ? 0 : attributes.links;
  return attributes;
}

}  // namespace seabag::vfs
