#pragma once

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "support/bundle_builder.h"

namespace seabag::testing {

/// A made-up ELF file with headers that a test can spoil: code, data with .bss behind it, an empty
/// slot in the last segment, then two sections that are not loaded and the section headers.
struct ElfFile {
  static constexpr std::uint64_t kDataAt = 0x2000;
  static constexpr std::uint64_t kSlotAt = 0x10000;
  static constexpr std::uint64_t kSlotAddress = 0x440000;
  static constexpr std::uint64_t kTailAt = kSlotAt + bundle::kSlotSize;
  static constexpr std::uint64_t kSectionsAt = kTailAt + 48;

  ElfFile() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_phoff = sizeof(Elf64_Ehdr);
    header.e_shoff = kSectionsAt;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
  }

  /// The bytes of the file; counts are filled in.
  [[nodiscard]] std::vector<std::byte> bytes() {
    header.e_phnum = static_cast<Elf64_Half>(segments.size());
    header.e_shnum = static_cast<Elf64_Half>(sections.size());
    std::vector<std::byte> out(kSectionsAt + sections.size() * sizeof(Elf64_Shdr));
    const auto put = [&out](std::size_t offset, std::span<const std::byte> bytes) {
      std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(offset));
    };
    put(0, std::as_bytes(std::span(&header, 1)));
    put(sizeof(header), std::as_bytes(std::span(segments)));
    put(kSlotAt, std::as_bytes(std::span(bundle::kMagic)));
    put(kDataAt, std::as_bytes(std::span(bundle::kMagic)));
    put(kTailAt, std::as_bytes(std::span("not loaded", 10)));
    put(kSectionsAt, std::as_bytes(std::span(sections)));
    return out;
  }

  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> segments{
      segment(PF_R | PF_X, 0, 0x400000, 0x2000, 0x2000),
      // The magic is here too, at the start of a segment.
      segment(PF_R | PF_W, kDataAt, 0x402000, 0x100, 0x3D000),
      segment(PF_R, kSlotAt, kSlotAddress, bundle::kSlotSize, bundle::kSlotSize),
  };
  std::vector<Elf64_Shdr> sections{
      Elf64_Shdr{},
      section(SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0x402100, kDataAt + 0x100, 0x3C000),
      section(SHT_PROGBITS, SHF_ALLOC, kSlotAddress, kSlotAt, bundle::kSlotSize),
      section(SHT_PROGBITS, 0, 0, kTailAt, 10),
      section(SHT_STRTAB, 0, 0, kTailAt + 16, 32),
  };

 private:
  static Elf64_Phdr segment(Elf64_Word flags, std::uint64_t offset, std::uint64_t address,
                            std::uint64_t file_size, std::uint64_t memory_size) {
    Elf64_Phdr out{};
    out.p_type = PT_LOAD;
    out.p_flags = flags;
    out.p_offset = offset;
    out.p_vaddr = out.p_paddr = address;
    out.p_filesz = file_size;
    out.p_memsz = memory_size;
    out.p_align = 0x10000;
    return out;
  }

  static Elf64_Shdr section(Elf64_Word type, std::uint64_t flags, std::uint64_t address,
                            std::uint64_t offset, std::uint64_t size) {
    Elf64_Shdr out{};
    out.sh_type = type;
    out.sh_flags = flags;
    out.sh_addr = address;
    out.sh_offset = offset;
    out.sh_size = size;
    return out;
  }
};

}  // namespace seabag::testing
