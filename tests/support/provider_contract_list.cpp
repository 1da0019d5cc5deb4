#include <algorithm>
#include <set>

#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::kRootNode;

namespace {

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> listed_order(vfs::FileSystem& files, vfs::NodeId directory) {
  std::vector<std::string> names;
  std::uint64_t cookie = 0;
  for (;;) {
    const auto rows = files.list(directory, cookie, 7);
    REQUIRE(error_of(rows) == kSuccess);
    if (rows->empty()) {
      return names;
    }
    for (const vfs::DirectoryEntry& row : *rows) {
      names.push_back(row.name);
    }
    cookie = rows->back().cookie;
  }
}

std::vector<std::string> numbered(int first, int end) {
  std::vector<std::string> names;
  for (int number = first; number < end; ++number) {
    names.push_back("file " + std::to_string(number));
  }
  return sorted(names);
}

}  // namespace

void check_list_contract(const TreeFactory& make_tree) {
  const auto files = make_tree(sample_tree());
  const vfs::NodeId many = find_node(*files, "many").node;
  SECTION("every entry is told once, whatever the limit") {
    for (const std::size_t limit : {1U, 2U, 3U, 64U, 299U, 300U, 301U, 5000U}) {
      CHECK(names_in(*files, many, limit) == numbered(0, 300));
    }
  }
  SECTION("two listings have one order") {
    CHECK(listed_order(*files, many) == listed_order(*files, many));
    CHECK(listed_order(*files, kRootNode) == listed_order(*files, kRootNode));
  }
  SECTION("an entry agrees with what lookup tells of it") {
    const auto rows = files->list(kRootNode, 0, 1000);
    REQUIRE(error_of(rows) == kSuccess);
    CHECK(rows->size() > 10);
    for (const vfs::DirectoryEntry& row : *rows) {
      const auto found = files->lookup(kRootNode, row.name);
      REQUIRE(error_of(found) == kSuccess);
      CHECK(found->node == row.node);
      CHECK(found->inode == row.inode);
      CHECK(found->type == row.type);
    }
  }
  SECTION("a listing goes on after any entry's cookie") {
    const auto rows = files->list(many, 0, 1000);
    REQUIRE(error_of(rows) == kSuccess);
    std::set<std::uint64_t> cookies;
    for (std::size_t index = 0; index < rows->size(); ++index) {
      const auto rest = files->list(many, (*rows)[index].cookie, 1);
      REQUIRE(error_of(rest) == kSuccess);
      REQUIRE(rest->empty() == (index + 1 == rows->size()));
      CHECK((rest->empty() || rest->front().name == (*rows)[index + 1].name));
      cookies.insert((*rows)[index].cookie);
    }
    CHECK(cookies.size() == rows->size());
    CHECK_FALSE(cookies.contains(0));
  }
  SECTION("an empty directory lists nothing; . and .. are nobody's entries") {
    CHECK(names_in(*files, find_node(*files, "empty directory").node).empty());
    const auto names = names_in(*files, kRootNode);
    CHECK(std::ranges::count(names, ".") == 0);
    CHECK(std::ranges::count(names, "..") == 0);
  }
  SECTION("only directories list") {
    CHECK(error_of(files->list(find_node(*files, "hello.txt").node, 0, 1)) ==
          errc::not_a_directory);
    CHECK(error_of(files->list(find_node(*files, "up").node, 0, 1)) == errc::not_a_directory);
  }
}

void check_changing_list_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  const vfs::NodeId directory = make_directory(*files, kRootNode, "d");
  for (int number = 0; number < 200; ++number) {
    make(*files, directory, "file " + std::to_string(number));
  }
  const auto remove = [&](const std::string& name) {
    REQUIRE(error_of(files->remove(directory, name, vfs::RemoveKind::file)) == kSuccess);
  };
  std::multiset<std::string> told;
  std::uint64_t cookie = 0;
  const auto read_on = [&](std::size_t limit) {
    const auto rows = files->list(directory, cookie, limit);
    REQUIRE(error_of(rows) == kSuccess);
    for (const vfs::DirectoryEntry& row : *rows) {
      told.insert(row.name);
      cookie = row.cookie;
    }
    return !rows->empty();
  };
  SECTION("survivors of removals are told exactly once") {
    const auto rows = files->list(directory, 0, 1000);
    REQUIRE(error_of(rows) == kSuccess);
    std::set<std::string> removed;
    for (std::size_t step = 0; read_on(10) && step < 19; ++step) {
      // One that was told, the one the cookie stands on, and one that comes next.
      for (const std::size_t index : {step * 10, step * 10 + 9, step * 10 + 10}) {
        if (removed.insert((*rows)[index].name).second) {
          remove((*rows)[index].name);
        }
      }
    }
    while (read_on(10)) {
    }
    for (const vfs::DirectoryEntry& row : *rows) {
      INFO(row.name);
      CHECK(told.count(row.name) <= 1);
      CHECK((told.count(row.name) == 1 || removed.contains(row.name)));
    }
  }
  SECTION("those that were there are told exactly once while others come") {
    for (int step = 0; step < 40 && read_on(7); ++step) {
      make(*files, directory, "new " + std::to_string(step));
    }
    while (read_on(7)) {
    }
    for (int number = 0; number < 200; ++number) {
      CHECK(told.count("file " + std::to_string(number)) == 1);
    }
  }
  SECTION("a listing while everything is removed ends") {
    for (bool is_more = true; is_more;) {
      is_more = read_on(10);
      for (const std::string& name : std::set<std::string>(told.begin(), told.end())) {
        (void)files->remove(directory, name, vfs::RemoveKind::file);  // twice is ENOENT
      }
    }
    CHECK(told.size() == 200);
    CHECK(names_in(*files, directory).empty());
  }
  SECTION("a name that is replaced is there throughout") {
    const vfs::NodeId other = make_directory(*files, kRootNode, "other");
    make(*files, other, "file 150");
    CHECK(read_on(20));
    REQUIRE(error_of(files->rename(other, "file 150", directory, "file 150",
                                   vfs::RenameMode::replace)) == kSuccess);
    while (read_on(20)) {
    }
    CHECK(told.count("file 150") == 1);
  }
}

}  // namespace seabag::testing
