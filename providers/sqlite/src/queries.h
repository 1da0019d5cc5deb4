#pragma once

#include <cstddef>
#include <cstdint>

namespace seabag::providers {

/// The statements that the file system is made of, each prepared once.
enum class Query : std::uint8_t {
  begin,
  begin_reading,
  begin_step,
  end_step,
  undo_step,
  data_version,
  commit,
  rollback,
  inode,
  child,
  entry,
  insert_inode,
  update_inode,
  touch_accessed,
  touch_directory,
  delete_inode,
  any_entry,
  parent_of,
  list,
  insert_entry,
  rename_entry,
  retarget_entry,
  delete_entry,
  target,
  insert_target,
  delete_target,
  chunk,
  put_chunk,
  put_zero_chunk,
  cut_chunk,
  delete_chunks,
  count_chunks,
  chunks_from,
  insert_orphan,
  delete_orphan,
  orphans,
  insert_padded,
  delete_padded,
  padded,
  xattr,
  xattrs,
  put_xattr,
  delete_xattr,
  delete_xattrs,
  count_inodes,
};
inline constexpr std::size_t kQueryCount = static_cast<std::size_t>(Query::count_inodes) + 1;

/// Its SQL.
[[nodiscard]] const char* text_of(Query query);

}  // namespace seabag::providers
