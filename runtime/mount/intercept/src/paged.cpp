#include "paged.h"

#include <utility>

#include "memory_file.h"

namespace seabag::intercept {

namespace {

// An open node, in its page when there is one by then.
class PagedFile final : public vfs::WritableFile {
 public:
  PagedFile(std::unique_ptr<vfs::File> inner, vfs::WritableFile* writable, vfs::NodeId node,
            std::shared_ptr<PageStore> store)
      : inner_(std::move(inner)), writable_(writable), node_(node), store_(std::move(store)) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    const auto page = store_->find(node_);
    return page ? intercept::read_at(page->file.get(), buffer, offset)
                : inner_->read_at(buffer, offset);
  }
  Result<vfs::Attributes> attributes() const override {
    auto attributes = inner_->attributes();
    if (attributes) {
      store_->refresh(*attributes);
    }
    return attributes;
  }
  Result<std::uint64_t> find_extent(vfs::ExtentKind kind, std::uint64_t offset) const override {
    const auto page = store_->find(node_);
    return page ? intercept::find_extent(page->file.get(), kind, offset)
                : inner_->find_extent(kind, offset);
  }
  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    if (const auto page = changed_page()) {
      return intercept::write_at(page->file.get(), bytes, offset);
    }
    const ChangeCount::Change change(store_->changes());
    return writable_->write_at(bytes, offset);
  }
  Result<std::size_t> append(std::span<const std::byte> bytes) override {
    if (const auto page = changed_page()) {
      return intercept::append(page->file.get(), bytes);
    }
    const ChangeCount::Change change(store_->changes());
    return writable_->append(bytes);
  }
  Result<void> resize(std::uint64_t size) override {
    if (const auto page = changed_page()) {
      return intercept::resize(page->file.get(), size);
    }
    const ChangeCount::Change change(store_->changes());
    return writable_->resize(size);
  }
  Result<void> allocate(vfs::AllocateMode mode, std::uint64_t offset,
                        std::uint64_t length) override {
    if (const auto page = changed_page()) {
      return intercept::allocate(page->file.get(), mode, offset, length);
    }
    const ChangeCount::Change change(store_->changes());
    return writable_->allocate(mode, offset, length);
  }
  Result<void> sync(vfs::SyncScope scope) override {
    SEABAG_TRY(store_->write_back(node_));
    return writable_->sync(scope);
  }

 private:
  // Without a page, what is changed is told: somebody may be loading a page at this moment, and who
  // asks for it once more gets it as it is afterwards.
  std::shared_ptr<Page> changed_page() {
    auto page = store_->find(node_);
    if (page) {
      page->is_written = true;
    }
    return page;
  }

  std::unique_ptr<vfs::File> inner_;
  vfs::WritableFile* writable_;  ///< `inner_`; null when it was opened for reading
  vfs::NodeId node_;
  std::shared_ptr<PageStore> store_;
};

class PagedFileSystem final : public vfs::WritableFileSystem {
 public:
  PagedFileSystem(std::shared_ptr<vfs::WritableFileSystem> inner, std::shared_ptr<PageStore> store)
      : inner_(std::move(inner)), store_(std::move(store)) {}

  const vfs::Capabilities& capabilities() const override { return inner_->capabilities(); }
  Result<vfs::Attributes> lookup(vfs::NodeId parent, std::string_view name) override {
    return refreshed(inner_->lookup(parent, name));
  }
  Result<vfs::Attributes> attributes(vfs::NodeId node) override {
    return refreshed(inner_->attributes(node));
  }
  Result<std::unique_ptr<vfs::File>> open(vfs::NodeId node) override {
    auto file = SEABAG_TRY(inner_->open(node));
    return std::unique_ptr<vfs::File>(
        std::make_unique<PagedFile>(std::move(file), nullptr, node, store_));
  }
  Result<std::vector<vfs::DirectoryEntry>> list(vfs::NodeId directory, std::uint64_t cookie,
                                                std::size_t limit) override {
    return inner_->list(directory, cookie, limit);
  }
  Result<std::string> read_link(vfs::NodeId node) override { return inner_->read_link(node); }
  Result<std::string> xattr(vfs::NodeId node, std::string_view name) override {
    return inner_->xattr(node, name);
  }
  Result<std::vector<std::string>> xattrs(vfs::NodeId node) override {
    return inner_->xattrs(node);
  }
  Result<vfs::Statistics> statistics() override { return inner_->statistics(); }

  Result<vfs::Attributes> create(vfs::NodeId parent, std::string_view name,
                                 const vfs::NewNode& what) override {
    return inner_->create(parent, name, what);
  }
  Result<std::unique_ptr<vfs::WritableFile>> create_unnamed(vfs::NodeId directory,
                                                            const vfs::NewNode& what) override {
    return inner_->create_unnamed(directory, what);
  }
  Result<std::unique_ptr<vfs::WritableFile>> open_writable(vfs::NodeId node) override {
    auto file = SEABAG_TRY(inner_->open_writable(node));
    vfs::WritableFile* writable = file.get();
    return std::unique_ptr<vfs::WritableFile>(
        std::make_unique<PagedFile>(std::move(file), writable, node, store_));
  }
  Result<vfs::Attributes> link(vfs::NodeId node, vfs::NodeId parent,
                               std::string_view name) override {
    return refreshed(inner_->link(node, parent, name));
  }
  Result<void> remove(vfs::NodeId parent, std::string_view name, vfs::RemoveKind kind) override {
    const ChangeCount::Change change(store_->changes());
    const auto gone = inner_->lookup(parent, name);
    SEABAG_TRY(inner_->remove(parent, name, kind));
    release(gone);
    return {};
  }
  Result<void> rename(vfs::NodeId from, std::string_view from_name, vfs::NodeId to,
                      std::string_view to_name, vfs::RenameMode mode) override {
    const ChangeCount::Change change(store_->changes());
    const auto replaced = inner_->lookup(to, to_name);
    SEABAG_TRY(inner_->rename(from, from_name, to, to_name, mode));
    release(replaced);
    return {};
  }
  Result<vfs::Attributes> set_attributes(vfs::NodeId node,
                                         const vfs::AttributeChanges& changes) override {
    // Times alone are nothing that an open would see.
    const bool is_told = changes.mode || changes.uid || changes.gid || changes.size;
    const ChangeCount::Change change(is_told ? store_->changes() : ChangeCount());
    vfs::Attributes now = SEABAG_TRY(inner_->set_attributes(node, changes));
    SEABAG_TRY(store_->change(node, changes, now));
    store_->refresh(now);
    return now;
  }
  Result<void> set_xattr(vfs::NodeId node, std::string_view name, std::string_view value,
                         vfs::XattrMode mode) override {
    return inner_->set_xattr(node, name, value, mode);
  }
  Result<void> remove_xattr(vfs::NodeId node, std::string_view name) override {
    return inner_->remove_xattr(node, name);
  }
  Result<void> sync() override {
    SEABAG_TRY(store_->flush());
    return inner_->sync();
  }

 private:
  Result<vfs::Attributes> refreshed(Result<vfs::Attributes> attributes) const {
    if (attributes) {
      store_->refresh(*attributes);
    }
    return attributes;
  }
  void release(const Result<vfs::Attributes>& node) const {
    if (node && node->type == vfs::FileType::regular) {
      store_->release(node->node);
    }
  }

  std::shared_ptr<vfs::WritableFileSystem> inner_;
  std::shared_ptr<PageStore> store_;
};

}  // namespace

std::shared_ptr<vfs::WritableFileSystem> make_paged(std::shared_ptr<vfs::WritableFileSystem> inner,
                                                    std::shared_ptr<PageStore> store) {
  return std::make_shared<PagedFileSystem>(std::move(inner), std::move(store));
}

}  // namespace seabag::intercept
