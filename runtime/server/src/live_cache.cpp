#include "live_cache.h"

#include <utility>

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

std::shared_ptr<const LiveEntry> LiveCache::find(std::string_view path) {
  const auto place = places_.find(path);
  if (place == places_.end()) {
    return nullptr;
  }
  order_.splice(order_.begin(), order_, place->second);
  return place->second->entry;
}

void LiveCache::put(std::string_view path, std::shared_ptr<const LiveEntry> entry) {
  remove(path);
  const std::size_t size = entry->size();
  if (size > capacity_) {
    return;
  }
  used_ += size;
  order_.push_front({.path = std::string(path), .entry = std::move(entry)});
  places_.emplace(order_.front().path, order_.begin());
  while (used_ > capacity_) {
    remove(std::string(order_.back().path));
  }
}

void LiveCache::remove(std::string_view path) {
  const auto place = places_.find(path);
  if (place == places_.end()) {
    return;
  }
  const auto kept = place->second;
  used_ -= kept->entry->size();
  places_.erase(place);
  order_.erase(kept);
}

}  // namespace seabag::server
