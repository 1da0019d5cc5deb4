#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "call.h"
#include "memory_file.h"
#include "seabag/vfs/rules.h"

namespace seabag::intercept {

namespace {

constexpr std::uint32_t kTicketMode = 01555;

bool writes(std::uint32_t flags) { return (flags & O_ACCMODE) != O_RDONLY; }

Error failed(std::errc condition) { return make_error(condition, "open"); }

// Something in place of a directory: a real descriptor that says which one it is.
Result<void> open_directory(const Call& call, const Spot& spot) {
  const std::uint32_t flags = call.request.flags;
  if (writes(flags) || (flags & O_CREAT) != 0) {
    return failed(std::errc::is_a_directory);
  }
  if (spot.kind == Spot::Kind::node && (flags & O_PATH) == 0) {
    SEABAG_TRY(check_permission(call.asker, spot.attributes, kRead));
  }
  const DirectoryTicket ticket{.magic = DirectoryTicket::kMagic,
                               .moment = call.host.moment(),
                               .length = static_cast<std::uint32_t>(spot.path.size()),
                               .unused = 0};
  std::string bytes(reinterpret_cast<const char*>(&ticket), sizeof(ticket));
  bytes += spot.path;
  const Descriptor file = SEABAG_TRY(make_sealed_file(bytes, kTicketMode));
  const int kept = static_cast<int>(flags) & O_CLOEXEC;
  call.reply.descriptor = SEABAG_TRY(reopen(file.get(), O_RDONLY | kept)).release();
  call.reply.answer.marks = kMarkDirectory;
  return {};
}

// Opens the file for those reads and writes that go through the host.
Result<void> govern(const Call& call, const Spot& spot, std::shared_ptr<vfs::WritableFile> opened) {
  const auto page = spot.mount->pages->find(spot.attributes.node);
  if (page == nullptr) {
    return {};
  }
  const std::lock_guard lock(spot.mount->governed_mutex);
  if (opened != nullptr) {
    spot.mount->governed_writable[page->inode] = std::move(opened);
  } else {
    spot.mount->governed[page->inode] = SEABAG_TRY(call.host.names().open(spot.path));
  }
  call.reply.answer.marks |= kMarkGoverned;
  return {};
}

std::uint32_t mark_of(Validity validity) {
  constexpr std::array<std::uint32_t, 3> kMarks = {0, kMarkSteady, kMarkFixed};
  return kMarks[static_cast<std::size_t>(validity)];
}

// What an open wants of a file.
std::uint32_t wanted_by(std::uint32_t flags) {
  if ((flags & O_PATH) != 0) {
    return 0;
  }
  const std::uint32_t access = flags & O_ACCMODE;
  const std::uint32_t reads = access != O_WRONLY ? kRead : 0;
  return reads | (access != O_RDONLY || (flags & O_TRUNC) != 0 ? kWrite : 0);
}

Result<void> open_file(const Call& call, Spot& spot) {
  const std::uint32_t flags = call.request.flags;
  std::shared_ptr<vfs::WritableFile> opened;
  const bool changes = writes(flags) || (flags & O_TRUNC) != 0;
  if (changes && spot.mount->is_read_only) {
    return failed(std::errc::read_only_file_system);
  }
  SEABAG_TRY(check_permission(call.asker, spot.attributes, wanted_by(flags)));
  if (changes) {
    // Through the namespace, where faults are; the descriptor itself is the page's.
    opened = SEABAG_TRY(
        call.host.names().open_writable(spot.path, {.truncate = (flags & O_TRUNC) != 0}));
    spot.attributes = SEABAG_TRY(opened->attributes());
  }
  call.reply.descriptor =
      SEABAG_TRY(spot.mount->pages->open(spot.attributes, static_cast<int>(flags))).release();
  call.answer_status(spot.attributes, spot.mount->device);
  call.reply.answer.marks = mark_of(spot.validity);
  return spot.mount->options.faults ? govern(call, spot, std::move(opened)) : Result<void>();
}

Result<void> create_file(const Call& call, Spot& spot) {
  const std::uint32_t flags = call.request.flags;
  if ((flags & O_CREAT) == 0) {
    return failed(std::errc::no_such_file_or_directory);
  }
  if (spot.has_trailing_slash) {
    return failed(std::errc::is_a_directory);
  }
  if (!spot.mount->is_read_only) {
    SEABAG_TRY(check_new_name(call.asker, spot.folder));
  }
  const auto file = SEABAG_TRY(call.host.names().open_writable(
      spot.path,
      {.create = (flags & O_EXCL) != 0 ? vfs::CreateMode::exclusive : vfs::CreateMode::if_missing,
       .node = {.mode = call.request.mode & vfs::kModeBits,
                .uid = call.request.uid,
                .gid = call.request.gid}}));
  spot.attributes = SEABAG_TRY(file->attributes());
  call.reply.descriptor =
      SEABAG_TRY(spot.mount->pages->open(spot.attributes, static_cast<int>(flags))).release();
  call.answer_status(spot.attributes, spot.mount->device);
  return spot.mount->options.faults
             ? govern(call, spot, SEABAG_TRY(call.host.names().open_writable(spot.path)))
             : Result<void>();
}

Result<void> open_node(const Call& call, Spot& spot) {
  const std::uint32_t flags = call.request.flags;
  constexpr std::uint32_t kExclusive = O_CREAT | O_EXCL;
  if ((flags & kExclusive) == kExclusive) {
    return failed(std::errc::file_exists);
  }
  switch (spot.attributes.type) {
    case vfs::FileType::directory:
      return open_directory(call, spot);
    case vfs::FileType::symlink:
      return failed((flags & O_DIRECTORY) != 0 ? std::errc::not_a_directory
                                               : std::errc::too_many_symbolic_link_levels);
    case vfs::FileType::regular:
      return (flags & O_DIRECTORY) != 0 ? Result<void>(failed(std::errc::not_a_directory))
                                        : open_file(call, spot);
    default:
      return failed(std::errc::no_such_device_or_address);
  }
}

// O_TMPFILE: a file that never gets a name is a memory file of its own.
Result<void> open_unnamed(const Call& call, const Spot& spot) {
  if (spot.kind != Spot::Kind::node || spot.attributes.type != vfs::FileType::directory) {
    return failed(std::errc::not_a_directory);
  }
  if (spot.mount->is_read_only) {
    return failed(std::errc::read_only_file_system);
  }
  SEABAG_TRY(check_new_name(call.asker, spot.attributes));
  const Descriptor file = SEABAG_TRY(make_memory_file());
  const int flags = static_cast<int>(call.request.flags) & (O_ACCMODE | O_APPEND | O_CLOEXEC);
  call.reply.descriptor = SEABAG_TRY(reopen(file.get(), flags)).release();
  return {};
}

void add_entry(std::string& listing, std::uint64_t inode, unsigned char type,
               std::string_view name) {
  constexpr std::size_t kAlignment = 8;
  const std::size_t begin = offsetof(dirent64, d_name);
  const std::size_t length = (begin + name.size() + kAlignment) / kAlignment * kAlignment;
  dirent64 entry{};
  entry.d_ino = inode;
  entry.d_off = static_cast<off64_t>(listing.size() + length);
  entry.d_reclen = static_cast<unsigned short>(length);
  entry.d_type = type;
  const std::size_t at = listing.size();
  listing.resize(at + length, '\0');
  std::memcpy(listing.data() + at, &entry, begin);
  std::memcpy(listing.data() + at + begin, name.data(), name.size());
}

// Adds the entries that are really there and not yet in `names`.
void add_real_entries(std::string& listing, const std::string& path,
                      const std::set<std::string, std::less<>>& names) {
  const Descriptor directory(raw::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  constexpr std::size_t kRoom = 32 * 1024;
  alignas(dirent64) std::array<char, kRoom> buffer{};
  while (directory.get() >= 0) {
    const long count = raw::entries(directory.get(), buffer.data(), buffer.size());
    if (count <= 0) {
      return;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      dirent64 entry{};
      std::memcpy(&entry, buffer.data() + at, offsetof(dirent64, d_name));
      const char* name = buffer.data() + at + offsetof(dirent64, d_name);
      if (!names.contains(std::string_view(name))) {
        add_entry(listing, entry.d_ino, entry.d_type, name);
      }
      at += entry.d_reclen;
    }
  }
}

Result<std::string> listing_of(const Call& call, const Spot& spot) {
  std::string listing;
  const bool is_node = spot.kind == Spot::Kind::node;
  const std::uint64_t inode = is_node ? spot.attributes.inode : synthetic_directory(spot).inode;
  add_entry(listing, inode, DT_DIR, ".");
  add_entry(listing, inode, DT_DIR, "..");
  std::set<std::string, std::less<>> names = {".", ".."};
  for (const auto& entry : SEABAG_TRY(call.host.names().list(spot.path))) {
    const auto type = static_cast<unsigned char>(IFTODT(type_bits(entry.type)));
    add_entry(listing, entry.inode, type, entry.name);
    names.insert(entry.name);
  }
  if (!is_node || spot.mount->options.view == View::overlay) {
    add_real_entries(listing, spot.path, names);
  }
  return listing;
}

}  // namespace

Result<void> open_path(Call& call) {
  const std::uint32_t flags = call.request.flags;
  constexpr std::uint32_t kExclusive = O_CREAT | O_EXCL;
  const bool keeps = (flags & O_NOFOLLOW) != 0 || (flags & kExclusive) == kExclusive;
  Spot spot =
      SEABAG_TRY(call.find(call.first, keeps ? vfs::LastLink::keep : vfs::LastLink::follow));
  if (spot.kind == Spot::Kind::real) {
    return call.answer_real(spot.path);
  }
  constexpr std::uint32_t kUnnamed = O_TMPFILE;
  if ((flags & kUnnamed) == kUnnamed) {
    return open_unnamed(call, spot);
  }
  if (spot.kind == Spot::Kind::ancestor) {
    return open_directory(call, spot);
  }
  return spot.kind == Spot::Kind::node ? open_node(call, spot) : create_file(call, spot);
}

Result<void> pin_file(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, vfs::LastLink::follow));
  if (spot.kind == Spot::Kind::real) {
    return call.answer_real(spot.path);
  }
  if (spot.kind != Spot::Kind::node || spot.attributes.type != vfs::FileType::regular) {
    return failed(std::errc::no_such_file_or_directory);
  }
  MountPoint& mount = *spot.mount;
  const std::lock_guard lock(mount.pinned_mutex);
  auto found = mount.pinned.find(spot.attributes.node);
  if (found == mount.pinned.end()) {
    auto file = SEABAG_TRY(mount.pages->open(spot.attributes, O_RDONLY | O_CLOEXEC));
    found = mount.pinned.emplace(spot.attributes.node, std::move(file)).first;
  }
  return call.answer("/proc/" + std::to_string(raw::process()) + "/fd/" +
                     std::to_string(found->second.get()));
}

Result<void> list_directory(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, vfs::LastLink::follow));
  if (spot.kind == Spot::Kind::real) {
    return call.answer_real(spot.path);
  }
  if (spot.kind == Spot::Kind::node && spot.attributes.type != vfs::FileType::directory) {
    return make_error(std::errc::not_a_directory, "list");
  }
  if (spot.kind == Spot::Kind::node) {
    SEABAG_TRY(check_permission(call.asker, spot.attributes, kRead));
  }
  const std::string listing = SEABAG_TRY(listing_of(call, spot));
  call.reply.descriptor = SEABAG_TRY(make_sealed_file(listing, 0400)).release();
  call.reply.answer.status.size = listing.size();
  return {};
}

}  // namespace seabag::intercept
