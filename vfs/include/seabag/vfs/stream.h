#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string_view>
#include <vector>

#include "seabag/vfs/file.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/result.h"

/// Files as std::istream and std::ostream, for code that wants those. A header of its own: nothing
/// else in vfs needs iostreams.
///
///   auto in = vfs::open_input(files, "/etc/app.conf").value();
///   for (std::string line; std::getline(*in, line);) { ... }
///
/// A call that fails sets badbit, and `failure` tells why. One thread at a time.
namespace seabag::vfs {

/// Reads a file from its start; can be sought, also past the end.
class FileInput final : public std::istream {
 public:
  explicit FileInput(std::unique_ptr<File> file);
  ~FileInput() override;

  /// Why badbit was set by a read.
  [[nodiscard]] const std::optional<Error>& failure() const;

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
};

/// Where a FileOutput writes.
enum class OutputMode : std::uint8_t {
  at_start,  ///< from offset 0 on, over what is there; can be sought
  append,    ///< always at the end, as O_APPEND; cannot be sought
};

/// Writes a file through a buffer. Its destructor writes what is left, and cannot tell when that
/// fails: call `finish`.
class FileOutput final : public std::ostream {
 public:
  explicit FileOutput(std::unique_ptr<WritableFile> file, OutputMode mode = OutputMode::at_start);
  ~FileOutput() override;

  /// Writes what is left. The first error of any write so far; ENOSPC when space ran out.
  Result<void> finish();

  /// Why badbit was set by a write.
  [[nodiscard]] const std::optional<Error>& failure() const;

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
};

/// Namespace::open as a stream.
[[nodiscard]] Result<std::unique_ptr<FileInput>> open_input(const Namespace& files,
                                                            std::string_view path);

/// Namespace::open_writable as a stream: makes the file or empties it.
[[nodiscard]] Result<std::unique_ptr<FileOutput>> open_output(
    Namespace& files, std::string_view path,
    WriteOptions options = {.create = CreateMode::if_missing, .truncate = true});

/// The same, after what is there: makes the file if it is missing.
[[nodiscard]] Result<std::unique_ptr<FileOutput>> open_append(Namespace& files,
                                                              std::string_view path);

}  // namespace seabag::vfs
