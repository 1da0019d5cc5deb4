#include "live_cache.h"

namespace seabag::server {

FileStamp FileStamp::of(const vfs::Attributes& attributes) {
  return {.is_there = true,
          .node = attributes.node,
          .inode = attributes.inode,
          .size = attributes.size,
          .modified = attributes.modified,
          .changed = attributes.changed};
}

std::size_t LiveEntry::size() const {
  std::size_t size = sizeof(LiveEntry) + headers.fields.size() + headers.not_modified_fields.size();
  for (const std::string& one : content) {
    size += one.size();
  }
  return size;
}

}  // namespace seabag::server
