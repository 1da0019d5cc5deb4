#include "joined_nodes.h"

#include <algorithm>
#include <mutex>

namespace seabag::vfs {

// Number 1 is the root, as in every file system.
JoinedNodes::JoinedNodes() : mounts_(1), paths_{{}, "/"}, directories_{{"/", 1}} {}

Result<std::uint64_t> JoinedNodes::mount_number(const MountState& mount) {
  const auto number_in = [&]() -> std::uint64_t {
    const auto found = std::find_if(mounts_.begin(), mounts_.end(),
                                    [&](const auto& known) { return known.get() == &mount; });
    return found == mounts_.end() ? 0 : static_cast<std::uint64_t>(found - mounts_.begin());
  };
  {
    const std::shared_lock lock(mutex_);
    if (const std::uint64_t number = number_in(); number != 0) {
      return number;
    }
  }
  const std::unique_lock lock(mutex_);
  if (const std::uint64_t number = number_in(); number != 0) {
    return number;
  }
  if (mounts_.size() >= std::uint64_t{1} << (64U - kOwnBits)) {
    return make_error(std::errc::value_too_large, "lookup", {}, "too many mounts");
  }
  mounts_.push_back(mount.shared_from_this());
  return mounts_.size() - 1;
}

std::shared_ptr<const MountState> JoinedNodes::mount_of(NodeId joined) const {
  const std::shared_lock lock(mutex_);
  const std::uint64_t number = mount_number(joined);
  return number < mounts_.size() ? mounts_[number] : nullptr;
}

NodeId JoinedNodes::directory(std::string_view path) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = directories_.find(path); found != directories_.end()) {
      return NodeId{found->second};
    }
  }
  const std::unique_lock lock(mutex_);
  const auto [place, is_new] = directories_.try_emplace(std::string(path), paths_.size());
  if (is_new) {
    paths_.emplace_back(path);
  }
  return NodeId{place->second};
}

Result<std::string> JoinedNodes::path_of(NodeId directory) const {
  const std::shared_lock lock(mutex_);
  const auto number = static_cast<std::uint64_t>(directory);
  if (number == 0 || number >= paths_.size()) {
    return make_error(kStaleNode, "lookup");
  }
  return paths_[number];
}

Result<NodeId> JoinedNodes::join(std::uint64_t mount, NodeId own) {
  const auto number = static_cast<std::uint64_t>(own);
  if (number >> kOwnBits != 0) {
    return make_error(std::errc::value_too_large, "lookup", {},
                      "the provider's node numbers have more than 48 bits");
  }
  return NodeId{mount << kOwnBits | number};
}

NodeId JoinedNodes::own(NodeId joined) {
  return NodeId{static_cast<std::uint64_t>(joined) & ((std::uint64_t{1} << kOwnBits) - 1)};
}

std::uint64_t JoinedNodes::mount_number(NodeId joined) {
  return static_cast<std::uint64_t>(joined) >> kOwnBits;
}

std::uint64_t JoinedNodes::inode(std::uint64_t mount, std::uint64_t own) {
  return mount << kOwnBits ^ own;
}

}  // namespace seabag::vfs
