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

constexpr std::uint32_t kLargestChunk = 1U << 20U;

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
INSERT OR IGNORE INTO fs_config (key, value) VALUES ('seabag_version', '1');
DELETE FROM seabag_xattr WHERE ino NOT IN (SELECT ino FROM fs_inode);
)";

constexpr std::string_view kOurVersion = "1";
constexpr std::string_view kAgentVersion = "0.4";

constexpr std::array<std::string_view, 13> kInodeColumns{
    "atime", "atime_nsec", "ctime", "ctime_nsec", "gid",  "ino", "mode",
    "mtime", "mtime_nsec", "nlink", "rdev",       "size", "uid"};

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

/// The columns tell the version, as AgentFS has it.
Result<void> check_columns(Connection& connection) {
  const std::string found = SEABAG_TRY(
      connection.ask("SELECT group_concat(name, ',')"
                     " FROM (SELECT name FROM pragma_table_info('fs_inode') ORDER BY name)"));
  std::string wanted;
  for (const std::string_view column : kInodeColumns) {
    if (("," + found + ",").find("," + std::string(column) + ",") == std::string::npos) {
      return unsupported("the schema is older than AgentFS 0.4: run `agentfs migrate` on it first");
    }
    wanted += (wanted.empty() ? "" : ",") + std::string(column);
  }
  if (found != wanted) {
    return unsupported("the schema is newer than AgentFS 0.4");
  }
  return {};
}

Result<std::string> config(Connection& connection, const char* key) {
  return connection.ask(std::string("SELECT value FROM fs_config WHERE key = '") + key + "'");
}

Result<void> check_versions(Connection& connection) {
  const std::string ours = SEABAG_TRY(config(connection, "seabag_version"));
  if (!ours.empty() && ours != kOurVersion) {
    return unsupported("made by a newer seabag (schema " + ours.substr(0, 20) + ")");
  }
  const std::string theirs = SEABAG_TRY(config(connection, "schema_version"));
  if (!theirs.empty() && theirs != kAgentVersion) {
    return unsupported("the schema is AgentFS " + theirs.substr(0, 20) + ", not 0.4");
  }
  return {};
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
  return {};
}

Result<void> complete_schema(Connection& connection) {
  SEABAG_TRY(connection.execute(kFurtherTables));
  // AgentFS starts the root's count at 1 or at 2.
  return connection.execute(
      "UPDATE fs_inode SET nlink = v.links FROM (SELECT 2 + count(*) AS links FROM fs_dentry d"
      " JOIN fs_inode i ON i.ino = d.ino WHERE d.parent_ino = 1 AND (i.mode & 61440) = 16384) v"
      " WHERE ino = 1 AND nlink <> v.links");
}

Result<std::uint32_t> read_chunk_size(Connection& connection) {
  const std::string text = SEABAG_TRY(config(connection, "chunk_size"));
  std::uint32_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size == 0 ||
      size > kLargestChunk) {
    return make_error(std::errc::invalid_argument, "open", {},
                      "the database's chunk_size makes no sense: 1 to 1048576 bytes are possible");
  }
  return size;
}

}  // namespace seabag::providers
