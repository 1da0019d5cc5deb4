#include "check_rules.h"

#include <array>

namespace seabag::providers {
namespace {

// S_IFMT is 61440; S_IFDIR 16384, S_IFREG 32768, S_IFLNK 40960; S_IFIFO 4096, S_IFCHR 8192,
// S_IFBLK 24576, S_IFSOCK 49152. A name is 1 to 255 bytes, which CAST makes length() count.
#define SEABAG_DIRECTORIES "SELECT ino FROM fs_inode WHERE (mode & 61440) = 16384"
#define SEABAG_ORPHANS                                                                           \
  "ino <> 1 AND nlink = 0 AND ino NOT IN (SELECT ino FROM fs_dentry) AND ino NOT IN (SELECT ino" \
  " FROM seabag_held)"
#define SEABAG_LINKS                                                                            \
  "CASE WHEN (mode & 61440) = 16384 THEN 2 + (SELECT count(*) FROM fs_dentry d JOIN fs_inode c" \
  " ON c.ino = d.ino WHERE d.parent_ino = n.ino AND (c.mode & 61440) = 16384)"                  \
  " ELSE (SELECT count(*) FROM fs_dentry d WHERE d.ino = n.ino) END"
#define SEABAG_BAD_NODE                                                                      \
  "(mode & 61440) NOT IN (4096, 8192, 16384, 24576, 32768, 40960, 49152) OR size < 0"        \
  " OR typeof(size) <> 'integer' OR typeof(mode) <> 'integer' OR typeof(nlink) <> 'integer'" \
  " OR nlink NOT BETWEEN 0 AND 4294967295 OR uid NOT BETWEEN 0 AND 4294967295"               \
  " OR gid NOT BETWEEN 0 AND 4294967295"
#define SEABAG_BAD_NAME                                                                       \
  "typeof(name) <> 'text' OR name IN ('', '.', '..') OR instr(CAST(name AS BLOB), x'2f') > 0" \
  " OR instr(CAST(name AS BLOB), x'00') > 0 OR length(CAST(name AS BLOB)) > 255"
#define SEABAG_STRAY_CHUNK \
  "ino NOT IN (SELECT ino FROM fs_inode WHERE (mode & 61440) = 32768) OR chunk_index < 0"
#define SEABAG_LATE_CHUNK                                                                  \
  "FROM fs_data d CROSS JOIN seabag_chunk c CROSS JOIN fs_inode i ON i.ino = d.ino"        \
  " WHERE d.ino NOT IN (SELECT ino FROM seabag_held) AND (d.chunk_index > i.size / c.size" \
  " OR length(d.data) > min(c.size, i.size - d.chunk_index * c.size))"
#define SEABAG_LOST_ROWS                                                                           \
  "SELECT 'fs_symlink' AS t, ino FROM fs_symlink WHERE ino NOT IN (SELECT ino FROM fs_inode WHERE" \
  " (mode & 61440) = 40960) UNION ALL SELECT 'seabag_xattr', ino FROM seabag_xattr WHERE ino"      \
  " NOT IN (SELECT ino FROM fs_inode) UNION ALL SELECT 'seabag_orphan', ino FROM seabag_orphan"    \
  " WHERE ino NOT IN (SELECT ino FROM fs_inode)"

constexpr std::array kRules{
    CheckRule{"a node whose row makes no sense",
              "SELECT 'node ' || ino FROM fs_inode WHERE " SEABAG_BAD_NODE,
              "UPDATE fs_inode SET mode = (CAST(mode AS INTEGER) & 4095) | CASE WHEN"
              " (CAST(mode AS INTEGER) & 61440) IN (4096, 8192, 16384, 24576, 32768, 40960, 49152)"
              " THEN CAST(mode AS INTEGER) & 61440 ELSE 32768 END,"
              " size = max(0, CAST(size AS INTEGER)), nlink = 1,"
              " uid = min(max(0, CAST(uid AS INTEGER)), 4294967295),"
              " gid = min(max(0, CAST(gid AS INTEGER)), 4294967295) WHERE " SEABAG_BAD_NODE},
    CheckRule{"an entry that leads nowhere",
              "SELECT quote(name) || ' in directory ' || parent_ino FROM fs_dentry"
              " WHERE ino NOT IN (SELECT ino FROM fs_inode) OR ino = 1",
              "DELETE FROM fs_dentry WHERE ino NOT IN (SELECT ino FROM fs_inode) OR ino = 1"},
    CheckRule{"an entry of something that is no directory",
              "SELECT quote(name) || ' in ' || parent_ino FROM fs_dentry WHERE parent_ino NOT IN"
              " (" SEABAG_DIRECTORIES ")",
              "DELETE FROM fs_dentry WHERE parent_ino NOT IN (" SEABAG_DIRECTORIES ")"},
    CheckRule{"a name that is none",
              "SELECT 'entry ' || id || ' in directory ' || parent_ino FROM fs_dentry"
              " WHERE " SEABAG_BAD_NAME,
              "UPDATE fs_dentry SET name = '#name-' || id WHERE " SEABAG_BAD_NAME},
    CheckRule{"a directory with several names",
              "SELECT 'directory ' || ino || ' as ' || quote(name) FROM fs_dentry"
              " WHERE ino IN (" SEABAG_DIRECTORIES ")"
              " AND id > (SELECT min(id) FROM fs_dentry o WHERE o.ino = fs_dentry.ino)",
              "DELETE FROM fs_dentry WHERE ino IN (" SEABAG_DIRECTORIES ")"
              " AND id > (SELECT min(id) FROM fs_dentry o WHERE o.ino = fs_dentry.ino)"},
    CheckRule{"a symlink without a target",
              "SELECT 'symlink ' || ino FROM fs_inode WHERE (mode & 61440) = 40960"
              " AND ino NOT IN (SELECT ino FROM fs_symlink)",
              "DELETE FROM fs_dentry WHERE ino IN (SELECT ino FROM fs_inode WHERE"
              " (mode & 61440) = 40960 AND ino NOT IN (SELECT ino FROM fs_symlink));"
              "DELETE FROM fs_inode WHERE (mode & 61440) = 40960"
              " AND ino NOT IN (SELECT ino FROM fs_symlink)"},
    CheckRule{"an orphan that nobody has open",
              "SELECT 'node ' || ino FROM fs_inode WHERE " SEABAG_ORPHANS,
              "DELETE FROM fs_inode WHERE " SEABAG_ORPHANS},
    CheckRule{"a row that belongs to no node",
              "SELECT t || ' of ' || ino FROM (" SEABAG_LOST_ROWS ")",
              "DELETE FROM fs_symlink WHERE ino NOT IN (SELECT ino FROM fs_inode WHERE"
              " (mode & 61440) = 40960);"
              "DELETE FROM seabag_xattr WHERE ino NOT IN (SELECT ino FROM fs_inode);"
              "DELETE FROM seabag_orphan WHERE ino NOT IN (SELECT ino FROM fs_inode)"},
    CheckRule{"a chunk of something that is no file",
              "SELECT 'chunk ' || chunk_index || ' of ' || ino FROM fs_data"
              " WHERE " SEABAG_STRAY_CHUNK,
              "DELETE FROM fs_data WHERE " SEABAG_STRAY_CHUNK},
    CheckRule{"content behind the end of a file",
              "SELECT 'chunk ' || d.chunk_index || ' of ' || d.ino " SEABAG_LATE_CHUNK,
              "UPDATE fs_data SET data = substr(data, 1, (SELECT max(0, min(c.size, i.size -"
              " fs_data.chunk_index * c.size)) FROM fs_inode i CROSS JOIN seabag_chunk c"
              " WHERE i.ino = fs_data.ino)) WHERE rowid IN (SELECT d.rowid " SEABAG_LATE_CHUNK ");"
              "DELETE FROM fs_data WHERE length(data) = 0;"
              "DELETE FROM seabag_padded WHERE ino NOT IN (SELECT ino FROM seabag_held)"},
};

constexpr CheckRule kLinkRule{
    "a wrong number of links",
    "SELECT 'node ' || ino || ' has ' || nlink || ' for ' || links FROM (SELECT ino, nlink, "
    "mode, " SEABAG_LINKS
    " AS links FROM fs_inode n) WHERE nlink <> links"
    " AND NOT (ino = 1 AND nlink = links - 1) AND ino NOT IN (SELECT ino FROM seabag_held)",
    "UPDATE fs_inode AS n SET nlink = " SEABAG_LINKS
    " WHERE ino NOT IN (SELECT ino FROM seabag_held)"};

}  // namespace

std::span<const CheckRule> check_rules() { return kRules; }

const CheckRule& link_rule() { return kLinkRule; }

const char* const kUnreachable =
    "WITH RECURSIVE reached (ino) AS (SELECT 1 UNION SELECT d.ino FROM fs_dentry d"
    " JOIN reached r ON d.parent_ino = r.ino)"
    " SELECT ino, ino NOT IN (SELECT ino FROM fs_dentry) AS is_top FROM fs_inode"
    " WHERE ino NOT IN (SELECT ino FROM reached) AND ino NOT IN (SELECT ino FROM seabag_held)"
    " ORDER BY 2 DESC, 1";

}  // namespace seabag::providers
