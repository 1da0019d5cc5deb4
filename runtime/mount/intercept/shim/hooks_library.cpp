// dlopen(3) of a library of a mount, with the libraries that it needs.
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <sys/mman.h>

#include <cstdio>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

constexpr int kMostNested = 16;
constexpr std::size_t kMostLibraries = 256;

// The descriptors of libraries stay open: their numbers are the names under which the loader knows
// them, and a name must not come back for another library.
struct Library {
  std::uint64_t inode;
  int descriptor;
};
std::array<Library, kMostLibraries> libraries{};
std::atomic<std::size_t> library_count{0};
std::atomic<bool> is_held{false};

// Another thread may load; the same one may come back through a constructor, so nothing is held
// while the loader works.
int keep(std::uint64_t inode, int descriptor) {
  while (is_held.exchange(true, std::memory_order_acquire)) {
    sched_yield();
  }
  int kept = descriptor;
  const std::size_t known = library_count.load();
  std::size_t each = 0;
  while (each < known && libraries[each].inode != inode) {
    ++each;
  }
  if (each < known) {
    kept = libraries[each].descriptor;
  } else if (known < kMostLibraries) {
    libraries[known] = {inode, descriptor};
    library_count.store(known + 1);
  }
  is_held.store(false, std::memory_order_release);
  return kept;
}

// A library's file, mapped, for what its dynamic section says. Everything is checked: a file that
// is damaged has no needs, and the loader tells what is wrong with it.
class Image {
 public:
  explicit Image(int descriptor) {
    struct stat status {};
    if (raw::status(descriptor, status) < 0 || status.st_size <= 0) {
      return;
    }
    size_ = static_cast<std::size_t>(status.st_size);
    void* memory = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    bytes_ = memory == MAP_FAILED ? nullptr : static_cast<const char*>(memory);
    find_dynamic();
  }
  ~Image() {
    if (bytes_ != nullptr) {
      munmap(const_cast<char*>(bytes_), size_);
    }
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

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

void* load(const char* path, int flags, int depth);

bool exists_in_mount(const char* path) {
  Errand errand(Operation::access);
  return errand.take(AT_FDCWD, path) && errand.run() == Ending::done;
}

// `$ORIGIN` is the directory of the library, as the program named it.
bool expand(const char* folder, std::size_t length, const char* origin,
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

// Loads what a library needs from the mounts before the library itself, in the directories that it
// names: the loader then finds them by their names (DT_SONAME).
void load_needed(const Image& image, const char* origin, int depth) {
  image.visit(DT_NEEDED, [&](const char* name) {
    const auto try_folders = [&](const char* folders) {
      while (*folders != '\0') {
        const std::size_t length = std::strcspn(folders, ":");
        std::array<char, kLongestPath> folder;
        std::array<char, kLongestPath> path;
        if (expand(folders, length, origin, folder) &&
            std::snprintf(path.data(), path.size(), "%s/%s", folder.data(), name) <
                static_cast<int>(path.size()) &&
            exists_in_mount(path.data())) {
          load(path.data(), RTLD_LAZY, depth + 1);
          return;
        }
        folders += length + (folders[length] == ':' ? 1 : 0);
      }
    };
    image.visit(DT_RUNPATH, try_folders);
    image.visit(DT_RPATH, try_folders);
  });
}

void* load_opened(int opened, const char* path, int flags, int depth) {
  struct stat status {};
  if (raw::status(opened, status) < 0) {
    return nullptr;
  }
  const int descriptor = keep(status.st_ino, opened);
  if (descriptor != opened) {
    raw::close(opened);
  } else {
    std::array<char, kLongestPath> origin{};
    const char* slash = std::strrchr(path, '/');
    std::memcpy(origin.data(), path, static_cast<std::size_t>(slash - path));
    const Image image(descriptor);
    load_needed(image, origin.data(), depth);
  }
  std::array<char, 40> name{};
  std::snprintf(name.data(), name.size(), "/proc/self/fd/%d", descriptor);
  return SEABAG_NATIVE(dlopen)(name.data(), flags);
}

void* load(const char* path, int flags, int depth) {
  if (depth >= kMostNested || std::strlen(path) >= kLongestPath) {
    return nullptr;
  }
  const int opened = open_anywhere(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  // A library that is not there is reported by the loader, in its own words.
  return opened < 0 ? SEABAG_NATIVE(dlopen)(path, flags) : load_opened(opened, path, flags, depth);
}

bool is_in_mount(const char* path) {
  Errand errand(Operation::access);
  if (!errand.take(AT_FDCWD, path)) {
    return false;
  }
  errand.request().flags = kFollow;
  return errand.run() == Ending::done;
}

}  // namespace

void link_library_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

// The loader looks at who called it (RUNPATH, name spaces): a jump keeps the caller.
void* dlopen(const char* path, int flags) noexcept {
  if (path == nullptr || std::strchr(path, '/') == nullptr || is_outside(AT_FDCWD, path) ||
      !is_in_mount(path)) {
    return SEABAG_NATIVE(dlopen)(path, flags);
  }
  return load(path, flags, 0);
}

}  // extern "C"
