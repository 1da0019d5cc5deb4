#include "plugins.h"

#include <dlfcn.h>

#include <algorithm>
#include <fstream>
#include <system_error>

namespace fs = std::filesystem;

std::map<std::string, std::string> read_options(const fs::path& file) {
  std::map<std::string, std::string> options;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) {
      options[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return options;
}

bool write_options(const fs::path& file, const std::map<std::string, std::string>& options) {
  const fs::path unfinished = file.string() + ".new";
  std::ofstream lines(unfinished);
  for (const auto& [key, value] : options) {
    lines << key << '=' << value << '\n' << std::flush;
  }
  lines.close();
  std::error_code failed;
  if (lines) {
    fs::rename(unfinished, file, failed);
  }
  if (!lines || failed) {
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    return false;
  }
  return true;
}

std::vector<std::string> greetings(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".so") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> texts;
  for (const fs::path& file : files) {
    void* plugin = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* function = plugin == nullptr ? nullptr : dlsym(plugin, "greeting");
    if (function != nullptr) {
      texts.emplace_back(reinterpret_cast<const char* (*)()>(function)());
    }
  }
  return texts;
}
