#include "operation.h"

#include <array>
#include <cstring>

namespace seabag::testing {
namespace {

constexpr std::array kNames{
    "open",      "open_unnamed", "stat",  "lstat",    "list",    "readlink",     "realpath",
    "statfs",    "mkdir",        "mknod", "symlink",  "link",    "unlink",       "rmdir",
    "rename",    "chmod",        "chown", "truncate", "utimens", "setxattr",     "getxattr",
    "listxattr", "removexattr",  "renew", "close",    "pread",   "pwrite",       "append",
    "ftruncate", "fallocate",    "lseek", "fsync",    "fstat",   "linkat_empty",
};

std::string quoted(const std::string& text) {
  constexpr std::size_t kShown = 80;
  if (text.size() <= kShown) {
    return "'" + text + "'";
  }
  return "'" + text.substr(0, kShown) + "...'(" + std::to_string(text.size()) + ")";
}

std::string number(const char* name, std::uint64_t value) {
  return std::string(" ") + name + "=" + std::to_string(value);
}

std::string time_of(const char* name, const std::optional<vfs::NewTime>& time) {
  if (!time) {
    return std::string(" ") + name + "=omit";
  }
  if (!time->moment) {
    return std::string(" ") + name + "=now";
  }
  return std::string(" ") + name + "=" + std::to_string(time->moment->seconds) + "." +
         std::to_string(time->moment->nanoseconds);
}

std::string flags_of(const Operation& operation) {
  std::string flags = operation.is_writing ? " O_RDWR" : " O_RDONLY";
  flags += operation.create == vfs::CreateMode::never ? "" : "|O_CREAT";
  flags += operation.create == vfs::CreateMode::exclusive ? "|O_EXCL" : "";
  flags += operation.truncate ? "|O_TRUNC" : "";
  flags += operation.directory ? "|O_DIRECTORY" : "";
  return flags;
}

std::string details_of(const Operation& operation) {
  std::string text;
  if (operation.act == Act::open) {
    text += flags_of(operation);
  }
  if (operation.act == Act::allocate) {
    text += number("mode", static_cast<unsigned>(operation.allocate));
  }
  if (operation.act == Act::find_extent) {
    text += operation.extent == vfs::ExtentKind::data ? " SEEK_DATA" : " SEEK_HOLE";
  }
  if (operation.act == Act::rename) {
    text += number("flags", static_cast<unsigned>(operation.rename));
  }
  if (operation.act == Act::set_xattr) {
    text += number("flags", static_cast<unsigned>(operation.xattr));
  }
  if (operation.act == Act::set_owner) {
    text += number("uid", operation.uid.value_or(0xFFFFFFFFU));
    text += number("gid", operation.gid.value_or(0xFFFFFFFFU));
  }
  if (operation.act == Act::set_times) {
    text += time_of("atime", operation.accessed) + time_of("mtime", operation.modified);
  }
  return text;
}

}  // namespace

std::string content_of(const Operation& operation) {
  std::string bytes(operation.length, '\0');
  std::uint64_t state = operation.pattern * 0x9E3779B97F4A7C15U + 1;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof state) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    std::memcpy(&bytes[at], &state, std::min(sizeof state, bytes.size() - at));
  }
  return bytes;
}

std::string describe(const Operation& operation) {
  std::string text = kNames.at(static_cast<std::size_t>(operation.act));
  const bool has_slot =
      operation.is_on_file() || operation.act == Act::open || operation.act == Act::open_unnamed;
  text += has_slot ? number("slot", operation.slot) : "";
  text += operation.path.empty() && operation.is_on_file() ? "" : " " + quoted(operation.path);
  text += operation.other.empty() ? "" : " " + quoted(operation.other);
  text += operation.last_link == vfs::LastLink::keep ? " nofollow" : "";
  text += details_of(operation);
  text += operation.mode != 0 ? number("mode", operation.mode) : "";
  text += number("offset", operation.offset) + number("length", operation.length);
  text += operation.type != vfs::FileType::regular
              ? number("type", static_cast<unsigned>(operation.type))
              : "";
  return text;
}

}  // namespace seabag::testing
