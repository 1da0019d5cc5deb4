#include <optional>
#include <utility>

#include "mount_table.h"
#include "mounted_file.h"
#include "resolve.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/rules.h"
#include "seabag/vfs/tree.h"
#include "walk.h"

namespace seabag::vfs {
namespace {

using OpenedFile = Result<std::unique_ptr<WritableFile>>;

/// One attempt of open(2) for writing; ESTALE asks for another.
class Opening {
 public:
  Opening(const MountNode& mounts, std::string_view path, const WriteOptions& options)
      : walk_(mounts, path, "open"), path_(path), options_(options) {}

  OpenedFile run() {
    SEABAG_TRY(walk_.to_parent());
    while (walk_.last_kind() == Walk::LastKind::name) {
      if (is_creating() && walk_.has_trailing_slash()) {
        return walk_.fail(std::errc::is_a_directory, "a file is not made with a trailing slash");
      }
      auto target = walk_.look_at_last();
      if (!target) {
        const bool is_missing = target.error().is(std::errc::no_such_file_or_directory);
        return is_missing && is_creating() ? create() : std::move(target).error();
      }
      if (options_.create == CreateMode::exclusive) {
        return walk_.fail(std::errc::file_exists);
      }
      if (target->type != FileType::symlink || !is_following()) {
        return open(*target);
      }
      SEABAG_TRY(walk_.follow_last(*target));
    }
    return walk_.fail(options_.create == CreateMode::exclusive ? std::errc::file_exists
                                                               : std::errc::is_a_directory);
  }

 private:
  [[nodiscard]] bool is_creating() const { return options_.create != CreateMode::never; }
  [[nodiscard]] bool is_following() const {
    return options_.last_link == LastLink::follow || walk_.has_trailing_slash();
  }

  OpenedFile create() {
    WritableFileSystem* writable = SEABAG_TRY(walk_.writable(walk_.top()));
    auto made = writable->create(
        walk_.top().node, walk_.last(),
        {.mode = options_.node.mode, .uid = options_.node.uid, .gid = options_.node.gid});
    if (!made && made.error().is(std::errc::file_exists) &&
        options_.create == CreateMode::if_missing) {
      return walk_.fail(kStaleNode);  // somebody else has made it since the lookup
    }
    const Attributes attributes = SEABAG_TRY(walk_.named(std::move(made)));
    return open_pinned({.mount = walk_.top().mount, .node = attributes.node});
  }

  OpenedFile open(const Target& target) {
    if (target.is_directory()) {
      return walk_.fail(std::errc::is_a_directory);
    }
    if (options_.directory || walk_.has_trailing_slash()) {
      return walk_.fail(std::errc::not_a_directory);
    }
    if (target.type == FileType::symlink) {
      return walk_.fail(std::errc::too_many_symbolic_link_levels,
                        "symlinks are not to be followed");
    }
    auto file = SEABAG_TRY(open_pinned(target.place));
    if (options_.truncate) {
      SEABAG_TRY(walk_.named(file->resize(0)));
    }
    return file;
  }

  OpenedFile open_pinned(const Position& place) {
    WritableFileSystem* writable = SEABAG_TRY(walk_.writable(place));
    Pin pin(*place.mount);
    if (!pin) {
      return walk_.fail(kStaleNode);
    }
    auto file = SEABAG_TRY(walk_.named(writable->open_writable(place.node)));
    return make_mounted_file(std::move(pin), std::move(file), path_);
  }

  Walk walk_;
  std::string_view path_;        ///< owned by the caller
  const WriteOptions& options_;  ///< owned by the caller
};

/// Where a new name is to be made: EEXIST whatever has it, ENOENT for a trailing slash where no
/// directory is made, and only then EROFS.
Result<WritableFileSystem*> place_for(Walk& walk, FileType type) {
  SEABAG_TRY(walk.to_parent());
  if (walk.last_kind() != Walk::LastKind::name) {
    return walk.fail(std::errc::file_exists);
  }
  const auto target = walk.look_at_last();
  if (target) {
    return walk.fail(std::errc::file_exists);
  }
  if (!target.error().is(std::errc::no_such_file_or_directory)) {
    return target.error();
  }
  if (walk.has_trailing_slash() && type != FileType::directory) {
    return walk.fail(std::errc::no_such_file_or_directory, "only a directory may end in a slash");
  }
  return walk.writable(walk.top());
}

/// What is to be removed, and by whom.
struct Removal {
  WritableFileSystem* writable;
  Target target;
};

Result<Target> find_removable(Walk& walk, RemoveKind kind) {
  SEABAG_TRY(walk.to_parent());
  const Walk::LastKind last = walk.last_kind();
  if (last != Walk::LastKind::name && kind == RemoveKind::file) {
    return walk.fail(std::errc::is_a_directory);
  }
  if (last == Walk::LastKind::root) {
    return walk.fail(std::errc::device_or_resource_busy, "the root cannot be removed");
  }
  if (last == Walk::LastKind::dot) {
    return walk.fail(std::errc::invalid_argument, "'.' cannot be removed: give its name");
  }
  if (last == Walk::LastKind::dot_dot) {
    return walk.fail(std::errc::directory_not_empty);
  }
  return walk.look_at_last();
}

Result<Removal> check_removal(Walk& walk, RemoveKind kind) {
  const Target target = SEABAG_TRY(find_removable(walk, kind));
  if (kind == RemoveKind::file) {
    if (target.is_directory()) {
      return walk.fail(std::errc::is_a_directory);
    }
    if (walk.has_trailing_slash()) {
      return walk.fail(std::errc::not_a_directory);
    }
  } else if (!target.is_directory()) {
    return walk.fail(std::errc::not_a_directory);
  } else if (target.place.is_mount_point() || target.place.mount == nullptr) {
    return walk.fail(std::errc::device_or_resource_busy, "it is, or leads to, a mount point");
  } else if (target.place.point != nullptr) {
    return walk.fail(std::errc::directory_not_empty, "something is mounted below it");
  }
  return Removal{SEABAG_TRY(walk.writable(walk.top())), target};
}

/// EBUSY for what rename(2) may not move or replace.
Result<void> check_movable(const Walk& walk, const Target& target) {
  if (target.place.point != nullptr || target.place.mount == nullptr) {
    return walk.fail(std::errc::device_or_resource_busy, "something is mounted at or below it");
  }
  return {};
}

/// The target under the new name, if there is one, checked for `mode`.
Result<std::optional<Target>> check_destination(Walk& walk, RenameMode mode) {
  auto target = walk.look_at_last();
  if (!target) {
    if (!target.error().is(std::errc::no_such_file_or_directory) || mode == RenameMode::exchange) {
      return std::move(target).error();
    }
    return std::optional<Target>();
  }
  if (mode == RenameMode::no_replace) {
    return walk.fail(std::errc::file_exists);
  }
  SEABAG_TRY(check_movable(walk, *target));
  return std::optional<Target>(*std::move(target));
}

Result<void> rename_once(Walk& from, Walk& to, RenameMode mode) {
  SEABAG_TRY(from.to_parent());
  SEABAG_TRY(to.to_parent());
  if (from.top().mount != to.top().mount) {
    return from.fail(std::errc::cross_device_link, "the two names are on different mounts");
  }
  if (from.last_kind() != Walk::LastKind::name) {
    return from.fail(std::errc::device_or_resource_busy, "'/', '.' and '..' cannot be renamed");
  }
  if (to.last_kind() != Walk::LastKind::name) {
    return to.fail(mode == RenameMode::no_replace ? std::errc::file_exists
                                                  : std::errc::device_or_resource_busy,
                   "'/', '.' and '..' cannot be replaced");
  }
  const Target source = SEABAG_TRY(from.look_at_last());
  const std::optional<Target> replaced = SEABAG_TRY(check_destination(to, mode));
  // A slash asks for a directory: the one that is moved, or in an exchange the one that is there.
  if (from.has_trailing_slash() && !source.is_directory()) {
    return from.fail(std::errc::not_a_directory);
  }
  const Target& slashed = mode == RenameMode::exchange ? *replaced : source;
  if (to.has_trailing_slash() && !slashed.is_directory()) {
    return to.fail(std::errc::not_a_directory);
  }
  SEABAG_TRY(check_movable(from, source));
  WritableFileSystem* writable = SEABAG_TRY(from.writable(from.top()));
  return from.named(writable->rename(from.top().node, from.last(), to.top().node, to.last(), mode));
}

Result<Attributes> link_once(Walk& existing, Walk& made, LastLink last_link) {
  const Target source = SEABAG_TRY(existing.resolve(last_link));
  WritableFileSystem* writable = SEABAG_TRY(place_for(made, FileType::regular));
  if (source.place.mount != made.top().mount) {
    return existing.fail(std::errc::cross_device_link, "the two names are on different mounts");
  }
  if (source.is_directory()) {
    return existing.fail(std::errc::operation_not_permitted, "a directory has one name only");
  }
  return made.named(writable->link(source.place.node, made.top().node, made.last()));
}

}  // namespace

Result<std::unique_ptr<WritableFile>> Namespace::open_writable(std::string_view path,
                                                               WriteOptions options) {
  if (options.directory && options.create != CreateMode::never) {
    return make_error(std::errc::invalid_argument, "open", path,
                      "a directory is not made by opening it");
  }
  return retry_stale([&] {
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    return Opening(*snapshot, path, options).run();
  });
}

Result<std::unique_ptr<WritableFile>> Namespace::create_unnamed(std::string_view path,
                                                                CreateOptions options) {
  const NewNode what{.mode = options.mode, .uid = options.uid, .gid = options.gid};
  return resolve_and(
      *mounts_, {path, "open"}, [&](const Walk& walk, const Target& target) -> OpenedFile {
        if (!target.is_directory()) {
          return walk.fail(std::errc::not_a_directory);
        }
        WritableFileSystem* writable = SEABAG_TRY(walk.writable(target.place));
        Pin pin(*target.place.mount);
        if (!pin) {
          return walk.fail(kStaleNode);
        }
        auto file = SEABAG_TRY(walk.named(writable->create_unnamed(target.place.node, what)));
        return make_mounted_file(std::move(pin), std::move(file), path);
      });
}

Result<Attributes> Namespace::create(std::string_view path, const NewNode& what) {
  if (what.type == FileType::symlink) {  // the kernel reads the target before it walks
    if (auto usable = check_link_target(what.target, "create"); !usable) {
      return with_path(std::move(usable).error(), path);
    }
  }
  return retry_stale([&]() -> Result<Attributes> {
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    Walk walk(*snapshot, path, "create");
    WritableFileSystem* writable = SEABAG_TRY(place_for(walk, what.type));
    return walk.named(writable->create(walk.top().node, walk.last(), what));
  });
}

Result<Attributes> Namespace::create_link(std::string_view existing, std::string_view path,
                                          LastLink last_link) {
  return retry_stale([&] {
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    Walk source(*snapshot, existing, "link");
    Walk made(*snapshot, path, "link");
    return link_once(source, made, last_link);
  });
}

Result<Attributes> Namespace::create_link(const File& file, std::string_view path) {
  return retry_stale([&]() -> Result<Attributes> {
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    Walk walk(*snapshot, path, "link");
    const Attributes source = SEABAG_TRY(file.attributes());
    WritableFileSystem* writable = SEABAG_TRY(place_for(walk, FileType::regular));
    return walk.named(writable->link(source.node, walk.top().node, walk.last()));
  });
}

Result<void> Namespace::rename(std::string_view from, std::string_view to, RenameMode mode) {
  return retry_stale([&] {
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    Walk source(*snapshot, from, "rename");
    Walk destination(*snapshot, to, "rename");
    return rename_once(source, destination, mode);
  });
}

Result<void> Namespace::remove(std::string_view path, RemoveKind kind) {
  return retry_stale([&]() -> Result<void> {
    const char* operation = kind == RemoveKind::file ? "unlink" : "rmdir";
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    Walk walk(*snapshot, path, operation);
    const Removal removal = SEABAG_TRY(check_removal(walk, kind));
    return walk.named(removal.writable->remove(walk.top().node, walk.last(), kind));
  });
}

Result<void> Namespace::remove_all(std::string_view path) {
  return retry_stale([&]() -> Result<void> {
    const MountTable::Snapshot snapshot = mounts_->snapshot();
    Walk walk(*snapshot, path, "remove_all");
    const Target target = SEABAG_TRY(find_removable(walk, RemoveKind::directory));
    SEABAG_TRY(check_movable(walk, target));
    if (walk.has_trailing_slash() && !target.is_directory()) {
      return walk.fail(std::errc::not_a_directory);
    }
    WritableFileSystem* writable = SEABAG_TRY(walk.writable(walk.top()));
    return walk.named(remove_tree(*writable, walk.top().node, walk.last()));
  });
}

Result<Attributes> Namespace::set_attributes(std::string_view path, const AttributeChanges& changes,
                                             LastLink last_link) {
  return resolve_and(*mounts_, {path, "setattr", last_link},
                     [&](const Walk& walk, const Target& target) -> Result<Attributes> {
                       WritableFileSystem* writable = SEABAG_TRY(walk.writable(target.place));
                       return walk.named(writable->set_attributes(target.place.node, changes));
                     });
}

Result<void> Namespace::set_xattr(std::string_view path, std::string_view name,
                                  std::string_view value, XattrMode mode) {
  if (auto usable = check_xattr_sizes(name, value.size(), "setxattr"); !usable) {
    return with_path(std::move(usable).error(), path);
  }
  return resolve_and(*mounts_, {path, "setxattr"},
                     [&](const Walk& walk, const Target& target) -> Result<void> {
                       WritableFileSystem* writable = SEABAG_TRY(walk.writable(target.place));
                       return walk.named(writable->set_xattr(target.place.node, name, value, mode));
                     });
}

Result<void> Namespace::remove_xattr(std::string_view path, std::string_view name) {
  if (auto usable = check_xattr_sizes(name, 0, "removexattr"); !usable) {
    return with_path(std::move(usable).error(), path);
  }
  return resolve_and(*mounts_, {path, "removexattr"},
                     [&](const Walk& walk, const Target& target) -> Result<void> {
                       WritableFileSystem* writable = SEABAG_TRY(walk.writable(target.place));
                       SEABAG_TRY(walk.named(check_xattr_name(target.type, name, "removexattr")));
                       return walk.named(writable->remove_xattr(target.place.node, name));
                     });
}

Result<void> Namespace::sync(std::string_view path) {
  return resolve_and(*mounts_, {path, "sync"},
                     [](const Walk& walk, const Target& target) -> Result<void> {
                       const MountState* mount = target.place.mount;
                       if (mount == nullptr || mount->writable() == nullptr) {
                         return {};
                       }
                       return walk.named(mount->writable()->sync());
                     });
}

}  // namespace seabag::vfs
