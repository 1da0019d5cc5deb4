#pragma once

#include <span>
#include <string>
#include <string_view>

#include "seabag/console/output.h"
#include "seabag/inspect/contents.h"

namespace seabag::inspect {

enum class ListStyle : std::uint8_t {
  names,    ///< a path a line
  details,  ///< with mode, size and time, and where a symlink leads
};

/// What ends a line: NUL is for names that contain newlines.
enum class LineEnd : std::uint8_t { newline, nul };

struct ListOptions {
  ListStyle style = ListStyle::names;
  LineEnd end = LineEnd::newline;
};

/// Writes a line for everything at and below the paths, in order; all of the tree for none. A
/// directory ends in `/`. On a terminal, control characters are shown as escapes. Errors: those of
/// Contents::find and of the output.
[[nodiscard]] Result<void> list(const Contents& contents, std::span<const std::string> paths,
                                const ListOptions& options, console::Output& out);

/// Draws a directory and everything below it, and counts it.
[[nodiscard]] Result<void> draw_tree(const Contents& contents, std::string_view path,
                                     console::Output& out);

}  // namespace seabag::inspect
