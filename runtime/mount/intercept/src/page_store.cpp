#include "page_store.h"

#include <fcntl.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "memory_file.h"

namespace seabag::intercept {

namespace {

// Pages that are kept although nobody may have them open any more: descriptors are few.
constexpr std::size_t kMostPages = 256;
constexpr std::uint32_t kOwnerReadWrite = 0600;

// The permission bits of a node; the host itself must be able to open it again.
std::uint32_t page_mode(const vfs::Attributes& node) {
  return (node.mode & 0777) | kOwnerReadWrite;
}

bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY; }

}  // namespace

PageStore::PageStore(std::shared_ptr<vfs::FileSystem> files, vfs::WritableFileSystem* writable,
                     ChangeCount changes)
    : files_(std::move(files)), writable_(writable), changes_(std::move(changes)) {}

Result<Descriptor> PageStore::open(const vfs::Attributes& node, int flags) {
  const std::lock_guard lock(mutex_);
  const auto page = SEABAG_TRY(current(node));
  if (writes(flags)) {
    if (page->writable == nullptr) {
      return make_error(std::errc::read_only_file_system, "open");
    }
    page->is_written = true;
  }
  constexpr int kMeaningful = O_ACCMODE | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_SYNC | O_DSYNC;
  return reopen(page->file.get(), flags & kMeaningful);
}

std::shared_ptr<Page> PageStore::find(vfs::NodeId node) const {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(node);
  return found == pages_.end() ? nullptr : found->second;
}

std::shared_ptr<Page> PageStore::find_inode(std::uint64_t inode) const {
  const std::lock_guard lock(mutex_);
  const auto node = nodes_.find(inode);
  const auto found = node == nodes_.end() ? pages_.end() : pages_.find(node->second);
  return found == pages_.end() ? nullptr : found->second;
}

std::optional<vfs::NodeId> PageStore::find_node(std::uint64_t inode) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(inode);
  return found == nodes_.end() ? std::nullopt : std::optional(found->second);
}

void PageStore::refresh(vfs::Attributes& attributes) const {
  if (attributes.type != vfs::FileType::regular || writable_ == nullptr) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(attributes.node);
  if (found == pages_.end()) {
    return;
  }
  const Page* page = found->second.get();
  // What was asked without the lock may be a state in the middle of bringing content back.
  if (const auto now = page->kept->attributes()) {
    attributes = *now;
  }
  if (!page->is_written) {
    return;
  }
  const auto status = status_of(page->file.get());
  if (!status) {
    return;
  }
  attributes.size = status->size;
  attributes.blocks = status->blocks;
  if (status->modified != page->modified) {
    attributes.modified = status->modified;
    attributes.changed = std::max(attributes.changed, status->modified);
  }
}

Result<void> PageStore::change(vfs::NodeId node, const vfs::AttributeChanges& changes,
                               const vfs::Attributes& now) {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(node);
  if (found == pages_.end()) {
    return {};
  }
  Page* page = found->second.get();
  if (changes.size) {
    page->is_written = true;
    SEABAG_TRY(resize(page->file.get(), *changes.size));
  }
  if (changes.modified || changes.size) {
    SEABAG_TRY(set_modified(page->file.get(), now.modified));
    page->modified = now.modified;
  }
  return changes.mode ? set_mode(page->file.get(), page_mode(now)) : Result<void>();
}

void PageStore::release(vfs::NodeId node) {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(node);
  if (found == pages_.end()) {
    return;
  }
  const auto attributes = found->second->kept->attributes();
  if (attributes && attributes->links > 0) {
    return;
  }
  // Begun before looking: a program that remembers the page and opens it after that look sees that
  // it may not.
  const ChangeCount::Change change(changes_);
  if (is_unshared(found->second->file.get())) {
    drop(node);
  }
}

Result<void> PageStore::write_back(vfs::NodeId node) {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(node);
  return found == pages_.end() ? Result<void>() : bring_back(*found->second);
}

Result<void> PageStore::bring_back(Page& page) {
  if (!page.is_written || page.writable == nullptr) {
    return {};
  }
  if (SEABAG_TRY(page.writable->attributes()).links == 0) {
    return {};
  }
  // Asked before copying: who opens it from now on sets the mark again.
  const bool is_still_open = !is_unshared(page.file.get());
  SEABAG_TRY(store(page.file.get(), *page.writable));
  const MemoryStatus status = SEABAG_TRY(status_of(page.file.get()));
  // Copying was a change of its own to the provider; the program's was before.
  (void)SEABAG_TRY(
      writable_->set_attributes(page.node, {.modified = vfs::NewTime::at(status.modified)}));
  page.size = status.size;
  page.modified = status.modified;
  page.is_written = is_still_open;
  return {};
}

Result<void> PageStore::flush() {
  const std::lock_guard lock(mutex_);
  std::optional<Error> first;
  for (const auto& [node, page] : pages_) {
    const auto done = bring_back(*page);
    if (!done && !first) {
      first = done.error();
    }
  }
  return first ? Result<void>(*first) : Result<void>();
}

// The page as it is now. Content that changed behind the page's back is loaded anew, unless a
// program is changing it too: then the program's is the truth.
Result<std::shared_ptr<Page>> PageStore::current(const vfs::Attributes& node) {
  const auto found = pages_.find(node.node);
  if (found != pages_.end()) {
    const std::shared_ptr<Page> page = found->second;
    page->used = ++clock_;
    // Not `node`, which was asked without the lock: content may have been brought back since.
    const vfs::Attributes now = SEABAG_TRY(page->kept->attributes());
    const bool is_same = page->size == now.size && page->modified == now.modified;
    if (is_same || page->is_written || files_->capabilities().immutable) {
      return page;
    }
    const ChangeCount::Change change(changes_);
    drop(node.node);
  }
  make_room();
  return load(node);
}

Result<std::shared_ptr<Page>> PageStore::load(const vfs::Attributes& node) {
  auto page = std::make_shared<Page>();
  page->node = node.node;
  page->used = ++clock_;
  if (writable_ != nullptr) {
    auto writable = writable_->open_writable(node.node);
    if (writable) {
      page->writable = writable->get();
      page->kept = std::move(*writable);
    }
  }
  if (page->kept == nullptr) {
    page->kept = SEABAG_TRY(files_->open(node.node));
  }
  const vfs::Attributes now = SEABAG_TRY(page->kept->attributes());
  page->file = SEABAG_TRY(make_memory_file());
  SEABAG_TRY(fill(page->file.get(), *page->kept, now.size));
  SEABAG_TRY(set_mode(page->file.get(), page_mode(now)));
  SEABAG_TRY(set_modified(page->file.get(), now.modified));
  if (page->writable == nullptr) {
    SEABAG_TRY(seal(page->file.get()));
  }
  page->inode = SEABAG_TRY(status_of(page->file.get())).inode;
  page->size = now.size;
  page->modified = now.modified;
  nodes_[page->inode] = node.node;
  pages_[node.node] = page;
  return page;
}

// Drops the pages that were not asked for longest. One that cannot be dropped, because a program
// has it open or its content finds no room, stays.
void PageStore::make_room() {
  if (pages_.size() < kMostPages) {
    return;
  }
  std::vector<std::pair<std::uint64_t, vfs::NodeId>> oldest;
  for (const auto& [node, page] : pages_) {
    oldest.emplace_back(page->used, node);
  }
  std::sort(oldest.begin(), oldest.end());
  oldest.resize(kMostPages / 2);
  const ChangeCount::Change change(changes_);
  for (const auto& [used, node] : oldest) {
    Page& page = *pages_.at(node);
    const bool is_idle = page.writable == nullptr || is_unshared(page.file.get());
    if (is_idle && bring_back(page)) {
      drop(node);
    }
  }
}

void PageStore::drop(vfs::NodeId node) {
  const auto found = pages_.find(node);
  const Page& page = *found->second;
  // Who has it open may still ask what it is.
  if (page.writable != nullptr || is_unshared(page.file.get())) {
    nodes_.erase(page.inode);
  }
  pages_.erase(found);
}

}  // namespace seabag::intercept
