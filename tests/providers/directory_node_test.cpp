#include <cerrno>
#include <filesystem>
#include <set>
#include <string>

#include "directory_support.h"
#include "support/catch.h"
#include "support/tree.h"

/// What a node number stands for while names come, go and move, by us and behind our back.
namespace seabag::testing {
namespace {

namespace fs = std::filesystem;
using vfs::kRootNode;
using vfs::NodeId;
using vfs::RemoveKind;
using vfs::RenameMode;

TEST_CASE("what lies below a renamed directory keeps its nodes", "[providers][directory][node]") {
  const Sandbox sandbox;
  const auto files = sandbox.open();
  const NodeId d = find(*files, "d")->node;
  const NodeId sub = find(*files, "d/sub")->node;
  const NodeId secret = find(*files, "d/sub/secret")->node;
  REQUIRE(files->create(kRootNode, "e", {.type = vfs::FileType::directory, .mode = 0755}));
  const NodeId e = find(*files, "e")->node;
  REQUIRE(files->rename(kRootNode, "d", e, "moved", RenameMode::replace));
  CHECK(content(*files, secret).value() == "inside");
  CHECK(find(*files, "e/moved/sub/secret")->node == secret);
  REQUIRE(files->rename(d, "sub", kRootNode, "up", RenameMode::replace));
  CHECK(files->lookup(sub, "secret")->node == secret);
  REQUIRE(files->rename(kRootNode, "up", kRootNode, "e", RenameMode::exchange));
  CHECK(content(*files, secret).value() == "inside");
  CHECK(find(*files, "up/moved")->node == d);
  CHECK(error_number(files->rename(kRootNode, "up", d, "below", RenameMode::replace)) == EINVAL);
}

TEST_CASE("a node moved by somebody else is found again by its new name",
          "[providers][directory][node]") {
  const Sandbox sandbox;
  const auto files = sandbox.open();
  const NodeId d = find(*files, "d")->node;
  const NodeId secret = find(*files, "d/sub/secret")->node;
  fs::rename(sandbox.root() / "d", sandbox.root() / "e");
  CHECK(error_number(files->attributes(d)) == ESTALE);
  CHECK(error_number(files->open(secret)) == ESTALE);
  CHECK(files->lookup(kRootNode, "e")->node == d);
  CHECK(content(*files, secret).value() == "inside");
}

TEST_CASE("what others do in a circle does not hang", "[providers][directory][node]") {
  const Sandbox sandbox;
  const fs::path root = sandbox.root();
  const auto files = sandbox.open();
  fs::create_directories(root / "a" / "b");
  const NodeId a = find(*files, "a")->node;
  const NodeId b = find(*files, "a/b")->node;
  fs::rename(root / "a" / "b", root / "b");
  fs::rename(root / "a", root / "b" / "a");
  CHECK(error_number(files->attributes(a)) == ESTALE);
  CHECK(files->lookup(kRootNode, "b")->node == b);
  CHECK(files->lookup(b, "a")->node == a);
  CHECK(files->attributes(a));
}

TEST_CASE("hard links share one node, whichever name goes", "[providers][directory][node]") {
  const Sandbox sandbox;
  const auto files = sandbox.open();
  const auto made = files->create(kRootNode, "name 0", {});
  REQUIRE(made);
  for (int number = 1; number < 20; ++number) {
    const std::string name = "name " + std::to_string(number);
    CHECK(files->link(made->node, kRootNode, name)->node == made->node);
    CHECK(files->lookup(kRootNode, name)->node == made->node);
  }
  CHECK(files->attributes(made->node)->links == 20);
  for (int number = 19; number > 1; --number) {
    REQUIRE(files->remove(kRootNode, "name " + std::to_string(number), RemoveKind::file));
  }
  CHECK(files->lookup(kRootNode, "name 0")->node == made->node);
  CHECK(files->lookup(kRootNode, "name 1")->node == made->node);
  // Behind our back, the name seen last goes: the other is still known.
  fs::remove(sandbox.root() / "name 1");
  CHECK(files->attributes(made->node)->links == 1);
  CHECK(files->open_writable(made->node));
}

TEST_CASE("an inode number that comes back is another node", "[providers][directory][node]") {
  const Sandbox sandbox;
  const auto files = sandbox.open();
  const fs::path path = sandbox.root() / "file";
  write_host_file(path, "first");
  const auto first = files->lookup(kRootNode, "file");
  REQUIRE(first);
  // The clock of births ticks some hundred times a second; before it does, nothing is to be seen.
  auto second = first;
  for (int attempt = 0; attempt < 100'000 && second->created == first->created; ++attempt) {
    fs::remove(path);
    write_host_file(path, "second");
    second = files->lookup(kRootNode, "file");
    REQUIRE(second);
  }
  REQUIRE(second->created != first->created);
  CHECK(second->node != first->node);
  CHECK(error_number(files->attributes(first->node)) == ESTALE);
  CHECK(content(*files, second->node).value() == "second");
}

TEST_CASE("an open file stays usable when somebody else takes its name",
          "[providers][directory][node]") {
  const Sandbox sandbox;
  const auto files = sandbox.open();
  const NodeId node = find(*files, "d/secret")->node;
  auto opened = files->open(node);
  REQUIRE(opened);
  SECTION("by removing it") {
    fs::remove(sandbox.root() / "d" / "secret");
    CHECK(files->attributes(node)->links == 0);
    CHECK(files->set_attributes(node, {.mode = 0600})->mode == 0600);
    CHECK(content(*files, node).value() == "inside");
    CHECK(error_number(files->link(node, kRootNode, "back")) == ENOENT);
    const auto written = files->open_writable(node);
    REQUIRE(written);
    CHECK((*written)->resize(2));
    CHECK((*opened)->attributes()->size == 2);
  }
  SECTION("by moving it out of the root") {
    fs::rename(sandbox.root() / "d" / "secret", sandbox.outside() / "moved");
    CHECK((*opened)->attributes()->links == 1);
    CHECK(error_number(files->open_writable(node)) == ESTALE);
    CHECK(error_number(files->link(node, kRootNode, "back")) == ESTALE);
    CHECK(error_number(files->set_attributes(node, {.size = 0})) == ESTALE);
  }
  opened->reset();
  CHECK(error_number(files->attributes(node)) == ESTALE);
}

/// All cookies of a directory in order, read `limit` rows at a time.
std::vector<std::uint64_t> cookies_of(vfs::FileSystem& files, NodeId directory, std::size_t limit) {
  std::vector<std::uint64_t> cookies;
  for (std::uint64_t cookie = 0;;) {
    const auto rows = files.list(directory, cookie, limit);
    REQUIRE(rows);
    if (rows->empty()) {
      return cookies;
    }
    for (const auto& row : *rows) {
      cookies.push_back(row.cookie);
    }
    cookie = cookies.back();
  }
}

TEST_CASE("cookies mean the same in every instance and however long it takes",
          "[providers][directory][node]") {
  const Sandbox sandbox;
  for (int number = 0; number < 200; ++number) {
    write_host_file(sandbox.root() / "d" / std::to_string(number), "");
    fs::create_directory(sandbox.root() / ("other " + std::to_string(number)));
  }
  const auto files = sandbox.open();
  const NodeId d = find(*files, "d")->node;
  const auto cookies = cookies_of(*files, d, 1000);
  CHECK(cookies.size() == 202);
  const auto others = sandbox.open();
  CHECK(cookies_of(*others, find(*others, "d")->node, 7) == cookies);
  // A listing interrupted by many others, during which half of the names go, misses no survivor.
  const auto seen = files->list(d, 0, 100).value();
  for (int number = 0; number < 200; ++number) {
    const NodeId other = find(*files, "other " + std::to_string(number))->node;
    CHECK(files->list(other, 0, 1)->empty());
    if (number % 2 == 0) {
      fs::remove(sandbox.root() / "d" / std::to_string(number));
    }
  }
  const auto rest = files->list(d, seen.back().cookie, 1000).value();
  std::set<std::string> names;
  for (const auto* rows : {&seen, &rest}) {
    for (const auto& row : *rows) {
      CHECK(names.insert(row.name).second);
    }
  }
  for (int number = 1; number < 200; number += 2) {
    CHECK(names.contains(std::to_string(number)));
  }
}

TEST_CASE("a read-only directory changes in no way", "[providers][directory][node]") {
  const Sandbox sandbox;
  const auto files = sandbox.open({.access = providers::DirectoryOptions::Access::read_only});
  const NodeId d = find(*files, "d")->node;
  const NodeId secret = find(*files, "d/secret")->node;
  CHECK(error_number(files->create(d, "new", {})) == EROFS);
  CHECK(error_number(files->create(d, "secret", {})) == EEXIST);
  CHECK(error_number(files->create_unnamed(d, {})) == EROFS);
  CHECK(error_number(files->open_writable(secret)) == EROFS);
  CHECK(error_number(files->link(secret, d, "new")) == EROFS);
  CHECK(error_number(files->link(secret, d, "sub")) == EEXIST);
  CHECK(error_number(files->remove(d, "secret", RemoveKind::file)) == EROFS);
  CHECK(error_number(files->remove(d, "none", RemoveKind::file)) == ENOENT);
  CHECK(error_number(files->rename(d, "secret", d, "new", RenameMode::replace)) == EROFS);
  CHECK(error_number(files->rename(d, "none", d, "new", RenameMode::replace)) == ENOENT);
  CHECK(error_number(files->rename(d, "secret", d, "sub", RenameMode::no_replace)) == EEXIST);
  CHECK(error_number(files->set_attributes(secret, {.mode = 0})) == EROFS);
  CHECK(error_number(files->set_xattr(secret, "user.a", "", vfs::XattrMode::any)) == EROFS);
  CHECK(error_number(files->remove_xattr(secret, "user.a")) == EROFS);
  CHECK(content(*files, secret).value() == "inside");
}

TEST_CASE("the root must be a directory, and may move", "[providers][directory][node]") {
  using providers::DirectoryFileSystem;
  const Sandbox sandbox;
  const std::string root = sandbox.root().native();
  CHECK(error_number(DirectoryFileSystem::open_root(root + "/none")) == ENOENT);
  CHECK(error_number(DirectoryFileSystem::open_root(root + "/d/secret")) == ENOTDIR);
  CHECK(error_number(DirectoryFileSystem::open_root(root + std::string(1, '\0'))) == EINVAL);
  CHECK(error_number(DirectoryFileSystem::open_root("")) == ENOENT);
  CHECK(DirectoryFileSystem::open_root(root + "/none").error().path == root + "/none");

  const auto files = sandbox.open();
  fs::rename(root, root + "-moved");
  fs::create_directory_symlink(sandbox.outside(), root);
  CHECK(content(*files, find(*files, "d/secret")->node).value() == "inside");
  CHECK(files->statistics()->blocks > 0);
  CHECK(files->attributes(kRootNode)->node == kRootNode);
}

}  // namespace
}  // namespace seabag::testing
