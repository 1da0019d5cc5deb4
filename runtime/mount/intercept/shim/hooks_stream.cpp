// fopen(3) and freopen(3).
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hooks.h"

namespace seabag::intercept::shim {

namespace {

// The flags of open(2) for a mode of fopen(3); -1 for none.
int flags_of(const char* mode) {
  int flags = 0;
  switch (mode[0]) {
    case 'r':
      flags = O_RDONLY;
      break;
    case 'w':
      flags = O_WRONLY | O_CREAT | O_TRUNC;
      break;
    case 'a':
      flags = O_WRONLY | O_CREAT | O_APPEND;
      break;
    default:
      errno = EINVAL;
      return -1;
  }
  for (const char* each = mode + 1; *each != '\0' && *each != ','; ++each) {
    switch (*each) {
      case '+':
        flags = (flags & ~O_ACCMODE) | O_RDWR;
        break;
      case 'x':
        flags |= O_EXCL;
        break;
      case 'e':
        flags |= O_CLOEXEC;
        break;
      default:
        break;
    }
  }
  return flags;
}

// A stream whose reads and writes go through the host: the C library's own would go past the hooks.
int descriptor_in(void* cookie) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(cookie));
}

ssize_t read_cookie(void* cookie, char* buffer, std::size_t size) {
  return governed_read(descriptor_in(cookie), buffer, size, -1);
}
ssize_t write_cookie(void* cookie, const char* buffer, std::size_t size) {
  const ssize_t count = governed_write(descriptor_in(cookie), buffer, size, -1);
  return count < 0 ? 0 : count;  // what fopencookie(3) takes for an error
}
int seek_cookie(void* cookie, off64_t* offset, int whence) {
  const long found = raw::call(SYS_lseek, descriptor_in(cookie), *offset, whence);
  if (found < 0) {
    return -1;
  }
  *offset = found;
  return 0;
}
int close_cookie(void* cookie) { return ::close(descriptor_in(cookie)); }

// Streams of that kind have no descriptor to the C library; C++ streams ask for it all the same.
struct Governed {
  std::atomic<FILE*> stream{nullptr};
  int descriptor = -1;
};
constexpr std::size_t kMostGoverned = 256;
std::array<Governed, kMostGoverned> governed;
std::atomic<int> governed_count{0};

void remember(FILE* stream, int descriptor) {
  for (Governed& each : governed) {
    FILE* nobody = nullptr;
    if (each.stream.compare_exchange_strong(nobody, stream)) {
      each.descriptor = descriptor;
      governed_count.fetch_add(1);
      return;
    }
  }
}

Governed* find_governed(FILE* stream) {
  if (governed_count.load(std::memory_order_relaxed) > 0) {
    for (Governed& each : governed) {
      if (each.stream.load() == stream) {
        return &each;
      }
    }
  }
  return nullptr;
}

int descriptor_of(FILE* stream, int native) {
  const Governed* found = find_governed(stream);
  return found != nullptr ? found->descriptor : native;
}

void forget(FILE* stream) {
  if (Governed* found = find_governed(stream)) {
    found->stream.store(nullptr);
    governed_count.fetch_sub(1);
  }
}

FILE* make_stream(int descriptor, const char* mode) {
  FILE* stream = nullptr;
  if (is_governed(descriptor)) {
    stream = fopencookie(
        reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)), mode,
        {.read = read_cookie, .write = write_cookie, .seek = seek_cookie, .close = close_cookie});
    if (stream != nullptr) {
      remember(stream, descriptor);
    }
  } else {
    stream = fdopen(descriptor, mode);
  }
  if (stream == nullptr) {
    ::close(descriptor);
  }
  return stream;
}

FILE* open_stream(const char* path, const char* mode) {
  if (is_outside(AT_FDCWD, path)) {
    return SEABAG_NATIVE(fopen)(path, mode);
  }
  // Only the host can tell whether it is one of its own.
  Errand errand(Operation::status);
  if (!errand.take(AT_FDCWD, path)) {
    return SEABAG_NATIVE(fopen)(path, mode);
  }
  const int flags = flags_of(mode);
  if (flags < 0) {
    return nullptr;
  }
  constexpr mode_t kEverybody = 0666;
  const int descriptor = open_anywhere(AT_FDCWD, path, flags, kEverybody);
  return descriptor < 0 ? nullptr : make_stream(descriptor, mode);
}

// The stream stays the same object, so the C library has to open it: by the descriptor's own name.
FILE* reopen_stream(const char* path, const char* mode, FILE* stream) {
  if (path == nullptr || is_outside(AT_FDCWD, path)) {
    return SEABAG_NATIVE(freopen)(path, mode, stream);
  }
  const int flags = flags_of(mode);
  constexpr mode_t kEverybody = 0666;
  const int descriptor = flags < 0 ? -1 : open_anywhere(AT_FDCWD, path, flags, kEverybody);
  if (descriptor < 0) {
    const int number = errno;
    fclose(stream);
    errno = number;
    return nullptr;
  }
  std::array<char, 40> name{};
  std::snprintf(name.data(), name.size(), "/proc/self/fd/%d", descriptor);
  FILE* opened = SEABAG_NATIVE(freopen)(name.data(), mode, stream);
  ::close(descriptor);
  return opened;
}

}  // namespace

void link_stream_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

FILE* fopen(const char* path, const char* mode) { return open_stream(path, mode); }
FILE* fopen64(const char* path, const char* mode) { return open_stream(path, mode); }
FILE* freopen(const char* path, const char* mode, FILE* stream) {
  return reopen_stream(path, mode, stream);
}
FILE* freopen64(const char* path, const char* mode, FILE* stream) {
  return reopen_stream(path, mode, stream);
}

int fileno(FILE* stream) noexcept { return descriptor_of(stream, SEABAG_NATIVE(fileno)(stream)); }
int fileno_unlocked(FILE* stream) noexcept {
  return descriptor_of(stream, SEABAG_NATIVE(fileno_unlocked)(stream));
}

int fclose(FILE* stream) {
  forget(stream);
  set_known(SEABAG_NATIVE(fileno)(stream), 0);
  return SEABAG_NATIVE(fclose)(stream);
}

}  // extern "C"
