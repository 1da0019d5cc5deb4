#pragma once

#include <spawn.h>

#include "core.h"

/// What posix_spawn(3) is to do in a mount before the program starts. The C library carries out
/// file actions in the child by itself, past the hooks: an open is made here, just before, and is
/// handed over under a number that stands for it; a change of directory goes into the variables of
/// the child.
namespace seabag::intercept::shim {

/// The actions of one posix_spawn, while it is going on.
class SpawnActions {
 public:
  /// Opens what is to be opened. `error` says what did not work.
  explicit SpawnActions(const posix_spawn_file_actions_t* actions);
  ~SpawnActions();
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  [[nodiscard]] int error() const { return error_; }
  /// Where the child works: a path in a mount, empty for a real directory, null for where this
  /// process does.
  [[nodiscard]] const char* directory() const { return directory_; }

 private:
  const posix_spawn_file_actions_t* actions_;
  int error_ = 0;
  const char* directory_ = nullptr;
  bool is_held_ = false;
};

}  // namespace seabag::intercept::shim
