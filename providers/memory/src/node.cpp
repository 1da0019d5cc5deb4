#include "node.h"

namespace seabag::providers {
namespace {

/// st_blocks is told in these.
constexpr std::uint64_t kBlockUnit = 512;

}  // namespace

vfs::Attributes Node::constants() const {
  return {.node = id,
          .type = type,
          .size = target ? target->size() : 0,
          .block_size = static_cast<std::uint32_t>(Content::kPageSize),
          .device = device,
          .inode = static_cast<std::uint64_t>(id),
          .created = created};
}

void Node::tell_variables(vfs::Attributes& attributes) const {
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
  vfs::Attributes attributes = constants();
  tell_variables(attributes);
  return attributes;
}

vfs::Attributes Node::read_attributes() const {
  vfs::Attributes attributes = constants();
  mutex.read([&] { tell_variables(attributes); });
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
