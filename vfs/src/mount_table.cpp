#include "mount_table.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "seabag/vfs/path.h"

namespace seabag::vfs {
namespace {

// What stands in MountState::pins_ instead of a count.
constexpr std::uint64_t kClosing = std::uint64_t{1} << 63;  ///< still in the tree of mounts
constexpr std::uint64_t kClosed = kClosing | std::uint64_t{1} << 62;
// Beside the count: it has no owner any more.
constexpr std::uint64_t kDisowned = std::uint64_t{1} << 61;

bool holds(const MountNode& node, const FileSystem& file_system) {
  return std::any_of(node.mounts.begin(), node.mounts.end(),
                     [&](const auto& state) { return &state->file_system() == &file_system; });
}

bool holds_anywhere(const MountNode& tree, const FileSystem& file_system) {
  std::vector<const MountNode*> pending{&tree};
  while (!pending.empty()) {
    const MountNode* node = pending.back();
    pending.pop_back();
    if (holds(*node, file_system)) {
      return true;
    }
    for (const auto& child : node->children) {
      pending.push_back(child.get());
    }
  }
  return false;
}

std::vector<std::string_view> names_of(std::string_view point) {
  std::vector<std::string_view> names;
  PathComponents components(point);
  while (!components.is_at_end()) {
    names.push_back(components.next());
  }
  return names;
}

}  // namespace

std::shared_ptr<const MountState> MountState::make(std::string point,
                                                   std::shared_ptr<FileSystem> file_system,
                                                   std::shared_ptr<WritableFileSystem> observed) {
  return {new MountState(std::move(point), std::move(file_system), std::move(observed)),
          [](const MountState* state) { state->disown(); }};
}

MountState::MountState(std::string point, std::shared_ptr<FileSystem> file_system,
                       std::shared_ptr<WritableFileSystem> observed)
    : point_(std::move(point)),
      file_system_(std::move(file_system)),
      observed_(std::move(observed)),
      path_access_(file_system_->path_access()) {}

ChangeFeed* MountState::changes() const {
  return (observed_ != nullptr ? *observed_ : *file_system_).capabilities().changes;
}

MountRecord MountState::record() const {
  return {.point = point_,
          .access = observed_ != nullptr ? MountAccess::full : MountAccess::read_only,
          .file_system = file_system_,
          .changes = changes()};
}

bool MountState::try_pin() const {
  std::uint64_t pins = pins_.load(std::memory_order_relaxed);
  do {
    if (pins == kClosing) {
      // The walk would find this mount again, and again, until the thread that takes it out runs.
      pins_.wait(kClosing, std::memory_order_acquire);
      return false;
    }
    if (pins == kClosed) {
      return false;
    }
  } while (!pins_.compare_exchange_weak(pins, pins + 1, std::memory_order_acq_rel));
  return true;
}

void MountState::unpin() const {
  if (pins_.fetch_sub(1, std::memory_order_acq_rel) == kDisowned + 1) {
    delete this;
  }
}

void MountState::disown() const {
  const std::uint64_t pins = pins_.fetch_or(kDisowned, std::memory_order_acq_rel);
  if (pins == 0 || pins == kClosed) {
    delete this;
  }
}

bool MountState::try_close() const {
  std::uint64_t idle = 0;
  return pins_.compare_exchange_strong(idle, kClosing, std::memory_order_acq_rel);
}

void MountState::finish_close() const {
  std::uint64_t closing = kClosing;
  if (pins_.compare_exchange_strong(closing, kClosed, std::memory_order_acq_rel)) {
    pins_.notify_all();
  }
}

const MountNode* MountChildren::find(std::string_view name) const {
  if (nodes_.empty()) {
    return nullptr;
  }
  const std::uint32_t found = index_[place_of(name)];
  return found == 0 ? nullptr : nodes_[found - 1].get();
}

void MountChildren::put(std::shared_ptr<const MountNode> child) {
  erase(child->name);
  nodes_.push_back(std::move(child));
  rebuild_index();
}

void MountChildren::erase(std::string_view name) {
  const auto removed = std::erase_if(nodes_, [&](const auto& node) { return node->name == name; });
  if (removed != 0) {
    rebuild_index();
  }
}

std::size_t MountChildren::place_of(std::string_view name) const {
  const std::size_t mask = index_.size() - 1;
  std::size_t place = std::hash<std::string_view>()(name) & mask;
  while (index_[place] != 0 && nodes_[index_[place] - 1]->name != name) {
    place = (place + 1) & mask;
  }
  return place;
}

void MountChildren::rebuild_index() {
  index_.assign(std::bit_ceil(nodes_.size() * 2 + 1), 0);
  for (std::size_t position = 0; position < nodes_.size(); ++position) {
    index_[place_of(nodes_[position]->name)] = static_cast<std::uint32_t>(position + 1);
  }
}

MountTable::MountTable()
    : root_(std::make_shared<MountNode>(MountNode{.inode = next_inode_++})), tree_(root_) {}

Result<void> MountTable::add(const std::shared_ptr<const MountState>& state) {
  const Names names = names_of(state->point());
  const auto busy = [&] {
    return make_error(std::errc::device_or_resource_busy, "mount", state->point(),
                      "the same file system is mounted there, above or below already");
  };
  Published<MountNode>::Garbage garbage;  // dropped after the lock: it may end a file system
  const std::lock_guard lock(mutex_);
  const MountNode* node = root_.get();
  for (std::size_t depth = 0; node != nullptr && depth < names.size(); ++depth) {
    if (holds(*node, state->file_system())) {
      return busy();
    }
    node = node->children.find(names[depth]);
  }
  if (node != nullptr && holds_anywhere(*node, state->file_system())) {
    return busy();
  }
  root_ = with_added(root_.get(), {}, names, 0, state);
  garbage = tree_.replace(root_);
  tell(MountChange::mounted, *state);
  return {};
}

void MountTable::add_observer(std::shared_ptr<const MountObserver> observer) {
  const std::lock_guard lock(mutex_);
  observers_.push_back(std::move(observer));
}

void MountTable::remove_observer(const std::shared_ptr<const MountObserver>& observer) {
  const std::lock_guard lock(mutex_);
  std::erase(observers_, observer);
}

void MountTable::tell(MountChange change, const MountState& state) const {
  if (observers_.empty()) {
    return;
  }
  const MountRecord record = state.record();
  for (const auto& observer : observers_) {
    (*observer)(change, record);
  }
}

std::shared_ptr<MountNode> MountTable::with_added(const MountNode* old, std::string_view name,
                                                  const Names& below, std::size_t depth,
                                                  const std::shared_ptr<const MountState>& state) {
  auto copy = old == nullptr ? std::make_shared<MountNode>() : std::make_shared<MountNode>(*old);
  if (old == nullptr) {
    copy->name = name;
    copy->inode = next_inode_++;
  }
  if (depth == below.size()) {
    copy->mounts.push_back(state);
    copy->top = state.get();
    return copy;
  }
  const MountNode* old_child = old == nullptr ? nullptr : old->children.find(below[depth]);
  copy->children.put(with_added(old_child, below[depth], below, depth + 1, state));
  return copy;
}

Result<void> MountTable::remove(const MountState& state, UnmountMode mode) {
  const Names names = names_of(state.point());
  Published<MountNode>::Garbage garbage;  // dropped after the lock: it may end a file system
  const std::lock_guard lock(mutex_);
  const MountNode* node = root_.get();
  for (std::size_t depth = 0; node != nullptr && depth < names.size(); ++depth) {
    node = node->children.find(names[depth]);
  }
  const bool mounted =
      node != nullptr && std::any_of(node->mounts.begin(), node->mounts.end(),
                                     [&](const auto& other) { return other.get() == &state; });
  if (!mounted) {
    return make_error(std::errc::invalid_argument, "unmount", state.point(),
                      "it has been unmounted already");
  }
  auto changed = without(*root_, names, 0, state);
  if (mode == UnmountMode::if_idle && !state.try_close()) {
    return make_error(std::errc::device_or_resource_busy, "unmount", state.point(),
                      "files are open: close them or unmount lazily");
  }
  root_ = std::move(changed);
  garbage = tree_.replace(root_);
  state.finish_close();
  tell(MountChange::unmounted, state);
  return {};
}

std::shared_ptr<MountNode> MountTable::without(const MountNode& old, const Names& below,
                                               std::size_t depth, const MountState& state) {
  auto copy = std::make_shared<MountNode>(old);
  if (depth == below.size()) {
    std::erase_if(copy->mounts, [&](const auto& other) { return other.get() == &state; });
    copy->top = copy->mounts.empty() ? nullptr : copy->mounts.back().get();
    return copy;
  }
  auto child = without(*old.children.find(below[depth]), below, depth + 1, state);
  if (child->mounts.empty() && child->children.empty()) {
    copy->children.erase(below[depth]);
  } else {
    copy->children.put(std::move(child));
  }
  return copy;
}

}  // namespace seabag::vfs
