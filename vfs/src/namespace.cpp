#include "seabag/vfs/namespace.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "direct_path.h"
#include "mount_table.h"
#include "mounted_file.h"
#include "resolve.h"
#include "seabag/vfs/observed.h"
#include "seabag/vfs/rules.h"
#include "walk.h"

namespace seabag::vfs {
namespace {

constexpr std::size_t kListBatch = 1024;

Attributes synthetic_attributes(const MountNode& point) {
  return {.node = NodeId{point.inode},
          .type = FileType::directory,
          .mode = 0555,
          .links = 2 + point.children.size(),
          .inode = point.inode};
}

/// One variable that is returned in any case costs no copy on the most frequent way.
Result<Attributes> ask_attributes(const Walk& walk, const Position& place) {
  Result<Attributes> attributes = place.mount->file_system().attributes(place.node);
  if (!attributes) {
    attributes = walk.named(std::move(attributes));
  }
  return attributes;
}

Result<Attributes> attributes_of(const Walk& walk, const Target& target) {
  if (target.attributes != nullptr) {
    return *target.attributes;
  }
  if (target.place.mount == nullptr) {
    return synthetic_attributes(*target.place.point);
  }
  return ask_attributes(walk, target.place);
}

/// Null when it takes a walk.
std::unique_ptr<File> open_directly(const MountTable& mounts, std::string_view path) {
  const MountTable::Snapshot snapshot = mounts.snapshot();
  const auto direct = find_direct_path(*snapshot, path);
  if (!direct || direct->path.empty() || direct->mount->path_access() == nullptr) {
    return nullptr;
  }
  Pin pin(*direct->mount);
  auto file = pin ? direct->mount->path_access()->open_path(direct->path) : nullptr;
  return file == nullptr ? nullptr : make_mounted_file(std::move(pin), std::move(file), path);
}

/// Any error means that it takes a walk, which tells the true one.
Result<Attributes> attributes_directly(const MountTable& mounts, std::string_view path) {
  const MountTable::Snapshot snapshot = mounts.snapshot();
  const auto direct = find_direct_path(*snapshot, path);
  if (direct && direct->path.empty()) {
    return direct->mount->file_system().attributes(kRootNode);
  }
  if (direct && direct->mount->path_access() != nullptr) {
    return direct->mount->path_access()->path_attributes(direct->path);
  }
  return make_error(kStaleNode, "stat");
}

/// One variable that is returned in any case costs no copy on the direct way.
Result<Attributes> attributes_at(const MountTable& mounts, const Request& request) {
  Result<Attributes> attributes = attributes_directly(mounts, request.path);
  if (!attributes) {
    attributes = resolve_and(mounts, request, attributes_of);
  }
  return attributes;
}

bool by_name(const DirectoryEntry& left, const DirectoryEntry& right) {
  return left.name < right.name;
}

Result<std::vector<DirectoryEntry>> provider_entries(FileSystem& file_system, NodeId directory) {
  std::vector<DirectoryEntry> entries;
  std::uint64_t cookie = 0;
  while (true) {
    auto batch = SEABAG_TRY(file_system.list(directory, cookie, kListBatch));
    if (batch.empty()) {
      break;
    }
    cookie = batch.back().cookie;
    for (DirectoryEntry& entry : batch) {
      entry.cookie = 0;
    }
    entries.insert(entries.end(), std::make_move_iterator(batch.begin()),
                   std::make_move_iterator(batch.end()));
  }
  std::sort(entries.begin(), entries.end(), by_name);
  return entries;
}

DirectoryEntry entry_of(const MountNode& point) {
  DirectoryEntry entry{.name = point.name,
                       .node = NodeId{point.inode},
                       .inode = point.inode,
                       .type = FileType::directory};
  if (const MountState* mount = point.top; mount != nullptr) {
    const auto root = mount->file_system().attributes(kRootNode);
    entry.node = kRootNode;
    entry.inode = root ? root->inode : point.inode;  // a broken mount does not hide its siblings
  }
  return entry;
}

/// Mount points show, and so do directories on the way to one, unless they really exist.
void add_mount_points(const MountNode& directory, std::vector<DirectoryEntry>& entries) {
  std::vector<DirectoryEntry> more;
  for (const auto& point : directory.children) {
    DirectoryEntry entry = entry_of(*point);
    const auto found = std::lower_bound(entries.begin(), entries.end(), entry, by_name);
    if (found == entries.end() || found->name != entry.name) {
      more.push_back(std::move(entry));
    } else if (point->top != nullptr || found->type != FileType::directory) {
      *found = std::move(entry);
    }
  }
  entries.insert(entries.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  std::sort(entries.begin(), entries.end(), by_name);
}

void add_records(const MountNode& tree, std::vector<MountRecord>& records) {
  std::vector<const MountNode*> pending{&tree};
  while (!pending.empty()) {
    const MountNode* node = pending.back();
    pending.pop_back();
    for (const auto& state : node->mounts) {
      records.push_back(state->record());
    }
    for (const auto& child : node->children) {
      pending.push_back(child.get());
    }
  }
}

}  // namespace

Namespace::Namespace() : mounts_(std::make_shared<MountTable>()) {}

Namespace::~Namespace() = default;

Result<Mount> Namespace::attach(std::string_view prefix, std::shared_ptr<FileSystem> file_system,
                                WritableFileSystem* writable, MountOptions options) {
  constexpr const char* kOperation = "mount";
  if (file_system == nullptr) {
    return make_error(std::errc::invalid_argument, kOperation, prefix, "no file system was given");
  }
  const std::string point = SEABAG_TRY(retry_stale([&] {
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    return Walk(*snapshot, prefix, kOperation).mount_point();
  }));
  std::shared_ptr<WritableFileSystem> observed;
  if (writable != nullptr && options.access == MountAccess::full) {
    observed = make_observed({file_system, writable});
  }
  auto state = MountState::make(point, std::move(file_system), std::move(observed));
  if (auto added = mounts_->add(state); !added) {
    Error error = std::move(added).error();
    error.path = prefix;
    return error;
  }
  return Mount(mounts_, std::move(state));
}

Result<void> Namespace::unmount(std::string_view path, UnmountMode mode) {
  return resolve_and(*mounts_, {path, "unmount"},
                     [&](const Walk& walk, const Target& target) -> Result<void> {
                       if (!target.place.is_mount_point()) {
                         return walk.fail(std::errc::invalid_argument, "nothing is mounted there");
                       }
                       return walk.named(mounts_->remove(*target.place.mount, mode));
                     });
}

std::vector<MountRecord> Namespace::mounts() const {
  std::vector<MountRecord> records;
  add_records(*mounts_->snapshot(), records);
  std::stable_sort(
      records.begin(), records.end(),
      [](const MountRecord& left, const MountRecord& right) { return left.point < right.point; });
  return records;
}

MountObservation Namespace::observe_mounts(MountObserver observer) {
  auto shared = std::make_shared<const MountObserver>(std::move(observer));
  mounts_->add_observer(shared);
  return {mounts_, std::move(shared)};
}

Result<std::unique_ptr<File>> Namespace::open(std::string_view path, OpenOptions options) const {
  if (!options.directory) {
    if (auto file = open_directly(*mounts_, path)) {
      return file;
    }
  }
  const auto open_target = [&](const Walk& walk,
                               const Target& target) -> Result<std::unique_ptr<File>> {
    if (target.is_directory()) {
      return walk.fail(std::errc::is_a_directory);
    }
    if (options.directory) {
      return walk.fail(std::errc::not_a_directory);
    }
    if (target.type == FileType::symlink) {
      return walk.fail(std::errc::too_many_symbolic_link_levels, "symlinks are not to be followed");
    }
    Pin pin(*target.place.mount);
    if (!pin) {
      return walk.fail(kStaleNode);
    }
    FileSystem& file_system = target.place.mount->file_system();
    auto file = SEABAG_TRY(walk.named(file_system.open(target.place.node)));
    return make_mounted_file(std::move(pin), std::move(file), path);
  };
  return resolve_and(*mounts_, {path, "open", options.last_link}, open_target);
}

Result<Attributes> Namespace::stat(std::string_view path) const {
  return attributes_at(*mounts_, {path, "stat"});
}

Result<Attributes> Namespace::lstat(std::string_view path) const {
  return attributes_at(*mounts_, {path, "lstat", LastLink::keep});
}

Result<std::vector<DirectoryEntry>> Namespace::list(std::string_view path) const {
  using Answer = Result<std::vector<DirectoryEntry>>;
  const auto list_target = [](const Walk& walk, const Target& target) -> Answer {
    if (!target.is_directory()) {
      return walk.fail(std::errc::not_a_directory);
    }
    const Position& place = target.place;
    std::vector<DirectoryEntry> entries;
    if (place.mount != nullptr) {
      entries = SEABAG_TRY(walk.named(provider_entries(place.mount->file_system(), place.node)));
    }
    if (place.point != nullptr) {
      add_mount_points(*place.point, entries);
    }
    return entries;
  };
  return resolve_and(*mounts_, {path, "list"}, list_target);
}

Result<std::string> Namespace::read_link(std::string_view path) const {
  return resolve_and(*mounts_, {path, "readlink", LastLink::keep},
                     [](const Walk& walk, const Target& target) -> Result<std::string> {
                       if (target.type != FileType::symlink) {
                         return walk.fail(std::errc::invalid_argument, "it is no symlink");
                       }
                       const Position& place = target.place;
                       return walk.named(place.mount->file_system().read_link(place.node));
                     });
}

Result<std::string> Namespace::real_path(std::string_view path) const {
  return resolve_and(*mounts_, {path, "realpath"},
                     [](const Walk& walk, const Target&) { return walk.real_path(); });
}

Result<Statistics> Namespace::statistics(std::string_view path) const {
  return resolve_and(*mounts_, {path, "statfs"},
                     [](const Walk& walk, const Target& target) -> Result<Statistics> {
                       if (target.place.mount == nullptr) {
                         return Statistics{};
                       }
                       return walk.named(target.place.mount->file_system().statistics());
                     });
}

Result<std::string> Namespace::xattr(std::string_view path, std::string_view name,
                                     LastLink last_link) const {
  if (auto usable = check_xattr_sizes(name, 0, "getxattr"); !usable) {
    return with_path(std::move(usable).error(), path);
  }
  return resolve_and(*mounts_, {path, "getxattr", last_link},
                     [&](const Walk& walk, const Target& target) -> Result<std::string> {
                       SEABAG_TRY(walk.named(check_xattr_readable(target.type, name, "getxattr")));
                       const Position& place = target.place;
                       if (place.mount == nullptr) {
                         return walk.fail(kNoAttribute);
                       }
                       return walk.named(place.mount->file_system().xattr(place.node, name));
                     });
}

Result<std::vector<std::string>> Namespace::xattrs(std::string_view path,
                                                   LastLink last_link) const {
  using Answer = Result<std::vector<std::string>>;
  return resolve_and(*mounts_, {path, "listxattr", last_link},
                     [](const Walk& walk, const Target& target) -> Answer {
                       const Position& place = target.place;
                       if (place.mount == nullptr) {
                         return std::vector<std::string>{};
                       }
                       return walk.named(place.mount->file_system().xattrs(place.node));
                     });
}

}  // namespace seabag::vfs
