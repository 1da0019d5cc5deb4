#include "pack_settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "descriptor.h"
#include "seabag/console/exit_code.h"

namespace seabag::command {

namespace {

constexpr std::size_t kLargestConfig = 1024 * 1024;

Error mistake(const std::string& path, const toml::source_region& where, const std::string& what) {
  return console::usage_error(path + ":" + std::to_string(where.begin.line) + ":" +
                              std::to_string(where.begin.column) + ": " + what);
}

// One of a few words.
Result<std::string> word(const toml::node& node, std::string_view name,
                         std::initializer_list<std::string_view> words, const std::string& path) {
  std::string expected;
  const auto value = node.value_exact<std::string>();
  for (const std::string_view each : words) {
    if (value && *value == each) {
      return *value;
    }
    expected += expected.empty() ? "" : " or ";
    expected += '"' + std::string(each) + '"';
  }
  return mistake(path, node.source(), "pack." + std::string(name) + " must be " + expected);
}

Result<PackSettings> read_table(const toml::table& table, const std::string& path) {
  PackSettings settings;
  for (const auto& [key, value] : table) {
    if (key == "profile") {
      settings.profile = SEABAG_TRY(word(value, key.str(), {"release", "dev", "none"}, path));
    } else if (key == "links") {
      settings.links = SEABAG_TRY(word(value, key.str(), {"inside", "any"}, path));
    } else {
      return mistake(path, key.source(),
                     "pack has no setting called '" + std::string(key.str()) + "'");
    }
  }
  return settings;
}

}  // namespace

Result<std::string> read_config(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    return errno_error(errno, "open", path);
  }
  std::string text(kLargestConfig + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t count = read(file.get(), text.data() + length, text.size() - length);
    if (count < 0) {
      return errno_error(errno, "read", path);
    }
    if (count == 0) {
      text.resize(length);
      return text;
    }
    length += static_cast<std::size_t>(count);
  }
  return make_error(std::errc::file_too_large, "read", path, "a configuration has at most 1 MiB");
}

Result<PackSettings> parse_pack_settings(std::string_view text, const std::string& path) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return mistake(path, parsed.error().source(), std::string(parsed.error().description()));
  }
  for (const auto& [key, value] : parsed.table()) {
    if (key == "pack") {
      const toml::table* pack = value.as_table();
      return pack != nullptr ? read_table(*pack, path)
                             : mistake(path, value.source(), "pack must be a table");
    }
  }
  return PackSettings{};
}

}  // namespace seabag::command
