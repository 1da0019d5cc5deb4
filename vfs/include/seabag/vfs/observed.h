#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "seabag/vfs/file_system.h"

namespace seabag::vfs {

class ObserverList;

/// What about a node has changed.
enum class NodeChange : std::uint8_t { attributes, content };

/// Is told of what happens to a file system, after it has happened and before the call that did it
/// returns, on that call's thread and without a lock that other mutations need: it may wait for
/// those. Whoever needs the order of changes, and what they were, observes the ChangeFeed instead.
/// Safe for concurrent use; must not change the file system it is told of.
class MutationObserver {
 public:
  virtual ~MutationObserver() = default;

  /// A name in a directory has appeared, gone, or leads to another node.
  virtual void on_name(NodeId parent, std::string_view name) = 0;

  /// A node's attributes, or its content too.
  virtual void on_node(NodeId node, NodeChange change) = 0;
};

/// A writable file system that tells every mutation made through it: to the feed that its
/// capabilities name, which watches use, and then to observers. Whoever changes `inner` itself is
/// not noticed. Costs a mutation of names one uncontended lock while nobody is told, and a read
/// nothing. While the feed is observed, mutations of names wait for each other. Keeps the inner
/// file system alive. Safe for concurrent use.
///
///   auto files = vfs::make_observed(providers::make_memory_file_system());
///   auto observation = files->capabilities().changes->observe([&](const vfs::Change& change) {
///     queue.push(change.node);
///   });
class ObservedFileSystem final : public WritableFileSystem {
 public:
  /// `inner` must not be null.
  explicit ObservedFileSystem(std::shared_ptr<WritableFileSystem> inner);
  ~ObservedFileSystem() override;
  ObservedFileSystem(const ObservedFileSystem&) = delete;
  ObservedFileSystem& operator=(const ObservedFileSystem&) = delete;

  /// From now on `observer` is told; it must stay until `remove_observer` returns.
  void add_observer(MutationObserver& observer);
  /// Waits for what it is being told right now. Not to be called from an observer.
  void remove_observer(MutationObserver& observer);

  /// The same file system with the same feed and observers, for somebody whose own mutations
  /// `except` need not be told. It must stay as `add_observer` says.
  [[nodiscard]] std::shared_ptr<WritableFileSystem> quiet_for(const MutationObserver& except);

  [[nodiscard]] const std::shared_ptr<WritableFileSystem>& inner() const { return inner_; }

  [[nodiscard]] const Capabilities& capabilities() const override;
  Result<Attributes> lookup(NodeId parent, std::string_view name) override;
  Result<Attributes> attributes(NodeId node) override;
  Result<std::unique_ptr<File>> open(NodeId node) override;
  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override;
  Result<std::string> read_link(NodeId node) override;
  Result<std::string> xattr(NodeId node, std::string_view name) override;
  Result<std::vector<std::string>> xattrs(NodeId node) override;
  Result<Statistics> statistics() override;

  Result<Attributes> create(NodeId parent, std::string_view name, const NewNode& what) override;
  Result<std::unique_ptr<WritableFile>> create_unnamed(NodeId directory,
                                                       const NewNode& what) override;
  Result<std::unique_ptr<WritableFile>> open_writable(NodeId node) override;
  Result<Attributes> link(NodeId node, NodeId parent, std::string_view name) override;
  Result<void> remove(NodeId parent, std::string_view name, RemoveKind kind) override;
  Result<void> rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name,
                      RenameMode mode) override;
  Result<Attributes> set_attributes(NodeId node, const AttributeChanges& changes) override;
  Result<void> set_xattr(NodeId node, std::string_view name, std::string_view value,
                         XattrMode mode) override;
  Result<void> remove_xattr(NodeId node, std::string_view name) override;
  Result<void> sync() override;

 private:
  ObservedFileSystem(const ObservedFileSystem& other, const MutationObserver& except);
  Result<std::unique_ptr<WritableFile>> wrap(std::unique_ptr<WritableFile> file, NodeId node) const;

  std::shared_ptr<WritableFileSystem> inner_;
  std::shared_ptr<ObserverList> observers_;  ///< shared with open files
  const MutationObserver* except_ = nullptr;
  Capabilities capabilities_;
};

/// `files` where it tells its changes already, otherwise observed. It must not be null.
[[nodiscard]] std::shared_ptr<WritableFileSystem> make_observed(
    std::shared_ptr<WritableFileSystem> files);

}  // namespace seabag::vfs
