#include "generator.h"

#include <array>

namespace seabag::testing {
namespace {

struct Weight {
  Act act;
  unsigned weight;
};
constexpr std::array kWeights{
    Weight{Act::open, 110},
    Weight{Act::open_unnamed, 12},
    Weight{Act::stat, 25},
    Weight{Act::lstat, 15},
    Weight{Act::list, 20},
    Weight{Act::read_link, 15},
    Weight{Act::real_path, 15},
    Weight{Act::statistics, 4},
    Weight{Act::make_directory, 60},
    Weight{Act::make_node, 22},
    Weight{Act::make_symlink, 35},
    Weight{Act::link, 40},
    Weight{Act::unlink, 60},
    Weight{Act::remove_directory, 35},
    Weight{Act::rename, 110},
    Weight{Act::set_mode, 35},
    Weight{Act::set_owner, 30},
    Weight{Act::set_size, 25},
    Weight{Act::set_times, 45},
    Weight{Act::set_xattr, 30},
    Weight{Act::get_xattr, 20},
    Weight{Act::list_xattrs, 10},
    Weight{Act::remove_xattr, 15},
    Weight{Act::close, 12},
    Weight{Act::read, 50},
    Weight{Act::write, 90},
    Weight{Act::append, 45},
    Weight{Act::resize, 40},
    Weight{Act::allocate, 60},
    Weight{Act::find_extent, 70},
    Weight{Act::sync, 2},
    Weight{Act::file_attributes, 10},
    Weight{Act::name_file, 15},
};

constexpr std::uint64_t kKibi = 1024;
constexpr std::uint64_t kChunk = 64 * kKibi;
constexpr std::size_t kMostKnown = 200;

}  // namespace

Act Generator::pick_act() {
  static constexpr unsigned kTotal = [] {
    unsigned total = 0;
    for (const Weight& each : kWeights) {
      total += each.weight;
    }
    return total;
  }();
  auto left = static_cast<unsigned>(below(kTotal));
  for (const Weight& each : kWeights) {
    if (left < each.weight) {
      return each.act;
    }
    left -= each.weight;
  }
  return Act::stat;
}

Operation Generator::next() {
  Operation operation{.act = pick_act()};
  operation.slot = static_cast<unsigned>(below(kSlots));
  operation.pattern = random_();
  if (operation.is_on_file()) {
    fill_file(operation);
  } else if (operation.act == Act::open || operation.act == Act::open_unnamed) {
    fill_open(operation);
  } else if (operation.act >= Act::set_mode) {
    fill_changes(operation);
  } else {
    fill_path(operation);
  }
  return operation;
}

void Generator::learn(std::string path) {
  while (path.starts_with('/')) {
    path.erase(0, 1);
  }
  if (path.empty() || path.ends_with('/')) {
    return;
  }
  if (known_.size() < kMostKnown) {
    known_.push_back(std::move(path));
  } else {
    known_[below(known_.size())] = std::move(path);
  }
}

std::string Generator::name() {
  static const std::array<std::string, 14> kNames{
      "a",   "b",           "c",        "d",    "e",   "f",        "g",
      "a b", "back\\slash", "\xC3\xA9", "\xFF", "...", "name.txt", std::string(255, 'n')};
  return one_of(kNames);
}

std::string Generator::known_path() { return known_.empty() ? name() : one_of(known_); }

std::string Generator::new_path() {
  return one_in(4) ? name() : known_path() + (one_in(20) ? "//" : "/") + name();
}

std::string Generator::odd_path() {
  switch (below(9)) {
    case 0:
      return "";
    case 1:
      return std::string(1 + below(3), '/');
    case 2:
      return known_path() + "/" + std::string(256, 'x');
    case 3:
      return "missing/" + std::string(256, 'x');
    case 4:
      return std::string(4090 + below(10), '/') + "a";
    case 5:
      return one_in(2) ? "." : "..";
    case 6:
      return known_path() + "/../" + known_path();
    case 7:
      return "../../" + known_path();
    default: {
      std::string path = name();
      while (!one_in(4)) {
        path += "/" + (one_in(5) ? ".." : name());
      }
      return path;
    }
  }
}

std::string Generator::decorated(std::string path) {
  switch (below(60)) {
    case 0:
    case 1:
    case 2:
      return path + "/";
    case 3:
      return path + "//";
    case 4:
      return path + "/.";
    case 5:
      return path + "/..";
    case 6:
      return "./" + path;
    default:
      return one_in(3) ? "/" + path : path;
  }
}

std::string Generator::old_path() {
  if (one_in(30)) {
    return odd_path();
  }
  return decorated(one_in(8) ? new_path() : known_path());
}

std::string Generator::free_path() {
  if (one_in(30)) {
    return odd_path();
  }
  return decorated(one_in(8) ? known_path() : new_path());
}

std::string Generator::link_target() {
  switch (below(20)) {
    case 0:
      return "";
    case 1:
      return std::string(4094 + below(3), 't');
    case 2:
      return "/";
    case 3:
      return std::string(256, 'x');
    case 4:
      return "../" + known_path();
    case 5:
      return ".";
    case 6:
      return known_path() + "/";
    case 7:
      return name();
    default:
      return one_in(2) ? "/" + known_path() : known_path();
  }
}

std::string Generator::xattr_name() {
  static const std::array<std::string, 11> kNames{"user.a",    "user.b",
                                                  "user.c",    "user.a.b",
                                                  "user.\xFF", "user." + std::string(250, 'n'),
                                                  "user.",     "user",
                                                  "",          "user." + std::string(251, 'n'),
                                                  "other.a"};
  return one_in(10) ? one_of(kNames) : kNames.at(below(6));
}

std::uint64_t Generator::offset() {
  switch (below(12)) {
    case 0:
      return 0;
    case 1:
    case 2:
      return below(64) * 4 * kKibi;
    case 3:
      return below(16) * kChunk;
    case 4:
      return (1 + below(8)) * kChunk - 2 + below(4);
    case 5:
      return (1 + below(32)) * 4 * kKibi - 2 + below(4);
    case 6:
      return below(16 * kChunk);
    case 7:
      return one_in(4) ? (std::uint64_t{1} << (30 + below(32))) + below(10000) : below(300);
    default:
      return below(20000);
  }
}

std::uint64_t Generator::length() {
  switch (below(12)) {
    case 0:
      return 0;
    case 1:
      return 4 * kKibi;
    case 2:
      return one_in(3) ? kChunk : 8 * kKibi;
    case 3:
      return one_in(4) ? below(4 * kChunk) : below(3 * 4 * kKibi);
    case 4:
      return 1 + below(8 * kKibi);
    default:
      return 1 + below(600);
  }
}

std::uint32_t Generator::mode() {
  constexpr std::uint32_t kSticky = 01000;
  constexpr std::uint32_t kOthersWrite = 00002;
  auto mode = static_cast<std::uint32_t>(below(010000));
  if ((mode & kSticky) != 0) {
    mode &= ~kOthersWrite;  // fs.protected_regular and its kin would refuse what follows
  }
  return mode;
}

std::optional<std::uint32_t> Generator::owner() {
  if (one_in(3)) {
    return {};
  }
  return static_cast<std::uint32_t>(one_in(2) ? 0 : 1000 + below(3));
}

std::optional<vfs::NewTime> Generator::time() {
  static constexpr std::array<std::int64_t, 7> kSeconds{
      -1, 0, 1, 1'000'000, 2147483648, 4102444800, 17179869183};
  switch (below(4)) {
    case 0:
      return {};
    case 1:
      return vfs::NewTime::now();
    default:
      return vfs::NewTime::at({.seconds = one_of(kSeconds),
                               .nanoseconds = static_cast<std::uint32_t>(below(1'000'000'000))});
  }
}

void Generator::fill_open(Operation& operation) {
  operation.mode = mode();
  operation.path = one_in(2) ? old_path() : free_path();
  operation.is_writing = !one_in(4);
  operation.last_link = one_in(5) ? vfs::LastLink::keep : vfs::LastLink::follow;
  operation.directory = one_in(20);
  if (operation.is_writing) {
    operation.truncate = one_in(6);
    operation.create = one_in(3)   ? vfs::CreateMode::never
                       : one_in(3) ? vfs::CreateMode::exclusive
                                   : vfs::CreateMode::if_missing;
  }
}

void Generator::fill_path(Operation& operation) {
  static constexpr std::array kTypes{vfs::FileType::regular, vfs::FileType::fifo,
                                     vfs::FileType::socket, vfs::FileType::character_device,
                                     vfs::FileType::block_device};
  operation.path = old_path();
  switch (operation.act) {
    case Act::make_directory:
    case Act::make_node:
      operation.path = free_path();
      operation.mode = mode() & (operation.act == Act::make_node ? 07777U : 01777U);  // mkdir(2)
      operation.type = abilities_.special_files ? one_of(kTypes) : vfs::FileType::regular;
      break;
    case Act::make_symlink:
      operation.path = free_path();
      operation.other = link_target();
      break;
    case Act::link:
      operation.other = free_path();
      operation.last_link = one_in(2) ? vfs::LastLink::keep : vfs::LastLink::follow;
      break;
    case Act::rename:
      operation.other = one_in(2) ? old_path() : free_path();
      operation.rename = one_in(6)   ? vfs::RenameMode::no_replace
                         : one_in(4) ? vfs::RenameMode::exchange
                                     : vfs::RenameMode::replace;
      break;
    default:
      break;
  }
}

void Generator::fill_changes(Operation& operation) {
  operation.path = old_path();
  operation.offset = operation.act == Act::set_size ? offset() : 0;
  operation.mode = operation.act == Act::set_mode ? mode() : 0;
  if (operation.act == Act::set_owner) {
    operation.uid = owner();
    operation.gid = operation.uid ? owner() : 1000;
  }
  const bool knows_links = operation.act == Act::set_owner || operation.act == Act::set_times ||
                           operation.act == Act::get_xattr || operation.act == Act::list_xattrs;
  if (knows_links && one_in(3)) {
    operation.last_link = vfs::LastLink::keep;
  }
  if (operation.act == Act::set_times) {
    operation.accessed = time();
    operation.modified = time();
    if (!operation.accessed && !operation.modified) {
      operation.accessed = vfs::NewTime::now();  // the kernel would not even look at the path
    }
  }
  if (operation.act >= Act::set_xattr) {
    operation.other = xattr_name();
  }
  if (operation.act == Act::set_xattr) {
    operation.length = one_in(50) ? 65535 + below(3) : below(300);
    operation.xattr = one_in(4)   ? vfs::XattrMode::create
                      : one_in(4) ? vfs::XattrMode::replace
                                  : vfs::XattrMode::any;
  }
}

void Generator::fill_file(Operation& operation) {
  static constexpr std::array kModes{vfs::AllocateMode::extend, vfs::AllocateMode::keep_size,
                                     vfs::AllocateMode::punch_hole, vfs::AllocateMode::zero_range};
  operation.offset = offset();
  operation.length = length();
  if (operation.act == Act::allocate) {
    operation.allocate = one_of(kModes);
    if (!abilities_.reservations && operation.allocate == vfs::AllocateMode::keep_size) {
      operation.allocate = vfs::AllocateMode::punch_hole;
    }
    if (operation.allocate != vfs::AllocateMode::punch_hole) {
      operation.offset %= 16 * kChunk;  // space that a machine has
    }
    operation.length = one_in(2) ? (1 + below(20)) * 4 * kKibi : length();
  }
  if (operation.act == Act::find_extent) {
    operation.extent = one_in(2) ? vfs::ExtentKind::data : vfs::ExtentKind::hole;
  }
  if (operation.act == Act::name_file) {
    operation.path = free_path();
  }
}

}  // namespace seabag::testing
