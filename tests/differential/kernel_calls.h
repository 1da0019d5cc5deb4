#pragma once

#include <sys/stat.h>

#include <ctime>
#include <optional>

#include "subject.h"

/// System calls and what they tell, in the words of vfs.
namespace seabag::testing {

[[nodiscard]] vfs::Attributes attributes_from(const struct stat& status);
[[nodiscard]] mode_t format_of(vfs::FileType type);
[[nodiscard]] timespec timespec_of(const std::optional<vfs::NewTime>& time);

[[nodiscard]] Outcome list_directory(const char* path);
[[nodiscard]] Outcome xattr_call(const Operation& operation);

/// fallocate(2). tmpfs has no FALLOC_FL_ZERO_RANGE: a hole and then space does the same.
[[nodiscard]] int allocate_range(const Operation& operation, int descriptor);

/// Makes a directory this thread's root and working directory. Ends the process when it cannot.
void enter_root(int directory);

}  // namespace seabag::testing
