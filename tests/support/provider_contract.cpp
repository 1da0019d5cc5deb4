#include "support/provider_contract.h"

#include <algorithm>

#include "support/provider_contract_parts.h"

namespace seabag::testing {

TreeFactory tree_built_with(WritableFactory make_empty) {
  return [make_empty = std::move(make_empty)](const Tree& tree) {
    const auto file_system = make_empty();
    build_tree(tree, *file_system);
    return file_system;
  };
}

void check_read_contract(const TreeFactory& make_tree) {
  SECTION("a tree of one of everything is told as it is") {
    const Tree tree = sample_tree();
    check_tree_equals(tree, *make_tree(tree));
  }
  SECTION("lookup and attributes") { check_lookup_contract(make_tree); }
  SECTION("list") { check_list_contract(make_tree); }
  SECTION("reading files") { check_file_read_contract(make_tree); }
}

void check_write_contract(const WritableFactory& make_empty) {
  SECTION("create") { check_create_contract(make_empty); }
  SECTION("create_unnamed") { check_unnamed_contract(make_empty); }
  SECTION("link") { check_link_contract(make_empty); }
  SECTION("remove") { check_remove_contract(make_empty); }
  SECTION("orphans") { check_orphan_contract(make_empty); }
  SECTION("rename") { check_rename_contract(make_empty); }
  SECTION("rename, exchanging") { check_exchange_contract(make_empty); }
  SECTION("set_attributes") { check_attributes_contract(make_empty); }
  SECTION("extended attributes") { check_xattr_contract(make_empty); }
  SECTION("writing files") { check_file_write_contract(make_empty); }
  SECTION("sparse files") { check_sparse_contract(make_empty); }
  SECTION("listing what changes") { check_changing_list_contract(make_empty); }
  SECTION("several threads") { check_concurrency_contract(make_empty); }
}

vfs::NodeId make(vfs::WritableFileSystem& files, vfs::NodeId parent, std::string_view name,
                 const vfs::NewNode& what) {
  INFO("making " << name);
  const auto made = files.create(parent, name, what);
  REQUIRE(error_of(made) == kSuccess);
  return made->node;
}

vfs::NodeId make_directory(vfs::WritableFileSystem& files, vfs::NodeId parent,
                           std::string_view name) {
  return make(files, parent, name, {.type = vfs::FileType::directory, .mode = 0755});
}

vfs::NodeId make_symlink(vfs::WritableFileSystem& files, vfs::NodeId parent, std::string_view name,
                         std::string_view target) {
  return make(files, parent, name,
              {.type = vfs::FileType::symlink, .mode = 0777, .target = target});
}

vfs::NodeId make_file(vfs::WritableFileSystem& files, vfs::NodeId parent, std::string_view name,
                      std::string_view content) {
  const vfs::NodeId node = make(files, parent, name);
  if (!content.empty()) {
    write_all(*open_file(files, node), content, 0);
  }
  return node;
}

std::unique_ptr<vfs::WritableFile> open_file(vfs::WritableFileSystem& files, vfs::NodeId node) {
  auto file = files.open_writable(node);
  REQUIRE(error_of(file) == kSuccess);
  return std::move(file).take();
}

void write_all(vfs::WritableFile& file, std::string_view text, std::uint64_t offset) {
  const auto count = file.write_at(bytes_of(text), offset);
  REQUIRE(error_of(count) == kSuccess);
  REQUIRE(*count == text.size());
}

void age(vfs::WritableFileSystem& files, vfs::NodeId node) {
  REQUIRE(files.set_attributes(
      node, {.accessed = vfs::NewTime::at(kLongAgo), .modified = vfs::NewTime::at(kLongAgo)}));
}

bool is_modified(vfs::FileSystem& files, vfs::NodeId node) {
  const auto attributes = files.attributes(node);
  REQUIRE(error_of(attributes) == kSuccess);
  return attributes->modified != kLongAgo;
}

std::vector<std::string> names_in(vfs::FileSystem& files, vfs::NodeId directory,
                                  std::size_t limit) {
  std::vector<std::string> names;
  std::uint64_t cookie = 0;
  for (;;) {
    const auto rows = files.list(directory, cookie, limit);
    REQUIRE(error_of(rows) == kSuccess);
    CHECK(rows->size() <= limit);
    if (rows->empty()) {
      break;
    }
    for (const vfs::DirectoryEntry& row : *rows) {
      names.push_back(row.name);
    }
    cookie = rows->back().cookie;
  }
  std::ranges::sort(names);
  return names;
}

std::string read_text(const vfs::File& file, std::size_t size, std::uint64_t offset) {
  std::string text(size, '?');
  const auto count = file.read_at(std::as_writable_bytes(std::span(text)), offset);
  REQUIRE(error_of(count) == kSuccess);
  REQUIRE(*count <= size);
  text.resize(*count);
  return text;
}

}  // namespace seabag::testing
