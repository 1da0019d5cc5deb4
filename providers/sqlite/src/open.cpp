#include <string>
#include <utility>

#include "file_system.h"
#include "posix_storage.h"
#include "schema.h"

namespace seabag::providers {
namespace {

constexpr std::uint32_t kSmallestChunk = 512;
constexpr std::uint32_t kLargestChunk = 1U << 20U;

Result<StorageKind> check_storage(const std::string& path, SqliteOpenMode mode) {
  if (path.empty()) {
    return make_error(std::errc::no_such_file_or_directory, "open");
  }
  const StorageKind kind = SEABAG_TRY(inspect_storage(path));
  if (kind == StorageKind::missing && mode == SqliteOpenMode::open_existing) {
    return make_error(std::errc::no_such_file_or_directory, "open");
  }
  if (kind != StorageKind::missing && mode == SqliteOpenMode::create_new) {
    return make_error(std::errc::file_exists, "open");
  }
  if (kind == StorageKind::other) {
    return make_error(std::errc::invalid_argument, "open", {},
                      "not a SQLite database, or an encrypted one");
  }
  return kind;
}

/// Checks what is there, without changing anything, and takes over what the database says of
/// itself.
Result<void> read_header(Connection& connection, SqliteOptions& options) {
  // One process at a time: what is open, and thus an orphan, is known to it alone.
  SEABAG_TRY(connection.execute("PRAGMA locking_mode = EXCLUSIVE"));
  auto blank = is_blank(connection);
  if (!blank && blank.error().is(std::errc::device_or_resource_busy)) {
    return make_error(std::errc::device_or_resource_busy, "open", {},
                      "another process has the database open");
  }
  if (!blank) {
    return std::move(blank).error();
  }
  if (!*blank) {
    SEABAG_TRY(check_schema(connection));
    options.chunk_size = SEABAG_TRY(read_chunk_size(connection));
  }
  return {};
}

/// Cleans up what a crash left behind.
Result<void> recover(Connection& connection, std::uint32_t chunk_size) {
  Store store(connection);
  Content content(connection, chunk_size);
  SEABAG_TRY(store.purge_orphans());
  for (const std::int64_t number : SEABAG_TRY(store.padded_files())) {
    const auto inode = SEABAG_TRY(store.inode(number));
    SEABAG_TRY(content.release(inode.value_or(Inode{.number = number})));
  }
  return {};
}

Result<void> prepare(Connection& connection, const SqliteOptions& options) {
  const bool is_full = options.durability == SqliteDurability::every_change;
  SEABAG_TRY(connection.execute("PRAGMA journal_mode = WAL"));
  SEABAG_TRY(connection.execute(is_full ? "PRAGMA synchronous = FULL"  //
                                        : "PRAGMA synchronous = NORMAL"));
  SEABAG_TRY(connection.execute(
      "PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY"));
  Transaction transaction(connection);
  SEABAG_TRY(transaction.begin());
  if (SEABAG_TRY(is_blank(connection))) {
    SEABAG_TRY(create_schema(connection, options));
  }
  SEABAG_TRY(complete_schema(connection));
  SEABAG_TRY(recover(connection, options.chunk_size));
  return transaction.commit();
}

Result<std::unique_ptr<vfs::WritableFileSystem>> open_at(const std::string& path,
                                                         SqliteOptions options) {
  if (options.chunk_size < kSmallestChunk || options.chunk_size > kLargestChunk) {
    return make_error(std::errc::invalid_argument, "open", {},
                      "the chunk size must be 512 to 1048576 bytes");
  }
  const StorageKind kind = SEABAG_TRY(check_storage(path, options.mode));
  const int create = kind == StorageKind::missing ? SQLITE_OPEN_CREATE : 0;
  // SQLite takes a name that starts with a colon for something else than a file.
  const std::string name = path.front() == ':' ? "./" + path : path;
  auto connection = SEABAG_TRY(Connection::open(name, SQLITE_OPEN_READWRITE | create));
  SEABAG_TRY(read_header(*connection, options));
  SEABAG_TRY(prepare(*connection, options));
  return std::unique_ptr<vfs::WritableFileSystem>(
      std::make_unique<SqliteFileSystem>(std::move(connection), name, options));
}

}  // namespace

Result<std::unique_ptr<vfs::WritableFileSystem>> open_sqlite_file_system(const std::string& path,
                                                                         SqliteOptions options) {
  auto opened = open_at(path, std::move(options));
  if (!opened) {
    return with_path(std::move(opened).error(), path);
  }
  return opened;
}

}  // namespace seabag::providers
