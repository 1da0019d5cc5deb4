#include "seabag/bundler/input.h"

#include <algorithm>
#include <array>

#include "seabag/vfs/path.h"

namespace seabag::bundler {
namespace {

constexpr const char* kOperation = "input";

constexpr std::array<std::string_view, 26> kArchiveSuffixes = {
    ".tar",    ".tar.gz", ".tar.bz2", ".tar.xz",  ".tar.zst",  ".tar.lz4", ".tar.lzma",
    ".tar.lz", ".tar.z",  ".tgz",     ".tbz2",    ".txz",      ".tzst",    ".zip",
    ".7z",     ".iso",    ".cpio",    ".cpio.gz", ".cpio.bz2", ".cpio.xz", ".cpio.zst",
    ".xar",    ".cab",    ".rar",     ".lha",     ".lzh"};

char to_lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

}  // namespace

bool is_archive_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  std::ranges::transform(name, name.begin(), to_lower);
  const auto ends = [&](std::string_view suffix) {
    return name.size() > suffix.size() && name.ends_with(suffix);
  };
  return std::ranges::any_of(kArchiveSuffixes, ends);
}

Result<std::string> normalise_prefix(std::string_view prefix) {
  const auto refuse = [&](std::errc condition, const char* detail) {
    return make_error(condition, kOperation, prefix, detail);
  };
  if (!prefix.starts_with('/')) {
    return refuse(std::errc::invalid_argument, "a prefix starts with '/'");
  }
  std::string result;
  vfs::PathComponents components(prefix);
  while (!components.is_at_end()) {
    const std::string_view name = components.next();
    if (name.size() > vfs::kMaxNameLength) {
      return refuse(std::errc::filename_too_long, "a name has at most 255 bytes");
    }
    if (!vfs::is_valid_name(name)) {
      return refuse(std::errc::invalid_argument, "a prefix has no '.', '..' and no NUL");
    }
    result += '/';
    result += name;
  }
  if (result.size() + 1 >= vfs::kMaxPathLength) {
    return refuse(std::errc::filename_too_long, "a path has at most 4095 bytes");
  }
  if (prefix.ends_with('/')) {
    result += '/';
  }
  return result;
}

Result<Input> parse_input(std::string_view argument) {
  Input input;
  const std::size_t divider = argument.rfind(":/");
  if (divider != std::string_view::npos) {
    input.prefix = SEABAG_TRY(normalise_prefix(argument.substr(divider + 1)));
    argument = argument.substr(0, divider);
  }
  if (argument.empty()) {
    return make_error(std::errc::invalid_argument, kOperation, {},
                      "an input is PATH or PATH:/PREFIX; the path is empty");
  }
  if (argument.find('\0') != std::string_view::npos) {
    return make_error(std::errc::invalid_argument, kOperation, argument,
                      "the path contains a NUL byte");
  }
  input.path = argument;
  return input;
}

}  // namespace seabag::bundler
