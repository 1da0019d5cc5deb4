#include <mutex>
#include <shared_mutex>
#include <utility>

#include "overlay_file.h"
#include "overlay_file_system.h"
#include "seabag/vfs/rules.h"

namespace seabag::vfs {

/// Calls on one node, which is copied up first where a lower has it.
template <typename Check, typename Call>
auto OverlayFileSystem::change_node(NodeId id, const char* operation, Check check, Call call)
    -> decltype(call(id)) {
  {
    const std::shared_lock lock(tree_);
    const Place place = SEABAG_TRY(locate(id, operation));
    if (place.is_upper) {
      return call(place.node);
    }
    SEABAG_TRY(check(place));
  }
  const std::lock_guard lock(tree_);
  (void)SEABAG_TRY(locate(id, operation));
  return call(SEABAG_TRY(copy_up(id)));
}

Result<std::unique_ptr<WritableFile>> OverlayFileSystem::create_unnamed(NodeId directory,
                                                                        const NewNode& what) {
  if (what.type != FileType::regular) {
    return make_error(std::errc::invalid_argument, "create", {},
                      "only regular files can be without a name");
  }
  const std::lock_guard lock(tree_);
  const Parent parent = SEABAG_TRY(parent_for(directory, "create"));
  const NodeId upper = SEABAG_TRY(copy_up_directory(parent.id));
  auto file = SEABAG_TRY(upper_->create_unnamed(upper, what));
  const NodeId id = SEABAG_TRY(id_of_upper(SEABAG_TRY(file->attributes()).node));
  return std::unique_ptr<WritableFile>(std::make_unique<OverlayWriter>(*this, id, std::move(file)));
}

Result<std::unique_ptr<WritableFile>> OverlayFileSystem::open_writable(NodeId node) {
  const auto check = [](const Place& place) -> Result<void> {
    return check_openable(SEABAG_TRY(place.files->attributes(place.node)).type, "open");
  };
  return change_node(node, "open", check,
                     [&](NodeId upper) -> Result<std::unique_ptr<WritableFile>> {
                       auto file = SEABAG_TRY(upper_->open_writable(upper));
                       return std::unique_ptr<WritableFile>(
                           std::make_unique<OverlayWriter>(*this, node, std::move(file)));
                     });
}

Result<Attributes> OverlayFileSystem::set_attributes(NodeId node, const AttributeChanges& changes) {
  if (is_empty(changes)) {
    return attributes(node);
  }
  const auto check = [&](const Place& place) -> Result<void> {
    const FileType type = SEABAG_TRY(place.files->attributes(place.node)).type;
    return changes.size ? check_resizable(type, "truncate") : Result<void>();
  };
  return change_node(node, "setattr", check, [&](NodeId upper) -> Result<Attributes> {
    return outward(node, SEABAG_TRY(upper_->set_attributes(upper, changes)));
  });
}

Result<void> OverlayFileSystem::set_xattr(NodeId node, std::string_view name,
                                          std::string_view value, XattrMode mode) {
  const auto check = [&](const Place& place) -> Result<void> {
    const FileType type = SEABAG_TRY(place.files->attributes(place.node)).type;
    return check_xattr_value(type, name, value, "setxattr");
  };
  return change_node(node, "setxattr", check,
                     [&](NodeId upper) { return upper_->set_xattr(upper, name, value, mode); });
}

Result<void> OverlayFileSystem::remove_xattr(NodeId node, std::string_view name) {
  const auto check = [&](const Place& place) -> Result<void> {
    const FileType type = SEABAG_TRY(place.files->attributes(place.node)).type;
    SEABAG_TRY(check_xattr_name(type, name, "removexattr"));
    (void)SEABAG_TRY(place.files->xattr(place.node, name));
    return {};
  };
  return change_node(node, "removexattr", check,
                     [&](NodeId upper) { return upper_->remove_xattr(upper, name); });
}

Result<void> OverlayFileSystem::sync() { return upper_->sync(); }

}  // namespace seabag::vfs
