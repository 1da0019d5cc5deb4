#pragma once

#include <cstddef>
#include <span>

#include "seabag/bundle/reader.h"

/// For tests with damaged and hostile bundles; without Catch, so that the fuzzer can use it.
namespace seabag::testing {

/// Sets the superblock's checksum right again after its fields were changed. At least 4096 bytes.
void seal_superblock(std::span<std::byte> payload);

/// What `exercise_bundle` met.
struct Exercise {
  std::size_t entries = 0;
  std::size_t failures = 0;  ///< calls that answered with an error
  bool is_sound = false;     ///< what verify says
};

/// Does everything that can be done with a bundle: lists and reads all of it, finds every path,
/// asks for nodes that there are not, verifies. Aborts when more entries come out than there are,
/// or when a view does not lie inside the payload.
Exercise exercise_bundle(bundle::Bundle& bundle);

}  // namespace seabag::testing
