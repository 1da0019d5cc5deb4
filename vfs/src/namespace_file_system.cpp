#include "seabag/vfs/namespace_file_system.h"

#include <algorithm>
#include <string>
#include <utility>

#include "joined_file.h"
#include "joined_nodes.h"
#include "mounted_file.h"
#include "resolve.h"
#include "seabag/vfs/path.h"

namespace seabag::vfs {

namespace {

/// A node of the namespace while a call works on it.
struct Place {
  const MountState* mount = nullptr;  ///< null in a synthetic directory
  NodeId node{};                      ///< in `mount`
  const MountNode* point = nullptr;   ///< of a directory that belongs to a path
  std::string path = {};              ///< of the same

  [[nodiscard]] const MountNode* child(std::string_view name) const {
    return point == nullptr ? nullptr : point->children.find(name);
  }
  [[nodiscard]] std::string path_to(std::string_view name) const {
    std::string text = path == "/" ? path : path + "/";
    return text.append(name);
  }
};

/// A provider's cookie and whether the row is a mount point, as one number.
struct Cookie {
  std::uint64_t own = 0;
  bool is_point = false;

  static Cookie from(std::uint64_t joined) {
    return {.own = joined >> 1U, .is_point = (joined & 1U) != 0};
  }
  [[nodiscard]] std::uint64_t joined() const { return own << 1U | (is_point ? 1U : 0U); }
};

class NamespaceFileSystem final : public WritableFileSystem {
 public:
  NamespaceFileSystem(std::shared_ptr<Namespace> files, std::shared_ptr<MountTable> mounts)
      : files_(std::move(files)), mounts_(std::move(mounts)) {}

  const Capabilities& capabilities() const override { return capabilities_; }

  Result<Attributes> lookup(NodeId parent, std::string_view name) override {
    SEABAG_TRY(check_name(name, "lookup"));
    return at(parent, "lookup", [&](const Place& place) { return lookup_at(place, name); });
  }

  Result<Attributes> attributes(NodeId node) override {
    return at(node, "stat",
              [&](const Place& place) -> Result<Attributes> { return attributes_at(place); });
  }

  Result<std::unique_ptr<File>> open(NodeId node) override {
    return at(node, "open", [&](const Place& place) -> Result<std::unique_ptr<File>> {
      if (place.mount == nullptr) {
        return make_error(std::errc::is_a_directory, "open");
      }
      auto file = SEABAG_TRY(place.mount->file_system().open(place.node));
      return make_joined_file(SEABAG_TRY(pin(place)), std::move(file), SEABAG_TRY(numbers(place)));
    });
  }

  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override {
    return at(directory, "list",
              [&](const Place& place) { return list_at(place, Cookie::from(cookie), limit); });
  }

  Result<std::string> read_link(NodeId node) override {
    return ask(
        node, "readlink", [](FileSystem& files, NodeId own) { return files.read_link(own); },
        std::errc::invalid_argument);
  }
  Result<std::string> xattr(NodeId node, std::string_view name) override {
    return ask(
        node, "getxattr", [&](FileSystem& files, NodeId own) { return files.xattr(own, name); },
        kNoAttribute);
  }
  Result<std::vector<std::string>> xattrs(NodeId node) override {
    return at(node, "listxattr", [](const Place& place) -> Result<std::vector<std::string>> {
      if (place.mount == nullptr) {
        return std::vector<std::string>{};
      }
      return place.mount->file_system().xattrs(place.node);
    });
  }
  /// Of what is mounted at the root.
  Result<Statistics> statistics() override { return files_->statistics("/"); }

  Result<Attributes> create(NodeId parent, std::string_view name, const NewNode& what) override {
    SEABAG_TRY(check_name(name, "create"));
    return at(parent, "create", [&](const Place& place) -> Result<Attributes> {
      WritableFileSystem* files = SEABAG_TRY(writable_for_new(place, name, "create"));
      return joined(place, files->create(place.node, name, what));
    });
  }

  Result<std::unique_ptr<WritableFile>> create_unnamed(NodeId directory,
                                                       const NewNode& what) override {
    return at(directory, "open", [&](const Place& place) -> Result<std::unique_ptr<WritableFile>> {
      WritableFileSystem* files = SEABAG_TRY(writable(place, "open"));
      auto file = SEABAG_TRY(files->create_unnamed(place.node, what));
      const JoinedNumbers numbers{.mount = SEABAG_TRY(nodes_.mount_number(*place.mount))};
      return make_joined_file(SEABAG_TRY(pin(place)), std::move(file), numbers);
    });
  }

  Result<std::unique_ptr<WritableFile>> open_writable(NodeId node) override {
    return at(node, "open", [&](const Place& place) -> Result<std::unique_ptr<WritableFile>> {
      if (place.mount == nullptr) {
        return make_error(std::errc::is_a_directory, "open");
      }
      WritableFileSystem* files = SEABAG_TRY(writable(place, "open"));
      auto file = SEABAG_TRY(files->open_writable(place.node));
      return make_joined_file(SEABAG_TRY(pin(place)), std::move(file), SEABAG_TRY(numbers(place)));
    });
  }

  Result<Attributes> link(NodeId node, NodeId parent, std::string_view name) override {
    SEABAG_TRY(check_name(name, "link"));
    return at(parent, "link", [&](const Place& place) -> Result<Attributes> {
      WritableFileSystem* files = SEABAG_TRY(writable_for_new(place, name, "link"));
      const NodeId own = SEABAG_TRY(own_in(place, node, "link"));
      return joined(place, files->link(own, place.node, name));
    });
  }

  Result<void> remove(NodeId parent, std::string_view name, RemoveKind kind) override {
    SEABAG_TRY(check_name(name, "remove"));
    return at(parent, "remove", [&](const Place& place) -> Result<void> {
      WritableFileSystem* files = SEABAG_TRY(writable_for_old(place, name, "remove"));
      return files->remove(place.node, name, kind);
    });
  }

  Result<void> rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name,
                      RenameMode mode) override {
    SEABAG_TRY(check_name(from_name, "rename"));
    SEABAG_TRY(check_name(to_name, "rename"));
    return at(from, "rename", [&](const Place& source) -> Result<void> {
      WritableFileSystem* files = SEABAG_TRY(writable_for_old(source, from_name, "rename"));
      return at(to, "rename", [&](const Place& target) -> Result<void> {
        if (target.mount != source.mount) {
          return make_error(std::errc::cross_device_link, "rename");
        }
        if (target.child(to_name) != nullptr) {
          return make_error(std::errc::device_or_resource_busy, "rename");
        }
        return files->rename(source.node, from_name, target.node, to_name, mode);
      });
    });
  }

  Result<Attributes> set_attributes(NodeId node, const AttributeChanges& changes) override {
    return at(node, "setattr", [&](const Place& place) -> Result<Attributes> {
      WritableFileSystem* files = SEABAG_TRY(writable(place, "setattr"));
      auto changed = SEABAG_TRY(files->set_attributes(place.node, changes));
      return numbered(place, std::move(changed));
    });
  }

  Result<void> set_xattr(NodeId node, std::string_view name, std::string_view value,
                         XattrMode mode) override {
    return at(node, "setxattr", [&](const Place& place) -> Result<void> {
      WritableFileSystem* files = SEABAG_TRY(writable(place, "setxattr"));
      return files->set_xattr(place.node, name, value, mode);
    });
  }

  Result<void> remove_xattr(NodeId node, std::string_view name) override {
    return at(node, "removexattr", [&](const Place& place) -> Result<void> {
      WritableFileSystem* files = SEABAG_TRY(writable(place, "removexattr"));
      return files->remove_xattr(place.node, name);
    });
  }

  Result<void> sync() override {
    Result<void> done;
    for (const MountRecord& mount : files_->mounts()) {
      if (auto synced = files_->sync(mount.point); !synced) {
        done = std::move(synced);
      }
    }
    return done;
  }

 private:
  /// Makes a call on the place of a node: `call(const Place&)`.
  template <typename Call>
  auto at(NodeId node, const char* operation, const Call& call)
      -> decltype(call(std::declval<const Place&>())) {
    if (JoinedNodes::mount_number(node) != 0) {
      const auto mount = nodes_.mount_of(node);
      if (mount == nullptr) {
        return make_error(kStaleNode, operation);
      }
      return call(Place{.mount = mount.get(), .node = JoinedNodes::own(node)});
    }
    const std::string path = SEABAG_TRY(nodes_.path_of(node));
    return without_path(resolve_and(*mounts_, {path, operation, LastLink::keep},
                                    [&](const Walk&, const Target& target) {
                                      return call(Place{.mount = target.place.mount,
                                                        .node = target.place.node,
                                                        .point = target.place.point,
                                                        .path = path});
                                    }));
  }

  template <typename Call>
  Result<std::string> ask(NodeId node, const char* operation, const Call& call,
                          std::errc of_synthetic) {
    return at(node, operation, [&](const Place& place) -> Result<std::string> {
      if (place.mount == nullptr) {
        return make_error(of_synthetic, operation);
      }
      return call(place.mount->file_system(), place.node);
    });
  }

  /// The contract has no paths in errors.
  template <typename T>
  static Result<T> without_path(Result<T> result) {
    if (!result) {
      Error error = std::move(result).error();
      error.path.clear();
      return error;
    }
    return result;
  }

  Result<Attributes> lookup_at(const Place& place, std::string_view name) {
    if (place.child(name) != nullptr) {
      return attributes(nodes_.directory(place.path_to(name)));
    }
    if (place.mount == nullptr) {
      return make_error(std::errc::no_such_file_or_directory, "lookup");
    }
    return joined(place, place.mount->file_system().lookup(place.node, name));
  }

  Result<Attributes> attributes_at(const Place& place) {
    if (place.mount != nullptr) {
      return numbered(place, SEABAG_TRY(place.mount->file_system().attributes(place.node)));
    }
    auto found = SEABAG_TRY(files_->lstat(place.path));
    return numbered(place, std::move(found));
  }

  Result<std::vector<DirectoryEntry>> list_at(const Place& place, Cookie after, std::size_t limit) {
    std::vector<DirectoryEntry> rows;
    if (!after.is_point && place.mount != nullptr) {
      SEABAG_TRY(add_own_rows(place, after.own, limit, rows));
    }
    if (place.point != nullptr && rows.size() < limit) {
      add_points(place, after.is_point ? after.own : 0, limit, rows);
    }
    return rows;
  }

  Result<void> add_own_rows(const Place& place, std::uint64_t cookie, std::size_t limit,
                            std::vector<DirectoryEntry>& rows) {
    const std::uint64_t mount = SEABAG_TRY(nodes_.mount_number(*place.mount));
    while (rows.size() < limit) {
      const auto batch =
          SEABAG_TRY(place.mount->file_system().list(place.node, cookie, limit - rows.size()));
      if (batch.empty()) {
        break;
      }
      for (DirectoryEntry row : batch) {
        cookie = row.cookie;
        if (place.child(row.name) != nullptr) {
          continue;  // told among the mount points
        }
        row.node = SEABAG_TRY(JoinedNodes::join(mount, row.node));
        row.inode = JoinedNodes::inode(mount, row.inode);
        row.cookie = Cookie{.own = row.cookie}.joined();
        rows.push_back(std::move(row));
      }
    }
    return {};
  }

  /// In the order of their numbers, which stay while others come and go.
  void add_points(const Place& place, std::uint64_t after, std::size_t limit,
                  std::vector<DirectoryEntry>& rows) {
    std::vector<DirectoryEntry> points;
    for (const auto& child : place.point->children) {
      const auto number = static_cast<std::uint64_t>(nodes_.directory(place.path_to(child->name)));
      if (number > after) {
        points.push_back({.name = child->name,
                          .node = NodeId{number},
                          .inode = number,
                          .type = FileType::directory,
                          .cookie = Cookie{.own = number, .is_point = true}.joined()});
      }
    }
    std::sort(points.begin(), points.end(),
              [](const auto& left, const auto& right) { return left.cookie < right.cookie; });
    points.resize(std::min(points.size(), limit - rows.size()));
    std::move(points.begin(), points.end(), std::back_inserter(rows));
  }

  /// A provider's answer about a node in the same file system.
  Result<Attributes> joined(const Place& place, Result<Attributes> own) {
    if (own) {
      const JoinedNumbers numbers{.mount = SEABAG_TRY(nodes_.mount_number(*place.mount))};
      return numbers.apply(*own);
    }
    return own;
  }

  /// The same about the node of the place itself.
  Result<Attributes> numbered(const Place& place, Attributes own) {
    const JoinedNumbers numbers = SEABAG_TRY(this->numbers(place));
    return numbers.apply(std::move(own));
  }

  Result<JoinedNumbers> numbers(const Place& place) {
    if (!place.path.empty()) {
      return JoinedNumbers{.directory = nodes_.directory(place.path)};
    }
    return JoinedNumbers{.mount = SEABAG_TRY(nodes_.mount_number(*place.mount))};
  }

  static Result<Pin> pin(const Place& place) {
    Pin pin(*place.mount);
    if (!pin) {
      return make_error(kStaleNode, "open");
    }
    return pin;
  }

  static Result<WritableFileSystem*> writable(const Place& place, const char* operation) {
    WritableFileSystem* files = place.mount == nullptr ? nullptr : place.mount->writable();
    if (files == nullptr) {
      return make_error(std::errc::read_only_file_system, operation);
    }
    return files;
  }

  /// For making `name`: EEXIST comes before EROFS.
  Result<WritableFileSystem*> writable_for_new(const Place& place, std::string_view name,
                                               const char* operation) {
    if (place.child(name) != nullptr) {
      return make_error(std::errc::file_exists, operation);
    }
    auto files = writable(place, operation);
    if (!files && place.mount != nullptr) {
      const auto found = place.mount->file_system().lookup(place.node, name);
      if (found || !found.error().is(std::errc::no_such_file_or_directory)) {
        return found ? make_error(std::errc::file_exists, operation) : found.error();
      }
    }
    return files;
  }

  /// For taking `name` away: EBUSY and ENOENT come before EROFS.
  Result<WritableFileSystem*> writable_for_old(const Place& place, std::string_view name,
                                               const char* operation) {
    if (place.child(name) != nullptr) {
      return make_error(std::errc::device_or_resource_busy, operation);
    }
    auto files = writable(place, operation);
    if (!files) {
      (void)SEABAG_TRY(lookup_at(place, name));  // that it is there is all that matters
    }
    return files;
  }

  /// The provider's number of a node that must be in the same file system.
  Result<NodeId> own_in(const Place& place, NodeId node, const char* operation) {
    if (JoinedNodes::mount_number(node) == 0) {
      (void)SEABAG_TRY(nodes_.path_of(node));  // that it is known is all that matters
      return make_error(std::errc::operation_not_permitted, operation, {}, "it is a directory");
    }
    if (nodes_.mount_of(node).get() != place.mount) {
      return make_error(std::errc::cross_device_link, operation);
    }
    return JoinedNodes::own(node);
  }

  std::shared_ptr<Namespace> files_;
  std::shared_ptr<MountTable> mounts_;
  JoinedNodes nodes_;
  Capabilities capabilities_{
      .hard_links = true, .extended_attributes = true, .sparse_files = true, .special_files = true};
};

}  // namespace

std::shared_ptr<WritableFileSystem> make_file_system(std::shared_ptr<Namespace> files) {
  auto mounts = files->mounts_;
  return std::make_shared<NamespaceFileSystem>(std::move(files), std::move(mounts));
}

}  // namespace seabag::vfs
