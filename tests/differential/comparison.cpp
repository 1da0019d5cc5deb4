#include "comparison.h"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace seabag::testing {
namespace {

using vfs::FileType;

constexpr std::uint64_t kReadOften = std::uint64_t{1} << 18U;
constexpr std::uint64_t kWindow = 16384;
constexpr std::uint64_t kMostRead = std::uint64_t{1} << 24U;

std::string differ(const std::string& what, const std::string& reference,
                   const std::string& provider) {
  return what + ": reference " + reference + ", provider " + provider;
}

std::string differ(const char* what, std::uint64_t reference, std::uint64_t provider) {
  return differ(std::string(what), std::to_string(reference), std::to_string(provider));
}

std::string error_name(int error) {
  const char* name = error == 0 ? "success" : strerrorname_np(error);
  return name == nullptr ? std::to_string(error) : name;
}

std::string parent_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? end : path.rfind('/', end);
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

/// What the kernel gives as the time of a change made now.
vfs::Timestamp coarse_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return {.seconds = now.tv_sec, .nanoseconds = static_cast<std::uint32_t>(now.tv_nsec)};
}

std::string text_of(vfs::Timestamp time) {
  return std::to_string(time.seconds) + "." + std::to_string(time.nanoseconds);
}

}  // namespace

Comparison::Comparison(Subject& reference, Subject& provider, Likeness likeness)
    : reference_(reference),
      provider_(provider),
      likeness_(likeness),
      start_(std::time(nullptr)),
      tells_every_change_(finds_every_change_told()) {}

/// Linux has such times since 6.13; before, all changes within one tick of a clock have one time.
bool Comparison::finds_every_change_told() {
  constexpr int kChanges = 20;
  const std::string name = "told";
  const Operation look{.act = Act::lstat, .path = name};
  reference_.run({.act = Act::make_directory, .path = name});
  bool is_told = true;
  for (int change = 0; change < kChanges && is_told; ++change) {
    const Outcome before = reference_.run(look);
    reference_.run({.act = Act::set_mode, .path = name, .mode = 0700});
    const Outcome after = reference_.run(look);
    is_told = before.node && after.node && before.node->changed != after.node->changed;
  }
  reference_.run({.act = Act::remove_directory, .path = name});
  return is_told;
}

// To the size that it has, tmpfs truncates what has any page, and tells so by the times; POSIX
// wants that of every truncate(2), older editions of no such one. Which pages a file of tmpfs has
// is not known to a provider that counts them otherwise, so such a one is never asked.
Operation Comparison::decided(const Operation& operation) {
  Operation asked = operation;
  if (operation.act == Act::set_size && !likeness_.counts_blocks) {
    const Outcome look = reference_.run({.act = Act::stat, .path = operation.path});
    const bool is_same =
        look.node && look.node->type == FileType::regular && look.node->size == operation.offset;
    asked.offset += is_same ? 1 : 0;
  }
  return asked;
}

std::string Comparison::run(const Operation& wished) {
  const Operation operation = decided(wished);
  const std::vector<Witness> witnesses = witnesses_of(operation);
  before_ = coarse_now();
  act_ = operation.act;
  const Outcome reference = reference_.run(operation);
  const Outcome provider = provider_.run(operation);
  has_succeeded_ = reference.error == 0;
  std::string difference = compare_outcomes(operation, reference, provider);
  for (auto witness = witnesses.begin(); difference.empty() && witness != witnesses.end();
       ++witness) {
    difference = compare_witness(*witness);
  }
  if (difference.empty() && has_succeeded_ && operation.is_on_file()) {
    difference = compare_content(operation);
  }
  return difference;
}

void Comparison::forget_inodes() {
  inodes_.clear();
  reverse_.clear();
}

std::vector<Comparison::Witness> Comparison::witnesses_of(const Operation& operation) {
  std::vector<Witness> witnesses;
  const auto add = [&](const Operation& look) {
    witnesses.push_back({look, reference_.run(look), provider_.run(look)});
  };
  const auto add_path = [&](const std::string& path) {
    add({.act = Act::lstat, .path = path});
    if (witnesses.back().reference.node &&
        witnesses.back().reference.node->type == FileType::symlink) {
      add({.act = Act::stat, .path = path});
    }
    add({.act = Act::lstat, .path = parent_of(path)});
  };
  if (operation.is_on_file()) {
    add({.act = Act::file_attributes, .slot = operation.slot});
  }
  if (!operation.is_on_file() || operation.act == Act::name_file) {
    add_path(operation.path);
  }
  if (operation.act == Act::link || operation.act == Act::rename) {
    add_path(operation.other);
  }
  return witnesses;
}

std::string Comparison::compare_outcomes(const Operation& operation, const Outcome& reference,
                                         const Outcome& provider) {
  if (operation.act == Act::find_extent) {
    return compare_extent(operation, reference, provider);
  }
  if (reference.error != provider.error) {
    return differ("result", error_name(reference.error), error_name(provider.error));
  }
  if (reference.count != provider.count) {
    return differ("count", reference.count, provider.count);
  }
  if (reference.bytes != provider.bytes) {
    return differ("bytes", "'" + reference.bytes.substr(0, 100) + "'",
                  "'" + provider.bytes.substr(0, 100) + "'");
  }
  if (reference.node && provider.node) {
    if (auto difference = compare_nodes(*reference.node, *provider.node); !difference.empty()) {
      return difference;
    }
  }
  return compare_entries(reference.entries, provider.entries);
}

std::string Comparison::compare_extent(const Operation& operation, const Outcome& reference,
                                       const Outcome& provider) {
  const bool is_same = reference.error == provider.error && reference.count == provider.count;
  if (is_same) {
    return {};
  }
  if (likeness_.has_small_holes && !likeness_.copies_up) {
    return reference.error != provider.error
               ? differ("result", error_name(reference.error), error_name(provider.error))
               : differ("offset", reference.count, provider.count);
  }
  const bool is_data = operation.extent == vfs::ExtentKind::data;
  const std::uint64_t none = ~std::uint64_t{0};
  const std::uint64_t expected = reference.error != 0 ? none : reference.count;
  const std::uint64_t found = provider.error != 0 ? none : provider.count;
  if (is_data ? found <= expected : found >= expected) {
    // With larger units, what the provider takes for data may be more.
    return likeness_.has_small_holes ? differ("offset, a hole is taken for data", expected, found)
                                     : "";
  }
  // Space that tmpfs was promised twice is data to it, though nobody wrote there. A copy of a file
  // does not know what space the first one was promised, so that a second promise is its first.
  const std::uint64_t begin = std::min(expected, found);
  std::uint64_t end = std::max(expected, found);
  if (!is_data) {
    const Outcome next = provider_.run({.act = Act::find_extent,
                                        .slot = operation.slot,
                                        .offset = begin,
                                        .extent = vfs::ExtentKind::data});
    end = next.error == 0 ? std::min(end, next.count) : end;
  }
  const Operation read{.act = Act::read,
                       .slot = operation.slot,
                       .offset = begin,
                       .length = std::min(end - begin, kMostRead)};
  // Both read, because that moves the access time.
  const std::string bytes = reference_.run(read).bytes;
  const bool is_same_content = provider_.run(read).bytes == bytes;
  return is_same_content && bytes.find_first_not_of('\0') == std::string::npos
             ? ""
             : differ("offset, data is taken for a hole", expected, found);
}

std::string Comparison::compare_entries(const std::vector<vfs::DirectoryEntry>& reference,
                                        const std::vector<vfs::DirectoryEntry>& provider) {
  for (std::size_t row = 0; row < std::max(reference.size(), provider.size()); ++row) {
    if (row >= provider.size()) {
      return differ("listing", "'" + reference[row].name + "'", "none");
    }
    if (row >= reference.size()) {
      return differ("listing", "none", "'" + provider[row].name + "'");
    }
    if (reference[row].name != provider[row].name) {
      return differ("listing", "'" + reference[row].name + "'", "'" + provider[row].name + "'");
    }
    if (reference[row].type != provider[row].type) {
      return "type of '" + reference[row].name + "' in the listing differs";
    }
    if (!are_same_inode(reference[row].inode, provider[row].inode)) {
      return "inode number of '" + reference[row].name + "' in the listing differs";
    }
  }
  return {};
}

bool Comparison::are_same_inode(std::uint64_t reference, std::uint64_t provider) {
  if (reference == 0 && provider == 0) {
    return true;  // names of attributes
  }
  const auto there = inodes_.try_emplace(reference, provider).first;
  const auto back = reverse_.try_emplace(provider, reference).first;
  return there->second == provider && back->second == reference;
}

std::string Comparison::compare_time(const char* name, vfs::Timestamp reference,
                                     vfs::Timestamp provider) const {
  constexpr std::int64_t kDay = 86400;
  const auto is_recent = [&](vfs::Timestamp time) {
    return time.seconds >= start_ - kDay && time.seconds <= start_ + kDay;
  };
  // What a clock told differs between the two; what a caller said must not.
  const bool same = is_recent(reference) ? is_recent(provider) : reference == provider;
  return same ? "" : differ(name, text_of(reference), text_of(provider));
}

std::string Comparison::compare_nodes(const vfs::Attributes& reference,
                                      const vfs::Attributes& provider) const {
  if (reference.type != provider.type) {
    return "type differs";
  }
  if (reference.mode != provider.mode) {
    return differ("mode", reference.mode, provider.mode);
  }
  if (reference.uid != provider.uid || reference.gid != provider.gid) {
    return differ("owner", std::to_string(reference.uid) + ":" + std::to_string(reference.gid),
                  std::to_string(provider.uid) + ":" + std::to_string(provider.gid));
  }
  if (reference.links != provider.links) {
    return differ("links", reference.links, provider.links);
  }
  if (reference.type != FileType::directory && reference.size != provider.size) {
    return differ("size", reference.size, provider.size);
  }
  if (reference.device != provider.device) {
    return differ("device", reference.device, provider.device);
  }
  if (reference.type == FileType::regular && likeness_.counts_blocks &&
      reference.blocks != provider.blocks) {
    return differ("blocks", reference.blocks, provider.blocks);
  }
  std::string difference;
  if (reference.type != FileType::directory || !likeness_.copies_up) {
    difference = compare_time("atime", reference.accessed, provider.accessed);
  }
  difference += compare_time("mtime", reference.modified, provider.modified);
  return difference;
}

std::string Comparison::compare_witness(const Witness& before) {
  const Outcome reference = reference_.run(before.look);
  const Outcome provider = provider_.run(before.look);
  const std::string where =
      before.look.is_on_file() ? "the open file" : "'" + before.look.path.substr(0, 100) + "'";
  std::string difference = compare_outcomes(before.look, reference, provider);
  const bool is_same_node = before.reference.node && reference.node && before.provider.node &&
                            provider.node &&
                            before.reference.node->inode == reference.node->inode &&
                            before.provider.node->inode == provider.node->inode;
  if (difference.empty() && is_same_node) {
    difference = compare_moves(before, *reference.node, *provider.node);
  }
  if (difference.empty() && reference.node && provider.node &&
      !are_same_inode(reference.node->inode, provider.node->inode)) {
    difference = "inode number belongs to another node";
  }
  if (difference.empty() && has_succeeded_ && !before.look.is_on_file() && reference.node) {
    difference = compare_inside(before.look.path, *reference.node);
  }
  return difference.empty() ? "" : "afterwards, " + where + ": " + difference;
}

std::string Comparison::compare_moves(const Witness& before, const vfs::Attributes& reference,
                                      const vfs::Attributes& provider) const {
  const auto compare = [&](const char* name, vfs::Timestamp vfs::Attributes::*time) -> std::string {
    const vfs::Timestamp old_reference = (*before.reference.node).*time;
    const vfs::Timestamp old_provider = (*before.provider.node).*time;
    // Within one tick of a coarse clock a change can leave the time as it was. A directory gets the
    // time of what was put there or removed, be that told exactly or not.
    const bool is_told = tells_every_change_ && reference.type != FileType::directory;
    if (!is_told && (old_reference >= before_ || old_provider >= before_)) {
      return {};
    }
    const bool expected = reference.*time != old_reference;
    const bool found = provider.*time != old_provider;
    const bool is_copy = likeness_.copies_up && !expected && time == &vfs::Attributes::changed;
    return expected == found || is_copy
               ? ""
               : differ(name, expected ? "moves" : "stays", found ? "moves" : "stays");
  };
  std::string difference = compare("mtime", &vfs::Attributes::modified);
  return difference.empty() ? compare("ctime", &vfs::Attributes::changed) : difference;
}

std::string Comparison::compare_content(const Operation& operation) {
  switch (operation.act) {
    case Act::write:
    case Act::append:
    case Act::resize:
    case Act::allocate:
      break;
    default:
      return {};
  }
  const Outcome look = reference_.run({.act = Act::file_attributes, .slot = operation.slot});
  const std::uint64_t size = look.node ? look.node->size : 0;
  if (size <= kReadOften) {
    return compare_reads(operation.slot, 0, size + 1);
  }
  const std::uint64_t begin =
      operation.act == Act::append ? size - std::min(size, operation.length) : operation.offset;
  const std::uint64_t first = begin - std::min(begin, kWindow / 4);
  return compare_reads(operation.slot, first, operation.length + kWindow);
}

std::string Comparison::compare_reads(unsigned slot, std::uint64_t offset, std::uint64_t length) {
  const Operation read{.act = Act::read, .slot = slot, .offset = offset, .length = length};
  const Outcome reference = reference_.run(read);
  const Outcome provider = provider_.run(read);
  if (reference.error != provider.error) {
    return differ("result of a read", error_name(reference.error), error_name(provider.error));
  }
  if (reference.bytes == provider.bytes) {
    return {};
  }
  const auto [first, second] = std::ranges::mismatch(reference.bytes, provider.bytes);
  const std::string at =
      std::to_string(offset + static_cast<std::uint64_t>(first - reference.bytes.begin()));
  return differ("content", std::to_string(reference.bytes.size()) + " bytes",
                std::to_string(provider.bytes.size()) + ", the first other one at " + at);
}

}  // namespace seabag::testing
