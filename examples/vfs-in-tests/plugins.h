#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// Ordinary code, as it is in many programs: streams, paths and dlopen(3), and nothing of Seabag.

/// `key=value` lines; empty when there is no such file.
std::map<std::string, std::string> read_options(const std::filesystem::path& file);

/// Replaces the file as one step: false when that is impossible, and then the old one is whole.
bool write_options(const std::filesystem::path& file,
                   const std::map<std::string, std::string>& options);

/// What the plugins of a directory (`*.so`, in order of name) say: the text that their function
/// `const char* greeting(void)` returns.
std::vector<std::string> greetings(const std::filesystem::path& directory);
