#include "seabag/bundle/reader.h"

#include <algorithm>

#include "backing.h"
#include "lookup.h"
#include "seabag/bundle/error.h"
#include "seabag/vfs/path.h"

namespace seabag::bundle {
namespace {

constexpr vfs::Capabilities kCapabilities{
    .hard_links = true,
    .extended_attributes = false,
    .persistent_nodes = true,
    .sparse_files = false,
    .special_files = false,
    .immutable = true,
};

constexpr std::uint64_t kStatBlock = 512;

constexpr vfs::NodeId node_id(std::uint32_t index) { return vfs::NodeId{std::uint64_t{index} + 1}; }

constexpr vfs::FileType file_type(EntryKind kind) {
  switch (kind) {
    case EntryKind::directory:
      return vfs::FileType::directory;
    case EntryKind::symlink:
      return vfs::FileType::symlink;
    default:
      return vfs::FileType::regular;
  }
}

/// The node behind a number that a caller brought. ESTALE when there is none.
Result<Node> node_at(const Tables& tables, vfs::NodeId id, const char* operation) {
  const auto number = static_cast<std::uint64_t>(id);
  if (number == 0 || number > tables.entry_count()) {
    return make_error(kStaleNode, operation);
  }
  const Node node = SEABAG_TRY(node_of(tables, static_cast<std::uint32_t>(number - 1), operation));
  if (node_id(node.index) != id) {
    return make_error(kStaleNode, operation);
  }
  return node;
}

Result<std::uint64_t> size_of(const Tables& tables, const Entry& entry, const char* operation) {
  switch (entry.kind) {
    case EntryKind::regular: {
      const auto content = tables.content(entry.reference);
      if (!content) {
        return damaged_table(operation);
      }
      return content->identity.length;
    }
    case EntryKind::symlink:
      return std::uint64_t{entry.count};
    default:
      return std::uint64_t{entry.count} * kEntrySize;
  }
}

Result<vfs::Attributes> attributes_of(const Tables& tables, const Node& node,
                                      const char* operation) {
  const std::uint64_t size = SEABAG_TRY(size_of(tables, node.entry, operation));
  vfs::Attributes attributes;
  attributes.node = node_id(node.index);
  attributes.inode = static_cast<std::uint64_t>(attributes.node);
  attributes.type = file_type(node.entry.kind);
  attributes.mode = node.entry.mode;
  attributes.links = node.entry.links;
  attributes.size = size;
  attributes.blocks = size / kStatBlock + (size % kStatBlock == 0 ? 0 : 1);
  attributes.accessed = node.entry.modified;
  attributes.modified = node.entry.modified;
  attributes.changed = node.entry.modified;
  attributes.created = node.entry.modified;
  return attributes;
}

/// The bytes of a regular file.
Result<std::span<const std::byte>> bytes_of(const Tables& tables, const Node& node,
                                            const char* operation) {
  if (node.entry.kind == EntryKind::directory) {
    return make_error(std::errc::is_a_directory, operation);
  }
  if (node.entry.kind == EntryKind::symlink) {
    return make_error(std::errc::too_many_symbolic_link_levels, operation);
  }
  const auto content = tables.content(node.entry.reference);
  const auto bytes = content ? tables.bytes(content->identity) : std::nullopt;
  if (!bytes) {
    return damaged_table(operation);
  }
  return *bytes;
}

/// A file of a bundle: a view of the payload.
class BundleFile final : public vfs::File {
 public:
  BundleFile(std::span<const std::byte> bytes, const vfs::Attributes& attributes)
      : bytes_(bytes), attributes_(attributes) {}

  Result<std::size_t> read_at(std::span<std::byte> buffer, std::uint64_t offset) const override {
    if (offset >= bytes_.size()) {
      return std::size_t{0};
    }
    const std::size_t count = std::min(buffer.size(), bytes_.size() - offset);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, buffer.begin());
    return count;
  }

  Result<vfs::Attributes> attributes() const override { return attributes_; }

  Result<std::uint64_t> find_extent(vfs::ExtentKind kind, std::uint64_t offset) const override {
    if (offset >= bytes_.size()) {
      return make_error(std::errc::no_such_device_or_address, "seek");
    }
    return kind == vfs::ExtentKind::data ? offset : std::uint64_t{bytes_.size()};
  }

 private:
  std::span<const std::byte> bytes_;  ///< owned by the Bundle's payload
  vfs::Attributes attributes_;
};

/// One child. It must name its directory as its parent: no two directories can share children then,
/// so a walk over everything takes no longer than there are entries.
Result<vfs::DirectoryEntry> directory_entry(const Tables& tables, std::uint32_t directory,
                                            std::uint32_t index) {
  const auto entry = tables.entry(index);
  const auto name = entry ? tables.name(*entry) : std::nullopt;
  if (!name || !vfs::is_valid_name(*name) || entry->parent != directory) {
    return damaged_table("list");
  }
  const Node node = SEABAG_TRY(node_of(tables, index, "list"));
  return vfs::DirectoryEntry{.name = std::string(*name),
                             .node = node_id(node.index),
                             .inode = std::uint64_t{node.index} + 1,
                             .type = file_type(node.entry.kind)};
}

}  // namespace

Bundle::Bundle(const Tables& tables, std::unique_ptr<const Backing> backing)
    : tables_(tables), backing_(std::move(backing)) {
  if (backing_) {
    descriptor_ = backing_->descriptor.number();
    payload_offset_ = backing_->payload_offset;
  }
}

Bundle::~Bundle() = default;

Result<std::unique_ptr<Bundle>> Bundle::make(std::span<const std::byte> payload,
                                             std::unique_ptr<const Backing> backing) {
  const Tables tables = SEABAG_TRY(Tables::open(payload));
  return std::unique_ptr<Bundle>(new Bundle(tables, std::move(backing)));
}

Result<std::unique_ptr<Bundle>> Bundle::open_bytes(std::span<const std::byte> payload) {
  return make(payload, nullptr);
}

std::string_view Bundle::config() const { return tables_.config(); }

Result<std::span<const std::byte>> Bundle::bytes(vfs::NodeId node) const {
  return bytes_of(tables_, SEABAG_TRY(node_at(tables_, node, "open")), "open");
}

const vfs::Capabilities& Bundle::capabilities() const { return kCapabilities; }

Result<vfs::Attributes> Bundle::lookup(vfs::NodeId parent, std::string_view name) {
  const Node directory = SEABAG_TRY(node_at(tables_, parent, "lookup"));
  return attributes_of(tables_, SEABAG_TRY(find_child(tables_, directory, name, "lookup")),
                       "lookup");
}

Result<vfs::Attributes> Bundle::attributes(vfs::NodeId node) {
  return attributes_of(tables_, SEABAG_TRY(node_at(tables_, node, "stat")), "stat");
}

Result<std::unique_ptr<vfs::File>> Bundle::open(vfs::NodeId node) {
  const Node found = SEABAG_TRY(node_at(tables_, node, "open"));
  const auto bytes = SEABAG_TRY(bytes_of(tables_, found, "open"));
  const auto attributes = SEABAG_TRY(attributes_of(tables_, found, "open"));
  return std::unique_ptr<vfs::File>(std::make_unique<BundleFile>(bytes, attributes));
}

Result<std::vector<vfs::DirectoryEntry>> Bundle::list(vfs::NodeId directory, std::uint64_t cookie,
                                                      std::size_t limit) {
  const Node node = SEABAG_TRY(node_at(tables_, directory, "list"));
  const Children children = SEABAG_TRY(children_of(tables_, node, "list"));
  std::vector<vfs::DirectoryEntry> entries;
  if (cookie >= children.count) {
    return entries;
  }
  const std::uint64_t count = std::min<std::uint64_t>(limit, children.count - cookie);
  entries.reserve(count);
  for (std::uint64_t i = cookie; i < cookie + count; ++i) {
    const std::uint32_t index = children.first + static_cast<std::uint32_t>(i);
    entries.push_back(SEABAG_TRY(directory_entry(tables_, node.index, index)));
    entries.back().cookie = i + 1;
  }
  return entries;
}

Result<std::string> Bundle::read_link(vfs::NodeId node) {
  const Node found = SEABAG_TRY(node_at(tables_, node, "readlink"));
  if (found.entry.kind != EntryKind::symlink) {
    return make_error(std::errc::invalid_argument, "readlink");
  }
  const auto target = tables_.link_target(found.entry);
  if (!target || !vfs::check_link_target(*target, "readlink")) {
    return damaged_table("readlink");
  }
  return std::string(*target);
}

Result<std::string> Bundle::xattr(vfs::NodeId node, std::string_view /*name*/) {
  const auto found = node_at(tables_, node, "getxattr");
  return found ? make_error(kNoAttribute, "getxattr") : found.error();
}

Result<std::vector<std::string>> Bundle::xattrs(vfs::NodeId node) {
  const auto found = node_at(tables_, node, "listxattr");
  return found ? Result(std::vector<std::string>()) : found.error();
}

Result<vfs::Statistics> Bundle::statistics() {
  constexpr std::uint32_t kBlock = 4096;
  return vfs::Statistics{.block_size = kBlock,
                         .blocks = (tables_.payload().size() + kBlock - 1) / kBlock,
                         .blocks_free = 0,
                         .nodes = tables_.entry_count(),
                         .nodes_free = 0};
}

}  // namespace seabag::bundle
