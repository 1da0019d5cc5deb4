#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "change_count.h"
#include "descriptor.h"
#include "seabag/vfs/file_system.h"

namespace seabag::intercept {

/// The content of one node while programs have it open: a memory file that they all share.
struct Page {
  vfs::NodeId node{};
  Descriptor file;
  std::uint64_t inode = 0;                ///< of the memory file
  std::unique_ptr<vfs::File> kept;        ///< keeps the node when it loses its names
  vfs::WritableFile* writable = nullptr;  ///< `kept`, where the node can be written
  /// Somebody has had it open for writing since its content was last brought back.
  std::atomic<bool> is_written = false;
  vfs::Timestamp
      modified;  ///< of the node, when content and times were last the same on both sides
  std::uint64_t size = 0;
  std::uint64_t used = 0;  ///< when it was last asked for
};

/// The pages of one file system. Safe for concurrent use.
class PageStore {
 public:
  /// `writable` is null when the content cannot change through the programs: memory files are
  /// sealed then. Both are kept alive. `changes` is told when a node gets another page.
  PageStore(std::shared_ptr<vfs::FileSystem> files, vfs::WritableFileSystem* writable,
            ChangeCount changes);

  /// Opens a node's page, loading it first where needed. `flags` of open(2), of which O_TRUNC has
  /// been seen to.
  [[nodiscard]] Result<Descriptor> open(const vfs::Attributes& node, int flags);

  /// The page of a node or of a memory file's inode; null when there is none.
  [[nodiscard]] std::shared_ptr<Page> find(vfs::NodeId node) const;
  [[nodiscard]] std::shared_ptr<Page> find_inode(std::uint64_t inode) const;
  /// The node of a memory file that was its page, also of a page that is gone.
  [[nodiscard]] std::optional<vfs::NodeId> find_node(std::uint64_t inode) const;

  /// What the page knows better than the provider: size and times.
  void refresh(vfs::Attributes& attributes) const;

  /// After the provider was told the same: a new size or new times for the page.
  [[nodiscard]] Result<void> change(vfs::NodeId node, const vfs::AttributeChanges& changes,
                                    const vfs::Attributes& now);

  /// The node may have lost its last name: its page goes as soon as nobody has it open.
  void release(vfs::NodeId node);

  /// Brings the content of a node's page into the provider, if it has one.
  [[nodiscard]] Result<void> write_back(vfs::NodeId node);
  /// All of them; the first error, after all were tried.
  [[nodiscard]] Result<void> flush();

  [[nodiscard]] const ChangeCount& changes() const { return changes_; }

 private:
  Result<std::shared_ptr<Page>> load(const vfs::Attributes& node);
  Result<std::shared_ptr<Page>> current(const vfs::Attributes& node);
  Result<void> bring_back(Page& page);
  void make_room();
  void drop(vfs::NodeId node);

  std::shared_ptr<vfs::FileSystem> files_;
  vfs::WritableFileSystem* writable_;  ///< `files_`, or null
  ChangeCount changes_;
  mutable std::mutex mutex_;
  std::map<vfs::NodeId, std::shared_ptr<Page>> pages_;
  std::map<std::uint64_t, vfs::NodeId> nodes_;  ///< by the memory file's inode
  std::uint64_t clock_ = 0;
};

}  // namespace seabag::intercept
