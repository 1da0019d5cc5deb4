#include <optional>
#include <string>
#include <utility>

#include "check_rules.h"
#include "connection.h"
#include "node_locks.h"
#include "posix_storage.h"
#include "schema.h"
#include "seabag/providers/sqlite_check.h"
#include "store.h"

namespace seabag::providers {
namespace {

constexpr int kMostOfAKind = 100;
constexpr const char* kUnreachedKind = "a node that no path leads to";

/// The tables that the rules need and a database may lack: AgentFS knows nothing of ours. In the
/// temporary database they hide nothing and change nothing.
constexpr const char* kOptionalTables[] = {"seabag_orphan (ino INTEGER PRIMARY KEY)",
                                           "seabag_padded (ino INTEGER PRIMARY KEY)",
                                           "seabag_xattr (ino INTEGER, name TEXT, value BLOB)"};

class Checker {
 public:
  Checker(Connection& connection, SqliteCheckMode mode) : connection_(connection), mode_(mode) {}

  /// `locks` is null when nobody can have anything open.
  Result<SqliteCheckReport> run(NodeLocks* locks) {
    SEABAG_TRY(check_pages());
    SEABAG_TRY(make_tables(locks));
    for (const CheckRule& rule : check_rules()) {
      SEABAG_TRY(apply(rule));
    }
    SEABAG_TRY(reconnect());
    SEABAG_TRY(apply(link_rule()));
    report_.nodes = SEABAG_TRY(count("SELECT count(*) FROM fs_inode"));
    report_.entries = SEABAG_TRY(count("SELECT count(*) FROM fs_dentry"));
    report_.content_bytes = SEABAG_TRY(count("SELECT total(length(data)) FROM fs_data"));
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool is_repair() const { return mode_ == SqliteCheckMode::repair; }

  Result<void> find(const char* kind, const std::string& sql) {
    return connection_.for_each(sql, [&](const Cursor& row) {
      report_.defects.push_back(
          {.kind = kind, .detail = std::string(row.text(0)), .is_repaired = is_repair()});
    });
  }

  Result<void> apply(const CheckRule& rule) {
    const std::size_t before = report_.defects.size();
    SEABAG_TRY(find(rule.kind, rule.find + (" LIMIT " + std::to_string(kMostOfAKind))));
    if (is_repair() && report_.defects.size() > before) {
      SEABAG_TRY(connection_.execute(rule.repair));
    }
    return {};
  }

  Result<std::uint64_t> count(const char* sql) {
    std::int64_t number = 0;
    SEABAG_TRY(connection_.for_each(sql, [&](const Cursor& row) { number = row.integer(0); }));
    return static_cast<std::uint64_t>(number);
  }

  Result<void> check_pages() {
    constexpr const char* kCheck = "SELECT * FROM pragma_integrity_check(100) WHERE 1";
    const std::string first = SEABAG_TRY(connection_.ask(kCheck));
    if (first == "ok") {
      return {};
    }
    SEABAG_TRY(find("pages or indexes that are damaged", kCheck));
    if (!is_repair()) {
      return {};
    }
    SEABAG_TRY(connection_.execute("REINDEX"));
    if (SEABAG_TRY(connection_.ask(kCheck)) != "ok") {
      return make_error(std::errc::io_error, "fsck", {},
                        "pages are damaged (" + first.substr(0, first.find('\n')) +
                            "): save what is left with `sqlite3 FILE .recover`");
    }
    return {};
  }

  Result<void> make_tables(NodeLocks* locks) {
    for (const std::string table : kOptionalTables) {
      const std::string name = table.substr(0, table.find(' '));
      if (SEABAG_TRY(connection_.ask("SELECT 1 FROM main.sqlite_master WHERE type = 'table'"
                                     " AND name = '" +
                                     name + "'"))
              .empty()) {
        SEABAG_TRY(connection_.execute("CREATE TEMP TABLE " + table));
      }
    }
    const std::uint32_t chunk_size = SEABAG_TRY(read_chunk_size(connection_));
    SEABAG_TRY(connection_.execute(
        "CREATE TEMP TABLE seabag_held (ino INTEGER PRIMARY KEY);"
        "CREATE TEMP TABLE seabag_chunk (size INTEGER); INSERT INTO seabag_chunk VALUES (" +
        std::to_string(chunk_size) + ")"));
    std::string held;
    SEABAG_TRY(connection_.for_each(
        "SELECT ino FROM seabag_orphan UNION SELECT ino FROM seabag_padded",
        [&](const Cursor& row) {
          if (locks != nullptr && locks->is_held(row.integer(0))) {
            held += "INSERT INTO seabag_held VALUES (" + std::to_string(row.integer(0)) + ");";
          }
        }));
    return connection_.execute(held);
  }

  Result<std::optional<std::int64_t>> first_unreached() {
    std::optional<std::int64_t> found;
    SEABAG_TRY(connection_.for_each(std::string(kUnreachable) + " LIMIT 1",
                                    [&](const Cursor& row) { found = row.integer(0); }));
    return found;
  }

  Result<void> reconnect() {
    if (!is_repair()) {
      return find(kUnreachedKind, "SELECT 'node ' || ino FROM (" + std::string(kUnreachable) +
                                      ") LIMIT " + std::to_string(kMostOfAKind));
    }
    const std::size_t before = report_.defects.size();
    SEABAG_TRY(find(kUnreachedKind, "SELECT 'node ' || ino FROM (" + std::string(kUnreachable) +
                                        ") LIMIT " + std::to_string(kMostOfAKind)));
    if (report_.defects.size() == before) {
      return {};
    }
    const std::string place = std::to_string(SEABAG_TRY(lost_and_found()));
    SEABAG_TRY(connection_.execute(
        "INSERT OR REPLACE INTO fs_dentry (name, parent_ino, ino) SELECT '#' || ino, " + place +
        ", ino FROM (" + kUnreachable + ") WHERE is_top"));
    // Only loops of directories are left.
    for (auto lost = SEABAG_TRY(first_unreached()); lost; lost = SEABAG_TRY(first_unreached())) {
      const std::string number = std::to_string(*lost);
      SEABAG_TRY(connection_.execute("DELETE FROM fs_dentry WHERE ino = " + number +
                                     "; INSERT OR REPLACE INTO fs_dentry (name, parent_ino, ino)"
                                     " VALUES ('#" +
                                     number + "', " + place + ", " + number + ")"));
    }
    return {};
  }

  Result<std::int64_t> lost_and_found() {
    constexpr const char* kFind =
        "SELECT i.ino FROM fs_dentry d JOIN fs_inode i ON i.ino = d.ino"
        " WHERE d.parent_ino = 1 AND d.name = 'lost+found' AND (i.mode & 61440) = 16384";
    std::int64_t found = 0;
    const auto take = [&](const Cursor& row) { found = row.integer(0); };
    SEABAG_TRY(connection_.for_each(kFind, take));
    if (found == 0) {
      // A file of that name makes way.
      SEABAG_TRY(connection_.execute(
          "UPDATE fs_dentry SET name = '#name-' || id WHERE parent_ino = 1 AND name = 'lost+found';"
          "INSERT INTO fs_inode (mode, nlink, atime, mtime, ctime) VALUES (16832, 2, unixepoch(),"
          " unixepoch(), unixepoch());"
          "INSERT INTO fs_dentry (name, parent_ino, ino)"
          " VALUES ('lost+found', 1, last_insert_rowid())"));
      SEABAG_TRY(connection_.for_each(kFind, take));
    }
    return found;
  }

  Connection& connection_;
  const SqliteCheckMode mode_;
  SqliteCheckReport report_;
};

Result<std::unique_ptr<Connection>> open_existing(const std::string& path) {
  const StorageKind kind = path.empty() ? StorageKind::missing : SEABAG_TRY(inspect_storage(path));
  if (kind == StorageKind::missing) {
    return make_error(std::errc::no_such_file_or_directory, "open");
  }
  const std::string name = path.front() == ':' ? "./" + path : path;
  auto connection = SEABAG_TRY(Connection::open(name, SQLITE_OPEN_READWRITE));
  if (!connection->looks_like_database()) {
    return make_error(std::errc::invalid_argument, "open", {},
                      "not a SQLite database, or an encrypted one");
  }
  connection->set_operation("fsck");
  SEABAG_TRY(connection->execute("PRAGMA temp_store = MEMORY"));
  return connection;
}

Result<SqliteCheckReport> check_at(const std::string& path, SqliteCheckMode mode) {
  const auto connection = SEABAG_TRY(open_existing(path));
  SEABAG_TRY(check_schema(*connection));
  LogFile log(path);
  std::optional<NodeLocks> locks;
  if (log.open()) {  // without a log, in another journal mode, none of ours has it open
    locks.emplace(log.descriptor());
    SEABAG_TRY(locks->join());
  }
  Transaction transaction(*connection);
  if (mode == SqliteCheckMode::look) {
    SEABAG_TRY(connection->use(Query::begin_reading).run());
    if (!SEABAG_TRY(has_present_columns(*connection))) {
      SqliteCheckReport older;
      older.defects.push_back({.kind = "an older schema",
                               .detail = "opening the file system or --repair brings it to 0.4"});
      return older;
    }
  } else {
    SEABAG_TRY(transaction.begin());
    if (locks && !locks->is_alone()) {
      return make_error(std::errc::device_or_resource_busy, "fsck", {},
                        "another process has the file system open");
    }
    SEABAG_TRY(complete_tables(*connection));
  }
  auto report = SEABAG_TRY(Checker(*connection, mode).run(locks ? &*locks : nullptr));
  if (mode == SqliteCheckMode::repair) {
    SEABAG_TRY(transaction.commit());
  }
  return report;
}

}  // namespace

Result<SqliteCheckReport> check_sqlite_file_system(const std::string& path, SqliteCheckMode mode) {
  auto report = check_at(path, mode);
  return report ? std::move(report) : with_path(std::move(report).error(), path);
}

}  // namespace seabag::providers
