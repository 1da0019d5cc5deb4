#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bridge.h"
#include "convert.h"

namespace seabag::mount {

namespace {

using vfs::NodeId;

void lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  const Bridge& bridge = bridge_of(request);
  const auto found = bridge.files.lookup(NodeId{parent}, name);
  if (!found && found.error().is(std::errc::no_such_file_or_directory) &&
      bridge.is_cached_without_limit()) {
    fuse_entry_param missing{};
    missing.entry_timeout = bridge.validity();
    fuse_reply_entry(request, &missing);
    return;
  }
  reply_entry(request, found);
}

void forget(fuse_req_t request, fuse_ino_t node, std::uint64_t /*lookups*/) {
  bridge_of(request).removed.forget(NodeId{node});
  fuse_reply_none(request);
}

void forget_several(fuse_req_t request, std::size_t count, fuse_forget_data* forgotten) {
  for (const fuse_forget_data& one : std::span(forgotten, count)) {
    bridge_of(request).removed.forget(NodeId{one.ino});
  }
  fuse_reply_none(request);
}

void get_attributes(fuse_req_t request, fuse_ino_t node, fuse_file_info* info) {
  const OpenFile* open = open_file(info);
  reply_attributes(request, open != nullptr ? open->file->attributes()
                                            : bridge_of(request).attributes(NodeId{node}));
}

void read_link(fuse_req_t request, fuse_ino_t node) {
  const auto target = bridge_of(request).files.read_link(NodeId{node});
  if (!target) {
    reply_error(request, target.error());
    return;
  }
  fuse_reply_readlink(request, target->c_str());
}

Result<OpenFile> open_node(const Bridge& bridge, NodeId node, int flags) {
  if ((flags & O_ACCMODE) == O_RDONLY || bridge.writable == nullptr) {
    return OpenFile{.file = SEABAG_TRY(bridge.files.open(node))};
  }
  auto file = SEABAG_TRY(bridge.writable->open_writable(node));
  vfs::WritableFile* writable = file.get();
  return OpenFile{.file = std::move(file), .writable = writable};
}

void open(fuse_req_t request, fuse_ino_t node, fuse_file_info* info) {
  Bridge& bridge = bridge_of(request);
  auto file = open_node(bridge, NodeId{node}, info->flags);
  if (!file) {
    reply_error(request, file.error());
    return;
  }
  give_to_kernel(std::move(*file), bridge, *info);
  if (fuse_reply_open(request, info) != 0) {
    bridge.open.close(open_file(info));  // the kernel did not take it
  }
}

void release(fuse_req_t request, fuse_ino_t /*node*/, fuse_file_info* info) {
  bridge_of(request).open.close(open_file(info));
  fuse_reply_err(request, 0);
}

// The kernel opens and closes without asking, after this one answer.
void open_without_asking(fuse_req_t request, fuse_ino_t /*node*/, fuse_file_info* /*info*/) {
  fuse_reply_err(request, ENOSYS);
}

Result<std::size_t> read_node(const Bridge& bridge, NodeId node, std::span<std::byte> buffer,
                              std::uint64_t offset) {
  const auto file = SEABAG_TRY(bridge.files.open(node));
  return file->read_at(buffer, offset);
}

void read(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset,
          fuse_file_info* info) {
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(size);
  const std::span<std::byte> room(buffer.get(), size);
  const auto from = static_cast<std::uint64_t>(offset);
  const OpenFile* open = open_file(info);
  const auto count = open != nullptr ? open->file->read_at(room, from)
                                     : read_node(bridge_of(request), NodeId{node}, room, from);
  if (!count) {
    reply_error(request, count.error());
    return;
  }
  fuse_reply_buf(request, reinterpret_cast<const char*>(buffer.get()), *count);
}

void seek(fuse_req_t request, fuse_ino_t /*node*/, off_t offset, int whence, fuse_file_info* info) {
  const OpenFile* open = open_file(info);
  if (open == nullptr || (whence != SEEK_DATA && whence != SEEK_HOLE)) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  const auto kind = whence == SEEK_DATA ? vfs::ExtentKind::data : vfs::ExtentKind::hole;
  const auto found = open->file->find_extent(kind, static_cast<std::uint64_t>(offset));
  if (!found) {
    reply_error(request, found.error());
    return;
  }
  fuse_reply_lseek(request, static_cast<off_t>(*found));
}

enum class ListKind { names, with_attributes };

// The answer to one readdir: rows until the room that the kernel offers is full. The kernel's
// offsets 1 and 2 are `.` and `..`; a provider's cookies follow.
class Rows {
 public:
  Rows(fuse_req_t request, ListKind kind, std::size_t room)
      : request_(request), kind_(kind), bytes_(room) {}

  // False when there is no more room.
  bool add_dot(const char* name, fuse_ino_t inode, off_t offset) {
    struct stat status {};
    status.st_ino = inode;
    status.st_mode = S_IFDIR;
    return add(name, {.attr = status}, offset);
  }

  bool add(const vfs::DirectoryEntry& entry) {
    fuse_entry_param row{};
    row.attr.st_ino = entry.inode;
    row.attr.st_mode = file_type_bits(entry.type);
    if (kind_ == ListKind::with_attributes) {
      const Bridge& bridge = bridge_of(request_);
      // A node that is gone by now is told by its name alone.
      if (const auto attributes = bridge.files.attributes(entry.node)) {
        row = entry_for(bridge, *attributes);
      }
    }
    return add(entry.name.c_str(), row, static_cast<off_t>(entry.cookie + kDots));
  }

  void reply() const { fuse_reply_buf(request_, bytes_.data(), used_); }

  static constexpr std::uint64_t kDots = 2;

 private:
  bool add(const char* name, const fuse_entry_param& row, off_t offset) {
    char* place = bytes_.data() + used_;
    const std::size_t left = bytes_.size() - used_;
    const std::size_t size =
        kind_ == ListKind::names
            ? fuse_add_direntry(request_, place, left, name, &row.attr, offset)
            : fuse_add_direntry_plus(request_, place, left, name, &row, offset);
    if (size > left) {
      return false;
    }
    used_ += size;
    return true;
  }

  fuse_req_t request_;
  ListKind kind_;
  std::vector<char> bytes_;
  std::size_t used_ = 0;
};

// About as many entries as the room can hold: a row without attributes has 24 bytes and the name,
// one with them 152.
std::size_t rows_in(std::size_t room, ListKind kind) {
  const std::size_t smallest = kind == ListKind::names ? 32 : 160;
  return std::max<std::size_t>(room / smallest, 1);
}

Result<void> fill(const Bridge& bridge, NodeId directory, std::uint64_t offset, std::size_t limit,
                  Rows& rows) {
  if (offset < 1 && !rows.add_dot(".", static_cast<fuse_ino_t>(directory), 1)) {
    return {};
  }
  // Which directory it is in, only the kernel knows.
  if (offset < 2 && !rows.add_dot("..", std::numeric_limits<std::uint32_t>::max(), 2)) {
    return {};
  }
  const std::uint64_t cookie = offset > Rows::kDots ? offset - Rows::kDots : 0;
  for (const vfs::DirectoryEntry& entry : SEABAG_TRY(bridge.files.list(directory, cookie, limit))) {
    if (!rows.add(entry)) {
      break;
    }
  }
  return {};
}

void list(fuse_req_t request, fuse_ino_t directory, std::size_t room, off_t offset, ListKind kind) {
  Rows rows(request, kind, room);
  const auto filled = fill(bridge_of(request), NodeId{directory},
                           static_cast<std::uint64_t>(offset), rows_in(room, kind), rows);
  if (!filled) {
    reply_error(request, filled.error());
    return;
  }
  rows.reply();
}

void list_names(fuse_req_t request, fuse_ino_t directory, std::size_t room, off_t offset,
                fuse_file_info* /*info*/) {
  list(request, directory, room, offset, ListKind::names);
}

void list_with_attributes(fuse_req_t request, fuse_ino_t directory, std::size_t room, off_t offset,
                          fuse_file_info* /*info*/) {
  list(request, directory, room, offset, ListKind::with_attributes);
}

void statistics(fuse_req_t request, fuse_ino_t /*node*/) {
  const auto known = bridge_of(request).files.statistics();
  if (!known) {
    reply_error(request, known.error());
    return;
  }
  struct statvfs answer {};
  answer.f_bsize = known->block_size;
  answer.f_frsize = known->block_size;
  answer.f_blocks = known->blocks;
  answer.f_bfree = known->blocks_free;
  answer.f_bavail = known->blocks_free;
  answer.f_files = known->nodes;
  answer.f_ffree = known->nodes_free;
  answer.f_favail = known->nodes_free;
  answer.f_namemax = vfs::kMaxNameLength;
  fuse_reply_statfs(request, &answer);
}

// A room of 0 asks for the size.
void reply_text(fuse_req_t request, const Result<std::string>& text, std::size_t room) {
  if (!text) {
    reply_error(request, text.error());
  } else if (room == 0) {
    fuse_reply_xattr(request, text->size());
  } else if (text->size() > room) {
    fuse_reply_err(request, ERANGE);
  } else {
    fuse_reply_buf(request, text->data(), text->size());
  }
}

void get_xattr(fuse_req_t request, fuse_ino_t node, const char* name, std::size_t room) {
  reply_text(request, bridge_of(request).files.xattr(NodeId{node}, name), room);
}

Result<std::string> xattr_names(const Bridge& bridge, NodeId node) {
  std::string text;
  for (const std::string& name : SEABAG_TRY(bridge.files.xattrs(node))) {
    text.append(name).push_back('\0');
  }
  return text;
}

void list_xattrs(fuse_req_t request, fuse_ino_t node, std::size_t room) {
  reply_text(request, xattr_names(bridge_of(request), NodeId{node}), room);
}

}  // namespace

void add_read_operations(fuse_lowlevel_ops& operations, const Bridge& bridge) {
  operations.lookup = &lookup;
  operations.forget = &forget;
  operations.forget_multi = &forget_several;
  operations.getattr = &get_attributes;
  operations.readlink = &read_link;
  operations.read = &read;
  operations.readdir = &list_names;
  operations.readdirplus = &list_with_attributes;
  operations.statfs = &statistics;
  if (bridge.is_immutable()) {
    operations.open = &open_without_asking;
    operations.opendir = &open_without_asking;
  } else {
    operations.open = &open;
    operations.release = &release;
    operations.lseek = &seek;
  }
  // Where there are none, libfuse's own answer (ENOSYS) makes the kernel stop asking.
  if (bridge.files.capabilities().extended_attributes) {
    operations.getxattr = &get_xattr;
    operations.listxattr = &list_xattrs;
  }
}

}  // namespace seabag::mount
