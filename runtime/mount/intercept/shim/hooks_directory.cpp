// opendir(3) and its kin.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "directory_stream.h"
#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

// All streams of virtual directories. There are never many at a time.
std::atomic<DirectoryStream*> all{nullptr};
std::atomic<bool> is_held{false};

class Guard {
 public:
  Guard() {
    while (is_held.exchange(true, std::memory_order_acquire)) {
      sched_yield();
    }
  }
  ~Guard() { is_held.store(false, std::memory_order_release); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
};

DIR* handle(DirectoryStream* stream) { return reinterpret_cast<DIR*>(stream); }

DIR* make_stream(int descriptor) {
  void* memory = std::malloc(sizeof(DirectoryStream));
  if (memory == nullptr) {
    return nullptr;
  }
  auto* stream = new (memory) DirectoryStream;
  stream->descriptor = descriptor;
  const Guard guard;
  stream->next = all.load();
  all.store(stream);
  return handle(stream);
}

void forget(DirectoryStream* stream) {
  const Guard guard;
  DirectoryStream* before = nullptr;
  for (DirectoryStream* each = all.load(); each != nullptr; each = each->next) {
    if (each == stream) {
      if (before == nullptr) {
        all.store(each->next);
      } else {
        before->next = each->next;
      }
      return;
    }
    before = each;
  }
}

void release_entries(DirectoryStream& stream) {
  if (stream.entries != nullptr && stream.size > 0) {
    munmap(const_cast<char*>(stream.entries), stream.size);
  }
  stream.entries = nullptr;
  stream.size = 0;
}

// Asks for the entries. They are mapped privately: programs write into what readdir gives them.
bool load_entries(DirectoryStream& stream) {
  static constexpr char kNothing = '\0';
  if (stream.entries != nullptr) {
    return true;
  }
  Errand errand(Operation::list);
  if (!errand.take(stream.descriptor, ".")) {
    stream.entries = &kNothing;  // the directory is gone
    return true;
  }
  if (errand.run() != Ending::done) {
    if (errno == ENOENT) {
      stream.entries = &kNothing;
      return true;
    }
    return false;
  }
  const int file = errand.descriptor();
  const auto size = static_cast<std::size_t>(errand.answer().status.size);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  raw::close(file);
  if (memory == MAP_FAILED) {
    return false;
  }
  stream.entries = static_cast<const char*>(memory);
  stream.size = size;
  return true;
}

dirent64* next_entry(DirectoryStream& stream) {
  if (!load_entries(stream) || stream.position >= stream.size) {
    return nullptr;
  }
  auto* entry = reinterpret_cast<dirent64*>(const_cast<char*>(stream.entries) + stream.position);
  stream.position = static_cast<std::size_t>(entry->d_off);
  return entry;
}

int close_stream(DirectoryStream* stream) {
  forget(stream);
  release_entries(*stream);
  set_known(stream->descriptor, 0);
  const int closed = raw::close(stream->descriptor);
  std::free(stream);
  return closed < 0 ? -1 : 0;
}

DIR* open_directory(int directory, const char* path) {
  const int descriptor =
      open_anywhere(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK, 0);
  if (descriptor < 0) {
    return nullptr;
  }
  DIR* stream = is_virtual_directory(descriptor) ? make_stream(descriptor)
                                                 : SEABAG_NATIVE(fdopendir)(descriptor);
  if (stream == nullptr) {
    raw::close(descriptor);
  }
  return stream;
}

using Filter = int (*)(const dirent*);
using Compare = int (*)(const dirent**, const dirent**);

// qsort(3) would need a comparison of another type.
void sort(dirent** entries, std::size_t count, Compare compare) {
  for (std::size_t gap = count / 2; gap > 0; gap /= 2) {
    for (std::size_t at = gap; at < count; ++at) {
      dirent* moving = entries[at];
      std::size_t to = at;
      for (; to >= gap; to -= gap) {
        const dirent* left = entries[to - gap];
        const dirent* right = moving;
        if (compare(&left, &right) <= 0) {
          break;
        }
        entries[to] = entries[to - gap];
      }
      entries[to] = moving;
    }
  }
}

void free_all(dirent** entries, std::size_t count) {
  while (count > 0) {
    std::free(entries[--count]);
  }
  std::free(entries);
}

bool add_copy(dirent**& entries, std::size_t& count, const dirent* entry) {
  constexpr std::size_t kStep = 64;
  if (count % kStep == 0) {
    void* larger = std::realloc(entries, (count + kStep) * sizeof(void*));
    if (larger == nullptr) {
      return false;
    }
    entries = static_cast<dirent**>(larger);
  }
  void* copy = std::malloc(entry->d_reclen);
  if (copy == nullptr) {
    return false;
  }
  std::memcpy(copy, entry, entry->d_reclen);
  entries[count++] = static_cast<dirent*>(copy);
  return true;
}

int scan(int directory, const char* path, dirent*** out, Filter filter, Compare compare) {
  DIR* stream = open_directory(directory, path);
  if (stream == nullptr) {
    return -1;
  }
  dirent** entries = nullptr;
  std::size_t count = 0;
  bool is_whole = true;
  while (is_whole) {
    const dirent* entry = readdir(stream);
    if (entry == nullptr) {
      break;
    }
    if (filter == nullptr || filter(entry) != 0) {
      is_whole = add_copy(entries, count, entry);
    }
  }
  closedir(stream);
  if (!is_whole) {
    free_all(entries, count);
    errno = ENOMEM;
    return -1;
  }
  if (compare != nullptr && count > 1) {
    sort(entries, count, compare);
  }
  *out = entries;
  return static_cast<int>(count);
}

bool is_far(int directory, const char* path) {
  if (is_outside(directory, path)) {
    return true;
  }
  Errand errand(Operation::status);
  return !errand.take(directory, path);
}

}  // namespace

DirectoryStream* virtual_stream(DIR* directory) {
  if (all.load(std::memory_order_relaxed) == nullptr) {
    return nullptr;
  }
  const Guard guard;
  for (DirectoryStream* each = all.load(); each != nullptr; each = each->next) {
    if (handle(each) == directory) {
      return each;
    }
  }
  return nullptr;
}

void link_directory_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

static_assert(sizeof(dirent) == sizeof(dirent64));

extern "C" {

DIR* opendir(const char* path) {
  return is_outside(AT_FDCWD, path) ? SEABAG_NATIVE(opendir)(path) : open_directory(AT_FDCWD, path);
}

DIR* fdopendir(int descriptor) {
  return is_virtual_directory(descriptor) ? make_stream(descriptor)
                                          : SEABAG_NATIVE(fdopendir)(descriptor);
}

dirent* readdir(DIR* directory) {
  DirectoryStream* stream = virtual_stream(directory);
  return stream == nullptr ? SEABAG_NATIVE(readdir)(directory)
                           : reinterpret_cast<dirent*>(next_entry(*stream));
}

dirent64* readdir64(DIR* directory) {
  DirectoryStream* stream = virtual_stream(directory);
  return stream == nullptr ? SEABAG_NATIVE(readdir64)(directory) : next_entry(*stream);
}

// Deprecated, and still called by programs that were built long ago.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
int readdir_r(DIR* directory, dirent* entry, dirent** result) {
  DirectoryStream* stream = virtual_stream(directory);
  if (stream == nullptr) {
    return SEABAG_NATIVE(readdir_r)(directory, entry, result);
  }
  const dirent64* next = next_entry(*stream);
  *result = nullptr;
  if (next != nullptr) {
    std::memcpy(entry, next, next->d_reclen);
    *result = entry;
  }
  return 0;
}

int readdir64_r(DIR* directory, dirent64* entry, dirent64** result) {
  return readdir_r(directory, reinterpret_cast<dirent*>(entry), reinterpret_cast<dirent**>(result));
}
#pragma GCC diagnostic pop

int closedir(DIR* directory) {
  DirectoryStream* stream = virtual_stream(directory);
  return stream == nullptr ? SEABAG_NATIVE(closedir)(directory) : close_stream(stream);
}

int dirfd(DIR* directory) noexcept {
  const DirectoryStream* stream = virtual_stream(directory);
  return stream == nullptr ? SEABAG_NATIVE(dirfd)(directory) : stream->descriptor;
}

void rewinddir(DIR* directory) noexcept {
  DirectoryStream* stream = virtual_stream(directory);
  if (stream == nullptr) {
    SEABAG_NATIVE(rewinddir)(directory);
    return;
  }
  release_entries(*stream);
  stream->position = 0;
}

long telldir(DIR* directory) noexcept {
  const DirectoryStream* stream = virtual_stream(directory);
  return stream == nullptr ? SEABAG_NATIVE(telldir)(directory)
                           : static_cast<long>(stream->position);
}

void seekdir(DIR* directory, long position) noexcept {
  DirectoryStream* stream = virtual_stream(directory);
  if (stream == nullptr) {
    SEABAG_NATIVE(seekdir)(directory, position);
    return;
  }
  stream->position = static_cast<std::size_t>(position);
}

int scandir(const char* path, dirent*** entries, Filter filter, Compare compare) {
  return is_far(AT_FDCWD, path) ? SEABAG_NATIVE(scandir)(path, entries, filter, compare)
                                : scan(AT_FDCWD, path, entries, filter, compare);
}

int scandir64(const char* path, dirent64*** entries, int (*filter)(const dirent64*),
              int (*compare)(const dirent64**, const dirent64**)) {
  return is_far(AT_FDCWD, path)
             ? SEABAG_NATIVE(scandir64)(path, entries, filter, compare)
             : scan(AT_FDCWD, path, reinterpret_cast<dirent***>(entries),
                    reinterpret_cast<Filter>(filter), reinterpret_cast<Compare>(compare));
}

int scandirat(int directory, const char* path, dirent*** entries, Filter filter, Compare compare) {
  return is_far(directory, path)
             ? SEABAG_NATIVE(scandirat)(directory, path, entries, filter, compare)
             : scan(directory, path, entries, filter, compare);
}

}  // extern "C"
