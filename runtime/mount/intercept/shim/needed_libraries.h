#pragma once

#include "core.h"

/// The libraries that a program needs from the mounts. The loader opens them past the hooks before
/// any of the program runs, so they are preloaded under names that the host keeps open; the loader
/// then finds them by their own (DT_SONAME).
namespace seabag::intercept::shim {

class NeededLibraries {
 public:
  static constexpr std::size_t kRoom = 4096;

  /// Finds what the program behind `descriptor` needs, and what that needs. `path` is what it was
  /// started as; `folders` is its LD_LIBRARY_PATH, which may be null.
  NeededLibraries(int descriptor, const char* path, const char* folders);

  /// For LD_PRELOAD; empty when nothing is needed from a mount.
  [[nodiscard]] const char* list() const { return list_.data(); }

 private:
  void add_needs(int descriptor, const char* path, const char* folders);
  bool find(const char* name, const char* folders, const char* origin);
  bool add(const char* path);

  std::array<char, kRoom> list_{};
  std::size_t length_ = 0;
  std::array<char, kRoom> paths_{};  ///< of the libraries in the mounts, each with its NUL
  std::size_t paths_length_ = 0;
};

}  // namespace seabag::intercept::shim
