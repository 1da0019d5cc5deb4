#include "seabag/vfs/faulty.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fault_plan.h"

namespace seabag::vfs {
namespace {

/// The reading half of a file over either contract.
template <typename Contract>
class FaultyFile : public Contract {
 public:
  FaultyFile(std::unique_ptr<Contract> inner, FaultPoint point)
      : inner_(std::move(inner)), point_(std::move(point)) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    return point_.pass(ContractCall::read_at, [&] { return inner_->read_at(buffer, offset); });
  }
  Result<Attributes> attributes() const override {
    return point_.pass(ContractCall::attributes_file, [&] { return inner_->attributes(); });
  }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return point_.pass(ContractCall::find_extent,
                       [&] { return inner_->find_extent(kind, offset); });
  }

 protected:
  [[nodiscard]] Contract& inner() const { return *inner_; }
  [[nodiscard]] const FaultPoint& point() const { return point_; }

 private:
  std::unique_ptr<Contract> inner_;
  FaultPoint point_;
};

class FaultyWritableFile final : public FaultyFile<WritableFile> {
 public:
  using FaultyFile::FaultyFile;

  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return point().pass(ContractCall::write_at, [&]() -> Result<std::size_t> {
      return inner().write_at(SEABAG_TRY(fitting(bytes, "write")), offset);
    });
  }
  Result<std::size_t> append(std::span<const std::byte> bytes) override {
    return point().pass(ContractCall::append, [&]() -> Result<std::size_t> {
      return inner().append(SEABAG_TRY(fitting(bytes, "append")));
    });
  }
  Result<void> resize(std::uint64_t size) override {
    return point().pass(ContractCall::resize, [&] { return inner().resize(size); });
  }
  Result<void> allocate(AllocateMode mode, std::uint64_t offset, std::uint64_t length) override {
    return point().pass(ContractCall::allocate, [&]() -> Result<void> {
      const bool needs_room = mode == AllocateMode::extend || mode == AllocateMode::keep_size;
      if (needs_room && point().take_space(length) < length) {
        return make_error(std::errc::no_space_on_device, "allocate", {}, "injected limit");
      }
      return inner().allocate(mode, offset, length);
    });
  }
  Result<void> sync(SyncScope scope) override {
    return point().pass(ContractCall::sync_file, [&] { return inner().sync(scope); });
  }

 private:
  /// As many of the bytes as there is room for; ENOSPC when there is none.
  Result<std::span<const std::byte>> fitting(std::span<const std::byte> bytes,
                                             const char* operation) const {
    const std::uint64_t room = point().take_space(bytes.size());
    if (room == 0 && !bytes.empty()) {
      return make_error(std::errc::no_space_on_device, operation, {}, "injected limit");
    }
    return bytes.first(static_cast<std::size_t>(room));
  }
};

/// The reading half over either contract.
template <typename Contract>
class FaultyReads : public Contract {
 public:
  FaultyReads(std::shared_ptr<Contract> inner, FaultPoint point)
      : inner_(std::move(inner)), point_(std::move(point)) {}

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  Result<Attributes> lookup(NodeId parent, std::string_view name) override {
    return point_.pass(ContractCall::lookup, [&] { return inner_->lookup(parent, name); });
  }
  Result<Attributes> attributes(NodeId node) override {
    return point_.pass(ContractCall::attributes, [&] { return inner_->attributes(node); });
  }
  Result<std::unique_ptr<File>> open(NodeId node) override {
    return point_.pass(ContractCall::open, [&]() -> Result<std::unique_ptr<File>> {
      auto file = SEABAG_TRY(inner_->open(node));
      return std::unique_ptr<File>(std::make_unique<FaultyFile<File>>(std::move(file), point_));
    });
  }
  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override {
    return point_.pass(ContractCall::list, [&] { return inner_->list(directory, cookie, limit); });
  }
  Result<std::string> read_link(NodeId node) override {
    return point_.pass(ContractCall::read_link, [&] { return inner_->read_link(node); });
  }
  Result<std::string> xattr(NodeId node, std::string_view name) override {
    return point_.pass(ContractCall::xattr, [&] { return inner_->xattr(node, name); });
  }
  Result<std::vector<std::string>> xattrs(NodeId node) override {
    return point_.pass(ContractCall::xattrs, [&] { return inner_->xattrs(node); });
  }
  Result<Statistics> statistics() override {
    return point_.pass(ContractCall::statistics, [&] { return inner_->statistics(); });
  }

 protected:
  [[nodiscard]] Contract& inner() const { return *inner_; }
  [[nodiscard]] const FaultPoint& point() const { return point_; }

 private:
  std::shared_ptr<Contract> inner_;
  FaultPoint point_;
};

class FaultyWritableFileSystem final : public FaultyReads<WritableFileSystem> {
 public:
  using FaultyReads::FaultyReads;

  Result<Attributes> create(NodeId parent, std::string_view name, const NewNode& what) override {
    return point().pass(ContractCall::create, [&] { return inner().create(parent, name, what); });
  }
  Result<std::unique_ptr<WritableFile>> create_unnamed(NodeId directory,
                                                       const NewNode& what) override {
    return point().pass(ContractCall::create_unnamed,
                        [&] { return wrap(inner().create_unnamed(directory, what)); });
  }
  Result<std::unique_ptr<WritableFile>> open_writable(NodeId node) override {
    return point().pass(ContractCall::open_writable,
                        [&] { return wrap(inner().open_writable(node)); });
  }
  Result<Attributes> link(NodeId node, NodeId parent, std::string_view name) override {
    return point().pass(ContractCall::link, [&] { return inner().link(node, parent, name); });
  }
  Result<void> remove(NodeId parent, std::string_view name, RemoveKind kind) override {
    return point().pass(ContractCall::remove, [&] { return inner().remove(parent, name, kind); });
  }
  Result<void> rename(NodeId from, std::string_view from_name, NodeId to, std::string_view to_name,
                      RenameMode mode) override {
    return point().pass(ContractCall::rename,
                        [&] { return inner().rename(from, from_name, to, to_name, mode); });
  }
  Result<Attributes> set_attributes(NodeId node, const AttributeChanges& changes) override {
    return point().pass(ContractCall::set_attributes,
                        [&] { return inner().set_attributes(node, changes); });
  }
  Result<void> set_xattr(NodeId node, std::string_view name, std::string_view value,
                         XattrMode mode) override {
    return point().pass(ContractCall::set_xattr,
                        [&] { return inner().set_xattr(node, name, value, mode); });
  }
  Result<void> remove_xattr(NodeId node, std::string_view name) override {
    return point().pass(ContractCall::remove_xattr,
                        [&] { return inner().remove_xattr(node, name); });
  }
  Result<void> sync() override {
    return point().pass(ContractCall::sync, [&] { return inner().sync(); });
  }

 private:
  Result<std::unique_ptr<WritableFile>> wrap(Result<std::unique_ptr<WritableFile>> file) const {
    if (!file) {
      return file;
    }
    return std::unique_ptr<WritableFile>(
        std::make_unique<FaultyWritableFile>(std::move(file).take(), point()));
  }
};

}  // namespace

std::shared_ptr<FileSystem> make_faulty(std::shared_ptr<FileSystem> inner,
                                        std::shared_ptr<FaultPlan> plan) {
  return std::make_shared<FaultyReads<FileSystem>>(std::move(inner), FaultPoint(std::move(plan)));
}

std::shared_ptr<WritableFileSystem> make_writable_faulty(std::shared_ptr<WritableFileSystem> inner,
                                                         std::shared_ptr<FaultPlan> plan) {
  return std::make_shared<FaultyWritableFileSystem>(std::move(inner), FaultPoint(std::move(plan)));
}

}  // namespace seabag::vfs
