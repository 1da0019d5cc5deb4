#pragma once

#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include <cstdio>

#include "core.h"

namespace seabag::intercept::shim {

/// A program's or library's file, mapped, for what its dynamic section says. Everything is checked:
/// a file that is damaged has no needs, and the loader tells what is wrong with it.
class LibraryImage {
 public:
  explicit LibraryImage(int descriptor) {
    struct stat status {};
    if (raw::status(descriptor, status) < 0 || status.st_size <= 0) {
      return;
    }
    size_ = static_cast<std::size_t>(status.st_size);
    void* memory = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    bytes_ = memory == MAP_FAILED ? nullptr : static_cast<const char*>(memory);
    find_dynamic();
  }
  ~LibraryImage() {
    if (bytes_ != nullptr) {
      munmap(const_cast<char*>(bytes_), size_);
    }
  }
  LibraryImage(const LibraryImage&) = delete;
  LibraryImage& operator=(const LibraryImage&) = delete;

  template <typename Visit>
  void visit(ElfW(Sxword) tag, Visit visit) const {
    for (std::size_t each = 0; each < entries_; ++each) {
      ElfW(Dyn) entry{};
      std::memcpy(&entry, bytes_ + dynamic_ + each * sizeof(entry), sizeof(entry));
      if (entry.d_tag == tag) {
        if (const char* text = text_at(entry.d_un.d_val)) {
          visit(text);
        }
      }
    }
  }

 private:
  bool holds(std::size_t offset, std::size_t length) const {
    return bytes_ != nullptr && offset <= size_ && length <= size_ - offset;
  }

  template <typename Record>
  bool read(std::size_t offset, Record& record) const {
    if (!holds(offset, sizeof(record))) {
      return false;
    }
    std::memcpy(&record, bytes_ + offset, sizeof(record));
    return true;
  }

  template <typename Visit>
  void visit_segments(Visit visit) const {
    ElfW(Ehdr) header{};
    if (!read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_phentsize != sizeof(ElfW(Phdr))) {
      return;
    }
    for (std::size_t each = 0; each < header.e_phnum; ++each) {
      ElfW(Phdr) segment{};
      if (read(header.e_phoff + each * sizeof(segment), segment)) {
        visit(segment);
      }
    }
  }

  void find_dynamic() {
    visit_segments([&](const ElfW(Phdr) & segment) {
      if (segment.p_type == PT_DYNAMIC && holds(segment.p_offset, segment.p_filesz)) {
        dynamic_ = segment.p_offset;
        entries_ = segment.p_filesz / sizeof(ElfW(Dyn));
      }
    });
    for (std::size_t each = 0; each < entries_; ++each) {
      ElfW(Dyn) entry{};
      std::memcpy(&entry, bytes_ + dynamic_ + each * sizeof(entry), sizeof(entry));
      if (entry.d_tag == DT_STRTAB) {
        place_texts(entry.d_un.d_ptr);
      }
    }
  }

  // An address in memory is an offset in the file by way of the segment that it lies in.
  void place_texts(ElfW(Addr) address) {
    visit_segments([&](const ElfW(Phdr) & segment) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
          address - segment.p_vaddr < segment.p_filesz) {
        texts_ = segment.p_offset + (address - segment.p_vaddr);
      }
    });
  }

  const char* text_at(std::size_t offset) const {
    if (texts_ == 0 || offset >= size_ || !holds(texts_, offset + 1)) {
      return nullptr;
    }
    const char* text = bytes_ + texts_ + offset;
    return std::memchr(text, '\0', size_ - texts_ - offset) != nullptr ? text : nullptr;
  }

  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::size_t dynamic_ = 0;
  std::size_t entries_ = 0;
  std::size_t texts_ = 0;
};

/// `$ORIGIN` is the directory of the library, as the program named it.
inline bool expand_origin(const char* folder, std::size_t length, const char* origin,
                          std::array<char, kLongestPath>& out) {
  for (const char* name : {"$ORIGIN", "${ORIGIN}"}) {
    const std::size_t size = std::strlen(name);
    if (length >= size && std::strncmp(folder, name, size) == 0) {
      return std::snprintf(out.data(), out.size(), "%s%.*s", origin,
                           static_cast<int>(length - size),
                           folder + size) < static_cast<int>(out.size());
    }
  }
  return std::snprintf(out.data(), out.size(), "%.*s", static_cast<int>(length), folder) <
         static_cast<int>(out.size());
}

}  // namespace seabag::intercept::shim
