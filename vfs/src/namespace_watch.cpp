#include <utility>
#include <vector>

#include "mount_table.h"
#include "resolve.h"
#include "seabag/vfs/namespace.h"
#include "seabag/vfs/watch.h"
#include "tree_watch.h"
#include "walk.h"
#include "watch_queue.h"

namespace seabag::vfs {
namespace {

std::string without_slash(std::string path) {
  if (path == "/") {
    path.clear();
  }
  return path;
}

TreeWatch::Target target_in(const MountState& mount, NodeId node, std::string path) {
  return {.file_system = mount.shared_file_system(),
          .changes = mount.changes(),
          .keeper = mount.observed(),
          .node = node,
          .path = without_slash(std::move(path))};
}

/// What is mounted below a directory and shows.
void add_mounts_below(const MountNode& directory, std::vector<TreeWatch::Target>& targets) {
  std::vector<const MountNode*> pending{&directory};
  while (!pending.empty()) {
    const MountNode* node = pending.back();
    pending.pop_back();
    for (const auto& child : node->children) {
      if (child->top != nullptr) {
        targets.push_back(target_in(*child->top, kRootNode, child->top->point()));
      }
      pending.push_back(child.get());
    }
  }
}

}  // namespace

Watch::Watch(std::shared_ptr<WatchQueue> queue) : queue_(std::move(queue)) {}

Watch::Watch(Watch&& other) noexcept = default;

Watch& Watch::operator=(Watch&& other) noexcept {
  std::swap(queue_, other.queue_);
  std::swap(trees_, other.trees_);
  return *this;
}

Watch::~Watch() {
  if (queue_ != nullptr) {
    queue_->close();
  }
}

std::optional<WatchEvent> Watch::try_next() { return queue_->try_pop(); }

std::optional<WatchEvent> Watch::next(const std::stop_token& stop) { return queue_->pop(stop); }

void Watch::close() { queue_->close(); }

Result<Watch> watch(const Namespace& files, std::string_view path, WatchOptions options) {
  using Targets = Result<std::vector<TreeWatch::Target>>;
  const auto find = [&](const Walk& walk, const Target& found) -> Targets {
    std::vector<TreeWatch::Target> targets;
    const Position& place = found.place;
    if (place.mount != nullptr) {
      targets.push_back(target_in(*place.mount, place.node, SEABAG_TRY(walk.real_path())));
    }
    if (place.point != nullptr && options.depth == WatchDepth::tree) {
      add_mounts_below(*place.point, targets);
    }
    return targets;
  };
  auto targets = SEABAG_TRY(resolve_and(*files.mounts_, {path, "watch"}, find));
  Watch made(std::make_shared<WatchQueue>(options.capacity));
  for (TreeWatch::Target& target : targets) {
    if (target.changes == nullptr) {
      if (target.file_system->capabilities().immutable) {
        continue;
      }
      return make_error(std::errc::operation_not_supported, "watch", path,
                        "the file system does not tell what changes: mount it writable, or "
                        "observed");
    }
    auto tree = std::make_unique<TreeWatch>(std::move(target), options.depth, made.queue_);
    if (auto started = tree->start(); !started) {
      return with_path(std::move(started).error(), path);
    }
    made.trees_.push_back(std::move(tree));
  }
  return made;
}

}  // namespace seabag::vfs
