#pragma once

#include <cerrno>
#include <cstdint>

#include "seabag/vfs/node.h"
#include "seabag/vfs/result.h"

namespace seabag::providers {

/// What statx(2) tells about one object.
struct Status {
  vfs::Attributes attributes;     ///< all but `node`; `created` is 0 where nobody knows it
  std::uint64_t file_system = 0;  ///< st_dev: with the inode number, who it is
  std::uint64_t mount = 0;        ///< the mount it was reached through; 0: kernel before 5.8
};

/// Of what a descriptor refers to, O_PATH ones included.
[[nodiscard]] Result<Status> status_of(int descriptor, const char* operation);

/// Of the entry `name` (one component) of a directory, symlinks not followed.
[[nodiscard]] Result<Status> status_at(int directory, const char* name, const char* operation);

/// Calls again as long as a signal interrupts the call.
template <typename Call>
auto uninterrupted(Call call) {
  auto answer = call();
  while (answer < 0 && errno == EINTR) {
    answer = call();
  }
  return answer;
}

}  // namespace seabag::providers
