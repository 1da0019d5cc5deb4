#include <limits>

#include "support/provider_contract_parts.h"

namespace seabag::testing {

using std::errc;
using vfs::kRootNode;
using vfs::NewTime;
using vfs::XattrMode;

namespace {

void check_modes_and_times(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make_file(files, kRootNode, "file", "some text");
  SECTION("only what is named changes, and the answer tells it") {
    age(files, file);
    const vfs::Attributes before = *files.attributes(file);
    const auto after = files.set_attributes(file, {.mode = 04711});
    REQUIRE(error_of(after) == kSuccess);
    CHECK(after->mode == 04711);
    CHECK(after->uid == before.uid);
    CHECK(after->gid == before.gid);
    CHECK(after->size == before.size);
    CHECK(after->modified == before.modified);
    CHECK(after->changed >= before.changed);
    CHECK(files.attributes(file)->mode == 04711);
  }
  SECTION("nothing named, nothing changed") {
    const vfs::Attributes before = *files.attributes(file);
    const auto after = files.set_attributes(file, {});
    REQUIRE(error_of(after) == kSuccess);
    CHECK(after->changed == before.changed);
    CHECK(after->mode == before.mode);
  }
  SECTION("times are kept to the nanosecond, each by itself") {
    const vfs::Timestamp moment{1'234'567'890, 987'654'321};
    age(files, file);
    CHECK(files.set_attributes(file, {.accessed = NewTime::at(moment)})->accessed == moment);
    CHECK(files.attributes(file)->modified == kLongAgo);
    CHECK(files.set_attributes(file, {.modified = NewTime::at(moment)})->modified == moment);
    CHECK(files.set_attributes(file, {.modified = NewTime::now()})->modified > moment);
    CHECK(files.attributes(file)->accessed == moment);
  }
  SECTION("times before 1970 are times") {
    const vfs::Timestamp moment{-2, 500'000'000};
    CHECK(files.set_attributes(file, {.modified = NewTime::at(moment)})->modified == moment);
    CHECK(files.attributes(file)->modified == moment);
  }
  SECTION("clear_set_id takes setuid, and setgid of what the group may execute") {
    REQUIRE(files.set_attributes(file, {.mode = 06755}));
    CHECK(files.set_attributes(file, {.size = 3, .clear_set_id = true})->mode == 0755);
    REQUIRE(files.set_attributes(file, {.mode = 06745}));
    CHECK(files.set_attributes(file, {.size = 3, .clear_set_id = true})->mode == 02745);
  }
  SECTION("clear_set_id alone is what a write by somebody unprivileged asks for") {
    REQUIRE(files.set_attributes(file, {.mode = 06755}));
    CHECK(files.set_attributes(file, {.clear_set_id = true})->mode == 0755);
    CHECK(files.attributes(file)->mode == 0755);
    const vfs::NodeId directory = make_directory(files, kRootNode, "set-id");
    REQUIRE(files.set_attributes(directory, {.mode = 06755}));
    CHECK(files.set_attributes(directory, {.clear_set_id = true})->mode == 06755);
  }
  SECTION("directories and symlinks have times of their own") {
    const vfs::NodeId link = make_symlink(files, kRootNode, "l", "file");
    CHECK(files.set_attributes(link, {.modified = NewTime::at(kLongAgo)})->modified == kLongAgo);
    CHECK(is_modified(files, file));
    CHECK(files.set_attributes(kRootNode, {.modified = NewTime::at(kLongAgo)})->modified ==
          kLongAgo);
  }
  SECTION("a node that is gone is ESTALE") {
    REQUIRE(files.remove(kRootNode, "file", vfs::RemoveKind::file));
    CHECK(error_of(files.set_attributes(file, {.mode = 0600})) == kStaleNode);
  }
}

void check_owner(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make(files, kRootNode, "file");
  const auto changed = files.set_attributes(file, {.uid = 1001, .gid = 1002});
  if (error_of(changed) == errc::operation_not_permitted) {
    return;  // a real directory, and we are not privileged
  }
  REQUIRE(error_of(changed) == kSuccess);
  CHECK(changed->uid == 1001);
  CHECK(changed->gid == 1002);
  CHECK(files.set_attributes(file, {.gid = 7})->uid == 1001);
  CHECK(files.attributes(file)->gid == 7);
  REQUIRE(files.set_attributes(file, {.mode = 06755}));
  CHECK(files.set_attributes(file, {.uid = 5, .gid = 6, .clear_set_id = true})->mode == 0755);
}

void check_sizes(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make_file(files, kRootNode, "file", "some text");
  SECTION("a smaller size cuts, a larger one adds zeros") {
    age(files, file);
    CHECK(files.set_attributes(file, {.size = 4})->size == 4);
    CHECK(is_modified(files, file));
    CHECK(read_all(files, file) == "some");
    CHECK(files.set_attributes(file, {.size = 6})->size == 6);
    CHECK(read_all(files, file) == std::string("some\0\0", 6));
  }
  SECTION("only files have a size to set") {
    const vfs::NodeId link = make_symlink(files, kRootNode, "l", "file");
    CHECK(error_of(files.set_attributes(kRootNode, {.size = 0})) == errc::is_a_directory);
    CHECK(error_of(files.set_attributes(link, {.size = 0})) == errc::invalid_argument);
  }
  SECTION("a size that no file can have is EFBIG") {
    CHECK(error_of(files.set_attributes(
              file, {.size = std::numeric_limits<std::uint64_t>::max()})) == errc::file_too_large);
    CHECK(read_all(files, file) == "some text");
  }
}

void check_values(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make(files, kRootNode, "file");
  const auto set = [&](std::string_view name, std::string_view value,
                       XattrMode mode = XattrMode::any) {
    return error_of(files.set_xattr(file, name, value, mode));
  };
  SECTION("a value is kept byte for byte, the empty one too") {
    const std::string_view bytes("\0\xff\n", 3);
    CHECK(set("user.a", bytes) == kSuccess);
    CHECK(files.xattr(file, "user.a").value() == bytes);
    CHECK(set("user.a", "") == kSuccess);
    CHECK(files.xattr(file, "user.a").value().empty());
  }
  SECTION("names are listed in order and go one by one") {
    CHECK(set("user.b", "2") == kSuccess);
    CHECK(set("user.a", "1") == kSuccess);
    CHECK(set("user.B", "3") == kSuccess);
    CHECK(files.xattrs(file).value() == std::vector<std::string>{"user.B", "user.a", "user.b"});
    CHECK(error_of(files.remove_xattr(file, "user.a")) == kSuccess);
    CHECK(files.xattrs(file).value() == std::vector<std::string>{"user.B", "user.b"});
    CHECK(error_of(files.remove_xattr(file, "user.a")) == kNoAttribute);
  }
  SECTION("create needs it absent, replace present") {
    CHECK(set("user.a", "1", XattrMode::replace) == kNoAttribute);
    CHECK(set("user.a", "1", XattrMode::create) == kSuccess);
    CHECK(set("user.a", "2", XattrMode::create) == errc::file_exists);
    CHECK(set("user.a", "3", XattrMode::replace) == kSuccess);
    CHECK(files.xattr(file, "user.a").value() == "3");
  }
  SECTION("an attribute is the node's, whatever its name") {
    CHECK(set("user.a", "1") == kSuccess);
    REQUIRE(files.rename(kRootNode, "file", kRootNode, "b", vfs::RenameMode::replace));
    CHECK(files.xattr(files.lookup(kRootNode, "b")->node, "user.a").value() == "1");
  }
  SECTION("directories have them too") {
    CHECK(error_of(files.set_xattr(kRootNode, "user.a", "1", XattrMode::any)) == kSuccess);
    CHECK(files.xattr(kRootNode, "user.a").value() == "1");
  }
}

void check_xattr_limits(vfs::WritableFileSystem& files) {
  const vfs::NodeId file = make(files, kRootNode, "file");
  const auto set = [&](std::string_view name, std::string_view value) {
    return error_of(files.set_xattr(file, name, value, XattrMode::any));
  };
  SECTION("a name has at most 255 bytes") {
    CHECK(set("user." + std::string(250, 'n'), "1") == kSuccess);
    CHECK(set("user." + std::string(251, 'n'), "1") == errc::result_out_of_range);
    CHECK(set("", "1") == errc::result_out_of_range);
  }
  SECTION("a value has at most 64 KiB") {
    CHECK(set("user.a", std::string(65'537, 'v')) == errc::argument_list_too_long);
    const std::errc largest = set("user.a", std::string(65'536, 'v'));
    CHECK((largest == kSuccess || largest == errc::no_space_on_device));
  }
  SECTION("only user.* names, and only on files and directories") {
    CHECK(set("mine.a", "1") == errc::operation_not_supported);
    CHECK(set("user", "1") == errc::operation_not_supported);
    const vfs::NodeId link = make_symlink(files, kRootNode, "l", "file");
    CHECK(error_of(files.set_xattr(link, "user.a", "1", XattrMode::any)) ==
          errc::operation_not_permitted);
  }
}

}  // namespace

void check_attributes_contract(const WritableFactory& make_empty) {
  SECTION("mode and times") { check_modes_and_times(*make_empty()); }
  SECTION("owner") { check_owner(*make_empty()); }
  SECTION("size") { check_sizes(*make_empty()); }
}

void check_xattr_contract(const WritableFactory& make_empty) {
  const auto files = make_empty();
  if (!files->capabilities().extended_attributes) {
    CHECK(error_of(files->set_xattr(kRootNode, "user.a", "1", XattrMode::any)) ==
          errc::operation_not_supported);
    return;
  }
  SECTION("values") { check_values(*files); }
  SECTION("limits") { check_xattr_limits(*files); }
}

}  // namespace seabag::testing
