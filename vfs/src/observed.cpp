#include "seabag/vfs/observed.h"

#include <cassert>
#include <utility>

#include "observer_list.h"
#include "seabag/vfs/change_feed.h"
#include "seabag/vfs/rules.h"

namespace seabag::vfs {
namespace {

/// An open file whose changes are told.
class ObservedFile final : public WritableFile {
 public:
  ObservedFile(std::unique_ptr<WritableFile> inner, NodeId node,
               std::shared_ptr<const ObserverList> observers, const MutationObserver* except)
      : inner_(std::move(inner)), node_(node), observers_(std::move(observers)), except_(except) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    return inner_->read_at(buffer, offset);
  }
  Result<Attributes> attributes() const override { return inner_->attributes(); }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return inner_->find_extent(kind, offset);
  }
  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return told_written(inner_->write_at(bytes, offset));
  }
  Result<std::size_t> append(std::span<const std::byte> bytes) override {
    return told_written(inner_->append(bytes));
  }
  Result<void> resize(std::uint64_t size) override { return told(inner_->resize(size)); }
  Result<void> allocate(AllocateMode mode, std::uint64_t offset, std::uint64_t length) override {
    return told(inner_->allocate(mode, offset, length));
  }
  Result<void> sync(SyncScope scope) override { return inner_->sync(scope); }

 private:
  Result<std::size_t> told_written(Result<std::size_t> written) const {
    return written && *written == 0 ? std::move(written) : told(std::move(written));
  }
  template <typename T>
  Result<T> told(Result<T> result) const {
    if (result) {
      observers_->tell_node({.kind = ChangeKind::modified, .node = node_}, except_);
    }
    return result;
  }

  std::unique_ptr<WritableFile> inner_;
  NodeId node_;
  std::shared_ptr<const ObserverList> observers_;
  const MutationObserver* except_;
};

/// One mutation of names: told to the feed in its order, to observers when others may go on.
class Mutation {
 public:
  Mutation(WritableFileSystem& files, ObserverList& observers, const MutationObserver* except)
      : files_(files), observers_(observers), except_(except), gate_(observers.feed()) {}

  /// What a name leads to before it changes, where anybody wants to know.
  void note(NodeId parent, std::string_view name, NodeId& node, FileType& type) {
    if (gate_.is_observed() || !observers_.is_empty()) {
      if (const auto found = files_.lookup(parent, name)) {
        node = found->node;
        type = found->type;
      }
    }
  }

  void tell(const Change& change) {
    if (gate_.is_observed()) {
      gate_.publish(change);
    }
    gate_.end();
    observers_.tell(change, except_);
  }

 private:
  WritableFileSystem& files_;
  ObserverList& observers_;
  const MutationObserver* except_;
  ChangeFeed::NameChange gate_;
};

Change creation(const Attributes& made, NodeId parent, std::string_view name) {
  return {.kind = ChangeKind::created,
          .node = made.node,
          .type = made.type,
          .parent = parent,
          .name = name};
}

}  // namespace

ObservedFileSystem::ObservedFileSystem(std::shared_ptr<WritableFileSystem> inner)
    : inner_(std::move(inner)), observers_(std::make_shared<ObserverList>()) {
  assert(inner_ != nullptr);
  capabilities_ = inner_->capabilities();
  capabilities_.changes = &observers_->feed();
}

ObservedFileSystem::ObservedFileSystem(const ObservedFileSystem& other,
                                       const MutationObserver& except)
    : inner_(other.inner_),
      observers_(other.observers_),
      except_(&except),
      capabilities_(other.capabilities_) {}

ObservedFileSystem::~ObservedFileSystem() = default;

void ObservedFileSystem::add_observer(MutationObserver& observer) { observers_->add(observer); }

void ObservedFileSystem::remove_observer(MutationObserver& observer) {
  observers_->remove(observer);
}

std::shared_ptr<WritableFileSystem> ObservedFileSystem::quiet_for(const MutationObserver& except) {
  return std::shared_ptr<WritableFileSystem>(new ObservedFileSystem(*this, except));
}

const Capabilities& ObservedFileSystem::capabilities() const { return capabilities_; }

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
  Mutation mutation(*inner_, *observers_, except_);
  auto made = inner_->create(parent, name, what);
  if (made) {
    mutation.tell(creation(*made, parent, name));
  }
  return made;
}

Result<std::unique_ptr<WritableFile>> ObservedFileSystem::create_unnamed(NodeId directory,
                                                                         const NewNode& what) {
  auto file = SEABAG_TRY(inner_->create_unnamed(directory, what));
  const NodeId node = SEABAG_TRY(file->attributes()).node;
  return wrap(std::move(file), node);
}

Result<std::unique_ptr<WritableFile>> ObservedFileSystem::open_writable(NodeId node) {
  return wrap(SEABAG_TRY(inner_->open_writable(node)), node);
}

Result<Attributes> ObservedFileSystem::link(NodeId node, NodeId parent, std::string_view name) {
  Mutation mutation(*inner_, *observers_, except_);
  auto linked = inner_->link(node, parent, name);
  if (linked) {
    mutation.tell(creation(*linked, parent, name));
  }
  return linked;
}

Result<void> ObservedFileSystem::remove(NodeId parent, std::string_view name, RemoveKind kind) {
  Mutation mutation(*inner_, *observers_, except_);
  Change change{.kind = ChangeKind::removed, .parent = parent, .name = name};
  mutation.note(parent, name, change.node, change.type);
  auto removed = inner_->remove(parent, name, kind);
  if (removed) {
    mutation.tell(change);
  }
  return removed;
}

Result<void> ObservedFileSystem::rename(NodeId from, std::string_view from_name, NodeId to,
                                        std::string_view to_name, RenameMode mode) {
  Mutation mutation(*inner_, *observers_, except_);
  const bool exchanges = mode == RenameMode::exchange;
  Change change{.kind = exchanges ? ChangeKind::exchanged : ChangeKind::moved,
                .parent = from,
                .name = from_name,
                .new_parent = to,
                .new_name = to_name};
  mutation.note(from, from_name, change.node, change.type);
  mutation.note(to, to_name, change.other, change.other_type);
  auto renamed = inner_->rename(from, from_name, to, to_name, mode);
  const bool is_same_node = change.node == change.other && change.node != NodeId{};
  if (renamed && !is_same_node) {
    mutation.tell(change);
  }
  return renamed;
}

Result<Attributes> ObservedFileSystem::set_attributes(NodeId node,
                                                      const AttributeChanges& changes) {
  auto changed = inner_->set_attributes(node, changes);
  if (changed && !is_empty(changes)) {
    observers_->tell_node({.kind = changes.size ? ChangeKind::modified : ChangeKind::attributes,
                           .node = node,
                           .type = changed->type},
                          except_);
  }
  return changed;
}

Result<void> ObservedFileSystem::set_xattr(NodeId node, std::string_view name,
                                           std::string_view value, XattrMode mode) {
  SEABAG_TRY(inner_->set_xattr(node, name, value, mode));
  observers_->tell_node({.kind = ChangeKind::attributes, .node = node}, except_);
  return {};
}

Result<void> ObservedFileSystem::remove_xattr(NodeId node, std::string_view name) {
  SEABAG_TRY(inner_->remove_xattr(node, name));
  observers_->tell_node({.kind = ChangeKind::attributes, .node = node}, except_);
  return {};
}

Result<void> ObservedFileSystem::sync() { return inner_->sync(); }

Result<std::unique_ptr<WritableFile>> ObservedFileSystem::wrap(std::unique_ptr<WritableFile> file,
                                                               NodeId node) const {
  return std::unique_ptr<WritableFile>(
      std::make_unique<ObservedFile>(std::move(file), node, observers_, except_));
}

std::shared_ptr<WritableFileSystem> make_observed(std::shared_ptr<WritableFileSystem> files) {
  if (files->capabilities().changes != nullptr) {
    return files;
  }
  return std::make_shared<ObservedFileSystem>(std::move(files));
}

}  // namespace seabag::vfs
