#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "seabag/vfs/lazy.h"
#include "support/catch.h"
#include "support/provider_contract.h"

namespace seabag::vfs {
namespace {

std::vector<LazyEntry> entries_of(const testing::Tree& tree, const std::string& directory);

LazyEntry entry_of(const std::shared_ptr<const testing::Tree>& tree, const std::string& path,
                   const testing::TreeNode& node) {
  LazyEntry entry{.name = path.substr(path.rfind('/') + 1),
                  .type = node.type,
                  .mode = node.mode,
                  .modified = node.modified.value_or(Timestamp{}),
                  .target = node.target};
  entry.content = [content = node.content] { return Result<std::string>(content); };
  entry.entries = [tree, path] {
    return Result<std::vector<LazyEntry>>(entries_of(*tree, path + "/"));
  };
  return entry;
}

std::vector<LazyEntry> entries_of(const testing::Tree& tree, const std::string& directory) {
  const auto shared = std::make_shared<const testing::Tree>(tree);
  std::vector<LazyEntry> entries;
  for (const auto& [path, node] : tree.nodes()) {
    const bool is_below = path.starts_with(directory) && path.size() > directory.size();
    if (is_below && path.find('/', directory.size()) == std::string::npos) {
      entries.push_back(entry_of(shared, path, node));
    }
  }
  return entries;
}

std::shared_ptr<FileSystem> make_lazy(const testing::Tree& tree) {
  return make_lazy_file_system(
      [tree] { return Result<std::vector<LazyEntry>>(entries_of(tree, "")); });
}

TEST_CASE("lazy is a provider to read", "[vfs][lazy][contract]") {
  testing::check_read_contract(make_lazy);
}

}  // namespace
}  // namespace seabag::vfs
