// chdir(2), getcwd(3) and realpath(3).
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "hooks.h"
#include "working_directory.h"

namespace seabag::intercept::shim {

namespace {

int went_to_real(int done) {
  if (done == 0) {
    set_real_directory();
  }
  return done;
}

int enter(Errand& errand) {
  const Ending ending = errand.run();
  if (ending == Ending::real) {
    return went_to_real(SEABAG_NATIVE(chdir)(errand.real_path()));
  }
  if (ending == Ending::done) {
    std::array<char, kLongestPath> path{};
    std::memcpy(path.data(), errand.data(),
                std::min<std::size_t>(errand.answer().length, path.size() - 1));
    set_virtual_directory(path.data(), errand.answer().status.device);
  }
  return errand.result(ending);
}

char* copy_path(const char* path, std::size_t length, char* buffer, std::size_t size) {
  if (buffer != nullptr && size == 0) {
    errno = EINVAL;
    return nullptr;
  }
  if (buffer == nullptr) {
    size = std::max(size, size == 0 ? length + 1 : size);
    if (size > length) {
      buffer = static_cast<char*>(std::malloc(size));
      if (buffer == nullptr) {
        return nullptr;
      }
    }
  }
  if (size <= length) {
    errno = ERANGE;
    return nullptr;
  }
  std::memcpy(buffer, path, length);
  buffer[length] = '\0';
  return buffer;
}

// Where the working directory is now; it may have been renamed since it was entered.
char* get_virtual(char* buffer, std::size_t size) {
  Errand errand(Operation::enter);
  if (!errand.take(AT_FDCWD, ".")) {
    errno = ENOENT;
    return nullptr;
  }
  switch (errand.run()) {
    case Ending::done:
      return copy_path(errand.data(), errand.answer().length, buffer, size);
    case Ending::real:
      return copy_path(errand.real_path(), std::strlen(errand.real_path()), buffer, size);
    case Ending::failed:
      break;
  }
  return nullptr;
}

char* find_real_path(const char* path, char* resolved) {
  if (is_outside(AT_FDCWD, path)) {
    return SEABAG_NATIVE(realpath)(path, resolved);
  }
  Errand errand(Operation::real_path);
  if (!errand.take(AT_FDCWD, path)) {
    return SEABAG_NATIVE(realpath)(path, resolved);
  }
  switch (errand.run()) {
    case Ending::done:
      return copy_path(errand.data(), errand.answer().length, resolved,
                       resolved != nullptr ? std::size_t{PATH_MAX} : 0);
    case Ending::real:
      return SEABAG_NATIVE(realpath)(errand.real_path(), resolved);
    case Ending::failed:
      break;
  }
  return nullptr;
}

}  // namespace

void link_working_directory_hooks() {}

}  // namespace seabag::intercept::shim

using namespace seabag::intercept;
using namespace seabag::intercept::shim;

extern "C" {

int chdir(const char* path) noexcept {
  if (is_outside(AT_FDCWD, path)) {
    return went_to_real(SEABAG_NATIVE(chdir)(path));
  }
  Errand errand(Operation::enter);
  return errand.take(AT_FDCWD, path) ? enter(errand) : went_to_real(SEABAG_NATIVE(chdir)(path));
}

int fchdir(int descriptor) noexcept {
  Errand errand(Operation::enter);
  return is_virtual_directory(descriptor) && errand.take(descriptor, ".")
             ? enter(errand)
             : went_to_real(SEABAG_NATIVE(fchdir)(descriptor));
}

char* getcwd(char* buffer, size_t size) noexcept {
  return page() != nullptr && has_virtual_directory() ? get_virtual(buffer, size)
                                                      : SEABAG_NATIVE(getcwd)(buffer, size);
}
char* __getcwd_chk(char* buffer, size_t size, size_t room) noexcept {
  return getcwd(buffer, std::min(size, room));
}
char* get_current_dir_name() noexcept {
  return page() != nullptr && has_virtual_directory() ? get_virtual(nullptr, 0)
                                                      : SEABAG_NATIVE(getcwd)(nullptr, 0);
}

char* realpath(const char* path, char* resolved) noexcept { return find_real_path(path, resolved); }
char* __realpath_chk(const char* path, char* resolved, size_t) noexcept {
  return find_real_path(path, resolved);
}
char* canonicalize_file_name(const char* path) noexcept { return find_real_path(path, nullptr); }

}  // extern "C"
