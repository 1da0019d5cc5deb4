#pragma once

#include <string>

#include "array_writer.h"
#include "command_line.h"
#include "json.h"
#include "seabag/console/format.h"
#include "seabag/console/output.h"
#include "seabag/vfs/result.h"

namespace seabag::command {

/// Shows where two trees differ, in the form that was asked for. `options` and `out` must outlive
/// this object.
class ChangeWriter {
 public:
  ChangeWriter(const Fs& options, console::Output& out)
      : options_(options), out_(out), array_(out) {}

  /// `change` as PathChange has it.
  Result<void> add(char change, const std::string& path) {
    is_empty_ = false;
    if (options_.json) {
      return array_.add(to_json(PathChange{.path = path, .change = change}));
    }
    const std::string name = out_.is_terminal() ? console::printable(path) : path;
    return out_.write(std::string(1, change) + " " + name + "\n");
  }
  Result<void> finish() { return options_.json ? array_.finish() : Result<void>(); }

  [[nodiscard]] bool is_empty() const { return is_empty_; }

 private:
  const Fs& options_;
  console::Output& out_;
  ArrayWriter array_;
  bool is_empty_ = true;
};

}  // namespace seabag::command
