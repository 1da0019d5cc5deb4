#pragma once

#include <cstdio>

#include "core.h"
#include "needed_libraries.h"
#include "working_directory.h"

namespace seabag::intercept::shim {

/// Words that end with a null pointer, as execve(2) takes them.
using Words = char* const*;

inline std::size_t count(Words words) {
  std::size_t number = 0;
  while (words != nullptr && words[number] != nullptr) {
    ++number;
  }
  return number;
}

inline bool is_named(const char* variable, const char* name) {
  const std::size_t length = std::strlen(name);
  return std::strncmp(variable, name, length) == 0 && variable[length] == '=';
}

/// The variables that a program gets: the caller's, and those that carry interception.
class Variables {
 public:
  static constexpr std::size_t kAdded = 5;

  // `room` has space for count(given) + kAdded pointers. `place` is where the program is to work:
  // empty in a real directory, null where this process does.
  Variables(Words given, char** room, const char* place) : all_(room) {
    for (std::size_t each = 0; given != nullptr && given[each] != nullptr; ++each) {
      if (is_named(given[each], "LD_PRELOAD")) {
        inherited_ = given[each] + std::strlen("LD_PRELOAD=");
      } else if (!is_named(given[each], kHostVariable) &&
                 !is_named(given[each], kDirectoryVariable) &&
                 !is_named(given[each], kLibrariesVariable)) {
        if (is_named(given[each], "LD_LIBRARY_PATH")) {
          folders_ = given[each] + std::strlen("LD_LIBRARY_PATH=");
        }
        all_[size_++] = given[each];
      }
    }
    add_preload();
    print(host_, "%s=%s", kHostVariable, host_name());
    WorkingDirectory directory;
    if (place != nullptr) {
      if (place[0] != '\0') {
        print(directory_, "%s=%s", kDirectoryVariable, place);
      }
    } else if (has_virtual_directory() && get_working_directory(directory)) {
      print(directory_, "%s=%.*s", kDirectoryVariable, static_cast<int>(directory.length),
            directory.path.data());
    }
    all_[size_] = nullptr;
  }

  [[nodiscard]] char** get() const { return all_; }
  /// LD_LIBRARY_PATH, or null.
  [[nodiscard]] const char* folders() const { return folders_; }

  /// Lets the program load these beside the hooks.
  void add_libraries(const char* list) {
    const std::size_t length = std::strlen(preload_.data());
    const std::size_t size = std::strlen(list);
    if (size == 0 || length + size + 2 > preload_.size()) {
      return;
    }
    preload_[length] = ':';
    std::memcpy(preload_.data() + length + 1, list, size + 1);
    print(libraries_, "%s=%s", kLibrariesVariable, list);
    all_[size_] = nullptr;
  }

 private:
  template <std::size_t kSize, typename... Values>
  void print(std::array<char, kSize>& out, const char* format, Values... values) {
    const int length = std::snprintf(out.data(), out.size(), format, values...);
    if (length > 0 && static_cast<std::size_t>(length) < out.size()) {
      all_[size_++] = out.data();
    }
  }

  void add_preload() {
    if (inherited_ != nullptr && std::strstr(inherited_, shim_path()) != nullptr) {
      print(preload_, "LD_PRELOAD=%s", inherited_);
    } else if (inherited_ != nullptr && inherited_[0] != '\0') {
      print(preload_, "LD_PRELOAD=%s:%s", shim_path(), inherited_);
    } else {
      print(preload_, "LD_PRELOAD=%s", shim_path());
    }
  }

  char** all_;
  std::size_t size_ = 0;
  const char* inherited_ = nullptr;
  const char* folders_ = nullptr;
  std::array<char, 2048 + NeededLibraries::kRoom> preload_{};
  std::array<char, NeededLibraries::kRoom + 64> libraries_;
  std::array<char, 160> host_;
  std::array<char, kLongestPath + 32> directory_;
};

}  // namespace seabag::intercept::shim
