#include "removed_nodes.h"

#include <utility>

namespace seabag::mount {

void RemovedNodes::keep(vfs::NodeId node, std::unique_ptr<vfs::File> file) {
  const std::lock_guard lock(mutex_);
  kept_[node] = {.file = std::move(file), .attributes = {}};
  count_ = kept_.size();
}

void RemovedNodes::keep(const vfs::Attributes& last) {
  const std::lock_guard lock(mutex_);
  kept_[last.node] = {.file = nullptr, .attributes = last};
  count_ = kept_.size();
}

void RemovedNodes::forget(vfs::NodeId node) {
  if (count_ == 0) {
    return;
  }
  Kept gone;  // closed after the lock is released: the last close of a file may take long
  const std::lock_guard lock(mutex_);
  if (const auto place = kept_.find(node); place != kept_.end()) {
    gone = std::move(place->second);
    kept_.erase(place);
    count_ = kept_.size();
  }
}

std::optional<vfs::Attributes> RemovedNodes::attributes(vfs::NodeId node) const {
  const std::lock_guard lock(mutex_);
  const auto place = kept_.find(node);
  if (place == kept_.end() || place->second.file != nullptr) {
    return std::nullopt;
  }
  return place->second.attributes;
}

}  // namespace seabag::mount
