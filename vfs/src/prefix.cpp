#include "seabag/vfs/prefix.h"

#include <string>
#include <utility>
#include <vector>

#include "seabag/vfs/namespace.h"

namespace seabag::vfs {
namespace {

/// The reading half over either contract: node numbers are translated on the way in and out.
template <typename Contract>
class PrefixReads : public Contract {
 public:
  PrefixReads(std::shared_ptr<Contract> inner, NodeId top)
      : inner_(std::move(inner)), top_(top), capabilities_(inner_->capabilities()) {
    capabilities_.changes = nullptr;  // the inner feed speaks of the inner numbers
  }

  const Capabilities& capabilities() const override { return capabilities_; }
  Result<Attributes> lookup(NodeId parent, std::string_view name) override {
    return outward(inner_->lookup(inward(parent), name));
  }
  Result<Attributes> attributes(NodeId node) override {
    return outward(inner_->attributes(inward(node)));
  }
  Result<std::unique_ptr<File>> open(NodeId node) override { return inner_->open(inward(node)); }
  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override {
    return inner_->list(inward(directory), cookie, limit);
  }
  Result<std::string> read_link(NodeId node) override { return inner_->read_link(inward(node)); }
  Result<std::string> xattr(NodeId node, std::string_view name) override {
    return inner_->xattr(inward(node), name);
  }
  Result<std::vector<std::string>> xattrs(NodeId node) override {
    return inner_->xattrs(inward(node));
  }
  Result<Statistics> statistics() override { return inner_->statistics(); }

 protected:
  [[nodiscard]] Contract& inner() const { return *inner_; }

  /// The directory's own number belongs to nobody outside: 0 is a node that never was.
  [[nodiscard]] NodeId inward(NodeId node) const {
    if (node == kRootNode) {
      return top_;
    }
    return node == top_ ? NodeId{0} : node;
  }
  [[nodiscard]] Result<Attributes> outward(Result<Attributes> attributes) const {
    if (attributes && attributes->node == top_) {
      attributes->node = kRootNode;
    }
    return attributes;
  }

 private:
  std::shared_ptr<Contract> inner_;
  NodeId top_;
  Capabilities capabilities_;
};

using PrefixFileSystem = PrefixReads<FileSystem>;

class WritablePrefixFileSystem final : public PrefixReads<WritableFileSystem> {
 public:
  using PrefixReads::PrefixReads;

  Result<Attributes> create(NodeId parent, std::string_view name, const NewNode& what) override {
    return inner().create(inward(parent), name, what);
  }
  Result<std::unique_ptr<WritableFile>> create_unnamed(NodeId directory,
                                                       const NewNode& what) override {
    return inner().create_unnamed(inward(directory), what);
  }
  Result<std::unique_ptr<WritableFile>> open_writable(NodeId node) override {
    return inner().open_writable(inward(node));
  }
  Result<Attributes> link(NodeId node, NodeId parent, std::string_view name) override {
    return inner().link(inward(node), inward(parent), name);
  }
  Result<void> remove(NodeId parent, std::string_view name, RemoveKind kind) override {
    return inner().remove(inward(parent), name, kind);
  }
  Result<void> rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name,
                      RenameMode mode) override {
    return inner().rename(inward(from), from_name, inward(to), to_name, mode);
  }
  Result<Attributes> set_attributes(NodeId node, const AttributeChanges& changes) override {
    return outward(inner().set_attributes(inward(node), changes));
  }
  Result<void> set_xattr(NodeId node, std::string_view name, std::string_view value,
                         XattrMode mode) override {
    return inner().set_xattr(inward(node), name, value, mode);
  }
  Result<void> remove_xattr(NodeId node, std::string_view name) override {
    return inner().remove_xattr(inward(node), name);
  }
  Result<void> sync() override { return inner().sync(); }
};

Result<NodeId> find_directory(std::shared_ptr<FileSystem> inner, std::string_view path) {
  constexpr const char* kOperation = "prefix";
  if (inner == nullptr) {
    return make_error(std::errc::invalid_argument, kOperation, path, "no file system was given");
  }
  Namespace alone;
  const Mount root = SEABAG_TRY(alone.mount("/", std::move(inner)));
  auto found = alone.stat(path);
  if (!found) {
    Error error = std::move(found).error();
    error.operation = kOperation;
    return error;
  }
  if (found->type != FileType::directory) {
    return make_error(std::errc::not_a_directory, kOperation, path);
  }
  return found->node;
}

}  // namespace

Result<std::shared_ptr<FileSystem>> make_prefix(std::shared_ptr<FileSystem> inner,
                                                std::string_view path) {
  const NodeId top = SEABAG_TRY(find_directory(inner, path));
  return std::shared_ptr<FileSystem>(std::make_shared<PrefixFileSystem>(std::move(inner), top));
}

Result<std::shared_ptr<WritableFileSystem>> make_writable_prefix(
    std::shared_ptr<WritableFileSystem> inner, std::string_view path) {
  const NodeId top = SEABAG_TRY(find_directory(inner, path));
  return std::shared_ptr<WritableFileSystem>(
      std::make_shared<WritablePrefixFileSystem>(std::move(inner), top));
}

}  // namespace seabag::vfs
