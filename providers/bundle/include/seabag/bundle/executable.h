#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "seabag/vfs/result.h"

/// Where a bundle lives in an ELF file (64 bit, little endian: x86-64, aarch64): alone in the last
/// PT_LOAD, which is read-only and starts with the magic. A packed file and an empty one differ
/// only in that segment's length and in where the parts behind it are.
namespace seabag::bundle {

/// The slot of an executable, found by its program headers alone.
struct Slot {
  std::uint64_t offset = 0;  ///< in the file, a multiple of 64 KiB
  std::uint64_t length =
      0;  ///< of the segment: kSlotSize when empty, else the payload's, rounded up
  std::uint64_t address = 0;  ///< as linked, before relocation
};

/// Whether bytes begin like an ELF file.
[[nodiscard]] bool is_elf(std::span<const std::byte> start);

/// Finds the slot of an ELF file that is open for reading and `size` bytes long. Errors of the
/// bundle category: not_a_bundle (another kind of ELF file, or one without a slot, with the
/// remedy), truncated (the segment or a header does not fit into the file), corrupt.
[[nodiscard]] Result<Slot> find_slot(int descriptor, std::uint64_t size);

/// Bytes to be written over the copied parts of an executable.
struct Patch {
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes;
};

/// How an executable holds a payload of another length: bytes [0, head_length) stay, then the
/// payload, then zero bytes up to `tail_target`, then the old bytes from `tail_offset` to the end,
/// then the patches are applied.
struct SlotPlan {
  std::uint64_t head_length = 0;
  std::uint64_t tail_offset = 0;
  std::uint64_t tail_length = 0;
  std::uint64_t tail_target = 0;
  std::vector<Patch> patches;
};

/// Plans to put a payload of `payload_length` bytes into the slot of a `size` bytes long ELF file:
/// the segment's length, the section's length and the place of everything behind it change, nothing
/// else. Errors as `find_slot`; corrupt for section headers that make no sense, EFBIG.
[[nodiscard]] Result<SlotPlan> plan_slot(int descriptor, std::uint64_t size,
                                         std::uint64_t payload_length);

}  // namespace seabag::bundle
