#include "seabag/vfs/read_only.h"

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace seabag::vfs {

/// Lets mutations pass until it is closed. Safe for concurrent use.
class FreezeGate {
 public:
  void close() {
    const std::unique_lock lock(mutex_);
    is_closed_ = true;
  }
  [[nodiscard]] bool is_closed() const {
    const std::shared_lock lock(mutex_);
    return is_closed_;
  }

  /// Makes the call, or tells what `refuse` finds, else EROFS. The gate cannot close in between.
  template <typename Call, typename Refuse>
  auto pass(const char* operation, Call call, Refuse refuse) const -> decltype(call()) {
    {
      const std::shared_lock lock(mutex_);
      if (!is_closed_) {
        return call();
      }
    }
    if (Result<void> found = refuse(); !found) {
      return std::move(found).error();
    }
    return make_error(std::errc::read_only_file_system, operation, {}, "it is frozen");
  }
  template <typename Call>
  auto pass(const char* operation, Call call) const -> decltype(call()) {
    return pass(operation, call, [] { return Result<void>(); });
  }

 private:
  mutable std::shared_mutex mutex_;
  bool is_closed_ = false;
};

namespace {

class FreezableFile final : public WritableFile {
 public:
  FreezableFile(std::unique_ptr<WritableFile> inner, const FreezeGate& gate)
      : inner_(std::move(inner)), gate_(gate) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    return inner_->read_at(buffer, offset);
  }
  Result<Attributes> attributes() const override { return inner_->attributes(); }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    return inner_->find_extent(kind, offset);
  }
  Result<std::size_t> write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return gate_.pass("write", [&] { return inner_->write_at(bytes, offset); });
  }
  Result<std::size_t> append(std::span<const std::byte> bytes) override {
    return gate_.pass("append", [&] { return inner_->append(bytes); });
  }
  Result<void> resize(std::uint64_t size) override {
    return gate_.pass("resize", [&] { return inner_->resize(size); });
  }
  Result<void> allocate(AllocateMode mode, std::uint64_t offset, std::uint64_t length) override {
    return gate_.pass("allocate", [&] { return inner_->allocate(mode, offset, length); });
  }
  Result<void> sync(SyncScope scope) override { return inner_->sync(scope); }

 private:
  std::unique_ptr<WritableFile> inner_;
  const FreezeGate& gate_;  ///< owned by the file system, which a file does not outlive
};

Result<std::unique_ptr<WritableFile>> wrap(Result<std::unique_ptr<WritableFile>> file,
                                           const FreezeGate& gate) {
  if (!file) {
    return file;
  }
  return std::unique_ptr<WritableFile>(
      std::make_unique<FreezableFile>(std::move(file).take(), gate));
}

template <typename T>
Result<void> outcome(const Result<T>& result) {
  if (!result) {
    return result.error();
  }
  return {};
}

/// EEXIST when the name is taken; other errors of the lookup but ENOENT.
Result<void> check_free(FileSystem& files, NodeId parent, std::string_view name,
                        const char* operation) {
  const auto found = files.lookup(parent, name);
  if (found) {
    return make_error(std::errc::file_exists, operation);
  }
  if (found.error().is(std::errc::no_such_file_or_directory)) {
    return {};
  }
  return found.error();
}

}  // namespace

ReadOnlyFileSystem::ReadOnlyFileSystem(std::shared_ptr<WritableFileSystem> inner)
    : inner_(std::move(inner)), gate_(std::make_unique<FreezeGate>()) {}

ReadOnlyFileSystem::~ReadOnlyFileSystem() = default;

void ReadOnlyFileSystem::freeze() { gate_->close(); }

bool ReadOnlyFileSystem::is_frozen() const { return gate_->is_closed(); }

const Capabilities& ReadOnlyFileSystem::capabilities() const { return inner_->capabilities(); }

Result<Attributes> ReadOnlyFileSystem::lookup(NodeId parent, std::string_view name) {
  return inner_->lookup(parent, name);
}

Result<Attributes> ReadOnlyFileSystem::attributes(NodeId node) { return inner_->attributes(node); }

Result<std::unique_ptr<File>> ReadOnlyFileSystem::open(NodeId node) { return inner_->open(node); }

Result<std::vector<DirectoryEntry>> ReadOnlyFileSystem::list(NodeId directory, std::uint64_t cookie,
                                                             std::size_t limit) {
  return inner_->list(directory, cookie, limit);
}

Result<std::string> ReadOnlyFileSystem::read_link(NodeId node) { return inner_->read_link(node); }

Result<std::string> ReadOnlyFileSystem::xattr(NodeId node, std::string_view name) {
  return inner_->xattr(node, name);
}

Result<std::vector<std::string>> ReadOnlyFileSystem::xattrs(NodeId node) {
  return inner_->xattrs(node);
}

Result<Statistics> ReadOnlyFileSystem::statistics() { return inner_->statistics(); }

PathAccess* ReadOnlyFileSystem::path_access() { return inner_->path_access(); }

Result<Attributes> ReadOnlyFileSystem::create(NodeId parent, std::string_view name,
                                              const NewNode& what) {
  return gate_->pass(
      "create", [&] { return inner_->create(parent, name, what); },
      [&] { return check_free(*inner_, parent, name, "create"); });
}

Result<std::unique_ptr<WritableFile>> ReadOnlyFileSystem::create_unnamed(NodeId directory,
                                                                         const NewNode& what) {
  return gate_->pass(
      "create_unnamed", [&] { return wrap(inner_->create_unnamed(directory, what), *gate_); },
      [&] { return outcome(inner_->attributes(directory)); });
}

Result<std::unique_ptr<WritableFile>> ReadOnlyFileSystem::open_writable(NodeId node) {
  return gate_->pass(
      "open", [&] { return wrap(inner_->open_writable(node), *gate_); },
      [&] { return outcome(inner_->open(node)); });
}

Result<Attributes> ReadOnlyFileSystem::link(NodeId node, NodeId parent, std::string_view name) {
  return gate_->pass(
      "link", [&] { return inner_->link(node, parent, name); },
      [&]() -> Result<void> {
        SEABAG_TRY(outcome(inner_->attributes(node)));
        return check_free(*inner_, parent, name, "link");
      });
}

Result<void> ReadOnlyFileSystem::remove(NodeId parent, std::string_view name, RemoveKind kind) {
  return gate_->pass(
      "remove", [&] { return inner_->remove(parent, name, kind); },
      [&] { return outcome(inner_->lookup(parent, name)); });
}

Result<void> ReadOnlyFileSystem::rename(NodeId from, std::string_view from_name, NodeId to,
                                        std::string_view to_name, RenameMode mode) {
  return gate_->pass(
      "rename", [&] { return inner_->rename(from, from_name, to, to_name, mode); },
      [&]() -> Result<void> {
        SEABAG_TRY(outcome(inner_->lookup(from, from_name)));
        if (mode == RenameMode::exchange) {
          return outcome(inner_->lookup(to, to_name));
        }
        auto free = check_free(*inner_, to, to_name, "rename");
        const bool may_replace = mode == RenameMode::replace;
        if (!free && may_replace && free.error().is(std::errc::file_exists)) {
          return {};
        }
        return free;
      });
}

Result<Attributes> ReadOnlyFileSystem::set_attributes(NodeId node,
                                                      const AttributeChanges& changes) {
  return gate_->pass(
      "set_attributes", [&] { return inner_->set_attributes(node, changes); },
      [&] { return outcome(inner_->attributes(node)); });
}

Result<void> ReadOnlyFileSystem::set_xattr(NodeId node, std::string_view name,
                                           std::string_view value, XattrMode mode) {
  return gate_->pass(
      "set_xattr", [&] { return inner_->set_xattr(node, name, value, mode); },
      [&] { return outcome(inner_->attributes(node)); });
}

Result<void> ReadOnlyFileSystem::remove_xattr(NodeId node, std::string_view name) {
  return gate_->pass(
      "remove_xattr", [&] { return inner_->remove_xattr(node, name); },
      [&] { return outcome(inner_->attributes(node)); });
}

Result<void> ReadOnlyFileSystem::sync() { return inner_->sync(); }

}  // namespace seabag::vfs
