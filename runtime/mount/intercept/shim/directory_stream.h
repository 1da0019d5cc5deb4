#pragma once

#include <dirent.h>

#include <cstddef>

/// Streams of virtual directories: what opendir(3) gives for one.
namespace seabag::intercept::shim {

/// A directory's entries as they were when they were asked for, one after the other.
struct DirectoryStream {
  int descriptor = -1;
  const char* entries = nullptr;  ///< mapped; null until the first is asked for
  std::size_t size = 0;
  std::size_t position = 0;
  DirectoryStream* next = nullptr;  ///< in the list of all of them
};

/// The stream behind a DIR, or null when it is one of the C library's.
DirectoryStream* virtual_stream(DIR* directory);

}  // namespace seabag::intercept::shim
