#include <utility>

#include "file.h"
#include "file_system.h"
#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::providers {

using vfs::FileType;

Result<Inode> SqliteFileSystem::parent_for(vfs::NodeId node) {
  const auto inode = SEABAG_TRY(store_.inode(static_cast<std::int64_t>(node)));
  if (!inode) {
    return fail(std::errc::no_such_file_or_directory, "the directory was removed");
  }
  if (!inode->is_directory()) {
    return fail(std::errc::not_a_directory);
  }
  return *inode;
}

Result<Inode> SqliteFileSystem::insert_node(const vfs::NewNode& what, const Inode& parent,
                                            std::uint64_t links) {
  const vfs::NewOwner owner = vfs::inherit_group(what, parent.mode, parent.gid);
  const bool is_device =
      what.type == FileType::character_device || what.type == FileType::block_device;
  const vfs::Timestamp present = now();
  Inode inode{.type = what.type,
              .mode = owner.mode,
              .links = links,
              .uid = what.uid,
              .gid = owner.gid,
              .size = what.type == FileType::symlink ? what.target.size() : 0,
              .device = is_device ? what.device : 0,
              .accessed = present,
              .modified = present,
              .changed = present};
  SEABAG_TRY(store_.insert_inode(inode));
  if (what.type == FileType::symlink) {
    SEABAG_TRY(
        connection_->use(Query::insert_target).bind(inode.number).bind_text(what.target).run());
  }
  return inode;
}

Result<vfs::Attributes> SqliteFileSystem::create(vfs::NodeId parent, std::string_view name,
                                                 const vfs::NewNode& what) {
  if (what.type == FileType::symlink) {
    SEABAG_TRY(vfs::check_link_target(what.target, "symlink"));
  }
  SEABAG_TRY(vfs::check_name(name, "create"));
  auto turn = SEABAG_TRY(changing("create"));
  const Inode directory = SEABAG_TRY(parent_for(parent));
  if (SEABAG_TRY(store_.has_entry(directory.number, name))) {
    return fail(std::errc::file_exists);
  }
  const bool is_directory = what.type == FileType::directory;
  const Inode inode = SEABAG_TRY(insert_node(what, directory, is_directory ? 2 : 1));
  SEABAG_TRY(store_.insert_entry(directory.number, name, inode.number));
  SEABAG_TRY(store_.touch_directory(directory.number, is_directory ? 1 : 0, inode.changed));
  SEABAG_TRY(turn.commit());
  return describe(inode);
}

Result<std::unique_ptr<vfs::WritableFile>> SqliteFileSystem::create_unnamed(
    vfs::NodeId directory, const vfs::NewNode& what) {
  if (what.type != FileType::regular) {
    return make_error(std::errc::invalid_argument, "create", {},
                      "only regular files can be without a name");
  }
  auto turn = SEABAG_TRY(changing("create"));
  const Inode parent = SEABAG_TRY(parent_for(directory));
  const Inode inode = SEABAG_TRY(insert_node(what, parent, 0));
  SEABAG_TRY(connection_->use(Query::insert_orphan).bind(inode.number).run());
  SEABAG_TRY(session_->locks().hold(inode.number));
  SEABAG_TRY(turn.commit());
  open_nodes_[inode.node()] = {.opens = 1, .is_unnamed = true};
  return std::unique_ptr<vfs::WritableFile>(std::make_unique<SqliteFile>(*this, inode.node()));
}

Result<vfs::Attributes> SqliteFileSystem::link(vfs::NodeId node, vfs::NodeId parent,
                                               std::string_view name) {
  SEABAG_TRY(vfs::check_name(name, "link"));
  auto turn = SEABAG_TRY(changing("link"));
  Inode inode = SEABAG_TRY(existing(node));
  const Inode directory = SEABAG_TRY(parent_for(parent));
  if (SEABAG_TRY(store_.has_entry(directory.number, name))) {
    return fail(std::errc::file_exists);
  }
  if (inode.is_directory()) {
    return fail(std::errc::operation_not_permitted, "a directory has one name only");
  }
  const auto open_node = open_nodes_.find(node);
  const bool is_unnamed = open_node != open_nodes_.end() && open_node->second.is_unnamed;
  if (inode.links == 0 && !is_unnamed) {
    return fail(std::errc::no_such_file_or_directory, "the file was removed");
  }
  inode.links += 1;
  inode.changed = now();
  SEABAG_TRY(store_.update_inode(inode));
  SEABAG_TRY(store_.insert_entry(directory.number, name, inode.number));
  SEABAG_TRY(store_.touch_directory(directory.number, 0, inode.changed));
  if (is_unnamed) {
    SEABAG_TRY(connection_->use(Query::delete_orphan).bind(inode.number).run());
  }
  SEABAG_TRY(turn.commit());
  if (is_unnamed) {
    open_node->second.is_unnamed = false;
  }
  return describe(inode);
}

Result<void> SqliteFileSystem::remove(vfs::NodeId parent, std::string_view name,
                                      vfs::RemoveKind kind) {
  const bool is_rmdir = kind == vfs::RemoveKind::directory;
  SEABAG_TRY(vfs::check_name(name, is_rmdir ? "rmdir" : "unlink"));
  auto turn = SEABAG_TRY(changing(is_rmdir ? "rmdir" : "unlink"));
  const Inode directory = SEABAG_TRY(parent_for(parent));
  const auto child = SEABAG_TRY(store_.child(directory.number, name));
  if (!child) {
    return fail(std::errc::no_such_file_or_directory);
  }
  if (is_rmdir != child->inode.is_directory()) {
    return fail(is_rmdir ? std::errc::not_a_directory : std::errc::is_a_directory);
  }
  if (is_rmdir && SEABAG_TRY(store_.has_entries(child->inode.number))) {
    return fail(std::errc::directory_not_empty);
  }
  const vfs::Timestamp present = now();
  SEABAG_TRY(connection_->use(Query::delete_entry).bind(child->entry).run());
  SEABAG_TRY(store_.touch_directory(directory.number, is_rmdir ? -1 : 0, present));
  SEABAG_TRY(unlink_node(child->inode, present));
  SEABAG_TRY(turn.commit());
  finish_left_open();
  return {};
}

Result<void> SqliteFileSystem::unlink_node(Inode inode, vfs::Timestamp when) {
  inode.links = inode.is_directory() || inode.links == 0 ? 0 : inode.links - 1;
  inode.changed = when;
  const bool is_open_here = open_nodes_.contains(inode.node());
  if (inode.links == 0 && !is_open_here && session_->locks().take(inode.number)) {
    content_.forget(inode.number);
    return store_.delete_inode(inode.number);
  }
  if (inode.links == 0) {
    left_open_ = is_open_here ? 0 : inode.number;
    SEABAG_TRY(connection_->use(Query::insert_orphan).bind(inode.number).run());
  }
  return store_.update_inode(inode);
}

}  // namespace seabag::providers
