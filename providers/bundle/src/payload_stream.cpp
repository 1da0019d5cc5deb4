#include "payload_stream.h"

#include <algorithm>
#include <cstring>

#include "blake2b.h"
#include "posix_file.h"

namespace seabag::bundle {
namespace {

/// Zeros are looked for in blocks of this size: small enough to find the holes of real files, large
/// enough not to cut writes to pieces.
constexpr std::size_t kHoleLength = 65536;

bool is_zero(std::span<const std::byte> bytes) {
  return bytes.empty() || (bytes[0] == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

PayloadStream::PayloadStream(int descriptor, std::uint64_t base)
    : descriptor_(descriptor),
      base_(base),
      buffer_(std::make_unique<std::byte[]>(kLeafLength)),
      zero_leaf_(leaf_hash({buffer_.get(), kLeafLength})) {}

Result<void> PayloadStream::append(std::span<const std::byte> bytes) {
  SEABAG_TRY(check_room(bytes.size()));
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), kLeafLength - filled_);
    std::memcpy(buffer_.get() + filled_, bytes.data(), count);
    filled_ += count;
    bytes = bytes.subspan(count);
    if (filled_ == kLeafLength) {
      SEABAG_TRY(flush_leaf());
    }
  }
  return {};
}

Result<void> PayloadStream::append_zeros(std::uint64_t count) {
  SEABAG_TRY(check_room(count));
  while (count > 0) {
    if (filled_ == 0 && count >= kLeafLength) {
      leaves_.push_back(zero_leaf_);
      leaf_start_ += kLeafLength;
      count -= kLeafLength;
      continue;
    }
    const std::size_t step = std::min<std::uint64_t>(count, kLeafLength - filled_);
    std::memset(buffer_.get() + filled_, 0, step);
    filled_ += step;
    count -= step;
    if (filled_ == kLeafLength) {
      SEABAG_TRY(flush_leaf());
    }
  }
  return {};
}

Result<void> PayloadStream::align(std::uint64_t alignment) {
  const std::uint64_t excess = position() % alignment;
  return excess == 0 ? Result<void>() : append_zeros(alignment - excess);
}

Result<void> PayloadStream::read_at(std::span<std::byte> buffer, std::uint64_t offset) const {
  if (offset < leaf_start_ && !buffer.empty()) {
    const std::span<std::byte> written =
        buffer.first(std::min<std::uint64_t>(buffer.size(), leaf_start_ - offset));
    SEABAG_TRY(read_written(written, offset));
    offset += written.size();
    buffer = buffer.subspan(written.size());
  }
  if (!buffer.empty()) {
    std::memcpy(buffer.data(), buffer_.get() + (offset - leaf_start_), buffer.size());
  }
  return {};
}

Result<void> PayloadStream::read_written(std::span<std::byte> buffer, std::uint64_t offset) const {
  // Zeros at the end have not been written, and the file may still be shorter.
  const std::size_t count = SEABAG_TRY(read_up_to(descriptor_, buffer, base_ + offset));
  std::ranges::fill(buffer.subspan(count), std::byte{0});
  return {};
}

Result<void> PayloadStream::finish_leaves() { return filled_ == 0 ? Result<void>() : flush_leaf(); }

Result<void> PayloadStream::check_room(std::uint64_t count) const {
  if (count > kMaxPayloadSize - position()) {
    return make_error(std::errc::file_too_large, "write");
  }
  return {};
}

Result<void> PayloadStream::flush_leaf() {
  const std::span<const std::byte> leaf(buffer_.get(), filled_);
  leaves_.push_back(leaf_hash(leaf));
  SEABAG_TRY(write_data(leaf));
  leaf_start_ += filled_;
  filled_ = 0;
  return {};
}

Result<void> PayloadStream::write_data(std::span<const std::byte> leaf) const {
  std::size_t start = 0;
  while (start < leaf.size()) {
    std::size_t end = start;
    const auto block = [&] { return leaf.subspan(end, std::min(kHoleLength, leaf.size() - end)); };
    while (end < leaf.size() && !is_zero(block())) {
      end += block().size();
    }
    SEABAG_TRY(
        write_exactly(descriptor_, leaf.subspan(start, end - start), base_ + leaf_start_ + start));
    while (end < leaf.size() && is_zero(block())) {
      end += block().size();
    }
    start = end;
  }
  return {};
}

}  // namespace seabag::bundle
