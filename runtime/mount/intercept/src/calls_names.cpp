#include <linux/fs.h>
#include <sys/stat.h>

#include "call.h"
#include "seabag/vfs/rules.h"

namespace seabag::intercept {

namespace {

bool is_root_of(const Spot& spot) { return spot.attributes.node == vfs::kRootNode; }

vfs::FileType type_of(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return vfs::FileType::directory;
    case S_IFIFO:
      return vfs::FileType::fifo;
    case S_IFSOCK:
      return vfs::FileType::socket;
    case S_IFCHR:
      return vfs::FileType::character_device;
    case S_IFBLK:
      return vfs::FileType::block_device;
    default:
      return vfs::FileType::regular;
  }
}

// Whether the name of a spot may be given or taken. What is read-only says so itself.
Result<void> check_place(const Call& call, const Spot& spot) {
  if (spot.kind == Spot::Kind::missing && !spot.mount->is_read_only) {
    return check_new_name(call.asker, spot.folder);
  }
  if (spot.kind == Spot::Kind::node && !spot.mount->is_read_only && !is_root_of(spot)) {
    return check_removal(call.asker, spot.folder, spot.attributes);
  }
  return {};
}

Result<void> create(const Call& call, const std::string& path, const vfs::NewNode& what) {
  const Spot spot = SEABAG_TRY(call.find(path, vfs::LastLink::keep));
  if (spot.kind == Spot::Kind::real) {
    return call.answer_real(spot.path);
  }
  if (spot.kind != Spot::Kind::missing) {
    return make_error(std::errc::file_exists, "create");
  }
  SEABAG_TRY(check_place(call, spot));
  (void)SEABAG_TRY(call.host.names().create(path_of(spot), what));
  return {};
}

bool is_real(const Spot& spot) { return spot.kind == Spot::Kind::real; }

// The two places of a rename or a link. A free name on an overlay goes to the side of the other.
struct Pair {
  Spot from;
  Spot to;
};

Result<Pair> find_pair(const Call& call, vfs::LastLink last_link) {
  Pair pair{.from = SEABAG_TRY(call.find_existing(call.first, last_link)),
            .to = SEABAG_TRY(resolve(*call.mounts, call.second, vfs::LastLink::keep, call.asker))};
  if (is_real(pair.from) && pair.to.kind == Spot::Kind::missing &&
      pair.to.mount->options.view == View::overlay) {
    pair.to.kind = Spot::Kind::real;
    pair.to.path = path_of(pair.to);
  }
  return pair;
}

}  // namespace

Result<void> make_node(Call& call) {
  const Request& request = call.request;
  return create(call, call.first,
                {.type = type_of(request.mode),
                 .mode = request.mode & vfs::kModeBits,
                 .uid = request.uid,
                 .gid = request.gid,
                 .device = request.offset});
}

Result<void> make_symlink(Call& call) {
  return create(call, call.first,
                {.type = vfs::FileType::symlink,
                 .mode = 0777,
                 .uid = call.request.uid,
                 .gid = call.request.gid,
                 .target = call.second});
}

Result<void> make_link(Call& call) {
  const Pair pair = SEABAG_TRY(find_pair(call, call.last_link()));
  if (is_real(pair.from) && is_real(pair.to)) {
    return call.answer_real(pair.from.path, pair.to.path);
  }
  if (is_real(pair.from) || is_real(pair.to)) {
    return make_error(std::errc::cross_device_link, "link");
  }
  if (pair.to.kind == Spot::Kind::missing) {
    SEABAG_TRY(check_place(call, pair.to));
  }
  (void)SEABAG_TRY(call.host.names().create_link(pair.from.path, path_of(pair.to)));
  return {};
}

Result<void> rename_node(Call& call) {
  const Pair pair = SEABAG_TRY(find_pair(call, vfs::LastLink::keep));
  if (is_real(pair.from) && is_real(pair.to)) {
    return call.answer_real(pair.from.path, pair.to.path);
  }
  if (is_real(pair.from) || is_real(pair.to)) {
    return make_error(std::errc::cross_device_link, "rename");
  }
  auto mode = vfs::RenameMode::replace;
  switch (call.request.flags) {
    case 0:
      break;
    case RENAME_NOREPLACE:
      mode = vfs::RenameMode::no_replace;
      break;
    case RENAME_EXCHANGE:
      mode = vfs::RenameMode::exchange;
      break;
    default:
      return make_error(std::errc::invalid_argument, "rename");
  }
  SEABAG_TRY(check_place(call, pair.from));
  SEABAG_TRY(check_place(call, pair.to));
  SEABAG_TRY(call.host.names().rename(path_of(pair.from), path_of(pair.to), mode));
  const bool moves_directory = pair.from.attributes.type == vfs::FileType::directory ||
                               pair.to.attributes.type == vfs::FileType::directory;
  if (moves_directory && pair.from.path != pair.to.path) {
    call.host.record({.from = pair.from.path,
                      .to = pair.to.path,
                      .is_exchange = mode == vfs::RenameMode::exchange});
  }
  return {};
}

Result<void> remove_node(Call& call) {
  const Spot spot = SEABAG_TRY(call.find_existing(call.first, vfs::LastLink::keep));
  if (is_real(spot)) {
    return call.answer_real(spot.path);
  }
  const bool is_directory = (call.request.flags & kDirectory) != 0;
  // rmdir(2) has words of its own for `.` and `..`; a resolved path has lost them.
  if (is_directory && call.first.ends_with("/.")) {
    return make_error(std::errc::invalid_argument, "rmdir");
  }
  if (is_directory && call.first.ends_with("/..")) {
    return make_error(std::errc::directory_not_empty, "rmdir");
  }
  SEABAG_TRY(check_place(call, spot));
  return call.host.names().remove(
      path_of(spot), is_directory ? vfs::RemoveKind::directory : vfs::RemoveKind::file);
}

}  // namespace seabag::intercept
