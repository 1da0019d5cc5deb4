#include "queries.h"

#include <array>

#define SEABAG_INODE_COLUMNS                                                               \
  "i.ino, i.mode, i.nlink, i.uid, i.gid, i.size, i.rdev, i.atime, i.atime_nsec, i.mtime, " \
  "i.mtime_nsec, i.ctime, i.ctime_nsec"

namespace seabag::providers {

// One statement a case: a table, which reads better in one piece.
// NOLINTNEXTLINE(readability-function-size)
const char* text_of(Query query) {
  switch (query) {
    case Query::begin:
      return "BEGIN IMMEDIATE";
    case Query::begin_reading:
      return "BEGIN";
    case Query::begin_step:
      return "SAVEPOINT step";
    case Query::end_step:
      return "RELEASE step";
    case Query::undo_step:
      return "ROLLBACK TO step";
    case Query::data_version:
      return "PRAGMA data_version";
    case Query::commit:
      return "COMMIT";
    case Query::rollback:
      return "ROLLBACK";
    case Query::inode:
      return "SELECT " SEABAG_INODE_COLUMNS " FROM fs_inode i WHERE i.ino = ?";
    case Query::child:
      return "SELECT " SEABAG_INODE_COLUMNS
             ", d.id FROM fs_dentry d CROSS JOIN fs_inode i ON i.ino = d.ino"
             " WHERE d.parent_ino = ? AND d.name = ?";
    case Query::entry:
      return "SELECT id FROM fs_dentry WHERE parent_ino = ? AND name = ?";
    case Query::insert_inode:
      return "INSERT INTO fs_inode (mode, nlink, uid, gid, size, rdev, atime, atime_nsec, mtime,"
             " mtime_nsec, ctime, ctime_nsec) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    case Query::update_inode:
      return "UPDATE fs_inode SET mode = ?, nlink = ?, uid = ?, gid = ?, size = ?, rdev = ?,"
             " atime = ?, atime_nsec = ?, mtime = ?, mtime_nsec = ?, ctime = ?, ctime_nsec = ?"
             " WHERE ino = ?";
    case Query::touch_accessed:
      return "UPDATE fs_inode SET atime = ?, atime_nsec = ? WHERE ino = ?";
    case Query::touch_directory:
      return "UPDATE fs_inode SET nlink = nlink + ?1, mtime = ?2, mtime_nsec = ?3, ctime = ?2,"
             " ctime_nsec = ?3 WHERE ino = ?4";
    case Query::delete_inode:
      return "DELETE FROM fs_inode WHERE ino = ?";
    case Query::any_entry:
      return "SELECT 1 FROM fs_dentry WHERE parent_ino = ? LIMIT 1";
    case Query::parent_of:
      return "SELECT parent_ino FROM fs_dentry INDEXED BY seabag_dentry_ino WHERE ino = ? LIMIT 1";
    case Query::list:
      return "SELECT d.id, d.name, i.ino, i.mode"
             " FROM fs_dentry d INDEXED BY seabag_dentry_listing"
             " CROSS JOIN fs_inode i ON i.ino = d.ino"
             " WHERE d.parent_ino = ? AND d.id > ? ORDER BY d.id LIMIT ?";
    case Query::insert_entry:
      return "INSERT INTO fs_dentry (name, parent_ino, ino) VALUES (?, ?, ?)";
    case Query::rename_entry:
      return "UPDATE fs_dentry SET parent_ino = ?, name = ? WHERE id = ?";
    case Query::retarget_entry:
      return "UPDATE fs_dentry SET ino = ? WHERE id = ?";
    case Query::delete_entry:
      return "DELETE FROM fs_dentry WHERE id = ?";
    case Query::target:
      return "SELECT target FROM fs_symlink WHERE ino = ?";
    case Query::insert_target:
      return "INSERT INTO fs_symlink (ino, target) VALUES (?, ?)";
    case Query::delete_target:
      return "DELETE FROM fs_symlink WHERE ino = ?";
    case Query::chunk:
      return "SELECT data FROM fs_data WHERE ino = ? AND chunk_index = ?";
    case Query::put_chunk:
      return "INSERT INTO fs_data (ino, chunk_index, data) VALUES (?, ?, ?)"
             " ON CONFLICT (ino, chunk_index) DO UPDATE SET data = excluded.data";
    case Query::put_zero_chunk:
      return "INSERT INTO fs_data (ino, chunk_index, data) VALUES (?, ?, zeroblob(?))"
             " ON CONFLICT (ino, chunk_index) DO NOTHING";
    case Query::cut_chunk:
      return "UPDATE fs_data SET data = substr(data, 1, ?3)"
             " WHERE ino = ?1 AND chunk_index = ?2 AND length(data) > ?3";
    case Query::delete_chunks:
      return "DELETE FROM fs_data WHERE ino = ? AND chunk_index >= ? AND chunk_index < ?";
    case Query::count_chunks:
      return "SELECT count(*) FROM fs_data WHERE ino = ?";
    case Query::chunks_from:
      return "SELECT chunk_index FROM fs_data WHERE ino = ? AND chunk_index >= ?"
             " ORDER BY chunk_index";
    case Query::insert_orphan:
      return "INSERT OR IGNORE INTO seabag_orphan (ino) VALUES (?)";
    case Query::delete_orphan:
      return "DELETE FROM seabag_orphan WHERE ino = ?";
    case Query::orphans:
      return "SELECT ino, EXISTS (SELECT 1 FROM fs_dentry d WHERE d.ino = o.ino)"
             " FROM seabag_orphan o";
    case Query::insert_padded:
      return "INSERT OR IGNORE INTO seabag_padded (ino) VALUES (?)";
    case Query::delete_padded:
      return "DELETE FROM seabag_padded WHERE ino = ?";
    case Query::padded:
      return "SELECT ino FROM seabag_padded";
    case Query::xattr:
      return "SELECT value FROM seabag_xattr WHERE ino = ? AND name = ?";
    case Query::xattrs:
      return "SELECT name FROM seabag_xattr WHERE ino = ? ORDER BY name";
    case Query::put_xattr:
      return "INSERT INTO seabag_xattr (ino, name, value) VALUES (?, ?, ?)"
             " ON CONFLICT (ino, name) DO UPDATE SET value = excluded.value";
    case Query::delete_xattr:
      return "DELETE FROM seabag_xattr WHERE ino = ? AND name = ?";
    case Query::delete_xattrs:
      return "DELETE FROM seabag_xattr WHERE ino = ?";
    case Query::count_inodes:
      return "SELECT count(*) FROM fs_inode";
  }
  return "";
}

}  // namespace seabag::providers
