#include "store.h"

#include <sys/stat.h>

#include <bit>
#include <limits>
#include <utility>

#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::providers {

using vfs::FileType;

namespace {

constexpr std::uint32_t kNanosecondsPerSecond = 1'000'000'000;

Error damaged(const Connection& connection, const char* what) {
  return make_error(std::errc::io_error, connection.operation(), {},
                    std::string("the database is damaged: ") + what);
}

std::optional<FileType> type_of(std::int64_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileType::regular;
    case S_IFDIR:
      return FileType::directory;
    case S_IFLNK:
      return FileType::symlink;
    case S_IFIFO:
      return FileType::fifo;
    case S_IFSOCK:
      return FileType::socket;
    case S_IFCHR:
      return FileType::character_device;
    case S_IFBLK:
      return FileType::block_device;
    default:
      return std::nullopt;
  }
}

std::int64_t type_bits(FileType type) {
  switch (type) {
    case FileType::regular:
      return S_IFREG;
    case FileType::directory:
      return S_IFDIR;
    case FileType::symlink:
      return S_IFLNK;
    case FileType::fifo:
      return S_IFIFO;
    case FileType::socket:
      return S_IFSOCK;
    case FileType::character_device:
      return S_IFCHR;
    case FileType::block_device:
      return S_IFBLK;
  }
  return 0;
}

vfs::Timestamp read_time(const Cursor& row, int column) {
  const std::int64_t rest = row.integer(column + 1);
  const bool is_sane = rest >= 0 && rest < kNanosecondsPerSecond;
  return {.seconds = row.integer(column),
          .nanoseconds = is_sane ? static_cast<std::uint32_t>(rest) : 0};
}

bool fits(std::int64_t value, std::int64_t largest) { return value >= 0 && value <= largest; }

/// Columns as in SEABAG_INODE_COLUMNS.
std::optional<Inode> read_inode(const Cursor& row) {
  constexpr std::int64_t kLargest32 = std::numeric_limits<std::uint32_t>::max();
  const std::optional<FileType> type = type_of(row.integer(1));
  const std::int64_t links = row.integer(2);
  const std::int64_t uid = row.integer(3);
  const std::int64_t gid = row.integer(4);
  const std::int64_t size = row.integer(5);
  if (!type || !fits(links, kLargest32) || !fits(uid, kLargest32) || !fits(gid, kLargest32) ||
      size < 0 || row.integer(0) <= 0) {
    return std::nullopt;
  }
  return Inode{.number = row.integer(0),
               .type = *type,
               .mode = static_cast<std::uint32_t>(row.integer(1)) & vfs::kModeBits,
               .links = static_cast<std::uint64_t>(links),
               .uid = static_cast<std::uint32_t>(uid),
               .gid = static_cast<std::uint32_t>(gid),
               .size = static_cast<std::uint64_t>(size),
               .device = static_cast<std::uint64_t>(row.integer(6)),
               .accessed = read_time(row, 7),
               .modified = read_time(row, 9),
               .changed = read_time(row, 11)};
}

Cursor& bind_time(Cursor& cursor, vfs::Timestamp time) {
  return cursor.bind(time.seconds).bind(time.nanoseconds);
}

Cursor& bind_inode(Cursor& cursor, const Inode& inode) {
  cursor.bind(type_bits(inode.type) | inode.mode)
      .bind(static_cast<std::int64_t>(inode.links))
      .bind(inode.uid)
      .bind(inode.gid)
      .bind(static_cast<std::int64_t>(inode.size))
      .bind(static_cast<std::int64_t>(inode.device));
  bind_time(cursor, inode.accessed);
  bind_time(cursor, inode.modified);
  return bind_time(cursor, inode.changed);
}

}  // namespace

Result<std::optional<Inode>> Store::inode(std::int64_t number) {
  Cursor row = connection_.use(Query::inode);
  if (!SEABAG_TRY(row.bind(number).next())) {
    return std::optional<Inode>();
  }
  auto inode = read_inode(row);
  if (!inode) {
    return damaged(connection_, "a row of fs_inode makes no sense");
  }
  return inode;
}

Result<void> Store::insert_inode(Inode& inode) {
  Cursor cursor = connection_.use(Query::insert_inode);
  SEABAG_TRY(bind_inode(cursor, inode).run());
  inode.number = connection_.last_row();
  return {};
}

Result<void> Store::update_inode(const Inode& inode) {
  Cursor cursor = connection_.use(Query::update_inode);
  return bind_inode(cursor, inode).bind(inode.number).run();
}

Result<void> Store::touch_directory(std::int64_t number, std::int64_t new_links,
                                    vfs::Timestamp when) {
  Cursor cursor = connection_.use(Query::touch_directory);
  return bind_time(cursor.bind(new_links), when).bind(number).run();
}

Result<void> Store::delete_inode(std::int64_t number) {
  SEABAG_TRY(connection_.use(Query::delete_chunks)
                 .bind(number)
                 .bind(0)
                 .bind(std::numeric_limits<std::int64_t>::max())
                 .run());
  SEABAG_TRY(connection_.use(Query::delete_target).bind(number).run());
  SEABAG_TRY(connection_.use(Query::delete_xattrs).bind(number).run());
  return connection_.use(Query::delete_inode).bind(number).run();
}

Result<std::uint64_t> Store::count_inodes() {
  Cursor row = connection_.use(Query::count_inodes);
  SEABAG_TRY(row.first());
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<std::optional<Child>> Store::child(std::int64_t parent, std::string_view name) {
  Cursor row = connection_.use(Query::child);
  if (!SEABAG_TRY(row.bind(parent).bind_text(name).next())) {
    return std::optional<Child>();
  }
  const auto inode = read_inode(row);
  if (!inode) {
    return damaged(connection_, "a row of fs_inode makes no sense");
  }
  return std::optional<Child>({.inode = *inode, .entry = row.integer(13)});
}

Result<bool> Store::has_entry(std::int64_t parent, std::string_view name) {
  return connection_.use(Query::entry).bind(parent).bind_text(name).next();
}

Result<bool> Store::has_entries(std::int64_t directory) {
  return connection_.use(Query::any_entry).bind(directory).next();
}

Result<std::vector<vfs::DirectoryEntry>> Store::list(std::int64_t directory, std::int64_t after,
                                                     std::int64_t limit) {
  std::vector<vfs::DirectoryEntry> entries;
  Cursor row = connection_.use(Query::list);
  row.bind(directory).bind(after).bind(limit);
  while (SEABAG_TRY(row.next())) {
    const std::string_view name = row.text(1);
    const std::optional<FileType> type = type_of(row.integer(3));
    if (!vfs::is_valid_name(name) || !type) {
      // Whoever builds paths from these names relies on them.
      return damaged(connection_, "a row of fs_dentry makes no sense");
    }
    entries.push_back({.name = std::string(name),
                       .node = static_cast<vfs::NodeId>(row.integer(2)),
                       .inode = static_cast<std::uint64_t>(row.integer(2)),
                       .type = *type,
                       .cookie = static_cast<std::uint64_t>(row.integer(0))});
  }
  return entries;
}

Result<void> Store::insert_entry(std::int64_t parent, std::string_view name, std::int64_t number) {
  return connection_.use(Query::insert_entry).bind_text(name).bind(parent).bind(number).run();
}

Result<bool> Store::is_within(std::int64_t number, std::int64_t directory) {
  constexpr auto kRoot = static_cast<std::int64_t>(vfs::kRootNode);
  std::int64_t seen = 0;  // one on the way so far, later and later ones: a loop comes back to it
  for (std::uint64_t depth = 1; number != seen; ++depth) {
    if (number == directory || number == kRoot) {
      return number == directory;
    }
    seen = std::has_single_bit(depth) ? number : seen;
    Cursor row = connection_.use(Query::parent_of);
    if (!SEABAG_TRY(row.bind(number).next())) {
      return false;
    }
    number = row.integer(0);
  }
  return damaged(connection_, "its directories form a loop");
}

Result<std::string> Store::target(std::int64_t number) {
  Cursor row = connection_.use(Query::target);
  if (!SEABAG_TRY(row.bind(number).next())) {
    return damaged(connection_, "a symlink has no target");
  }
  return std::string(row.text(0));
}

Result<std::vector<std::int64_t>> Store::padded_files() {
  std::vector<std::int64_t> numbers;
  Cursor row = connection_.use(Query::padded);
  while (SEABAG_TRY(row.next())) {
    numbers.push_back(row.integer(0));
  }
  return numbers;
}

Result<std::vector<std::pair<std::int64_t, bool>>> Store::orphans() {
  std::vector<std::pair<std::int64_t, bool>> orphans;
  Cursor row = connection_.use(Query::orphans);
  while (SEABAG_TRY(row.next())) {
    orphans.emplace_back(row.integer(0), row.integer(1) != 0);
  }
  return orphans;
}

}  // namespace seabag::providers
