// Paths. Whatever the bytes: components are names without slashes and join to the same path; a walk
// over a small tree ends, and what it finds is found again under its canonical path; mutations and
// mounts at such paths leave a tree that can be listed to its end.
//
// An input is one path, or two with a newline between them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/providers/memory.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/shortcuts.h"

namespace {

using namespace seabag;
using namespace seabag::vfs;

/// Looking at every path of a tree takes the square of its depth: thousands of levels would leave
/// time for nothing else.
constexpr std::ptrdiff_t kMostSlashesToMutate = 64;

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
  if (is_valid_name(path)) {
    require(check_name(path, "fuzz").has_value());
    require(once == path);
  }
  require(check_path(path, "fuzz").has_value() || path.empty() || path.size() >= kMaxPathLength ||
          path.find('\0') != std::string_view::npos);
}

/// Two file systems, links in all directions, and directories that only lead to a mount.
struct Tree {
  std::shared_ptr<WritableFileSystem> memory = providers::make_memory_file_system();
  std::shared_ptr<WritableFileSystem> other = providers::make_memory_file_system();
  Namespace files;
  Mount root = files.mount("/", memory).value();
  Mount inner = files.mount("/way/to/m", other).value();

  Tree() {
    require(create_directories(files, "/a/b").has_value());
    require(write_file(files, "/a/f", "text").has_value());
    require(write_file(files, "/way/to/m/g", "text").has_value());
    link("a", "/l");
    link("../way/to/m", "/a/in");
    link("../../..", "/way/to/m/out");
    link("/a/../a/b/", "/a/abs");
    link("loop", "/loop");
    link("none", "/dangling");
  }
  void link(std::string_view target, std::string_view path) {
    require(create_symlink(files, target, path).has_value());
  }
};

template <typename T>
bool succeeded(const Result<T>& result, std::string_view path) {
  if (!result) {
    require(result.error().path == path);
    require(result.error().operation[0] != '\0');
    require(!result.error().message().empty());
  }
  return result.has_value();
}

void check_walk(const Namespace& files, std::string_view path) {
  const auto found = files.stat(path);
  const auto real = files.real_path(path);
  require(!succeeded(real, path) || succeeded(found, path));
  require(succeeded(files.lstat(path), path) || !found);
  if (!found || !real) {
    require(!found || real.error().is(std::errc::filename_too_long));
    return;
  }
  require(real->starts_with('/') && joined(*real) == *real);
  require(files.real_path(*real).value() == *real);
  const auto again = files.lstat(*real);
  require(again && again->node == found->node && again->type == found->type);
  require(files.list(path).has_value() == (found->type == FileType::directory));
  require(files.open(path).has_value() == (found->type == FileType::regular));
}

void check_listing(const Namespace& files) {
  std::vector<std::string> pending{""};
  while (!pending.empty()) {
    const std::string directory = std::move(pending.back());
    pending.pop_back();
    const auto entries = files.list(directory + "/");
    require(entries.has_value());
    for (const DirectoryEntry& entry : *entries) {
      const std::string path = directory + "/" + entry.name;
      const auto found = files.lstat(path);
      require(found && found->type == entry.type && found->node == entry.node);
      if (entry.type == FileType::directory && path.size() + kMaxNameLength + 2 < kMaxPathLength) {
        pending.push_back(path);
      }
    }
  }
}

void check_mutations(Tree& tree, std::string_view first, std::string_view second) {
  Namespace& files = tree.files;
  if (write_file(files, first, "new")) {
    require(read_file(files, first).value() == "new");
  }
  if (create_directory(files, second)) {
    require(files.stat(second)->type == FileType::directory);
  }
  (void)files.create_link(first, second);  // what must hold is checked on the tree as a whole
  const bool was_there = files.lstat(first).has_value();
  if (files.rename(first, second)) {
    require(was_there);
  }
  const auto mount = files.mount(first, providers::make_memory_file_system());
  require(!mount || files.stat(mount->point())->node == kRootNode);
  check_listing(files);
  (void)files.remove(second, RemoveKind::file);  // as above
  (void)files.remove_all(second);
  check_listing(files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t newline = std::min(input.find('\n'), input.size());
  const std::string_view first = std::string_view(input).substr(0, newline);
  const std::string_view second = std::string_view(input).substr(std::min(newline + 1, size));
  check_components(first);
  Tree tree;
  check_walk(tree.files, first);
  check_walk(tree.files, second);
  if (std::ranges::count(input, '/') <= kMostSlashesToMutate) {
    check_mutations(tree, first, second);
  }
  return 0;
}
