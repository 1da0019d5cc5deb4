#pragma once

#include <span>
#include <string>

#include "seabag/console/io.h"
#include "seabag/vfs/asset_source.h"
#include "seabag/vfs/file_system.h"

namespace seabag::command {

/// What the command needs beside its arguments.
struct Surroundings {
  console::Io& io;
  /// The command's own bundle, which holds the stub, the documentation and the licences; null when
  /// nothing has been packed into it yet.
  vfs::FileSystem* own_files = nullptr;
  /// The same bundle for serving; null as `own_files` is.
  const vfs::AssetSource* own_assets = nullptr;
  /// The descriptor of standard input, which stays the caller's.
  int input = 0;
  /// How the process was started, its name first; empty: it cannot be started again the same way.
  std::span<const char* const> command = {};
};

/// Runs `seabag` with these arguments, the program's name not among them, and returns its exit
/// code (console::ExitCode). Everything but serving returns by itself. One thread at a time.
[[nodiscard]] int run(std::span<const std::string> arguments, Surroundings surroundings);

}  // namespace seabag::command
