#include "overlay_records.h"

#include <cstdint>
#include <string>
#include <utility>

namespace seabag::providers {

namespace {

using Kind = vfs::OverlayChange::Kind;

// Without a path the directory is opaque.
constexpr const char* kMarks =
    "CREATE TABLE IF NOT EXISTS seabag_overlay (ino INTEGER PRIMARY KEY, path TEXT)";
// A crash between the removal of a node and of what is told of it leaves these.
constexpr const char* kDropStale =
    "DELETE FROM seabag_overlay WHERE ino NOT IN (SELECT ino FROM fs_inode);"
    "DELETE FROM fs_origin WHERE delta_ino NOT IN (SELECT ino FROM fs_inode)";
// The root's says no more than that it has taken over the lowers' attributes.
constexpr const char* kDropOrigins = "DELETE FROM fs_origin WHERE delta_ino <> 1";
constexpr const char* kHasParents =
    "SELECT count(*) FROM pragma_table_info('fs_whiteout') WHERE name = 'parent_path'";

std::int64_t number_of(vfs::NodeId node) { return static_cast<std::int64_t>(node); }

vfs::NodeId node_in(const Cursor& row) { return vfs::NodeId(row.integer(0)); }

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

Result<void> run(Connection& connection, const char* sql, std::int64_t number) {
  return connection.with(sql, [&](Cursor& row) { return row.bind(number).run(); });
}

/// Origins tell node numbers of the lowers, which are worth nothing when the lowers are others.
Result<void> check_lowers(Connection& connection, const std::string& lowers) {
  const std::string known =
      SEABAG_TRY(connection.ask("SELECT value FROM fs_config WHERE key = 'seabag_overlay_lowers'"));
  if (!lowers.empty() && known == lowers) {
    return {};
  }
  SEABAG_TRY(connection.execute(kDropOrigins));
  return connection.with(
      "INSERT INTO fs_config (key, value) VALUES ('seabag_overlay_lowers', ?)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      [&](Cursor& row) { return row.bind_text(lowers).run(); });
}

}  // namespace

Result<std::shared_ptr<SqliteOverlayRecords>> SqliteOverlayRecords::open(
    std::shared_ptr<SqliteFileSystem> files, const std::string& lowers) {
  bool has_parents = false;
  {
    auto turn = SEABAG_TRY(files->changing("open"));
    Connection& connection = files->store().connection();
    SEABAG_TRY(connection.execute(kMarks));
    SEABAG_TRY(connection.execute(kDropStale));
    SEABAG_TRY(check_lowers(connection, lowers));
    has_parents = SEABAG_TRY(connection.ask(kHasParents)) != "0";
    SEABAG_TRY(turn.commit());
  }
  return std::shared_ptr<SqliteOverlayRecords>(
      new SqliteOverlayRecords(std::move(files), has_parents));
}

Result<std::vector<vfs::OverlayChange>> SqliteOverlayRecords::load() {
  const auto turn = SEABAG_TRY(files_->reading("open"));
  Connection& connection = files_->store().connection();
  std::vector<vfs::OverlayChange> changes;
  // A whiteout that names no path below the root hides nothing.
  SEABAG_TRY(connection.for_each(
      "SELECT path FROM fs_whiteout WHERE substr(path, 1, 1) = '/' AND path <> '/' ORDER BY path",
      [&](const Cursor& row) {
        changes.push_back({.kind = Kind::hide, .path = std::string(row.text(0))});
      }));
  SEABAG_TRY(connection.for_each(
      "SELECT delta_ino, base_ino FROM fs_origin ORDER BY delta_ino", [&](const Cursor& row) {
        changes.push_back({.kind = Kind::origin,
                           .node = node_in(row),
                           .base = static_cast<std::uint64_t>(row.integer(1))});
      }));
  SEABAG_TRY(connection.for_each(
      "SELECT ino, path IS NULL, path FROM seabag_overlay ORDER BY ino", [&](const Cursor& row) {
        const bool is_opaque = row.integer(1) != 0;
        changes.push_back({.kind = is_opaque ? Kind::opaque : Kind::redirect,
                           .path = is_opaque ? std::string() : std::string(row.text(2)),
                           .node = node_in(row)});
      }));
  return changes;
}

Result<void> SqliteOverlayRecords::write(std::span<const vfs::OverlayChange> changes) {
  auto turn = SEABAG_TRY(files_->changing("overlay"));
  for (const vfs::OverlayChange& change : changes) {
    SEABAG_TRY(write_one(change));
  }
  return turn.commit();
}

Result<void> SqliteOverlayRecords::write_one(const vfs::OverlayChange& change) {
  Connection& connection = files_->store().connection();
  switch (change.kind) {
    case Kind::hide:
      return hide(change.path);
    case Kind::show:
      return connection.with("DELETE FROM fs_whiteout WHERE path = ?",
                             [&](Cursor& row) { return row.bind_text(change.path).run(); });
    case Kind::opaque:
    case Kind::redirect:
      return mark(change);
    case Kind::origin:
      return connection.with("INSERT OR REPLACE INTO fs_origin (delta_ino, base_ino) VALUES (?, ?)",
                             [&](Cursor& row) {
                               return row.bind(number_of(change.node))
                                   .bind(static_cast<std::int64_t>(change.base))
                                   .run();
                             });
    case Kind::forget:
      SEABAG_TRY(
          run(connection, "DELETE FROM seabag_overlay WHERE ino = ?", number_of(change.node)));
      return run(connection, "DELETE FROM fs_origin WHERE delta_ino = ?", number_of(change.node));
    case Kind::reset:
      return connection.execute(
          "DELETE FROM fs_whiteout; DELETE FROM fs_origin; DELETE FROM seabag_overlay");
  }
  return {};
}

Result<void> SqliteOverlayRecords::hide(const std::string& path) {
  // AgentFS lists whiteouts by their directory, where it has that column.
  const std::string parent = parent_of(path);
  const char* sql =
      has_parents_
          ? "INSERT OR REPLACE INTO fs_whiteout (path, created_at, parent_path) VALUES (?, ?, ?)"
          : "INSERT OR REPLACE INTO fs_whiteout (path, created_at) VALUES (?, ?)";
  return files_->store().connection().with(sql, [&](Cursor& row) {
    row.bind_text(path).bind(files_->now().seconds);
    return has_parents_ ? row.bind_text(parent).run() : row.run();
  });
}

Result<void> SqliteOverlayRecords::mark(const vfs::OverlayChange& change) {
  const bool is_opaque = change.kind == Kind::opaque;
  const char* sql = is_opaque ? "INSERT OR REPLACE INTO seabag_overlay (ino, path) VALUES (?, NULL)"
                              : "INSERT OR REPLACE INTO seabag_overlay (ino, path) VALUES (?, ?)";
  return files_->store().connection().with(sql, [&](Cursor& row) {
    row.bind(number_of(change.node));
    return is_opaque ? row.run() : row.bind_text(change.path).run();
  });
}

}  // namespace seabag::providers
