#pragma once

#include <cstdint>

#include "posix_file.h"
#include "seabag/bundle/reader.h"

namespace seabag::bundle {

/// What keeps a bundle's bytes in memory, and the file they are in.
struct Bundle::Backing {
  Mapping mapping;        ///< empty when the kernel mapped the executable itself
  Descriptor descriptor;  ///< closed when the file cannot be read
  std::uint64_t payload_offset = 0;
};

}  // namespace seabag::bundle
