#pragma once

#include <sys/types.h>

#include "core.h"

/// What hooks of one file need of those of another.
namespace seabag::intercept::shim {

/// openat(2), virtual or real.
int open_anywhere(int directory, const char* path, int flags, mode_t mode);
/// A mode without the bits of the process's umask.
mode_t without_mask(mode_t mode);
/// fstatat(2), virtual or real.
int status_anywhere(int directory, const char* path, struct stat* out, int flags);

/// Reads and writes that go through the host; `at` -1: where the descriptor stands.
bool is_governed(int descriptor);
ssize_t governed_read(int descriptor, void* buffer, std::size_t size, off_t at);
ssize_t governed_write(int descriptor, const void* buffer, std::size_t size, off_t at);
/// futimens(2) of a virtual file or directory; false when it is none.
bool change_descriptor_times(int descriptor, const timespec* times, int& result);

/// Called from what a program links, so that the linker takes the hooks of each file.
void link_open_hooks();
void link_status_hooks();
void link_directory_hooks();
void link_descriptor_hooks();
void link_name_hooks();
void link_stream_hooks();
void link_working_directory_hooks();
void link_walk_hooks();
void link_program_hooks();
void link_library_hooks();
void link_system_call_hooks();
void link_tree_hooks();
void link_attribute_hooks();

}  // namespace seabag::intercept::shim
