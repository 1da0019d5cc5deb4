#include "walk.h"

#include <utility>

namespace seabag::vfs {
namespace {

Position root_position(const MountNode& mounts) {
  return {.mount = mounts.top, .point = &mounts, .node = kRootNode};
}

Position mounted_position(const MountNode& point, std::string_view name) {
  return {.mount = point.top, .point = &point, .node = kRootNode, .name = name};
}

/// Following links can make a canonical path longer than a path may be.
Result<std::string> usable(std::string path) {
  SEABAG_TRY(check_path(path, ""));
  return path;
}

}  // namespace

Walk::Walk(const MountNode& mounts, std::string_view path, const char* operation)
    : path_(path), operation_(operation), components_(path) {
  stack_.push(root_position(mounts));
}

Error Walk::fail(std::errc condition, const char* detail) const {
  return make_error(condition, operation_, path_, detail);
}

Error Walk::renamed(Error error) const {
  error.operation = operation_;
  error.path = path_;
  return error;
}

Result<void> Walk::to_parent() {
  SEABAG_TRY(check_path(path_, operation_));
  last_kind_ = LastKind::root;
  last_ = {};
  while (!components_.is_at_end()) {
    const std::string_view name = components_.next();
    if (!components_.is_at_end()) {
      SEABAG_TRY(enter(name));
      continue;
    }
    last_ = name;
    if (name == "." || name == "..") {
      last_kind_ = name == "." ? LastKind::dot : LastKind::dot_dot;
      return enter(name);
    }
    last_kind_ = LastKind::name;
  }
  return {};
}

Result<Target> Walk::resolve(LastLink last_link) {
  SEABAG_TRY(to_parent());
  while (last_kind_ == LastKind::name) {
    Target target = SEABAG_TRY(look_at_last());
    if (target.is_directory()) {
      return target;
    }
    if (target.type == FileType::symlink &&
        (last_link == LastLink::follow || has_trailing_slash())) {
      SEABAG_TRY(follow_last(target));
      continue;
    }
    if (has_trailing_slash()) {
      return fail(std::errc::not_a_directory);
    }
    return target;
  }
  return Target{.place = top()};
}

Result<Target> Walk::look_at_last() { return step(last_); }

Result<void> Walk::follow_last(const Target& link) {
  SEABAG_TRY(follow(link, has_trailing_slash() ? "/" : ""));
  return to_parent();
}

Result<void> Walk::enter(std::string_view name) {
  if (name == ".") {
    return {};
  }
  if (name == "..") {
    if (stack_.size() > 1) {
      stack_.pop();
    }
    return {};
  }
  const Position& here = stack_.top();
  if (here.point == nullptr && here.mount != nullptr) {
    // The most frequent step, without a Target: nothing is mounted below.
    auto found = here.mount->file_system().lookup(here.node, name);
    if (!found) {
      return renamed(std::move(found).error());
    }
    if (found->type == FileType::directory) {
      stack_.emplace(here.mount, nullptr, found->node, name);
      return {};
    }
    return enter_target(
        {.place = {.mount = here.mount, .node = found->node, .name = name}, .type = found->type});
  }
  return enter_target(SEABAG_TRY(step(name)));
}

Result<void> Walk::enter_target(const Target& target) {
  if (target.type == FileType::symlink) {
    return follow(target, components_.rest());
  }
  if (!target.is_directory()) {
    return fail(std::errc::not_a_directory);
  }
  stack_.push(target.place);
  return {};
}

Result<void> Walk::follow(const Target& link, std::string_view rest) {
  if (++links_ > kMaxLinkTraversals) {
    return fail(std::errc::too_many_symbolic_link_levels, "more than 40 symlinks");
  }
  auto text = std::make_unique<std::string>(
      SEABAG_TRY(named(link.place.mount->file_system().read_link(link.place.node))));
  SEABAG_TRY(named(check_link_target(*text, operation_)));
  if (!rest.empty()) {
    text->append("/").append(rest);
  }
  components_ = PathComponents(*text);
  texts_.push_back(std::move(text));
  if (components_.is_absolute()) {
    stack_.truncate(1);
  }
  return {};
}

Result<Target> Walk::step(std::string_view name) {
  const Position& directory = stack_.top();
  const MountNode* point =
      directory.point == nullptr ? nullptr : directory.point->children.find(name);
  if (point != nullptr && point->top != nullptr) {
    return Target{.place = mounted_position(*point, name)};
  }
  if (directory.mount == nullptr && point == nullptr) {
    return fail(name.size() > kMaxNameLength ? std::errc::filename_too_long
                                             : std::errc::no_such_file_or_directory);
  }
  if (directory.mount != nullptr) {
    auto found = directory.mount->file_system().lookup(directory.node, name);
    if (found && (point == nullptr || found->type == FileType::directory)) {
      found_ = *found;
      return Target{
          .place = {.mount = directory.mount, .point = point, .node = found->node, .name = name},
          .type = found->type,
          .attributes = &*found_};
    }
    if (point == nullptr) {
      return renamed(std::move(found).error());
    }
  }
  return Target{.place = mounted_position(*point, name)};
}

Result<WritableFileSystem*> Walk::writable(const Position& place) const {
  if (place.mount == nullptr) {
    return fail(std::errc::read_only_file_system,
                "the directory exists only as the way to a mount point");
  }
  if (place.mount->writable() == nullptr) {
    return fail(std::errc::read_only_file_system, "mounted read-only");
  }
  return place.mount->writable();
}

Result<std::string> Walk::mount_point() {
  SEABAG_TRY(check_path(path_, operation_));
  while (!components_.is_at_end()) {
    SEABAG_TRY(extend(components_.next()));
  }
  return named(usable(canonical_path()));
}

Result<void> Walk::extend(std::string_view name) {
  const bool exists = top().mount != nullptr || top().point != nullptr;
  if (exists) {
    auto entered = enter(name);
    if (entered || !entered.error().is(std::errc::no_such_file_or_directory)) {
      return entered;
    }
  } else if (name == ".") {
    return {};
  } else if (name == "..") {
    return fail(std::errc::no_such_file_or_directory, "'..' below what does not exist");
  }
  SEABAG_TRY(named(check_name(name, operation_)));
  stack_.push({.name = name});
  return {};
}

Result<std::string> Walk::real_path() const {
  return named(usable(canonical_path(last_kind_ == LastKind::name ? last_ : std::string_view())));
}

std::string Walk::canonical_path(std::string_view name) const {
  std::string path;
  for (std::size_t level = 1; level < stack_.size(); ++level) {
    path.append("/").append(stack_[level].name);
  }
  if (!name.empty()) {
    path.append("/").append(name);
  }
  return path.empty() ? "/" : path;
}

}  // namespace seabag::vfs
