#pragma once

#include <string>
#include <string_view>

#include "seabag/net/descriptor.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// Where the access log goes: a file that is appended to, or standard output. Lines of several
/// servers, in one process or in several, don't mix: each write is of whole lines.
///
/// Safe for concurrent use.
class LogFile {
 public:
  /// Opens `path` for appending and makes it with mode 0640; `-` is standard output. Errors: as
  /// open(2), with the path.
  [[nodiscard]] static Result<LogFile> open(const std::string& path);

  /// Opens the path again. When that fails the old file stays in use. Nothing to do for standard
  /// output. Errors: as `open`.
  [[nodiscard]] Result<void> reopen();

  /// Writes whole lines without waiting for a reader: returns how many bytes of them went, which
  /// is less than all when a pipe is full or the disk is.
  [[nodiscard]] std::size_t write(std::string_view lines) const;

 private:
  LogFile(net::Descriptor file, std::string path, std::size_t atomic_size);

  net::Descriptor file_;
  std::string path_;
  std::size_t atomic_size_;  ///< most bytes that the kernel writes in one piece
};

}  // namespace seabag::server
