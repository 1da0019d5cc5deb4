#pragma once

#include <cstdint>
#include <string>

#include "seabag/vfs/result.h"

namespace seabag::providers {

/// What is at a path. Its content is for SQLite alone to look at: closing a descriptor of our own
/// would drop the locks that SQLite holds on the file in this process.
enum class StorageKind : std::uint8_t { missing, empty, file };

/// Errors: EACCES, EISDIR, EIO; EINVAL for something else than a regular file.
[[nodiscard]] Result<StorageKind> inspect_storage(const std::string& path);

/// Bytes that are free for us where the file is.
[[nodiscard]] Result<std::uint64_t> free_bytes(const std::string& path);

/// Sleeps a little longer the more rounds somebody has waited for another process: 50 us at first,
/// 2 ms in the end. False without sleeping when 10 seconds have gone by.
[[nodiscard]] bool wait_for_turn(int round);

/// The write-ahead log beside a database, opened once more: this way waiting for the disk needs no
/// lock on the connection. (SQLite takes no locks on the log, which closing a second descriptor
/// would drop, and keeps the file as long as a connection is open that has read anything.) One
/// thread at a time.
class LogFile {
 public:
  explicit LogFile(const std::string& database_path) : path_(database_path + "-wal") {}
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Opens the log, which exists once the connection has read, and makes its name durable.
  [[nodiscard]] Result<void> open();
  /// fdatasync(2).
  [[nodiscard]] Result<void> sync();

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  const std::string path_;
  int descriptor_ = -1;
};

}  // namespace seabag::providers
