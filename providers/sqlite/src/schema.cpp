#include "schema.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/vfs/rules.h"

namespace seabag::providers {
namespace {

/// What a value of SQLite may hold here, see Connection.
constexpr std::uint32_t kLargestChunk = 16U << 20U;

/// AgentFS SPEC 0.4: names, types and defaults are theirs.
constexpr const char* kAgentTables = R"(
CREATE TABLE fs_config (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE fs_inode (
  ino INTEGER PRIMARY KEY AUTOINCREMENT,
  mode INTEGER NOT NULL,
  nlink INTEGER NOT NULL DEFAULT 0,
  uid INTEGER NOT NULL DEFAULT 0,
  gid INTEGER NOT NULL DEFAULT 0,
  size INTEGER NOT NULL DEFAULT 0,
  atime INTEGER NOT NULL,
  mtime INTEGER NOT NULL,
  ctime INTEGER NOT NULL,
  rdev INTEGER NOT NULL DEFAULT 0,
  atime_nsec INTEGER NOT NULL DEFAULT 0,
  mtime_nsec INTEGER NOT NULL DEFAULT 0,
  ctime_nsec INTEGER NOT NULL DEFAULT 0);
CREATE TABLE fs_dentry (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  parent_ino INTEGER NOT NULL,
  ino INTEGER NOT NULL,
  UNIQUE (parent_ino, name));
CREATE INDEX idx_fs_dentry_parent ON fs_dentry (parent_ino, name);
CREATE TABLE fs_data (
  ino INTEGER NOT NULL,
  chunk_index INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (ino, chunk_index));
CREATE TABLE fs_symlink (ino INTEGER PRIMARY KEY, target TEXT NOT NULL);
INSERT INTO fs_config (key, value) VALUES ('schema_version', '0.4');
)";

/// The overlay's tables are optional in AgentFS. It writes whiteouts with and without parent_path,
/// hence the default. The rest is ours: the indexes make listings resume and ancestors be found in
/// O(log n), the tables hold what the specification has no place for.
constexpr const char* kFurtherTables = R"(
CREATE TABLE IF NOT EXISTS fs_whiteout (
  path TEXT PRIMARY KEY, parent_path TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fs_origin (delta_ino INTEGER PRIMARY KEY, base_ino INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS seabag_xattr (
  ino INTEGER NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (ino, name));
CREATE TABLE IF NOT EXISTS seabag_orphan (ino INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS seabag_padded (ino INTEGER PRIMARY KEY);
CREATE INDEX IF NOT EXISTS seabag_dentry_listing ON fs_dentry (parent_ino);
CREATE INDEX IF NOT EXISTS seabag_dentry_ino ON fs_dentry (ino);
INSERT OR IGNORE INTO fs_config (key, value) VALUES ('chunk_size', '4096');
)";

/// Ours. 1: one process at a time. 2: several, that know of each other's open nodes by NodeLocks;
/// an index over whiteouts.
constexpr int kOurVersion = 2;
constexpr std::string_view kAgentVersion = "0.4";

/// Those of fs_inode in AgentFS 0.1.
constexpr std::array<std::string_view, 8> kFirstColumns{"atime", "ctime", "gid",  "ino",
                                                        "mode",  "mtime", "size", "uid"};
/// Those that came later, all of them INTEGER NOT NULL DEFAULT 0.
constexpr std::array<std::string_view, 5> kLaterColumns{"atime_nsec", "ctime_nsec", "mtime_nsec",
                                                        "nlink", "rdev"};

/// Counts again what AgentFS before 0.2 did not keep.
constexpr const char* kCountLinks = R"(
UPDATE fs_inode SET nlink = CASE
  WHEN (mode & 61440) = 16384 THEN 2 + (SELECT count(*) FROM fs_dentry d
    JOIN fs_inode i ON i.ino = d.ino WHERE d.parent_ino = fs_inode.ino AND (i.mode & 61440) = 16384)
  ELSE (SELECT count(*) FROM fs_dentry d WHERE d.ino = fs_inode.ino) END;
)";

Error unsupported(std::string detail) {
  return make_error(std::errc::not_supported, "open", {}, std::move(detail));
}

Error foreign() {
  return make_error(std::errc::invalid_argument, "open", {},
                    "a SQLite database, but not one that holds a file system");
}

Result<void> check_tables(Connection& connection) {
  for (const char* table : {"fs_config", "fs_inode", "fs_dentry", "fs_data", "fs_symlink"}) {
    const std::string type = SEABAG_TRY(
        connection.ask(std::string("SELECT type FROM sqlite_master WHERE name = '") + table + "'"));
    if (type != "table") {
      return foreign();
    }
  }
  return {};
}

Result<std::vector<std::string>> columns_of(Connection& connection, const std::string& table) {
  std::vector<std::string> columns;
  std::string all = SEABAG_TRY(connection.ask(
      "SELECT group_concat(name, '/') || '/' FROM pragma_table_info('" + table + "')"));
  for (std::size_t end = all.find('/'); end != std::string::npos; end = all.find('/')) {
    columns.push_back(all.substr(0, end));
    all.erase(0, end + 1);
  }
  return columns;
}

template <typename Names>
bool has(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// The columns tell the version, as AgentFS has it.
Result<void> check_columns(Connection& connection) {
  const auto found = SEABAG_TRY(columns_of(connection, "fs_inode"));
  for (const std::string_view column : kFirstColumns) {
    if (!has(found, column)) {
      return foreign();
    }
  }
  for (const std::string& column : found) {
    if (!has(kFirstColumns, column) && !has(kLaterColumns, column)) {
      return unsupported("the schema is newer than AgentFS 0.4");
    }
  }
  if (!has(SEABAG_TRY(columns_of(connection, "fs_data")), "chunk_index")) {
    return unsupported("the schema is older than AgentFS 0.1, the first with chunks");
  }
  return {};
}

Result<std::string> config(Connection& connection, const char* key) {
  return connection.ask(std::string("SELECT value FROM fs_config WHERE key = '") + key + "'");
}

Result<void> check_versions(Connection& connection) {
  const std::string ours = SEABAG_TRY(config(connection, "seabag_version"));
  if (!ours.empty() && ours != "1" && ours != std::to_string(kOurVersion)) {
    return unsupported("made by a newer seabag (schema " + ours.substr(0, 20) + ")");
  }
  const std::string theirs = SEABAG_TRY(config(connection, "schema_version"));
  const bool is_older = theirs == "0.1" || theirs == "0.2" || theirs == "0.3";
  if (!theirs.empty() && theirs != kAgentVersion && !is_older) {
    return unsupported("the schema is AgentFS " + theirs.substr(0, 20) + ", not 0.4");
  }
  return {};
}

/// Brings an older schema to ours; every step is the whole way from any version before it.
Result<void> migrate(Connection& connection) {
  const auto found = SEABAG_TRY(columns_of(connection, "fs_inode"));
  for (const std::string_view column : kLaterColumns) {
    if (!has(found, column)) {
      SEABAG_TRY(connection.execute("ALTER TABLE fs_inode ADD COLUMN " + std::string(column) +
                                    " INTEGER NOT NULL DEFAULT 0"));
    }
  }
  if (!has(found, "nlink")) {
    SEABAG_TRY(connection.execute(kCountLinks));
  }
  SEABAG_TRY(connection.execute(
      "UPDATE fs_config SET value = '0.4' WHERE key = 'schema_version' AND value <> '0.4'"));
  // Whiteouts have no parent_path in databases that AgentFS's Rust library made.
  if (has(SEABAG_TRY(columns_of(connection, "fs_whiteout")), "parent_path")) {
    SEABAG_TRY(connection.execute(
        "CREATE INDEX IF NOT EXISTS idx_fs_whiteout_parent ON fs_whiteout (parent_path)"));
  }
  const std::string version = std::to_string(kOurVersion);
  return connection.execute("INSERT INTO fs_config (key, value) VALUES ('seabag_version', '" +
                            version + "') ON CONFLICT (key) DO UPDATE SET value = excluded.value" +
                            " WHERE value <> excluded.value");
}

}  // namespace

Result<bool> is_blank(Connection& connection) {
  return SEABAG_TRY(connection.ask("SELECT count(*) FROM sqlite_master")) == "0";
}

Result<void> create_schema(Connection& connection, const SqliteOptions& options) {
  SEABAG_TRY(connection.execute(kAgentTables));
  SEABAG_TRY(connection.execute("INSERT INTO fs_config (key, value) VALUES ('chunk_size', '" +
                                std::to_string(options.chunk_size) + "')"));
  const vfs::Timestamp now = options.clock ? options.clock() : vfs::system_now();
  const std::string seconds = std::to_string(now.seconds) + ", ";
  const std::string rest = std::to_string(now.nanoseconds) + ", ";
  return connection.execute(
      "INSERT INTO fs_inode (atime, mtime, ctime, atime_nsec, mtime_nsec, ctime_nsec, ino, nlink,"
      " mode, uid, gid) VALUES (" +
      seconds + seconds + seconds + rest + rest + rest + "1, 2, " +
      std::to_string(S_IFDIR | (options.root_mode & vfs::kModeBits)) + ", " +
      std::to_string(options.root_uid) + ", " + std::to_string(options.root_gid) + ")");
}

Result<void> check_schema(Connection& connection) {
  SEABAG_TRY(check_tables(connection));
  SEABAG_TRY(check_columns(connection));
  SEABAG_TRY(check_versions(connection));
  if (SEABAG_TRY(connection.ask("PRAGMA encoding")) != "UTF-8") {
    return unsupported("the database's encoding is not UTF-8");
  }
  const std::string root =
      SEABAG_TRY(connection.ask("SELECT mode & 61440 FROM fs_inode WHERE ino = 1"));  // S_IFMT
  if (root != std::to_string(S_IFDIR)) {
    return make_error(std::errc::io_error, "open", {},
                      "the database is damaged: it has no root directory");
  }
  const auto chunk_size = read_chunk_size(connection);
  return chunk_size ? Result<void>() : chunk_size.error();
}

Result<void> complete_tables(Connection& connection) {
  SEABAG_TRY(connection.execute(kFurtherTables));
  return migrate(connection);
}

Result<bool> has_present_columns(Connection& connection) {
  const auto found = SEABAG_TRY(columns_of(connection, "fs_inode"));
  return std::ranges::all_of(kLaterColumns,
                             [&](std::string_view column) { return has(found, column); });
}

Result<void> complete_schema(Connection& connection) {
  SEABAG_TRY(complete_tables(connection));
  // AgentFS starts the root's count at 1 or at 2, and knows nothing of extended attributes.
  return connection.execute(
      "DELETE FROM seabag_xattr WHERE ino NOT IN (SELECT ino FROM fs_inode);"
      "UPDATE fs_inode SET nlink = v.links FROM (SELECT 2 + count(*) AS links FROM fs_dentry d"
      " JOIN fs_inode i ON i.ino = d.ino WHERE d.parent_ino = 1 AND (i.mode & 61440) = 16384) v"
      " WHERE ino = 1 AND nlink <> v.links");
}

Result<std::uint32_t> read_chunk_size(Connection& connection) {
  constexpr std::uint32_t kAgentChunk = 4096;  // what AgentFS takes when nothing is said
  const std::string text = SEABAG_TRY(config(connection, "chunk_size"));
  if (text.empty()) {
    return kAgentChunk;
  }
  std::uint32_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size == 0 ||
      size > kLargestChunk) {
    return make_error(std::errc::invalid_argument, "open", {},
                      "the database's chunk_size makes no sense: 1 to 16777216 bytes are possible");
  }
  return size;
}

}  // namespace seabag::providers
