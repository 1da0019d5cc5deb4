#include "node.h"

namespace seabag::providers {
namespace {

/// st_blocks is told in these.
constexpr std::uint64_t kBlockUnit = 512;

}  // namespace

// Inlined: a path of five names comes here five times.
inline void Node::tell_constants(vfs::Attributes& attributes) const {
  attributes.node = id;
  attributes.type = type;
  attributes.size = target ? target->size() : 0;
  attributes.block_size = static_cast<std::uint32_t>(Content::kPageSize);
  attributes.device = device;
  attributes.inode = static_cast<std::uint64_t>(id);
  attributes.created = created;
}

inline void Node::tell_variables(vfs::Attributes& attributes) const {
  attributes.mode = mode;
  attributes.uid = uid;
  attributes.gid = gid;
  attributes.links = links;
  if (content) {
    attributes.size = content->size();
    attributes.blocks = content->allocated() / kBlockUnit;
  }
  attributes.accessed = accessed;
  attributes.modified = modified;
  attributes.changed = changed;
}

vfs::Attributes Node::attributes() const {
  vfs::Attributes attributes;
  tell_constants(attributes);
  tell_variables(attributes);
  return attributes;
}

Result<vfs::Attributes> Node::read_attributes() const {
  Result<vfs::Attributes> attributes{vfs::Attributes()};
  tell_constants(*attributes);
  mutex.read([&] { tell_variables(*attributes); });
  return attributes;
}

std::uint64_t Node::charged() const {
  std::uint64_t bytes = content ? content->charged() : 0;
  for (const auto& [name, value] : xattrs ? *xattrs : Xattrs()) {
    bytes += name.size() + value.size();
  }
  return bytes;
}

}  // namespace seabag::providers
