#pragma once

#include <cstdint>
#include <string>

#include "seabag/vfs/result.h"

namespace seabag::providers {

/// What the file at a path is, told by its first bytes.
enum class StorageKind : std::uint8_t { missing, empty, database, other };

/// Errors: EACCES, EISDIR, EIO; EINVAL for something else than a regular file.
[[nodiscard]] Result<StorageKind> inspect_storage(const std::string& path);

/// Bytes that are free for us where the file is.
[[nodiscard]] Result<std::uint64_t> free_bytes(const std::string& path);

/// The write-ahead log beside a database, opened once more: this way waiting for the disk needs no
/// lock on the connection. (SQLite takes no locks on the log, which closing a second descriptor
/// would drop.) One
/// thread at a time.
class LogFile {
 public:
  explicit LogFile(const std::string& database_path) : path_(database_path + "-wal") {}
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// fdatasync(2). Opens the log when first called, and makes its name durable then.
  [[nodiscard]] Result<void> sync();

 private:
  [[nodiscard]] Result<void> open_log();

  const std::string path_;
  int descriptor_ = -1;
};

}  // namespace seabag::providers
