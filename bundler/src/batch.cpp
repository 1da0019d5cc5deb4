#include "batch.h"

namespace seabag::bundler {

std::span<std::byte> ByteArena::take(std::size_t size) {
  if (size > kCapacity - used_) {
    return {};
  }
  if (!bytes_) {
    bytes_ = std::make_unique_for_overwrite<std::byte[]>(kCapacity);
  }
  const std::span<std::byte> taken(bytes_.get() + used_, size);
  used_ += size;
  return taken;
}

std::span<const std::byte> ByteArena::view(std::uint64_t offset, std::uint64_t size) const {
  return {bytes_.get() + offset, static_cast<std::size_t>(size)};
}

std::string Batch::source_path(const Item& item) const {
  const std::string& parent = directory(item).source;
  const std::string own = source_name(item);
  if (own.empty() || parent.empty()) {
    return parent + own;
  }
  return parent.ends_with('/') ? parent + own : parent + "/" + own;
}

std::uint32_t Batch::add_text(std::string_view text) {
  const auto offset = static_cast<std::uint32_t>(names.size());
  names += text;
  names += '\0';
  return offset;
}

void Batch::clear() {
  input = 0;
  directories.clear();
  items.clear();
  names.clear();
  bytes.clear();
  streams.clear();
  notes.clear();
  error.reset();
}

}  // namespace seabag::bundler
