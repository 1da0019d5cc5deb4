#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "bridge.h"
#include "convert.h"
#include "seabag/vfs/clock.h"

/// The kernel has checked permissions, applied the umask and cleared setuid and setgid where they
/// have to go before any of these is called.
namespace seabag::mount {

namespace {

using vfs::NodeId;

vfs::NewTime new_time(const timespec& time, bool is_now) {
  if (is_now) {
    return vfs::NewTime::now();
  }
  return vfs::NewTime::at(
      {.seconds = time.tv_sec, .nanoseconds = static_cast<std::uint32_t>(time.tv_nsec)});
}

vfs::AttributeChanges changes_of(const struct stat& wanted, int set) {
  const auto has = [set](int flag) { return (set & flag) != 0; };
  vfs::AttributeChanges changes;
  if (has(FUSE_SET_ATTR_MODE)) {
    changes.mode = wanted.st_mode & 07777U;
  }
  if (has(FUSE_SET_ATTR_UID)) {
    changes.uid = wanted.st_uid;
  }
  if (has(FUSE_SET_ATTR_GID)) {
    changes.gid = wanted.st_gid;
  }
  if (has(FUSE_SET_ATTR_SIZE)) {
    changes.size = static_cast<std::uint64_t>(wanted.st_size);
  }
  if (has(FUSE_SET_ATTR_ATIME) || has(FUSE_SET_ATTR_ATIME_NOW)) {
    changes.accessed = new_time(wanted.st_atim, has(FUSE_SET_ATTR_ATIME_NOW));
  }
  if (has(FUSE_SET_ATTR_MTIME) || has(FUSE_SET_ATTR_MTIME_NOW)) {
    changes.modified = new_time(wanted.st_mtim, has(FUSE_SET_ATTR_MTIME_NOW));
  }
  return changes;
}

Result<vfs::Attributes> change(const Bridge& bridge, NodeId node, const struct stat& wanted,
                               int set) {
  vfs::AttributeChanges changes = changes_of(wanted, set);
  if ((set & ~FUSE_SET_ATTR_CTIME) == 0) {
    // chown(path, -1, -1) changes nothing but the change time: so does setting the same mode.
    changes.mode = SEABAG_TRY(bridge.files.attributes(node)).mode;
  }
  return bridge.writable->set_attributes(node, changes);
}

void set_attributes(fuse_req_t request, fuse_ino_t node, struct stat* wanted, int set,
                    fuse_file_info* /*info*/) {
  reply_attributes(request, change(bridge_of(request), NodeId{node}, *wanted, set));
}

vfs::NewNode new_node(fuse_req_t request, vfs::FileType type, mode_t mode) {
  const fuse_ctx* caller = fuse_req_ctx(request);
  return {.type = type, .mode = mode & 07777U, .uid = caller->uid, .gid = caller->gid};
}

void make_node(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device) {
  const auto type = file_type_of(mode);
  if (!type) {
    reply_error(request, type.error());
    return;
  }
  vfs::NewNode what = new_node(request, *type, mode);
  what.device = device;
  reply_entry(request, bridge_of(request).writable->create(NodeId{parent}, name, what));
}

void make_directory(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  const vfs::NewNode what = new_node(request, vfs::FileType::directory, mode);
  reply_entry(request, bridge_of(request).writable->create(NodeId{parent}, name, what));
}

void make_symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
  vfs::NewNode what = new_node(request, vfs::FileType::symlink, 0777);
  what.target = target;
  reply_entry(request, bridge_of(request).writable->create(NodeId{parent}, name, what));
}

// Before a name goes: when it is its node's last, what the kernel may still ask about is kept.
// Tells the node, if it was kept.
std::optional<NodeId> keep_last(Bridge& bridge, NodeId parent, std::string_view name) {
  auto last = bridge.files.lookup(parent, name);
  if (!last || (last->type != vfs::FileType::directory && last->links > 1)) {
    return std::nullopt;
  }
  if (last->type == vfs::FileType::regular) {
    auto file = bridge.files.open(last->node);
    if (!file) {
      return std::nullopt;
    }
    bridge.removed.keep(last->node, std::move(*file));
  } else {
    last->links = 0;
    last->changed = vfs::system_now();
    bridge.removed.keep(*last);
  }
  return last->node;
}

void remove(fuse_req_t request, NodeId parent, const char* name, vfs::RemoveKind kind) {
  Bridge& bridge = bridge_of(request);
  const auto kept = keep_last(bridge, parent, name);
  const auto removed = bridge.writable->remove(parent, name, kind);
  if (!removed && kept) {
    bridge.removed.forget(*kept);
  }
  reply_done(request, removed);
}

void unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
  remove(request, NodeId{parent}, name, vfs::RemoveKind::file);
}

void remove_directory(fuse_req_t request, fuse_ino_t parent, const char* name) {
  remove(request, NodeId{parent}, name, vfs::RemoveKind::directory);
}

void rename(fuse_req_t request, fuse_ino_t from, const char* from_name, fuse_ino_t to,
            const char* to_name, unsigned flags) {
  Bridge& bridge = bridge_of(request);
  if (flags != 0 && flags != RENAME_NOREPLACE && flags != RENAME_EXCHANGE) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  const auto mode = flags == 0                  ? vfs::RenameMode::replace
                    : flags == RENAME_NOREPLACE ? vfs::RenameMode::no_replace
                                                : vfs::RenameMode::exchange;
  const auto kept =
      mode == vfs::RenameMode::replace ? keep_last(bridge, NodeId{to}, to_name) : std::nullopt;
  const auto renamed = bridge.writable->rename(NodeId{from}, from_name, NodeId{to}, to_name, mode);
  if (!renamed && kept) {
    bridge.removed.forget(*kept);
  }
  reply_done(request, renamed);
}

void link(fuse_req_t request, fuse_ino_t node, fuse_ino_t parent, const char* name) {
  reply_entry(request, bridge_of(request).writable->link(NodeId{node}, NodeId{parent}, name));
}

void create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
            fuse_file_info* info) {
  Bridge& bridge = bridge_of(request);
  const auto made = bridge.writable->create(NodeId{parent}, name,
                                            new_node(request, vfs::FileType::regular, mode));
  if (!made) {
    reply_error(request, made.error());
    return;
  }
  auto file = bridge.writable->open_writable(made->node);
  if (!file) {
    reply_error(request, file.error());
    return;
  }
  vfs::WritableFile* writable = file->get();
  give_to_kernel({.file = std::move(*file), .writable = writable}, bridge, *info);
  const fuse_entry_param entry = entry_for(bridge, *made);
  if (fuse_reply_create(request, &entry, info) != 0) {
    bridge.open.close(open_file(info));  // the kernel did not take it
  }
}

vfs::WritableFile* writable_file(const fuse_file_info* info) {
  const OpenFile* open = open_file(info);
  return open == nullptr ? nullptr : open->writable;
}

void write(fuse_req_t request, fuse_ino_t /*node*/, const char* bytes, std::size_t size,
           off_t offset, fuse_file_info* info) {
  vfs::WritableFile* file = writable_file(info);
  if (file == nullptr) {
    fuse_reply_err(request, EBADF);
    return;
  }
  const auto count =
      file->write_at(std::as_bytes(std::span(bytes, size)), static_cast<std::uint64_t>(offset));
  if (!count) {
    reply_error(request, count.error());
  } else if (*count == 0 && size != 0) {
    fuse_reply_err(request, ENOSPC);
  } else {
    fuse_reply_write(request, *count);
  }
}

void sync_file(fuse_req_t request, fuse_ino_t /*node*/, int data_only, fuse_file_info* info) {
  vfs::WritableFile* file = writable_file(info);
  if (file == nullptr) {
    // Open for reading: fsync(2) is durable all the same.
    reply_done(request, bridge_of(request).writable->sync());
    return;
  }
  reply_done(request, file->sync(data_only != 0 ? vfs::SyncScope::data : vfs::SyncScope::all));
}

void sync_directory(fuse_req_t request, fuse_ino_t /*node*/, int /*data_only*/,
                    fuse_file_info* /*info*/) {
  reply_done(request, bridge_of(request).writable->sync());
}

std::optional<vfs::AllocateMode> allocate_mode(int flags) {
  switch (flags) {
    case 0:
      return vfs::AllocateMode::extend;
    case FALLOC_FL_KEEP_SIZE:
      return vfs::AllocateMode::keep_size;
    case FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE:
      return vfs::AllocateMode::punch_hole;
    case FALLOC_FL_ZERO_RANGE:
      return vfs::AllocateMode::zero_range;
    default:
      return std::nullopt;
  }
}

void allocate(fuse_req_t request, fuse_ino_t /*node*/, int flags, off_t offset, off_t length,
              fuse_file_info* info) {
  vfs::WritableFile* file = writable_file(info);
  const auto mode = allocate_mode(flags);
  if (file == nullptr || !mode) {
    fuse_reply_err(request, file == nullptr ? EBADF : EOPNOTSUPP);
    return;
  }
  reply_done(request, file->allocate(*mode, static_cast<std::uint64_t>(offset),
                                     static_cast<std::uint64_t>(length)));
}

void set_xattr(fuse_req_t request, fuse_ino_t node, const char* name, const char* value,
               std::size_t size, int flags) {
  const auto mode = (flags & XATTR_CREATE) != 0    ? vfs::XattrMode::create
                    : (flags & XATTR_REPLACE) != 0 ? vfs::XattrMode::replace
                                                   : vfs::XattrMode::any;
  reply_done(request, bridge_of(request).writable->set_xattr(NodeId{node}, name,
                                                             std::string_view(value, size), mode));
}

void remove_xattr(fuse_req_t request, fuse_ino_t node, const char* name) {
  reply_done(request, bridge_of(request).writable->remove_xattr(NodeId{node}, name));
}

}  // namespace

void add_write_operations(fuse_lowlevel_ops& operations) {
  operations.setattr = &set_attributes;
  operations.mknod = &make_node;
  operations.mkdir = &make_directory;
  operations.symlink = &make_symlink;
  operations.unlink = &unlink;
  operations.rmdir = &remove_directory;
  operations.rename = &rename;
  operations.link = &link;
  operations.create = &create;
  operations.write = &write;
  operations.fsync = &sync_file;
  operations.fsyncdir = &sync_directory;
  operations.fallocate = &allocate;
  operations.setxattr = &set_xattr;
  operations.removexattr = &remove_xattr;
}

}  // namespace seabag::mount
