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
/// returns, on that call's thread and without a lock of the file system. Safe for concurrent use;
/// must not change the file system it is told of.
class MutationObserver {
 public:
  virtual ~MutationObserver() = default;

  /// A name in a directory has appeared, gone, or leads to another node.
  virtual void on_name(NodeId parent, std::string_view name) = 0;

  /// A node's attributes, or its content too.
  virtual void on_node(NodeId node, NodeChange change) = 0;
};

/// A writable file system that tells observers of every mutation made through it. Whoever changes
/// `inner` itself is not noticed. Keeps the inner file system alive. Safe for concurrent use.
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
  std::shared_ptr<WritableFileSystem> inner_;
  std::shared_ptr<ObserverList> observers_;  ///< shared with open files
};

}  // namespace seabag::vfs
