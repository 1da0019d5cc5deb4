#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "little_endian.h"
#include "posix_file.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/executable.h"
#include "seabag/bundle/format.h"

namespace seabag::bundle {
namespace {

// ELF-64 as in the System V ABI: sizes of the headers and where their fields are.
constexpr std::size_t kFileHeaderSize = 64;
constexpr std::size_t kProgramHeaderSize = 56;
constexpr std::size_t kSectionHeaderSize = 64;
constexpr std::size_t kSectionHeadersOffsetAt = 40;
constexpr std::size_t kFileSizeAt = 32;    // in a program header
constexpr std::size_t kMemorySizeAt = 40;  // in a program header
constexpr std::size_t kOffsetAt = 24;      // in a section header
constexpr std::size_t kLengthAt = 32;      // in a section header

constexpr std::uint32_t kLoad = 1;
constexpr std::uint32_t kReadOnly = 4;
constexpr std::uint32_t kNoBits = 8;
constexpr std::uint64_t kAllocated = 2;
constexpr std::uint16_t kExecutableType = 2;
constexpr std::uint16_t kDynamicType = 3;
/// User addresses end below this on every 64-bit machine with four levels of page tables.
constexpr std::uint64_t kMaxAddress = std::uint64_t{1} << 47U;
/// The tail moves by a multiple of this, so that its sections stay aligned.
constexpr std::uint64_t kTailStep = 64;
constexpr std::uint64_t kPage = 4096;

Error not_usable(std::string detail) {
  return bundle_error(BundleErrc::not_a_bundle, "open", std::move(detail));
}

Error damaged(std::string detail) {
  return bundle_error(BundleErrc::corrupt, "open", std::move(detail));
}

struct FileHeader {
  std::uint64_t program_headers = 0;
  std::uint64_t section_headers = 0;
  std::uint16_t program_header_count = 0;
  std::uint16_t section_header_count = 0;
};

struct Segment {
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t header_offset = 0;  ///< of its program header in the file
};

bool lies_inside(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

Result<FileHeader> read_file_header(int descriptor, std::uint64_t size) {
  std::array<std::byte, kFileHeaderSize> bytes;
  if (size < bytes.size()) {
    return bundle_error(BundleErrc::truncated, "open", "it ends inside the ELF header");
  }
  SEABAG_TRY(read_exactly(descriptor, bytes, 0));
  const auto kind = load_le16(&bytes[16]);
  if (!is_elf(bytes) || bytes[4] != std::byte{2} || bytes[5] != std::byte{1} ||
      (kind != kExecutableType && kind != kDynamicType)) {
    return not_usable("it is no 64-bit little-endian ELF executable");
  }
  const FileHeader header{.program_headers = load_le64(&bytes[32]),
                          .section_headers = load_le64(&bytes[kSectionHeadersOffsetAt]),
                          .program_header_count = load_le16(&bytes[56]),
                          .section_header_count = load_le16(&bytes[60])};
  if (load_le16(&bytes[54]) != kProgramHeaderSize) {
    return not_usable("it has no program headers");
  }
  return header;
}

Result<std::vector<Segment>> read_segments(int descriptor, std::uint64_t size,
                                           const FileHeader& header) {
  const std::uint64_t length = std::uint64_t{header.program_header_count} * kProgramHeaderSize;
  if (!lies_inside(header.program_headers, length, size)) {
    return bundle_error(BundleErrc::truncated, "open", "it ends before its program headers do");
  }
  std::vector<std::byte> bytes(length);
  SEABAG_TRY(read_exactly(descriptor, bytes, header.program_headers));
  std::vector<Segment> segments;
  segments.reserve(header.program_header_count);
  for (std::size_t at = 0; at < length; at += kProgramHeaderSize) {
    segments.push_back({.type = load_le32(&bytes[at]),
                        .flags = load_le32(&bytes[at + 4]),
                        .offset = load_le64(&bytes[at + 8]),
                        .address = load_le64(&bytes[at + 16]),
                        .file_size = load_le64(&bytes[at + kFileSizeAt]),
                        .memory_size = load_le64(&bytes[at + kMemorySizeAt]),
                        .header_offset = header.program_headers + at});
  }
  return segments;
}

/// The PT_LOAD with the highest address, if it can be a slot: nothing may be mapped or loaded from
/// behind it, or a longer payload would run into it.
Result<Segment> last_segment(const std::vector<Segment>& segments) {
  const Segment* last = nullptr;
  for (const Segment& segment : segments) {
    if (segment.type == kLoad && (last == nullptr || segment.address > last->address)) {
      last = &segment;
    }
  }
  const bool is_slot = last != nullptr && last->flags == kReadOnly && last->offset % kPage == 0 &&
                       last->file_size == last->memory_size && last->file_size >= kSlotSize;
  if (!is_slot) {
    return not_usable("it has no slot for a bundle: link it with seabag_bundle_slot()");
  }
  for (const Segment& other : segments) {
    const bool overlaps_memory = &other != last && other.type == kLoad &&
                                 !lies_inside(other.address, other.memory_size, last->address);
    const bool overlaps_file = &other != last && other.file_size != 0 &&
                               !lies_inside(other.offset, other.file_size, last->offset);
    if (overlaps_memory || overlaps_file) {
      return damaged("another segment overlaps the slot");
    }
  }
  return *last;
}

struct FoundSlot {
  FileHeader header;
  Segment segment;
};

Result<FoundSlot> find_segment(int descriptor, std::uint64_t size) {
  const FileHeader header = SEABAG_TRY(read_file_header(descriptor, size));
  const auto segments = SEABAG_TRY(read_segments(descriptor, size, header));
  const Segment segment = SEABAG_TRY(last_segment(segments));
  if (!lies_inside(segment.offset, segment.file_size, size)) {
    return bundle_error(BundleErrc::truncated, "open", "it ends before its last segment does");
  }
  std::array<std::byte, kMagic.size()> magic;
  SEABAG_TRY(read_exactly(descriptor, magic, segment.offset));
  if (std::memcmp(magic.data(), kMagic.data(), magic.size()) != 0) {
    return not_usable("it has no slot for a bundle: link it with seabag_bundle_slot()");
  }
  return FoundSlot{.header = header, .segment = segment};
}

std::vector<std::byte> number(std::uint64_t value) {
  std::vector<std::byte> bytes(8);
  store_le(bytes.data(), value);
  return bytes;
}

/// Section headers after the move: those behind the slot follow the tail, the slot's own grows.
Result<void> move_sections(std::span<std::byte> headers, const Segment& slot,
                           const SlotPlan& plan) {
  for (std::size_t at = 0; at < headers.size(); at += kSectionHeaderSize) {
    const std::span<std::byte> header = headers.subspan(at, kSectionHeaderSize);
    const std::uint32_t type = load_le32(&header[4]);
    const std::uint64_t flags = load_le64(&header[8]);
    const std::uint64_t address = load_le64(&header[16]);
    const std::uint64_t offset = load_le64(&header[kOffsetAt]);
    if ((flags & kAllocated) != 0) {
      if (address == slot.address && offset == slot.offset) {
        store_le(&header[kLengthAt], plan.tail_target - slot.offset);
      }
    } else if (type != kNoBits && offset >= plan.tail_offset) {
      if (offset > plan.tail_offset + plan.tail_length) {
        return damaged("a section begins behind the end of the file");
      }
      store_le(&header[kOffsetAt], offset + (plan.tail_target - plan.tail_offset));
    } else if (type != kNoBits && offset > slot.offset) {
      return damaged("a section begins inside the bundle");
    }
  }
  return {};
}

Result<void> plan_sections(int descriptor, const FoundSlot& found, SlotPlan& plan) {
  const FileHeader& header = found.header;
  if (header.section_headers == 0 || header.section_header_count == 0) {
    return {};
  }
  const std::uint64_t length = std::uint64_t{header.section_header_count} * kSectionHeaderSize;
  const std::uint64_t size = plan.tail_offset + plan.tail_length;
  const bool in_tail = header.section_headers >= plan.tail_offset;
  if (!lies_inside(header.section_headers, length, in_tail ? size : plan.head_length)) {
    return damaged("its section headers do not fit into the file");
  }
  std::vector<std::byte> bytes(length);
  SEABAG_TRY(read_exactly(descriptor, bytes, header.section_headers));
  SEABAG_TRY(move_sections(bytes, found.segment, plan));
  const std::uint64_t target = in_tail
                                   ? header.section_headers + (plan.tail_target - plan.tail_offset)
                                   : header.section_headers;
  plan.patches.push_back({.offset = target, .bytes = std::move(bytes)});
  plan.patches.push_back({.offset = kSectionHeadersOffsetAt, .bytes = number(target)});
  return {};
}

}  // namespace

bool is_elf(std::span<const std::byte> start) {
  static constexpr std::array<unsigned char, 4> kElfMagic{0x7F, 'E', 'L', 'F'};
  return start.size() >= kElfMagic.size() &&
         std::memcmp(start.data(), kElfMagic.data(), kElfMagic.size()) == 0;
}

Result<Slot> find_slot(int descriptor, std::uint64_t size) {
  const FoundSlot found = SEABAG_TRY(find_segment(descriptor, size));
  return Slot{.offset = found.segment.offset,
              .length = found.segment.file_size,
              .address = found.segment.address};
}

Result<SlotPlan> plan_slot(int descriptor, std::uint64_t size, std::uint64_t payload_length) {
  const FoundSlot found = SEABAG_TRY(find_segment(descriptor, size));
  const Segment& slot = found.segment;
  if (!lies_inside(slot.address, payload_length, kMaxAddress)) {
    return make_error(std::errc::file_too_large, "write");
  }
  SlotPlan plan;
  plan.head_length = slot.offset;
  plan.tail_offset = slot.offset + slot.file_size;
  plan.tail_length = size - plan.tail_offset;
  // The same remainder keeps every alignment up to kTailStep. The segment grows up to there, so
  // that packing once more finds the tail where it is.
  const std::uint64_t end = slot.offset + payload_length;
  plan.tail_target = end + (plan.tail_offset + kTailStep - end % kTailStep) % kTailStep;
  const std::uint64_t length = plan.tail_target - slot.offset;
  plan.patches.push_back({.offset = slot.header_offset + kFileSizeAt, .bytes = number(length)});
  plan.patches.push_back({.offset = slot.header_offset + kMemorySizeAt, .bytes = number(length)});
  SEABAG_TRY(plan_sections(descriptor, found, plan));
  return plan;
}

}  // namespace seabag::bundle
