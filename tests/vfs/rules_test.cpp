#include "seabag/vfs/rules.h"

#include <string>

#include "support/catch.h"

namespace seabag::vfs {
namespace {

TEST_CASE("relatime moves the access time after a change and once a day", "[vfs][rules]") {
  constexpr Timestamp kDay{86'400 * 10, 0};
  const auto is_due = [&](AccessTimes policy, Timestamp accessed, Timestamp now) {
    return is_access_due(policy, {.accessed = accessed, .modified = kDay, .changed = kDay}, now);
  };
  const Timestamp later{kDay.seconds + 1, 0};
  CHECK(is_due(AccessTimes::relative, kDay, later));
  CHECK_FALSE(is_due(AccessTimes::relative, later, {later.seconds + 86'399, 0}));
  CHECK(is_due(AccessTimes::relative, later, {later.seconds + 86'400, 0}));
  CHECK(is_due(AccessTimes::always, later, later));
  CHECK_FALSE(is_due(AccessTimes::never, {0, 0}, later));
}

TEST_CASE("an unprivileged change takes setuid, and setgid of executables", "[vfs][rules]") {
  CHECK(without_set_id(FileType::regular, 06755) == 0755);
  CHECK(without_set_id(FileType::regular, 06745) == 02745);
  CHECK(without_set_id(FileType::directory, 06755) == 06755);
}

TEST_CASE("a setgid directory gives its group on", "[vfs][rules]") {
  const NewNode file{.mode = 0644, .gid = 5};
  const NewNode directory{.type = FileType::directory, .mode = 0755, .gid = 5};
  CHECK(inherit_group(file, 0755, 7).gid == 5);
  CHECK(inherit_group(file, 02755, 7).gid == 7);
  CHECK(inherit_group(file, 02755, 7).mode == 0644);
  CHECK(inherit_group(directory, 02755, 7).mode == 02755);
  CHECK(inherit_group(directory, 0755, 7).mode == 0755);
}

TEST_CASE("attribute names are checked in the kernel's order", "[vfs][rules]") {
  const auto check = [](FileType type, std::string_view name) {
    const auto result = check_xattr_name(type, name, "setxattr");
    return result ? std::errc{} : static_cast<std::errc>(result.error().code.value());
  };
  CHECK(check(FileType::regular, "user.a") == std::errc{});
  CHECK(check(FileType::regular, "") == std::errc::result_out_of_range);
  CHECK(check(FileType::regular, std::string(256, 'x')) == std::errc::result_out_of_range);
  CHECK(check(FileType::regular, "trusted.a") == std::errc::operation_not_supported);
  CHECK(check(FileType::symlink, "user.a") == std::errc::operation_not_permitted);
  CHECK(check(FileType::regular, "user.") == std::errc::invalid_argument);
  CHECK(check(FileType::directory, std::string_view("user.\0", 6)) == std::errc::invalid_argument);
}

TEST_CASE("a rename is refused for the first reason in the kernel's order", "[vfs][rules]") {
  const auto check = [](const RenameFacts& facts, RenameMode mode = RenameMode::replace) {
    const auto result = check_rename(facts, mode);
    return result ? std::errc{} : static_cast<std::errc>(result.error().code.value());
  };
  constexpr FileType kFile = FileType::regular;
  constexpr FileType kDirectory = FileType::directory;
  CHECK(check({.target = kFile}) == std::errc::no_such_file_or_directory);
  CHECK(check({.source = kFile}) == std::errc{});
  CHECK(check({.source = kFile}, RenameMode::exchange) == std::errc::no_such_file_or_directory);
  CHECK(check({.source = kFile, .target = kFile, .is_same_node = true}, RenameMode::no_replace) ==
        std::errc::file_exists);
  CHECK(check({.source = kDirectory, .target = kFile, .moves_into_itself = true}) ==
        std::errc::invalid_argument);
  CHECK(check({.source = kFile, .target = kDirectory, .replaces_ancestor = true}) ==
        std::errc::directory_not_empty);
  CHECK(check({.source = kFile, .target = kDirectory, .replaces_ancestor = true},
              RenameMode::exchange) == std::errc::invalid_argument);
  CHECK(check({.source = kDirectory, .target = kFile}) == std::errc::not_a_directory);
  CHECK(check({.source = kFile, .target = kDirectory, .is_target_full = true}) ==
        std::errc::is_a_directory);
  CHECK(check({.source = kDirectory, .target = kDirectory, .is_target_full = true}) ==
        std::errc::directory_not_empty);
  CHECK(check({.source = kFile, .target = kDirectory, .is_target_full = true},
              RenameMode::exchange) == std::errc{});
}

}  // namespace
}  // namespace seabag::vfs
