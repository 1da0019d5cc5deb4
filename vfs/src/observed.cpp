#include "seabag/vfs/observed.h"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>
#include <vector>

namespace seabag::vfs {

/// Who is to be told. Safe for concurrent use.
class ObserverList {
 public:
  void add(MutationObserver& observer) {
    const std::lock_guard lock(mutex_);
    observers_.push_back(&observer);
  }

  void remove(MutationObserver& observer) {
    const std::lock_guard lock(mutex_);
    std::erase(observers_, &observer);
  }

  void tell_name(NodeId parent, std::string_view name) const {
    const std::shared_lock lock(mutex_);
    for (MutationObserver* observer : observers_) {
      observer->on_name(parent, name);
    }
  }

  void tell_node(NodeId node, NodeChange change) const {
    const std::shared_lock lock(mutex_);
    for (MutationObserver* observer : observers_) {
      observer->on_node(node, change);
    }
  }

 private:
  mutable std::shared_mutex mutex_;
  std::vector<MutationObserver*> observers_;  ///< guarded by mutex_
};

namespace {

/// An open file whose changes are told.
class ObservedFile final : public WritableFile {
 public:
  ObservedFile(std::unique_ptr<WritableFile> inner, NodeId node,
               std::shared_ptr<ObserverList> observers)
      : inner_(std::move(inner)), node_(node), observers_(std::move(observers)) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    return inner_->read_at(buffer, offset);
  }
  Result<Attributes> attributes() const override { return inner_->attributes(); }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return inner_->find_extent(kind, offset);
  }
  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return told(inner_->write_at(bytes, offset));
  }
  Result<std::size_t> append(std::span<const std::byte> bytes) override {
    return told(inner_->append(bytes));
  }
  Result<void> resize(std::uint64_t size) override { return told(inner_->resize(size)); }
  Result<void> allocate(AllocateMode mode, std::uint64_t offset, std::uint64_t length) override {
    return told(inner_->allocate(mode, offset, length));
  }
  Result<void> sync(SyncScope scope) override { return inner_->sync(scope); }

 private:
  template <typename T>
  Result<T> told(Result<T> result) const {
    if (result) {
      observers_->tell_node(node_, NodeChange::content);
    }
    return result;
  }

  std::unique_ptr<WritableFile> inner_;
  NodeId node_;
  std::shared_ptr<ObserverList> observers_;
};

// The node that a name leads to, for those who are told when the name goes.
std::optional<NodeId> node_at(WritableFileSystem& files, NodeId parent, std::string_view name) {
  const auto found = files.lookup(parent, name);
  return found ? std::optional(found->node) : std::nullopt;
}

}  // namespace

ObservedFileSystem::ObservedFileSystem(std::shared_ptr<WritableFileSystem> inner)
    : inner_(std::move(inner)), observers_(std::make_shared<ObserverList>()) {
  assert(inner_ != nullptr);
}

ObservedFileSystem::~ObservedFileSystem() = default;

void ObservedFileSystem::add_observer(MutationObserver& observer) { observers_->add(observer); }

void ObservedFileSystem::remove_observer(MutationObserver& observer) {
  observers_->remove(observer);
}

const Capabilities& ObservedFileSystem::capabilities() const { return inner_->capabilities(); }

Result<Attributes> ObservedFileSystem::lookup(NodeId parent, std::string_view name) {
  return inner_->lookup(parent, name);
}

Result<Attributes> ObservedFileSystem::attributes(NodeId node) { return inner_->attributes(node); }

Result<std::unique_ptr<File>> ObservedFileSystem::open(NodeId node) { return inner_->open(node); }

Result<std::vector<DirectoryEntry>> ObservedFileSystem::list(NodeId directory, std::uint64_t cookie,
                                                             std::size_t limit) {
  return inner_->list(directory, cookie, limit);
}

Result<std::string> ObservedFileSystem::read_link(NodeId node) { return inner_->read_link(node); }

Result<std::string> ObservedFileSystem::xattr(NodeId node, std::string_view name) {
  return inner_->xattr(node, name);
}

Result<std::vector<std::string>> ObservedFileSystem::xattrs(NodeId node) {
  return inner_->xattrs(node);
}

Result<Statistics> ObservedFileSystem::statistics() { return inner_->statistics(); }

Result<Attributes> ObservedFileSystem::create(NodeId parent, std::string_view name,
                                              const NewNode& what) {
  auto made = inner_->create(parent, name, what);
  if (made) {
    observers_->tell_name(parent, name);
  }
  return made;
}

Result<std::unique_ptr<WritableFile>> ObservedFileSystem::create_unnamed(NodeId directory,
                                                                         const NewNode& what) {
  auto file = SEABAG_TRY(inner_->create_unnamed(directory, what));
  const NodeId node = SEABAG_TRY(file->attributes()).node;
  return std::unique_ptr<WritableFile>(
      std::make_unique<ObservedFile>(std::move(file), node, observers_));
}

Result<std::unique_ptr<WritableFile>> ObservedFileSystem::open_writable(NodeId node) {
  return std::unique_ptr<WritableFile>(
      std::make_unique<ObservedFile>(SEABAG_TRY(inner_->open_writable(node)), node, observers_));
}

Result<Attributes> ObservedFileSystem::link(NodeId node, NodeId parent, std::string_view name) {
  auto linked = inner_->link(node, parent, name);
  if (linked) {
    observers_->tell_name(parent, name);
    observers_->tell_node(node, NodeChange::attributes);
  }
  return linked;
}

Result<void> ObservedFileSystem::remove(NodeId parent, std::string_view name, RemoveKind kind) {
  const auto node = node_at(*inner_, parent, name);
  SEABAG_TRY(inner_->remove(parent, name, kind));
  observers_->tell_name(parent, name);
  if (node) {
    observers_->tell_node(*node, NodeChange::attributes);
  }
  return {};
}

Result<void> ObservedFileSystem::rename(NodeId from, std::string_view from_name, NodeId to,
                                        std::string_view to_name, RenameMode mode) {
  const auto moved = node_at(*inner_, from, from_name);
  const auto replaced = node_at(*inner_, to, to_name);
  SEABAG_TRY(inner_->rename(from, from_name, to, to_name, mode));
  observers_->tell_name(from, from_name);
  observers_->tell_name(to, to_name);
  for (const auto& node : {moved, replaced}) {
    if (node) {
      observers_->tell_node(*node, NodeChange::attributes);
    }
  }
  return {};
}

Result<Attributes> ObservedFileSystem::set_attributes(NodeId node,
                                                      const AttributeChanges& changes) {
  auto changed = inner_->set_attributes(node, changes);
  if (changed) {
    observers_->tell_node(node, changes.size ? NodeChange::content : NodeChange::attributes);
  }
  return changed;
}

Result<void> ObservedFileSystem::set_xattr(NodeId node, std::string_view name,
                                           std::string_view value, XattrMode mode) {
  SEABAG_TRY(inner_->set_xattr(node, name, value, mode));
  observers_->tell_node(node, NodeChange::attributes);
  return {};
}

Result<void> ObservedFileSystem::remove_xattr(NodeId node, std::string_view name) {
  SEABAG_TRY(inner_->remove_xattr(node, name));
  observers_->tell_node(node, NodeChange::attributes);
  return {};
}

Result<void> ObservedFileSystem::sync() { return inner_->sync(); }

}  // namespace seabag::vfs
