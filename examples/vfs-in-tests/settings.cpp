#include "settings.h"

#include <algorithm>
#include <utility>

#include "seabag/vfs/shortcuts.h"

namespace vfs = seabag::vfs;
using seabag::Result;

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Result<void> parse(std::string_view text, std::string_view path, Settings& settings) {
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.empty() || content.starts_with('#')) {
      continue;
    }
    const std::size_t equals = content.find('=');
    const std::string_view key = trimmed(content.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) {
      return seabag::make_error(std::errc::invalid_argument, "load", path,
                                "line " + std::to_string(line) + ": expected 'key = value'");
    }
    settings[std::string(key)] = trimmed(content.substr(equals + 1));
  }
  return {};
}

bool is_missing(const seabag::Error& error) {
  return error.is(std::errc::no_such_file_or_directory);
}

Result<void> load_file(const vfs::Namespace& files, const std::string& path, Settings& settings) {
  auto text = vfs::read_file(files, path);
  if (!text) {
    return is_missing(text.error()) ? Result<void>() : Result<void>(std::move(text).error());
  }
  return parse(*text, path, settings);
}

}  // namespace

Result<Settings> load_settings(const vfs::Namespace& files, std::string_view directory) {
  Settings settings;
  const std::string base(directory);
  SEABAG_TRY(load_file(files, base + "/app.conf", settings));
  const auto parts = files.list(base + "/conf.d");
  if (!parts) {
    return is_missing(parts.error()) ? Result<Settings>(settings) : parts.error();
  }
  for (const vfs::DirectoryEntry& part : *parts) {
    if (part.name.ends_with(".conf")) {
      SEABAG_TRY(load_file(files, base + "/conf.d/" + part.name, settings));
    }
  }
  return settings;
}

Result<void> save_settings(vfs::Namespace& files, std::string_view directory,
                           const Settings& settings) {
  std::string text;
  for (const auto& [key, value] : settings) {
    text.append(key).append(" = ").append(value).append("\n");
  }
  const std::string base(directory);
  SEABAG_TRY(vfs::create_directories(files, base));
  const std::string unfinished = base + "/app.conf.new";
  auto written = vfs::write_file(files, unfinished, text);
  if (!written) {
    (void)vfs::unlink(files, unfinished);  // what went wrong first is what the caller hears
    return written;
  }
  return files.rename(unfinished, base + "/app.conf");
}
