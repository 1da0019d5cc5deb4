#pragma once

#include <filesystem>
#include <string_view>

namespace seabag::testing {

/// A directory of its own below $TMPDIR (or /tmp), removed with all it holds at the end of scope,
/// whatever the modes in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace seabag::testing
