#include "seabag/vfs/rules.h"

namespace seabag::vfs {
namespace {

constexpr std::string_view kUserPrefix = "user.";
constexpr std::uint32_t kGroupExecute = 00010;
constexpr std::int64_t kSecondsPerDay = 86400;

Error other_name_space(const char* operation) {
  return make_error(std::errc::operation_not_supported, operation, {},
                    "only user.* attributes are kept");
}

bool can_have_xattrs(FileType type) {
  return type == FileType::regular || type == FileType::directory;
}

}  // namespace

Result<void> check_xattr_sizes(std::string_view name, std::size_t value_size,
                               const char* operation) {
  if (name.empty() || name.size() > kMaxXattrNameLength) {
    return make_error(std::errc::result_out_of_range, operation, {},
                      "an attribute's name has 1 to 255 bytes");
  }
  if (value_size > kMaxXattrValueSize) {
    return make_error(std::errc::argument_list_too_long, operation, {},
                      "an attribute's value has at most 65536 bytes");
  }
  return {};
}

Result<void> check_xattr_readable(FileType type, std::string_view name, const char* operation) {
  if (!name.starts_with(kUserPrefix)) {
    return other_name_space(operation);
  }
  if (!can_have_xattrs(type)) {
    return make_error(kNoAttribute, operation);
  }
  if (name.size() == kUserPrefix.size()) {
    return make_error(std::errc::invalid_argument, operation);
  }
  return {};
}

Result<void> check_xattr_name(FileType type, std::string_view name, const char* operation) {
  SEABAG_TRY(check_xattr_sizes(name, 0, operation));
  if (!name.starts_with(kUserPrefix)) {
    return other_name_space(operation);
  }
  if (!can_have_xattrs(type)) {
    return make_error(std::errc::operation_not_permitted, operation, {},
                      "only files and directories have user.* attributes");
  }
  if (name.size() == kUserPrefix.size() || name.find('\0') != std::string_view::npos) {
    return make_error(std::errc::invalid_argument, operation);
  }
  return {};
}

Result<void> check_xattr_value(FileType type, std::string_view name, std::string_view value,
                               const char* operation) {
  SEABAG_TRY(check_xattr_sizes(name, value.size(), operation));
  return check_xattr_name(type, name, operation);
}

Result<void> check_rename(const RenameFacts& facts, RenameMode mode) {
  constexpr const char* kOperation = "rename";
  const bool is_exchange = mode == RenameMode::exchange;
  if (!facts.source || (is_exchange && !facts.target)) {
    return make_error(std::errc::no_such_file_or_directory, kOperation);
  }
  if (mode == RenameMode::no_replace && facts.target) {
    return make_error(std::errc::file_exists, kOperation);
  }
  if (facts.moves_into_itself) {
    return make_error(std::errc::invalid_argument, kOperation, {},
                      "a directory cannot move into itself");
  }
  if (facts.replaces_ancestor) {
    return make_error(is_exchange ? std::errc::invalid_argument : std::errc::directory_not_empty,
                      kOperation);
  }
  if (!facts.target || is_exchange || facts.is_same_node) {
    return {};
  }
  const bool is_directory = facts.source == FileType::directory;
  if (is_directory != (facts.target == FileType::directory)) {
    return make_error(is_directory ? std::errc::not_a_directory : std::errc::is_a_directory,
                      kOperation);
  }
  if (facts.is_target_full) {
    return make_error(std::errc::directory_not_empty, kOperation);
  }
  return {};
}

Result<void> check_openable(FileType type, const char* operation) {
  switch (type) {
    case FileType::regular:
      return {};
    case FileType::directory:
      return make_error(std::errc::is_a_directory, operation);
    case FileType::symlink:
      return make_error(std::errc::too_many_symbolic_link_levels, operation);
    default:
      return make_error(std::errc::no_such_device_or_address, operation);
  }
}

Result<void> check_resizable(FileType type, const char* operation) {
  if (type == FileType::directory) {
    return make_error(std::errc::is_a_directory, operation);
  }
  if (type != FileType::regular) {
    return make_error(std::errc::invalid_argument, operation);
  }
  return {};
}

bool is_empty(const AttributeChanges& changes) {
  return !changes.mode && !changes.uid && !changes.gid && !changes.size && !changes.accessed &&
         !changes.modified && !changes.clear_set_id;
}

bool is_size_only(const AttributeChanges& changes) {
  AttributeChanges others = changes;
  others.size.reset();
  return changes.size.has_value() && is_empty(others);
}

std::uint32_t without_set_id(FileType type, std::uint32_t mode) {
  if (type == FileType::directory) {
    return mode;
  }
  const std::uint32_t lost = kSetUserId | ((mode & kGroupExecute) != 0 ? kSetGroupId : 0);
  return mode & ~lost;
}

NewOwner inherit_group(const NewNode& what, std::uint32_t parent_mode, std::uint32_t parent_gid) {
  NewOwner owner{.mode = what.mode & kModeBits, .gid = what.gid};
  if ((parent_mode & kSetGroupId) != 0) {
    owner.gid = parent_gid;
    owner.mode |= what.type == FileType::directory ? kSetGroupId : 0;
  }
  return owner;
}

bool is_access_due(AccessTimes policy, const NodeTimes& times, Timestamp now) {
  if (policy != AccessTimes::relative) {
    return policy == AccessTimes::always;
  }
  return times.accessed <= times.modified || times.accessed <= times.changed ||
         now.seconds - times.accessed.seconds >= kSecondsPerDay;
}

}  // namespace seabag::vfs
