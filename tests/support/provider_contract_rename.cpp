#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::kRootNode;
using vfs::RenameMode;

namespace {

/// A small tree that every case below starts from:
/// file, other, link -> file, empty/, full/inner/, full/child, hard (second name of file).
struct Scene {
  explicit Scene(const WritableFactory& make_empty) : owner(make_empty()), files(*owner) {
    file = make_file(files, kRootNode, "file", "text");
    other = make_file(files, kRootNode, "other", "other text");
    link = make_symlink(files, kRootNode, "link", "file");
    empty = make_directory(files, kRootNode, "empty");
    full = make_directory(files, kRootNode, "full");
    inner = make_directory(files, full, "inner");
    child = make_file(files, full, "child", "child text");
    if (files.capabilities().hard_links) {
      REQUIRE(error_of(files.link(file, kRootNode, "hard")) == kSuccess);
    }
  }

  std::errc rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to,
                   std::string_view to_name, RenameMode mode = RenameMode::replace) const {
    return error_of(files.rename(from, from_name, to, to_name, mode));
  }
  std::errc rename(std::string_view from, std::string_view to,
                   RenameMode mode = RenameMode::replace) const {
    return rename(kRootNode, from, kRootNode, to, mode);
  }
  bool has(vfs::NodeId parent, std::string_view name) const {
    return files.lookup(parent, name).has_value();
  }
  vfs::NodeId at(vfs::NodeId parent, std::string_view name) const {
    return files.lookup(parent, name)->node;
  }

  std::shared_ptr<vfs::WritableFileSystem> owner;
  vfs::WritableFileSystem& files;  ///< of `owner`
  vfs::NodeId file{}, other{}, link{}, empty{}, full{}, inner{}, child{};
};

void check_plain_moves(const Scene& scene) {
  SECTION("in one directory") {
    CHECK(scene.rename("file", "new") == kSuccess);
    CHECK_FALSE(scene.has(kRootNode, "file"));
    CHECK(scene.at(kRootNode, "new") == scene.file);
    CHECK(read_all(scene.files, scene.file) == "text");
  }
  SECTION("to another directory, touching both") {
    age(scene.files, scene.empty);
    age(scene.files, scene.full);
    CHECK(scene.rename(scene.full, "child", scene.empty, "moved") == kSuccess);
    CHECK(scene.at(scene.empty, "moved") == scene.child);
    CHECK_FALSE(scene.has(scene.full, "child"));
    CHECK(is_modified(scene.files, scene.empty));
    CHECK(is_modified(scene.files, scene.full));
  }
  SECTION("a directory with all that is in it, up and down") {
    CHECK(scene.rename(kRootNode, "full", scene.empty, "below") == kSuccess);
    CHECK(scene.at(scene.empty, "below") == scene.full);
    CHECK(scene.at(scene.full, "child") == scene.child);
    CHECK(scene.rename(scene.full, "inner", kRootNode, "above") == kSuccess);
    CHECK(scene.at(kRootNode, "above") == scene.inner);
  }
  SECTION("a directory counts where it is") {
    const auto links = [&](vfs::NodeId node) { return scene.files.attributes(node)->links; };
    CHECK(scene.rename(scene.full, "inner", scene.empty, "inner") == kSuccess);
    CHECK((links(scene.full) == 2 || links(scene.full) == 1));
    CHECK((links(scene.empty) == 3 || links(scene.empty) == 1));
  }
  SECTION("the last component is never followed") {
    CHECK(scene.rename("link", "moved link") == kSuccess);
    CHECK(scene.at(kRootNode, "moved link") == scene.link);
    CHECK(scene.rename("other", "moved link") == kSuccess);
    CHECK(scene.at(kRootNode, "moved link") == scene.other);
    CHECK(read_all(scene.files, scene.file) == "text");
  }
  SECTION("the same name is success, and so are two names of one node: nothing changes") {
    CHECK(scene.rename("file", "file") == kSuccess);
    CHECK(scene.rename("full", "full") == kSuccess);
    CHECK(scene.has(kRootNode, "file"));
    if (scene.files.capabilities().hard_links) {
      CHECK(scene.rename("file", "hard") == kSuccess);
      CHECK(scene.at(kRootNode, "file") == scene.at(kRootNode, "hard"));
      CHECK(scene.files.attributes(scene.file)->links == 2);
    }
  }
}

void check_replacing(const Scene& scene) {
  SECTION("a file takes the place of a file") {
    CHECK(scene.rename("other", "file") == kSuccess);
    CHECK(scene.at(kRootNode, "file") == scene.other);
    CHECK_FALSE(scene.has(kRootNode, "other"));
    if (scene.files.capabilities().hard_links) {
      CHECK(scene.files.attributes(scene.file)->links == 1);
    }
  }
  SECTION("a directory takes the place of an empty directory") {
    CHECK(scene.rename("full", "empty") == kSuccess);
    CHECK(scene.at(kRootNode, "empty") == scene.full);
    CHECK(error_of(scene.files.attributes(scene.empty)) == kStaleNode);
    const std::uint64_t links = scene.files.attributes(kRootNode)->links;
    CHECK((links == 3 || links == 1));
  }
  SECTION("a directory onto one with entries is ENOTEMPTY") {
    CHECK(scene.rename("empty", "full") == errc::directory_not_empty);
    CHECK(scene.has(kRootNode, "empty"));
  }
  SECTION("a directory onto a file is ENOTDIR, a file onto a directory EISDIR") {
    CHECK(scene.rename("empty", "file") == errc::not_a_directory);
    CHECK(scene.rename("full", "link") == errc::not_a_directory);
    CHECK(scene.rename("file", "empty") == errc::is_a_directory);
    CHECK(scene.rename("file", "full") == errc::is_a_directory);
    CHECK(scene.rename("link", "empty") == errc::is_a_directory);
  }
  SECTION("no_replace is EEXIST for any name that is there, its own included") {
    for (const char* name : {"file", "other", "link", "empty", "full"}) {
      CHECK(scene.rename("other", name, RenameMode::no_replace) == errc::file_exists);
    }
    CHECK(scene.rename("other", "free", RenameMode::no_replace) == kSuccess);
    CHECK(scene.at(kRootNode, "free") == scene.other);
  }
}

void check_rename_refusals(const Scene& scene) {
  SECTION("a directory does not go into itself, at any depth: EINVAL by ancestry") {
    CHECK(scene.rename(kRootNode, "full", scene.full, "a") == errc::invalid_argument);
    CHECK(scene.rename(kRootNode, "full", scene.inner, "a") == errc::invalid_argument);
    CHECK(scene.rename(kRootNode, "full", scene.full, "inner") == errc::invalid_argument);
    CHECK(scene.rename(scene.full, "inner", scene.inner, "a") == errc::invalid_argument);
  }
  SECTION("a name that only looks like an ancestor is none") {
    const vfs::NodeId sibling = make_directory(scene.files, kRootNode, "full2");
    CHECK(scene.rename(kRootNode, "full", sibling, "full") == kSuccess);
    CHECK(scene.rename(sibling, "full", kRootNode, "full") == kSuccess);
  }
  SECTION("nothing goes onto its own ancestor: ENOTEMPTY") {
    CHECK(scene.rename(scene.full, "child", kRootNode, "full") == errc::directory_not_empty);
    CHECK(scene.rename(scene.full, "inner", kRootNode, "full") == errc::directory_not_empty);
  }
  SECTION("a missing source is ENOENT, whatever the target") {
    CHECK(scene.rename("missing", "file") == errc::no_such_file_or_directory);
    CHECK(scene.rename("missing", "missing") == errc::no_such_file_or_directory);
    CHECK(scene.rename("missing", "file", RenameMode::no_replace) ==
          errc::no_such_file_or_directory);
  }
  SECTION("both parents must be directories that are there") {
    CHECK(scene.rename(scene.file, "a", kRootNode, "b") == errc::not_a_directory);
    CHECK(scene.rename(kRootNode, "file", scene.other, "b") == errc::not_a_directory);
    REQUIRE(scene.files.remove(kRootNode, "empty", vfs::RemoveKind::directory));
    CHECK(scene.rename(kRootNode, "file", scene.empty, "b") == errc::no_such_file_or_directory);
  }
  SECTION("names are checked on both sides") {
    CHECK(scene.rename("", "b") == errc::invalid_argument);
    CHECK(scene.rename("file", "..") == errc::invalid_argument);
    CHECK(scene.rename("file", "a/b") == errc::invalid_argument);
    CHECK(scene.rename("file", std::string(256, 'n')) == errc::filename_too_long);
    CHECK(scene.rename(std::string(256, 'n'), "b") == errc::filename_too_long);
  }
}

void check_exchanges(const Scene& scene) {
  const auto exchange = [&](vfs::NodeId from, std::string_view from_name, vfs::NodeId to,
                            std::string_view to_name) {
    return scene.rename(from, from_name, to, to_name, RenameMode::exchange);
  };
  SECTION("two files change places") {
    CHECK(exchange(kRootNode, "file", scene.full, "child") == kSuccess);
    CHECK(scene.at(kRootNode, "file") == scene.child);
    CHECK(scene.at(scene.full, "child") == scene.file);
  }
  SECTION("a file and a directory with entries change places, and the counts follow") {
    CHECK(exchange(kRootNode, "full", scene.empty, "x") == errc::no_such_file_or_directory);
    REQUIRE(scene.rename(kRootNode, "other", scene.empty, "x") == kSuccess);
    CHECK(exchange(kRootNode, "full", scene.empty, "x") == kSuccess);
    CHECK(scene.at(scene.empty, "x") == scene.full);
    CHECK(scene.at(kRootNode, "full") == scene.other);
    const std::uint64_t links = scene.files.attributes(scene.empty)->links;
    CHECK((links == 3 || links == 1));
    CHECK(scene.rename(kRootNode, "empty", scene.full, "a") == errc::invalid_argument);
  }
  SECTION("a node and itself: nothing changes") {
    CHECK(exchange(kRootNode, "file", kRootNode, "file") == kSuccess);
    CHECK(scene.at(kRootNode, "file") == scene.file);
  }
  SECTION("not with an ancestor, on either side") {
    CHECK(exchange(kRootNode, "full", scene.full, "child") == errc::invalid_argument);
    CHECK(exchange(scene.full, "child", kRootNode, "full") == errc::invalid_argument);
    CHECK(exchange(scene.full, "inner", kRootNode, "full") == errc::invalid_argument);
  }
  SECTION("both must be there") {
    CHECK(exchange(kRootNode, "file", kRootNode, "missing") == errc::no_such_file_or_directory);
    CHECK(exchange(kRootNode, "missing", kRootNode, "file") == errc::no_such_file_or_directory);
  }
}

}  // namespace

void check_rename_contract(const WritableFactory& make_empty) {
  const Scene scene(make_empty);
  SECTION("moves") { check_plain_moves(scene); }
  SECTION("replacing") { check_replacing(scene); }
  SECTION("refusals") { check_rename_refusals(scene); }
}

void check_exchange_contract(const WritableFactory& make_empty) {
  check_exchanges(Scene(make_empty));
}

}  // namespace seabag::testing
