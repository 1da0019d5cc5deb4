#pragma once

#include <string>

#include "posix_io.h"

namespace seabag::bundler {

/// A file that gets its name when it is complete; without `publish` nothing is left of it.
/// Move-only.
class NewFile {
 public:
  /// Starts the file beside `path`. Errors: those of open(2), with `path`.
  [[nodiscard]] static Result<NewFile> create(const std::string& path);
  ~NewFile();
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;

  [[nodiscard]] int descriptor() const { return file_.get(); }
  /// Puts the file in place with mode 0644, replacing what has the name.
  [[nodiscard]] Result<void> publish();

 private:
  NewFile(std::string path, std::string temporary, Descriptor file);

  std::string path_;
  std::string temporary_;  ///< empty once it is published
  Descriptor file_;
};

}  // namespace seabag::bundler
