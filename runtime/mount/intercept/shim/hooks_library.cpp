// dlopen(3) of a library of a mount, with the libraries that it needs.
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>

#include <cstdio>

#include "hooks.h"
#include "library_image.h"

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

void* load(const char* path, int flags, int depth);

bool exists_in_mount(const char* path) {
  Errand errand(Operation::access);
  return errand.take(AT_FDCWD, path) && errand.run() == Ending::done;
}

// Loads what a library needs from the mounts before the library itself, in the directories that it
// names: the loader then finds them by their names (DT_SONAME).
void load_needed(const LibraryImage& image, const char* origin, int depth) {
  image.visit(DT_NEEDED, [&](const char* name) {
    const auto try_folders = [&](const char* folders) {
      while (*folders != '\0') {
        const std::size_t length = std::strcspn(folders, ":");
        std::array<char, kLongestPath> folder;
        std::array<char, kLongestPath> path;
        if (expand_origin(folders, length, origin, folder) &&
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
    const LibraryImage image(descriptor);
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
