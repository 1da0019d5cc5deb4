#pragma once

#include <span>

namespace seabag::providers {

/// One thing that must not be found in a database, in the order in which repairs build on each
/// other.
struct CheckRule {
  const char* kind;
  const char* find;    ///< a row of one text for each defect
  const char* repair;  ///< takes all of them away
};

/// They use, beside the tables of the file system: `seabag_held`, the nodes that other processes
/// have open, and `seabag_chunk`, one row of the chunk size.
[[nodiscard]] std::span<const CheckRule> check_rules();

/// The last, for when every node is reached again.
[[nodiscard]] const CheckRule& link_rule();

/// Nodes that no way leads to from the root: the number, and whether there is no entry for it at
/// all; those first.
extern const char* const kUnreachable;

}  // namespace seabag::providers
