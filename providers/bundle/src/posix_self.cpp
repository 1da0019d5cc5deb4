#include "posix_self.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/auxv.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "little_endian.h"
#include "seabag/bundle/error.h"
#include "seabag/bundle/format.h"

// The ELF header of this executable in memory. The linker's name for it, so not ours to choose.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;
// The slot; there is none unless the executable was linked with seabag_bundle_slot().
extern "C" [[gnu::weak]] const unsigned char seabag_slot[];

namespace seabag::bundle {
namespace {

/// The address of the slot, so that the compiler forgets what it was linked with: packing changed
/// it behind its back.
const std::byte* slot_start() {
  const void* start = seabag_slot;
  asm("" : "+r"(start));
  return static_cast<const std::byte*>(start);
}

std::uintptr_t address_of(const void* object) { return reinterpret_cast<std::uintptr_t>(object); }

/// The program header of the segment that starts with the slot. Addresses are compared as distances
/// from the ELF header, which are the same as linked and in memory whatever the load address; the
/// first segment need not be the one that holds it.
std::optional<ElfW(Phdr)> slot_segment(const std::byte* slot) {
  const auto* start = reinterpret_cast<const std::byte*>(&__ehdr_start);
  const auto* headers = start + __ehdr_start.e_phoff;
  const std::uintptr_t distance = address_of(slot) - address_of(start);
  std::optional<std::uintptr_t> header_address;
  const auto header_at = [&](std::size_t i) {
    ElfW(Phdr) header;
    std::memcpy(&header, headers + i * sizeof(header), sizeof(header));
    return header;
  };
  for (std::size_t i = 0; i < __ehdr_start.e_phnum; ++i) {
    const auto header = header_at(i);
    if (header.p_type == PT_LOAD && header.p_offset == 0 && header.p_filesz != 0) {
      header_address = header.p_vaddr;
    }
  }
  for (std::size_t i = 0; header_address && i < __ehdr_start.e_phnum; ++i) {
    const auto header = header_at(i);
    if (header.p_type == PT_LOAD && header.p_vaddr == *header_address + distance) {
      return header;
    }
  }
  return std::nullopt;
}

/// Opens a path if the same bundle is at the same place of that file: the superblock holds the root
/// hash, so equal superblocks mean equal bundles.
Descriptor open_same(const std::string& path, const OwnSlot& slot) {
  auto file = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    return {};
  }
  const auto size = regular_file_size(file->number());
  std::array<std::byte, kSuperblockSize> page;
  if (!size || slot.file_offset > *size || slot.bytes.size() > *size - slot.file_offset ||
      slot.bytes.size() < page.size() || !read_exactly(file->number(), page, slot.file_offset) ||
      std::memcmp(page.data(), slot.bytes.data(), page.size()) != 0) {
    return {};
  }
  return std::move(file).take();
}

/// The file of the running executable, for sendfile. The name that it was started by is only used
/// without /proc, and not where somebody with fewer rights may have chosen it.
Descriptor open_own_file(const OwnSlot& slot) {
  Descriptor file = open_same("/proc/self/exe", slot);
  const auto name = getauxval(AT_EXECFN);
  if (!file.is_open() && name != 0 && getauxval(AT_SECURE) == 0) {
    // The kernel hands addresses over as numbers. NOLINTNEXTLINE(performance-no-int-to-ptr)
    file = open_same(reinterpret_cast<const char*>(name), slot);
  }
  return file;
}

Error truncated() {
  return bundle_error(BundleErrc::truncated, "open", "the running executable has been cut short");
}

}  // namespace

Result<OwnSlot> find_own_slot() {
  const std::byte* start = slot_start();
  if (start == nullptr) {
    return bundle_error(BundleErrc::no_bundle, "open",
                        "this program was linked without seabag_bundle_slot()");
  }
  const auto segment = slot_segment(start);
  if (!segment || segment->p_filesz < kSlotSize || segment->p_memsz < segment->p_filesz) {
    return bundle_error(BundleErrc::corrupt, "open", "no segment of this program is the slot");
  }
  if (!is_readable(start)) {
    return truncated();
  }
  OwnSlot slot{.bytes = {start, segment->p_filesz}, .file_offset = segment->p_offset, .file = {}};
  slot.file = open_own_file(slot);
  if (!slot.file.is_open() && !is_readable(&slot.bytes.back())) {
    return truncated();
  }
  return slot;
}

}  // namespace seabag::bundle
