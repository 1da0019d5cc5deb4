#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "seabag/providers/memory.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/shortcuts.h"
#include "support/catch.h"

namespace seabag::vfs {

/// A namespace with an empty memory file system at its root.
struct MemoryNamespace {
  std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  Namespace files;
  Mount root = files.mount("/", memory).value();
};

/// What a call failed with; a zero code when it did not.
template <typename T>
std::error_code error_of(const Result<T>& result) {
  return result ? std::error_code() : result.error().code;
}

/// Makes a tree for a test: `name/` is a directory, `name -> target` a symlink, else a file that
/// holds its own path.
inline void build(Namespace& files, std::initializer_list<std::string_view> paths) {
  constexpr std::string_view kArrow = " -> ";
  for (const std::string_view path : paths) {
    CAPTURE(path);
    if (const std::size_t arrow = path.find(kArrow); arrow != std::string_view::npos) {
      REQUIRE(create_symlink(files, path.substr(arrow + kArrow.size()), path.substr(0, arrow)));
    } else if (path.ends_with('/')) {
      REQUIRE(create_directory(files, path));
    } else {
      REQUIRE(write_file(files, path, path));
    }
  }
}

inline std::vector<std::string> names_in(const Namespace& files, std::string_view directory) {
  std::vector<std::string> names;
  const auto entries = files.list(directory);
  REQUIRE(entries);
  for (const DirectoryEntry& entry : *entries) {
    names.push_back(entry.name);
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace seabag::vfs
