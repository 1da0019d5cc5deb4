#include "seabag/vfs/lazy.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <utility>

#include "seabag/vfs/path.h"
#include "seabag/vfs/rules.h"

namespace seabag::vfs {
namespace {

constexpr std::uint64_t kBlockUnit = 512;

/// A node: what it was announced to be, and what has been produced of it.
struct LazyNode {
  NodeId id{};
  LazyEntry entry;
  std::mutex mutex;  ///< held while producing
  /// Both are set once, under the mutex, and do not change any more.
  std::shared_ptr<const std::string> content;
  std::shared_ptr<const std::vector<LazyNode*>> children;  ///< sorted by name
};

Error named(Error error, const char* operation) {
  error.operation = operation;
  error.path.clear();
  return error;
}

Error bad_entry(const char* operation, std::string_view name, const char* detail) {
  return make_error(std::errc::io_error, operation, {},
                    "the entry '" + std::string(name) + "' was produced " + detail);
}

Result<void> check_entry(const LazyEntry& entry, const char* operation) {
  if (!is_valid_name(entry.name)) {
    return bad_entry(operation, entry.name, "with a name that is none");
  }
  switch (entry.type) {
    case FileType::regular:
      return entry.content ? Result<void>() : bad_entry(operation, entry.name, "without content");
    case FileType::directory:
      return entry.entries ? Result<void>() : bad_entry(operation, entry.name, "without entries");
    case FileType::symlink:
      if (!check_link_target(entry.target, operation)) {
        return bad_entry(operation, entry.name, "with a target that is none");
      }
      return {};
    default:
      return bad_entry(operation, entry.name, "with a type that has no content");
  }
}

Attributes describe(const LazyNode& node, std::uint64_t size) {
  const LazyEntry& entry = node.entry;
  return {.node = node.id,
          .type = entry.type,
          .mode = entry.mode & kModeBits,
          .size = size,
          .blocks = entry.type == FileType::regular
                        ? size / kBlockUnit + (size % kBlockUnit == 0 ? 0U : 1U)
                        : 0,
          .inode = static_cast<std::uint64_t>(node.id),
          .accessed = entry.modified,
          .modified = entry.modified,
          .changed = entry.modified,
          .created = entry.modified};
}

class LazyFile final : public File {
 public:
  LazyFile(const LazyNode& node, std::shared_ptr<const std::string> content)
      : node_(node), content_(std::move(content)) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    if (offset >= content_->size()) {
      return std::size_t{0};
    }
    const auto start = static_cast<std::size_t>(offset);
    const std::size_t count = std::min(buffer.size(), content_->size() - start);
    if (count > 0) {
      std::memcpy(buffer.data(), content_->data() + start, count);
    }
    return count;
  }
  Result<Attributes> attributes() const override { return describe(node_, content_->size()); }
  Result<std::uint64_t> find_extent(ExtentKind kind, std::uint64_t offset) const override {
    if (offset >= content_->size()) {
      return make_error(std::errc::no_such_device_or_address, "find_extent");
    }
    return kind == ExtentKind::data ? offset : std::uint64_t{content_->size()};
  }

 private:
  const LazyNode& node_;  ///< owned by the file system, which a file does not outlive
  std::shared_ptr<const std::string> content_;
};

class LazyFileSystem final : public FileSystem {
 public:
  explicit LazyFileSystem(LazyEntries root) {
    LazyEntry entry = lazy_directory("", std::move(root));
    (void)add(std::move(entry));  // the root has the first number
  }

  const Capabilities& capabilities() const override {
    // Not immutable: an error is no answer for ever, and sizes come late.
    static constexpr Capabilities kCapabilities{};
    return kCapabilities;
  }

  Result<Attributes> lookup(NodeId parent, std::string_view name) override {
    SEABAG_TRY(check_name(name, "lookup"));
    LazyNode& directory = *SEABAG_TRY(find(parent, "lookup"));
    const auto children = SEABAG_TRY(children_of(directory, "lookup"));
    const auto child = std::ranges::lower_bound(*children, name, {}, name_of);
    if (child == children->end() || (*child)->entry.name != name) {
      return make_error(std::errc::no_such_file_or_directory, "lookup");
    }
    return attributes_of(**child, "lookup");
  }
  Result<Attributes> attributes(NodeId node) override {
    return attributes_of(*SEABAG_TRY(find(node, "attributes")), "attributes");
  }
  Result<std::unique_ptr<File>> open(NodeId node) override {
    LazyNode& found = *SEABAG_TRY(find(node, "open"));
    SEABAG_TRY(check_openable(found.entry.type, "open"));
    auto content = SEABAG_TRY(content_of(found, "open"));
    return std::unique_ptr<File>(std::make_unique<LazyFile>(found, std::move(content)));
  }
  Result<std::vector<DirectoryEntry>> list(NodeId directory, std::uint64_t cookie,
                                           std::size_t limit) override {
    LazyNode& found = *SEABAG_TRY(find(directory, "list"));
    const auto children = SEABAG_TRY(children_of(found, "list"));
    std::vector<DirectoryEntry> rows;
    for (std::uint64_t at = cookie; at < children->size() && rows.size() < limit; ++at) {
      const LazyNode& child = *(*children)[static_cast<std::size_t>(at)];
      rows.push_back({.name = child.entry.name,
                      .node = child.id,
                      .inode = static_cast<std::uint64_t>(child.id),
                      .type = child.entry.type,
                      .cookie = at + 1});
    }
    return rows;
  }
  Result<std::string> read_link(NodeId node) override {
    const LazyNode& found = *SEABAG_TRY(find(node, "read_link"));
    if (found.entry.type != FileType::symlink) {
      return make_error(std::errc::invalid_argument, "read_link");
    }
    return found.entry.target;
  }
  Result<std::string> xattr(NodeId node, std::string_view) override {
    (void)SEABAG_TRY(find(node, "xattr"));
    return make_error(kNoAttribute, "xattr");
  }
  Result<std::vector<std::string>> xattrs(NodeId node) override {
    (void)SEABAG_TRY(find(node, "xattrs"));
    return std::vector<std::string>{};
  }
  Result<Statistics> statistics() override {
    const std::shared_lock lock(nodes_mutex_);
    return Statistics{.nodes = nodes_.size()};
  }

 private:
  static std::string_view name_of(const LazyNode* node) { return node->entry.name; }

  LazyNode& add(LazyEntry entry) {
    const std::unique_lock lock(nodes_mutex_);
    LazyNode& node = nodes_.emplace_back();
    node.id = NodeId{nodes_.size()};
    node.entry = std::move(entry);
    return node;
  }

  Result<LazyNode*> find(NodeId node, const char* operation) {
    const auto number = static_cast<std::uint64_t>(node);
    const std::shared_lock lock(nodes_mutex_);
    if (number == 0 || number > nodes_.size()) {
      return make_error(kStaleNode, operation);
    }
    return &nodes_[static_cast<std::size_t>(number - 1)];
  }

  Result<Attributes> attributes_of(LazyNode& node, const char* operation) {
    switch (node.entry.type) {
      case FileType::regular:
        if (node.entry.size) {
          return describe(node, *node.entry.size);
        }
        return describe(node, SEABAG_TRY(content_of(node, operation))->size());
      case FileType::symlink:
        return describe(node, node.entry.target.size());
      default:
        return describe(node, 0);
    }
  }

  static Result<std::shared_ptr<const std::string>> content_of(LazyNode& node,
                                                               const char* operation) {
    const std::lock_guard lock(node.mutex);
    if (node.content == nullptr) {
      auto produced = node.entry.content();
      if (!produced) {
        return named(std::move(produced).error(), operation);
      }
      if (node.entry.size && *node.entry.size != produced->size()) {
        return bad_entry(operation, node.entry.name, "with another size than announced");
      }
      node.content = std::make_shared<const std::string>(std::move(produced).take());
    }
    return node.content;
  }

  Result<std::shared_ptr<const std::vector<LazyNode*>>> children_of(LazyNode& directory,
                                                                    const char* operation) {
    if (directory.entry.type != FileType::directory) {
      return make_error(std::errc::not_a_directory, operation);
    }
    const std::lock_guard lock(directory.mutex);
    if (directory.children == nullptr) {
      auto entries = directory.entry.entries();
      if (!entries) {
        return named(std::move(entries).error(), operation);
      }
      directory.children = SEABAG_TRY(adopt(std::move(entries).take(), operation));
    }
    return directory.children;
  }

  /// Makes nodes of all entries, or of none.
  Result<std::shared_ptr<const std::vector<LazyNode*>>> adopt(std::vector<LazyEntry> entries,
                                                              const char* operation) {
    std::ranges::sort(entries, {}, &LazyEntry::name);
    for (const LazyEntry& entry : entries) {
      SEABAG_TRY(check_entry(entry, operation));
    }
    const auto twice = std::ranges::adjacent_find(entries, {}, &LazyEntry::name);
    if (twice != entries.end()) {
      return bad_entry(operation, twice->name, "twice");
    }
    auto children = std::make_shared<std::vector<LazyNode*>>();
    children->reserve(entries.size());
    for (LazyEntry& entry : entries) {
      children->push_back(&add(std::move(entry)));
    }
    return std::shared_ptr<const std::vector<LazyNode*>>(std::move(children));
  }

  std::shared_mutex nodes_mutex_;
  std::deque<LazyNode> nodes_;  ///< by number; its size is guarded by nodes_mutex_
};

}  // namespace

LazyEntry lazy_file(std::string name, LazyContent content) {
  return {.name = std::move(name), .content = std::move(content)};
}

LazyEntry lazy_directory(std::string name, LazyEntries entries) {
  return {.name = std::move(name),
          .type = FileType::directory,
          .mode = 0755,
          .entries = std::move(entries)};
}

LazyEntry lazy_symlink(std::string name, std::string target) {
  return {.name = std::move(name),
          .type = FileType::symlink,
          .mode = 0777,
          .target = std::move(target)};
}

std::shared_ptr<FileSystem> make_lazy_file_system(LazyEntries root) {
  return std::make_shared<LazyFileSystem>(std::move(root));
}

}  // namespace seabag::vfs
