#pragma once

#include <string>

#include "seabag/console/output.h"

namespace seabag::command {

/// Writes a JSON array piece by piece, so that a million rows need no memory.
class ArrayWriter {
 public:
  explicit ArrayWriter(console::Output& out) : out_(out) {}

  Result<void> add(const std::string& value) {
    const char* separator = is_first_ ? "[" : ",\n ";
    is_first_ = false;
    return out_.write(separator + value);
  }
  Result<void> finish() { return out_.write(is_first_ ? "[]\n" : "]\n"); }

 private:
  console::Output& out_;
  bool is_first_ = true;
};

}  // namespace seabag::command
