#pragma once

#include <cstdint>
#include <string>

#include "posix_file.h"
#include "seabag/vfs/result.h"

namespace seabag::bundle {

/// A file that is made under another name, or none, and gets its own when it is complete. Until
/// `publish` has succeeded the destructor leaves nothing behind; where the system can make files
/// without a name, a killed process leaves nothing either. Move-only.
class OutputFile {
 public:
  /// Starts a file in the directory of `path`. Errors: those of open(2); EISDIR and EINVAL when
  /// `path` is a directory or another special file.
  [[nodiscard]] static Result<OutputFile> create(const std::string& path);
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;

  [[nodiscard]] int descriptor() const { return file_.number(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] Result<void> resize(std::uint64_t size);
  /// Waits until the bytes are on the disk.
  [[nodiscard]] Result<void> sync();
  /// Sets the mode, not lessened by the umask, and gives the file its name, replacing what had it.
  [[nodiscard]] Result<void> publish(unsigned mode);

 private:
  OutputFile(std::string path, std::string temporary, Descriptor file);
  [[nodiscard]] Result<void> link_temporary();

  std::string path_;
  std::string temporary_;  ///< its present name; empty: none
  Descriptor file_;
};

}  // namespace seabag::bundle
