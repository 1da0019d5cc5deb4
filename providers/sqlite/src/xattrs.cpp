#include "file_system.h"
#include "seabag/vfs/rules.h"

namespace seabag::providers {

Result<std::string> SqliteFileSystem::xattr(vfs::NodeId node, std::string_view name) {
  const auto turn = SEABAG_TRY(reading("getxattr"));
  const Inode inode = SEABAG_TRY(existing(node));
  Cursor row = connection_->use(Query::xattr);
  if (!SEABAG_TRY(row.bind(inode.number).bind_text(name).next())) {
    return fail(kNoAttribute);
  }
  const std::span<const std::byte> value = row.blob(0);
  return std::string(static_cast<const char*>(static_cast<const void*>(value.data())),
                     value.size());
}

Result<std::vector<std::string>> SqliteFileSystem::xattrs(vfs::NodeId node) {
  const auto turn = SEABAG_TRY(reading("listxattr"));
  const Inode inode = SEABAG_TRY(existing(node));
  std::vector<std::string> names;
  Cursor row = connection_->use(Query::xattrs);
  row.bind(inode.number);
  while (SEABAG_TRY(row.next())) {
    names.emplace_back(row.text(0));
  }
  return names;
}

Result<void> SqliteFileSystem::set_xattr(vfs::NodeId node, std::string_view name,
                                         std::string_view value, vfs::XattrMode mode) {
  auto turn = SEABAG_TRY(changing("setxattr"));
  const Inode inode = SEABAG_TRY(existing(node));
  SEABAG_TRY(vfs::check_xattr_value(inode.type, name, value, "setxattr"));
  const bool is_there =
      SEABAG_TRY(connection_->use(Query::xattr).bind(inode.number).bind_text(name).next());
  if (is_there && mode == vfs::XattrMode::create) {
    return fail(std::errc::file_exists);
  }
  if (!is_there && mode == vfs::XattrMode::replace) {
    return fail(kNoAttribute);
  }
  SEABAG_TRY(connection_->use(Query::put_xattr)
                 .bind(inode.number)
                 .bind_text(name)
                 .bind_blob(std::as_bytes(std::span(value)))
                 .run());
  SEABAG_TRY(touch_changed(inode, now()));
  return turn.commit();
}

Result<void> SqliteFileSystem::remove_xattr(vfs::NodeId node, std::string_view name) {
  auto turn = SEABAG_TRY(changing("removexattr"));
  const Inode inode = SEABAG_TRY(existing(node));
  SEABAG_TRY(connection_->use(Query::delete_xattr).bind(inode.number).bind_text(name).run());
  if (connection_->changes() == 0) {
    return fail(kNoAttribute);
  }
  SEABAG_TRY(touch_changed(inode, now()));
  return turn.commit();
}

}  // namespace seabag::providers
