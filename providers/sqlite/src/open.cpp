#include <string>
#include <utility>

#include "content.h"
#include "file_system.h"
#include "node_locks.h"
#include "overlay_records.h"
#include "posix_storage.h"
#include "schema.h"
#include "seabag/providers/sqlite_overlay.h"
#include "session.h"
#include "store.h"

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
  return kind;
}

/// Checks what is there, without changing anything.
Result<void> check_content(Connection& connection, StorageKind kind) {
  if (kind == StorageKind::file && !connection.looks_like_database()) {
    return make_error(std::errc::invalid_argument, "open", {},
                      "not a SQLite database, or an encrypted one");
  }
  return SEABAG_TRY(is_blank(connection)) ? Result<void>() : check_schema(connection);
}

/// Cleans up what a crash left behind; not what another process that lives has open.
Result<void> recover(Connection& connection, NodeLocks& locks, std::uint32_t chunk_size) {
  Store store(connection);
  ChunkedContent content(connection, chunk_size);
  for (const auto& [number, has_name] : SEABAG_TRY(store.orphans())) {
    if (!locks.take(number)) {
      continue;
    }
    if (!has_name) {
      SEABAG_TRY(store.delete_inode(number));
    }
    SEABAG_TRY(connection.use(Query::delete_orphan).bind(number).run());
  }
  for (const std::int64_t number : SEABAG_TRY(store.padded_files())) {
    if (locks.take(number)) {
      const auto inode = SEABAG_TRY(store.inode(number));
      SEABAG_TRY(content.release(inode.value_or(Inode{.number = number})));
    }
  }
  return {};
}

/// Several processes may do this to a new database at the same time, and SQLite does not wait then.
Result<void> switch_to_wal(Connection& connection) {
  for (int round = 0;; ++round) {
    const auto mode = connection.ask("PRAGMA journal_mode = WAL");
    if (mode && *mode == "wal") {
      return {};
    }
    if (mode) {
      return make_error(std::errc::not_supported, "open", {},
                        "SQLite cannot keep a write-ahead log there");
    }
    if (!mode.error().is(std::errc::device_or_resource_busy) || !wait_for_turn(round)) {
      return mode.error();
    }
  }
}

Result<void> configure(Connection& connection, SqliteDurability durability) {
  // For a new database, before anything else is done to it: twice SQLite's own, because a chunk is
  // read and written a page at a time.
  SEABAG_TRY(connection.execute("PRAGMA page_size = 8192"));
  SEABAG_TRY(switch_to_wal(connection));
  SEABAG_TRY(connection.execute(durability == SqliteDurability::every_change
                                    ? "PRAGMA synchronous = FULL"
                                    : "PRAGMA synchronous = NORMAL"));
  return connection.execute(
      "PRAGMA wal_autocheckpoint = 2048; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
}

/// Makes or completes the schema and recovers, all or nothing; takes over what the database says of
/// itself. Whoever has changes of a group under way ends it first.
Result<void> prepare(Connection& connection, NodeLocks& locks, SqliteOptions& options) {
  Transaction transaction(connection);
  SEABAG_TRY(transaction.begin());
  if (SEABAG_TRY(is_blank(connection))) {
    SEABAG_TRY(create_schema(connection, options));
  } else {
    SEABAG_TRY(check_schema(connection));
  }
  SEABAG_TRY(complete_schema(connection));
  options.chunk_size = SEABAG_TRY(read_chunk_size(connection));
  SEABAG_TRY(recover(connection, locks, options.chunk_size));
  return transaction.commit();
}

/// An overlay keeps what it knows in memory, so a database has one at a time.
enum class Use : std::uint8_t { files, overlay };

Result<std::unique_ptr<SqliteFileSystem>> open_at(const std::string& path, SqliteOptions options,
                                                  Use use) {
  if (options.chunk_size < kSmallestChunk || options.chunk_size > kLargestChunk) {
    return make_error(std::errc::invalid_argument, "open", {},
                      "the chunk size must be 512 to 1048576 bytes");
  }
  const StorageKind kind = SEABAG_TRY(check_storage(path, options.mode));
  const int create = kind == StorageKind::missing ? SQLITE_OPEN_CREATE : 0;
  // SQLite takes a name that starts with a colon for something else than a file.
  const std::string name = path.front() == ':' ? "./" + path : path;
  auto connection = SEABAG_TRY(Connection::open(name, SQLITE_OPEN_READWRITE | create));
  SEABAG_TRY(check_content(*connection, kind));
  SEABAG_TRY(configure(*connection, options.durability));
  // A connection that has read keeps the log where it is.
  SEABAG_TRY(connection->use(Query::data_version).first());
  auto log = std::make_unique<LogFile>(name);
  SEABAG_TRY(log->open());
  auto locks = std::make_unique<NodeLocks>(log->descriptor());
  SEABAG_TRY(locks->join());
  if (use == Use::overlay) {
    SEABAG_TRY(locks->claim_overlay());
  }
  SEABAG_TRY(prepare(*connection, *locks, options));
  locks->give_back();
  return std::make_unique<SqliteFileSystem>(
      std::make_unique<Session>(std::move(connection), std::move(log), std::move(locks), options,
                                name),
      name, options);
}

Error told_of(Error error, const std::string& path) {
  if (error.is(std::errc::device_or_resource_busy) && error.detail.empty()) {
    error.detail = "another process keeps the database locked";
  }
  return with_path(std::move(error), path);
}

Result<SqliteUpper> open_upper_at(const std::string& path, SqliteUpperOptions options) {
  std::shared_ptr<SqliteFileSystem> files =
      SEABAG_TRY(open_at(path, std::move(options.files), Use::overlay));
  auto records = SEABAG_TRY(SqliteOverlayRecords::open(files, options.lowers));
  return SqliteUpper{.files = std::move(files), .records = std::move(records)};
}

}  // namespace

Result<std::unique_ptr<vfs::WritableFileSystem>> open_sqlite_file_system(const std::string& path,
                                                                         SqliteOptions options) {
  auto opened = open_at(path, std::move(options), Use::files);
  if (!opened) {
    return told_of(std::move(opened).error(), path);
  }
  return std::unique_ptr<vfs::WritableFileSystem>(std::move(*opened));
}

Result<SqliteUpper> open_sqlite_upper(const std::string& path, SqliteUpperOptions options) {
  auto opened = open_upper_at(path, std::move(options));
  if (!opened) {
    return told_of(std::move(opened).error(), path);
  }
  return opened;
}

}  // namespace seabag::providers
