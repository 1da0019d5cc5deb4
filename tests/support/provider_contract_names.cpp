#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::kRootNode;
using vfs::RemoveKind;

namespace {

void check_linking(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make_file(files, kRootNode, "file", "text");
  const vfs::NodeId directory = make_directory(files, kRootNode, "d");
  SECTION("a second name is the same node") {
    age(files, directory);
    const auto linked = files.link(file, directory, "second");
    REQUIRE(error_of(linked) == kSuccess);
    CHECK(linked->node == file);
    CHECK(linked->links == 2);
    CHECK(files.lookup(directory, "second")->node == file);
    CHECK(files.lookup(kRootNode, "file")->links == 2);
    CHECK(is_modified(files, directory));
    write_all(*open_file(files, file), "more", 4);
    CHECK(read_all(files, files.lookup(directory, "second")->node) == "textmore");
  }
  SECTION("names go one by one") {
    REQUIRE(error_of(files.link(file, directory, "second")) == kSuccess);
    REQUIRE(error_of(files.remove(kRootNode, "file", RemoveKind::file)) == kSuccess);
    CHECK(files.attributes(file)->links == 1);
    CHECK(read_all(files, file) == "text");
    REQUIRE(error_of(files.remove(directory, "second", RemoveKind::file)) == kSuccess);
    CHECK(error_of(files.attributes(file)) == kStaleNode);
  }
  SECTION("a symlink itself is linked, not what it points to") {
    const vfs::NodeId link = make_symlink(files, kRootNode, "l", "file");
    REQUIRE(error_of(files.link(link, kRootNode, "l2")) == kSuccess);
    CHECK(files.lookup(kRootNode, "l2")->type == vfs::FileType::symlink);
    CHECK(files.lookup(kRootNode, "l2")->links == 2);
    CHECK(files.attributes(file)->links == 1);
  }
  SECTION("EEXIST whatever holds the name, itself included") {
    CHECK(error_of(files.link(file, kRootNode, "file")) == errc::file_exists);
    CHECK(error_of(files.link(file, kRootNode, "d")) == errc::file_exists);
    CHECK(files.attributes(file)->links == 1);
  }
  SECTION("refusals") {
    CHECK(error_of(files.link(directory, kRootNode, "e")) == errc::operation_not_permitted);
    CHECK(error_of(files.link(file, file, "e")) == errc::not_a_directory);
    CHECK(error_of(files.link(file, kRootNode, "")) == errc::invalid_argument);
    CHECK(error_of(files.link(file, kRootNode, std::string(256, 'n'))) == errc::filename_too_long);
    CHECK(error_of(files.link(static_cast<vfs::NodeId>(1U << 30), kRootNode, "e")) == kStaleNode);
    REQUIRE(error_of(files.remove(kRootNode, "d", RemoveKind::directory)) == kSuccess);
    CHECK(error_of(files.link(file, directory, "e")) == errc::no_such_file_or_directory);
  }
}

void check_removing(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make_file(files, kRootNode, "file", "text");
  const vfs::NodeId directory = make_directory(files, kRootNode, "d");
  const auto remove = [&](vfs::NodeId parent, std::string_view name, RemoveKind kind) {
    return error_of(files.remove(parent, name, kind));
  };
  SECTION("a removed file is gone, and its name is free") {
    CHECK(remove(kRootNode, "file", RemoveKind::file) == kSuccess);
    CHECK(error_of(files.lookup(kRootNode, "file")) == errc::no_such_file_or_directory);
    CHECK(error_of(files.attributes(file)) == kStaleNode);
    CHECK(error_of(files.open(file)) == kStaleNode);
    CHECK(remove(kRootNode, "file", RemoveKind::file) == errc::no_such_file_or_directory);
    make_directory(files, kRootNode, "file");
  }
  SECTION("a removed directory is gone and does not count any more") {
    const std::uint64_t links = files.attributes(kRootNode)->links;
    CHECK(remove(kRootNode, "d", RemoveKind::directory) == kSuccess);
    CHECK(error_of(files.attributes(directory)) == kStaleNode);
    const std::uint64_t left = files.attributes(kRootNode)->links;
    CHECK((left == links - 1 || left == 1));
  }
  SECTION("removing touches the directory") {
    make(files, directory, "a");
    age(files, directory);
    CHECK(remove(directory, "a", RemoveKind::file) == kSuccess);
    CHECK(is_modified(files, directory));
  }
  SECTION("a symlink goes as a file, what it points to stays") {
    make_symlink(files, kRootNode, "l", "d");
    CHECK(remove(kRootNode, "l", RemoveKind::directory) == errc::not_a_directory);
    CHECK(remove(kRootNode, "l", RemoveKind::file) == kSuccess);
    CHECK(error_of(files.lookup(kRootNode, "d")) == kSuccess);
  }
  SECTION("the wrong kind is EISDIR or ENOTDIR") {
    CHECK(remove(kRootNode, "d", RemoveKind::file) == errc::is_a_directory);
    CHECK(remove(kRootNode, "file", RemoveKind::directory) == errc::not_a_directory);
  }
  SECTION("a directory with entries is ENOTEMPTY") {
    make(files, directory, "a");
    CHECK(remove(kRootNode, "d", RemoveKind::directory) == errc::directory_not_empty);
    CHECK(remove(directory, "a", RemoveKind::file) == kSuccess);
    CHECK(remove(kRootNode, "d", RemoveKind::directory) == kSuccess);
  }
  SECTION("refusals") {
    CHECK(remove(kRootNode, "missing", RemoveKind::file) == errc::no_such_file_or_directory);
    CHECK(remove(kRootNode, "missing", RemoveKind::directory) == errc::no_such_file_or_directory);
    CHECK(remove(file, "a", RemoveKind::file) == errc::not_a_directory);
    CHECK(remove(kRootNode, "..", RemoveKind::directory) == errc::invalid_argument);
    CHECK(remove(kRootNode, std::string(256, 'n'), RemoveKind::file) == errc::filename_too_long);
  }
}

void check_open_orphan(vfs::WritableFileSystem& files) {
  const vfs::NodeId node = make_file(files, kRootNode, "file", "text");
  auto file = open_file(files, node);
  REQUIRE(error_of(files.remove(kRootNode, "file", RemoveKind::file)) == kSuccess);
  SECTION("it has no name, and everything keeps working") {
    CHECK(file->attributes()->links == 0);
    CHECK(file->attributes()->node == node);
    CHECK(read_text(*file, 10, 0) == "text");
    write_all(*file, "more", 4);
    CHECK(file->append(bytes_of("!")).value() == 1);
    CHECK(read_text(*file, 10, 0) == "textmore!");
    CHECK(error_of(file->resize(2)) == kSuccess);
    CHECK(read_text(*file, 10, 0) == "te");
    CHECK(error_of(file->sync(vfs::SyncScope::all)) == kSuccess);
  }
  SECTION("its node can be asked, changed and opened while it is open") {
    CHECK(files.attributes(node)->links == 0);
    CHECK(files.set_attributes(node, {.mode = 0400})->mode == 0400);
    const auto second = open_file(files, node);
    file.reset();
    CHECK(read_text(*second, 10, 0) == "text");
  }
  SECTION("it goes with the last close") {
    auto second = files.open(node);
    REQUIRE(error_of(second) == kSuccess);
    file.reset();
    CHECK(error_of(files.attributes(node)) == kSuccess);
    std::move(second).take().reset();
    CHECK(error_of(files.attributes(node)) == kStaleNode);
    CHECK(error_of(files.open(node)) == kStaleNode);
  }
  SECTION("it cannot be named again, and its old name is free") {
    CHECK(error_of(files.link(node, kRootNode, "back")) == errc::no_such_file_or_directory);
    const vfs::NodeId other = make_file(files, kRootNode, "file", "other");
    CHECK(other != node);
    CHECK(read_text(*file, 10, 0) == "text");
  }
}

void check_replaced_orphan(vfs::WritableFileSystem& files) {
  const vfs::NodeId old_node = make_file(files, kRootNode, "target", "old");
  const vfs::NodeId new_node = make_file(files, kRootNode, "source", "new");
  const auto old_file = open_file(files, old_node);
  const auto new_file = open_file(files, new_node);
  REQUIRE(error_of(files.rename(kRootNode, "source", kRootNode, "target",
                                vfs::RenameMode::replace)) == kSuccess);
  SECTION("a replaced file lives on while it is open") {
    CHECK(old_file->attributes()->links == 0);
    CHECK(read_text(*old_file, 10, 0) == "old");
    write_all(*old_file, "still", 0);
    CHECK(read_all(files, files.lookup(kRootNode, "target")->node) == "new");
  }
  SECTION("a renamed file that is open stays the file it was") {
    write_all(*new_file, "written after", 0);
    CHECK(read_all(files, files.lookup(kRootNode, "target")->node) == "written after");
    CHECK(new_file->attributes()->links == 1);
  }
}

}  // namespace

void check_link_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  if (!files->capabilities().hard_links) {
    const vfs::NodeId file = make(*files, kRootNode, "file");
    CHECK(error_of(files->link(file, kRootNode, "b")) == errc::operation_not_permitted);
    return;
  }
  check_linking(*files);
}

void check_remove_contract(const WritableFactory& make_empty) { check_removing(*make_empty()); }

void check_orphan_contract(const WritableFactory& make_empty) {
  SECTION("an unlinked file that is open") { check_open_orphan(*make_empty()); }
  SECTION("renames of open files") { check_replaced_orphan(*make_empty()); }
}

}  // namespace seabag::testing
