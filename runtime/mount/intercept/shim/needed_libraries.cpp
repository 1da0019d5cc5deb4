#include "needed_libraries.h"

#include "hooks.h"
#include "library_image.h"

namespace seabag::intercept::shim {

NeededLibraries::NeededLibraries(int descriptor, const char* path, const char* folders) {
  add_needs(descriptor, path, folders);
  // The list grows by what its own entries need.
  for (std::size_t at = 0; at < paths_length_; at += std::strlen(paths_.data() + at) + 1) {
    const char* library = paths_.data() + at;
    const int opened = open_anywhere(AT_FDCWD, library, O_RDONLY | O_CLOEXEC, 0);
    if (opened >= 0) {
      add_needs(opened, library, folders);
      raw::close(opened);
    }
  }
}

void NeededLibraries::add_needs(int descriptor, const char* path, const char* folders) {
  const LibraryImage image(descriptor);
  std::array<char, kLongestPath> origin{"."};
  if (const char* slash = std::strrchr(path, '/')) {
    const auto length = static_cast<std::size_t>(slash - path);
    if (length >= origin.size()) {
      return;
    }
    std::memcpy(origin.data(), path, length);
    origin[length] = '\0';
  }
  image.visit(DT_NEEDED, [&](const char* name) {
    bool is_found = false;
    const auto search = [&](const char* places) {
      is_found = is_found || find(name, places, origin.data());
    };
    image.visit(DT_RPATH, search);
    if (folders != nullptr) {
      search(folders);
    }
    image.visit(DT_RUNPATH, search);
  });
}

bool NeededLibraries::find(const char* name, const char* folders, const char* origin) {
  while (*folders != '\0') {
    const std::size_t length = std::strcspn(folders, ":");
    std::array<char, kLongestPath> folder;
    std::array<char, kLongestPath> path;
    if (length > 0 && expand_origin(folders, length, origin, folder) &&
        std::snprintf(path.data(), path.size(), "%s/%s", folder.data(), name) <
            static_cast<int>(path.size()) &&
        add(path.data())) {
      return true;
    }
    folders += length + (folders[length] == ':' ? 1 : 0);
  }
  return false;
}

// Whether the loader's search would end here; a real library it finds by itself.
bool NeededLibraries::add(const char* path) {
  Errand errand(Operation::pin);
  if (!errand.take(AT_FDCWD, path)) {
    return false;
  }
  const Ending ending = errand.run();
  if (ending == Ending::real) {
    struct stat status {};
    return raw::status_at(errand.real_path(), status, 0) == 0;
  }
  const std::size_t length = errand.answer().length;
  const std::size_t path_length = std::strlen(path) + 1;
  if (ending != Ending::done || length_ + length + 2 > kRoom ||
      paths_length_ + path_length > kRoom) {
    return false;
  }
  std::array<char, 64> name{};
  if (length >= name.size()) {
    return false;
  }
  std::memcpy(name.data(), errand.data(), length);
  if (std::strstr(list_.data(), name.data()) != nullptr) {
    return true;
  }
  if (length_ > 0) {
    list_[length_++] = ':';
  }
  std::memcpy(list_.data() + length_, name.data(), length);
  length_ += length;
  list_[length_] = '\0';
  std::memcpy(paths_.data() + paths_length_, path, path_length);
  paths_length_ += path_length;
  return true;
}

}  // namespace seabag::intercept::shim
