#include "support/tree.h"

#include <algorithm>
#include <span>
#include <vector>

#include "support/catch.h"

namespace seabag::testing {

using vfs::FileType;

TreeNode& Tree::add(std::string_view path, TreeNode node) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && !nodes_.contains(std::string(path.substr(0, slash)))) {
    directory(path.substr(0, slash));
  }
  return nodes_.insert_or_assign(std::string(path), std::move(node)).first->second;
}

TreeNode& Tree::file(std::string_view path, std::string_view content, std::uint32_t mode) {
  return add(path, {.type = FileType::regular, .mode = mode, .content = std::string(content)});
}

TreeNode& Tree::directory(std::string_view path, std::uint32_t mode) {
  return add(path, {.type = FileType::directory, .mode = mode});
}

TreeNode& Tree::symlink(std::string_view path, std::string_view target) {
  return add(path, {.type = FileType::symlink, .mode = 0777, .target = std::string(target)});
}

TreeNode& Tree::hard_link(std::string_view path, std::string_view existing) {
  TreeNode node = nodes_.at(std::string(existing));
  node.hard_link_to = existing;
  return add(path, std::move(node));
}

namespace {

struct SplitPath {
  std::string_view parent;  ///< of the caller's path
  std::string_view name;    ///< of the caller's path
};

SplitPath split(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return {.parent = {}, .name = path};
  }
  return {.parent = path.substr(0, slash), .name = path.substr(slash + 1)};
}

void write_content(vfs::WritableFileSystem& file_system, vfs::NodeId node,
                   const std::string& content) {
  const auto file = file_system.open_writable(node);
  REQUIRE(file);
  if (!content.empty()) {
    REQUIRE((*file)->write_at(std::as_bytes(std::span(content)), 0).value_or(0) == content.size());
  }
}

void build_node(const TreeNode& node, std::string_view path, vfs::WritableFileSystem& files) {
  INFO("building " << path);
  const auto [parent_path, name] = split(path);
  const vfs::NodeId parent = find_node(files, parent_path).node;
  if (!node.hard_link_to.empty()) {
    REQUIRE(files.link(find_node(files, node.hard_link_to).node, parent, name));
    return;
  }
  const auto made = files.create(
      parent, name,
      {.type = node.type, .mode = node.mode, .target = node.target, .device = node.device});
  REQUIRE(made);
  if (node.type == FileType::regular) {
    write_content(files, made->node, node.content);
  }
  for (const auto& [key, value] : node.xattrs) {
    REQUIRE(files.set_xattr(made->node, key, value, vfs::XattrMode::create));
  }
}

TreeNode read_node(vfs::FileSystem& files, const vfs::Attributes& attributes) {
  TreeNode node{.type = attributes.type,
                .mode = attributes.mode,
                .device = attributes.device,
                .modified = attributes.modified};
  if (node.type == FileType::regular) {
    node.content = read_all(files, attributes.node);
  } else if (node.type == FileType::symlink) {
    node.target = files.read_link(attributes.node).value_or("(unreadable)");
  }
  if (files.capabilities().extended_attributes) {
    const auto names = files.xattrs(attributes.node);
    REQUIRE(names);
    for (const std::string& name : *names) {
      node.xattrs[name] = files.xattr(attributes.node, name).value_or("(unreadable)");
    }
  }
  return node;
}

void read_below(vfs::FileSystem& files, vfs::NodeId directory, const std::string& prefix,
                Tree& tree, std::map<vfs::NodeId, std::string>& first_names) {
  std::uint64_t cookie = 0;
  for (;;) {
    const auto rows = files.list(directory, cookie, 100);
    REQUIRE(rows);
    if (rows->empty()) {
      return;
    }
    for (const vfs::DirectoryEntry& row : *rows) {
      const std::string path = prefix + row.name;
      INFO("reading " << path);
      const auto attributes = files.lookup(directory, row.name);
      REQUIRE(attributes);
      CHECK(attributes->type == row.type);
      CHECK(attributes->node == row.node);
      tree.add(path, read_node(files, *attributes));
      if (row.type == FileType::directory) {
        read_below(files, row.node, path + '/', tree, first_names);
      } else if (attributes->links > 1) {
        std::string& first = first_names.try_emplace(row.node, path).first->second;
        first = std::min(first, path);
      }
    }
    cookie = rows->back().cookie;
  }
}

void check_node(const TreeNode& wanted, const TreeNode& found, const std::string& path,
                const vfs::Capabilities& can) {
  INFO("path '" << path << "'");
  CHECK(found.type == wanted.type);
  if (wanted.type != FileType::symlink) {
    CHECK(found.mode == wanted.mode);
  }
  CHECK(found.content.size() == wanted.content.size());
  const bool same_content = found.content == wanted.content;
  CHECK(same_content);
  CHECK(found.target == wanted.target);
  CHECK(found.device == wanted.device);
  if (wanted.modified) {
    CHECK(found.modified->seconds == wanted.modified->seconds);
    CHECK(found.modified->nanoseconds == wanted.modified->nanoseconds);
  }
  if (can.extended_attributes) {
    CHECK(found.xattrs == wanted.xattrs);
  }
  if (can.hard_links) {
    CHECK(found.hard_link_to == wanted.hard_link_to);
  }
}

}  // namespace

void build_tree(const Tree& tree, vfs::WritableFileSystem& file_system) {
  for (const auto& [path, node] : tree.nodes()) {
    build_node(node, path, file_system);
  }
  // Times come last: making a child touches its directory.
  for (const auto& [path, node] : tree.nodes()) {
    if (node.modified) {
      INFO("setting the time of " << path);
      REQUIRE(file_system.set_attributes(find_node(file_system, path).node,
                                         {.modified = vfs::NewTime::at(*node.modified)}));
    }
  }
}

Tree read_tree(vfs::FileSystem& file_system) {
  Tree tree;
  std::map<vfs::NodeId, std::string> first_names;
  read_below(file_system, vfs::kRootNode, "", tree, first_names);
  const std::map<std::string, TreeNode> nodes = tree.nodes();
  for (const auto& [path, node] : nodes) {
    const auto first = first_names.find(find_node(file_system, path).node);
    if (first != first_names.end() && first->second != path) {
      tree.hard_link(path, first->second);
    }
  }
  return tree;
}

void check_tree_equals(const Tree& tree, vfs::FileSystem& file_system) {
  const Tree found = read_tree(file_system);
  for (const auto& [path, node] : tree.nodes()) {
    const auto other = found.nodes().find(path);
    INFO("path '" << path << "' is missing");
    CHECK(other != found.nodes().end());
    if (other != found.nodes().end()) {
      check_node(node, other->second, path, file_system.capabilities());
    }
  }
  for (const auto& [path, node] : found.nodes()) {
    INFO("path '" << path << "' was not expected");
    CHECK(tree.nodes().contains(path));
  }
}

vfs::Attributes find_node(vfs::FileSystem& file_system, std::string_view path) {
  auto attributes = file_system.attributes(vfs::kRootNode);
  REQUIRE(attributes);
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    attributes = file_system.lookup(attributes->node, path.substr(0, slash));
    INFO("looking up " << path.substr(0, slash));
    REQUIRE(attributes);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return *attributes;
}

std::string read_all(const vfs::File& file) {
  const auto attributes = file.attributes();
  REQUIRE(attributes);
  std::string content(attributes->size, '\0');
  const auto count = file.read_at(std::as_writable_bytes(std::span(content)), 0);
  REQUIRE(count);
  content.resize(*count);
  return content;
}

std::string read_all(vfs::FileSystem& file_system, vfs::NodeId node) {
  const auto file = file_system.open(node);
  REQUIRE(file);
  return read_all(**file);
}

std::string noise(std::size_t size, std::uint32_t seed) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

Tree sample_tree() {
  Tree tree;
  tree.file("empty", "");
  tree.file("hello.txt", "hello\n").modified = vfs::Timestamp{1'000'000'000, 123'456'789};
  tree.file("large.bin", noise(200'000));
  tree.file("exact.bin", noise(65'536, 2));
  tree.file("private", "secret", 0600);
  tree.file("run", "#!/bin/sh\n", 0755);
  tree.directory("empty directory");
  tree.directory("closed", 0711).modified = vfs::Timestamp{86'400, 0};
  tree.file("deep/er/and/deeper/file", "down here");
  tree.symlink("link", "hello.txt");
  tree.symlink("dangling", "no/such/thing");
  tree.symlink("up", "../..");
  tree.symlink("long link", std::string(vfs::kMaxPathLength - 1, 't'));
  tree.file("names/" + std::string(vfs::kMaxNameLength, 'n'), "longest");
  tree.file("names/\xff\xfe not UTF-8 \x80", "bytes");
  tree.file("names/caf\xc3\xa9", "text");
  tree.file("names/back\\slash", "ordinary");
  tree.file("names/new\nline", "ordinary");
  tree.file("names/a", "1");
  tree.file("names/ab", "2");
  tree.file("names/A", "3");
  tree.file("names/...", "dots");
  tree.file("names/.hidden", "dot");
  for (int number = 0; number < 300; ++number) {
    tree.file("many/file " + std::to_string(number), std::to_string(number));
  }
  return tree;
}

}  // namespace seabag::testing
