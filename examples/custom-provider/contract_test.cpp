// Whether the table is a file system, as Seabag's own suite asks it.
#include <utility>

#include "support/catch.h"
#include "support/provider_contract.h"
#include "table_file_system.h"

namespace {

namespace testing = seabag::testing;

/// The tree that the suite describes, as a table.
std::shared_ptr<vfs::FileSystem> make_table(const testing::Tree& tree) {
  std::vector<Row> rows{{"", {.type = vfs::FileType::directory, .mode = 0755}, ""}};
  for (const auto& [path, node] : tree.nodes()) {
    rows.push_back({.path = path,
                    .about = {.type = node.type,
                              .mode = node.mode,
                              .modified = node.modified.value_or(vfs::Timestamp{})},
                    .bytes = node.content + node.target});
  }
  return std::make_shared<TableFileSystem>(std::move(rows));
}

TEST_CASE("a table is a file system") { testing::check_read_contract(make_table); }

}  // namespace
