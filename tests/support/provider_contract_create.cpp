#include <array>
#include <limits>

#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::FileType;
using vfs::kRootNode;

namespace {

constexpr std::uint32_t kSetGroupId = 02000;
constexpr std::array kSpecialTypes{FileType::fifo, FileType::socket, FileType::character_device,
                                   FileType::block_device};

void check_new_nodes(vfs::WritableFileSystem& files) {
  SECTION("a new file is empty and has one name and the mode asked for") {
    const auto made = files.create(kRootNode, "file", {.mode = 0604});
    REQUIRE(error_of(made) == kSuccess);
    CHECK(made->type == FileType::regular);
    CHECK(made->mode == 0604);
    CHECK(made->size == 0);
    CHECK(made->links == 1);
    CHECK(made->node == files.lookup(kRootNode, "file")->node);
    CHECK(read_all(files, made->node).empty());
    CHECK(names_in(files, kRootNode) == std::vector<std::string>{"file"});
  }
  SECTION("a new directory is empty and counts in its parent") {
    const auto before = files.attributes(kRootNode);
    const auto made = files.create(kRootNode, "d", {.type = FileType::directory, .mode = 0750});
    REQUIRE(error_of(made) == kSuccess);
    CHECK(made->type == FileType::directory);
    CHECK(made->mode == 0750);
    CHECK((made->links == 2 || made->links == 1));
    const std::uint64_t links = files.attributes(kRootNode)->links;
    CHECK((links == before->links + 1 || links == 1));
    CHECK(names_in(files, made->node).empty());
  }
  SECTION("a new symlink has its target, whatever that is") {
    const auto made = files.create(
        kRootNode, "l", {.type = FileType::symlink, .mode = 0777, .target = "../no//such/."});
    REQUIRE(error_of(made) == kSuccess);
    CHECK(made->type == FileType::symlink);
    CHECK(made->size == 13);
    CHECK(files.read_link(made->node).value() == "../no//such/.");
  }
  SECTION("the target of a symlink has 1 to 4095 bytes") {
    const auto link_to = [&](std::string_view target) {
      return error_of(files.create(kRootNode, "l", {.type = FileType::symlink, .target = target}));
    };
    CHECK(link_to("") == errc::no_such_file_or_directory);
    CHECK(link_to(std::string(4096, 't')) == errc::filename_too_long);
    CHECK(link_to(std::string_view("a\0b", 3)) == errc::invalid_argument);
    CHECK(link_to(std::string(4095, 't')) == kSuccess);
  }
  SECTION("all twelve mode bits are kept") {
    CHECK(files.create(kRootNode, "a", {.mode = 07777})->mode == 07777);
    CHECK(files.create(kRootNode, "b", {.mode = 0})->mode == 0);
    CHECK(files.create(kRootNode, "c", {.type = FileType::directory, .mode = 01777})->mode ==
          01777);
  }
  SECTION("a directory's new entry touches its modification time") {
    const vfs::NodeId directory = make_directory(files, kRootNode, "d");
    age(files, directory);
    make(files, directory, "file");
    CHECK(is_modified(files, directory));
  }
  SECTION("numbers of removed nodes do not come back") {
    const vfs::NodeId first = make(files, kRootNode, "first");
    REQUIRE(error_of(files.remove(kRootNode, "first", vfs::RemoveKind::file)) == kSuccess);
    CHECK(make(files, kRootNode, "second") != first);
    CHECK(error_of(files.attributes(first)) == kStaleNode);
  }
}

void check_special_nodes(vfs::WritableFileSystem& files) {
  const bool can = files.capabilities().special_files;
  for (const FileType type : kSpecialTypes) {
    const std::string name = "special " + std::to_string(static_cast<int>(type));
    INFO(name);
    const auto made = files.create(kRootNode, name, {.type = type, .mode = 0620, .device = 0x103});
    if (!can) {
      CHECK(error_of(made) == errc::operation_not_permitted);
      continue;
    }
    REQUIRE(error_of(made) == kSuccess);
    CHECK(made->type == type);
    CHECK(made->mode == 0620);
    const bool is_device = type == FileType::character_device || type == FileType::block_device;
    CHECK(made->device == (is_device ? 0x103 : 0));
    CHECK(files.lookup(kRootNode, name)->type == type);
    CHECK(error_of(files.open(made->node)) == errc::no_such_device_or_address);
    CHECK(error_of(files.open_writable(made->node)) == errc::no_such_device_or_address);
    CHECK(error_of(files.read_link(made->node)) == errc::invalid_argument);
  }
}

void check_refusals(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make_file(files, kRootNode, "file", "text");
  SECTION("EEXIST whatever holds the name") {
    make_directory(files, kRootNode, "d");
    make_symlink(files, kRootNode, "dangling", "nowhere");
    for (const char* name : {"file", "d", "dangling"}) {
      for (const FileType type : {FileType::regular, FileType::directory, FileType::symlink}) {
        CHECK(error_of(files.create(kRootNode, name, {.type = type, .target = "t"})) ==
              errc::file_exists);
      }
    }
    CHECK(read_all(files, file) == "text");
  }
  SECTION("the parent must be a directory that is there") {
    CHECK(error_of(files.create(file, "a", {})) == errc::not_a_directory);
    const vfs::NodeId directory = make_directory(files, kRootNode, "d");
    REQUIRE(error_of(files.remove(kRootNode, "d", vfs::RemoveKind::directory)) == kSuccess);
    CHECK(error_of(files.create(directory, "a", {})) == errc::no_such_file_or_directory);
  }
  SECTION("names have 1 to 255 bytes and no slash") {
    const auto create = [&](std::string_view name) {
      return error_of(files.create(kRootNode, name, {}));
    };
    CHECK(create("") == errc::invalid_argument);
    CHECK(create(".") == errc::invalid_argument);
    CHECK(create("..") == errc::invalid_argument);
    CHECK(create("a/b") == errc::invalid_argument);
    CHECK(create("a/") == errc::invalid_argument);
    CHECK(create(std::string_view("a\0b", 3)) == errc::invalid_argument);
    CHECK(create(std::string(256, 'n')) == errc::filename_too_long);
    CHECK(create(std::string(255, 'n')) == kSuccess);
    CHECK(create("\xc3\x28 \xff") == kSuccess);
    CHECK(create("..a") == kSuccess);
    CHECK(names_in(files, kRootNode).size() == 4);
  }
}

void check_set_group_id(vfs::WritableFileSystem& files) {
  const vfs::NodeId directory = make_directory(files, kRootNode, "d");
  const auto changed = files.set_attributes(directory, {.mode = kSetGroupId | 0755U, .gid = 1234});
  if (error_of(changed) == errc::operation_not_permitted) {
    return;  // a real directory, and we may not give it away
  }
  REQUIRE(error_of(changed) == kSuccess);
  CHECK(files.create(directory, "file", {.mode = 0644})->gid == 1234);
  const auto below = files.create(directory, "d", {.type = FileType::directory, .mode = 0700});
  REQUIRE(error_of(below) == kSuccess);
  CHECK(below->gid == 1234);
  CHECK(below->mode == (kSetGroupId | 0700U));
}

}  // namespace

void check_create_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  SECTION("an empty file system is empty") { CHECK(names_in(*files, kRootNode).empty()); }
  SECTION("new nodes") { check_new_nodes(*files); }
  SECTION("special nodes, or EPERM without the capability") { check_special_nodes(*files); }
  SECTION("refusals") { check_refusals(*files); }
  SECTION("a setgid directory gives its group on") { check_set_group_id(*files); }
  SECTION("any described tree can be built") {
    const Tree tree = sample_tree();
    build_tree(tree, *files);
    check_tree_equals(tree, *files);
  }
}

void check_unnamed_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  auto made = files->create_unnamed(kRootNode, {.mode = 0600});
  if (error_of(made) == errc::operation_not_supported) {
    return;  // a real directory on a file system without O_TMPFILE
  }
  REQUIRE(error_of(made) == kSuccess);
  std::unique_ptr<vfs::WritableFile> file = std::move(made).take();
  const vfs::NodeId node = file->attributes()->node;
  write_all(*file, "unnamed", 0);
  SECTION("it has no name, and works") {
    CHECK(file->attributes()->links == 0);
    CHECK(file->attributes()->mode == 0600);
    CHECK(read_text(*file, 10, 0) == "unnamed");
    CHECK(names_in(*files, kRootNode).empty());
    CHECK(files->attributes(node)->size == 7);
  }
  SECTION("link names it, and it stays") {
    const auto linked = files->link(node, kRootNode, "named");
    REQUIRE(error_of(linked) == kSuccess);
    CHECK(linked->links == 1);
    file.reset();
    CHECK(read_all(*files, files->lookup(kRootNode, "named")->node) == "unnamed");
  }
  SECTION("without a name it goes at close") {
    file.reset();
    CHECK(error_of(files->attributes(node)) == kStaleNode);
    CHECK(error_of(files->link(node, kRootNode, "late")) == kStaleNode);
  }
  SECTION("once named and unlinked it is an orphan like any other") {
    REQUIRE(error_of(files->link(node, kRootNode, "named")) == kSuccess);
    REQUIRE(error_of(files->remove(kRootNode, "named", vfs::RemoveKind::file)) == kSuccess);
    CHECK(error_of(files->link(node, kRootNode, "again")) == errc::no_such_file_or_directory);
  }
  SECTION("only regular files, and only in a directory") {
    CHECK(error_of(files->create_unnamed(kRootNode, {.type = FileType::directory})) ==
          errc::invalid_argument);
    CHECK(error_of(files->create_unnamed(node, {})) == errc::not_a_directory);
  }
}

}  // namespace seabag::testing
