#include "seabag/vfs/owned.h"

#include <utility>

namespace seabag::vfs {
namespace {

struct Owner {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;

  [[nodiscard]] Result<Attributes> take(Result<Attributes> attributes) const {
    if (attributes) {
      attributes->uid = uid;
      attributes->gid = gid;
    }
    return attributes;
  }
};

class OwnedFile final : public File {
 public:
  OwnedFile(std::unique_ptr<File> inner, Owner owner) : inner_(std::move(inner)), owner_(owner) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    return inner_->read_at(buffer, offset);
  }
  Result<Attributes> attributes() const override { return owner_.take(inner_->attributes()); }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return inner_->find_extent(kind, offset);
  }

 private:
  std::unique_ptr<File> inner_;
  Owner owner_;
};

class OwnedFileSystem final : public FileSystem {
 public:
  OwnedFileSystem(std::shared_ptr<FileSystem> inner, Owner owner)
      : inner_(std::move(inner)), owner_(owner) {}

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  Result<Attributes> lookup(NodeId parent, std::string_view name) override {
    return owner_.take(inner_->lookup(parent, name));
  }
  Result<Attributes> attributes(NodeId node) override {
    return owner_.take(inner_->attributes(node));
  }
  Result<std::unique_ptr<File>> open(NodeId node) override {
    auto file = SEABAG_TRY(inner_->open(node));
    return std::unique_ptr<File>(std::make_unique<OwnedFile>(std::move(file), owner_));
  }
  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override {
    return inner_->list(directory, cookie, limit);
  }
  Result<std::string> read_link(NodeId node) override { return inner_->read_link(node); }
  Result<std::string> xattr(NodeId node, std::string_view name) override {
    return inner_->xattr(node, name);
  }
  Result<std::vector<std::string>> xattrs(NodeId node) override { return inner_->xattrs(node); }
  Result<Statistics> statistics() override { return inner_->statistics(); }

 private:
  std::shared_ptr<FileSystem> inner_;
  Owner owner_;
};

}  // namespace

std::shared_ptr<FileSystem> make_owned(std::shared_ptr<FileSystem> inner, std::uint32_t uid,
                                       std::uint32_t gid) {
  return std::make_shared<OwnedFileSystem>(std::move(inner), Owner{.uid = uid, .gid = gid});
}

}  // namespace seabag::vfs
