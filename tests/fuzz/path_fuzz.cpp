// Paths: whatever the bytes, the components are names without slashes and join to the same path.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "seabag/vfs/path.h"

namespace {

using seabag::vfs::PathComponents;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::string joined(std::string_view path) {
  PathComponents walk(path);
  std::string text = walk.is_absolute() ? "/" : "";
  while (!walk.is_at_end()) {
    const std::string_view component = walk.next();
    require(!component.empty() && component.find('/') == std::string_view::npos);
    text += component;
    if (!walk.is_at_end()) {
      text += '/';
    }
  }
  require(walk.next().empty());
  return text;
}

void check_components(std::string_view path) {
  const std::string once = joined(path);
  require(once.size() <= path.size());
  require(joined(once) == once);
  require(PathComponents(path).is_absolute() == PathComponents(once).is_absolute());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string path(data, data + size);
  check_components(path);
  if (seabag::vfs::is_valid_name(path)) {
    require(seabag::vfs::check_name(path, "fuzz").has_value());
    require(joined(path) == path);
  }
  require(seabag::vfs::check_path(path, "fuzz").has_value() || path.empty() ||
          path.size() >= seabag::vfs::kMaxPathLength || path.find('\0') != std::string::npos);
  return 0;
}
