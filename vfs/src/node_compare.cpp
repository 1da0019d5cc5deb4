#include "node_compare.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

namespace seabag::vfs {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} * 1024;

auto owner_of(const Attributes& attributes) {
  return std::tie(attributes.type, attributes.mode, attributes.uid, attributes.gid);
}

auto shape_of(const Attributes& attributes) {
  return std::tie(attributes.size, attributes.device, attributes.modified);
}

Result<bool> has_same_xattrs(const NodePlace& one, const NodePlace& other) {
  if (!one.files.capabilities().extended_attributes ||
      !other.files.capabilities().extended_attributes) {
    return true;
  }
  const std::vector<std::string> names = SEABAG_TRY(one.files.xattrs(one.node));
  if (names != SEABAG_TRY(other.files.xattrs(other.node))) {
    return false;
  }
  for (const std::string& name : names) {
    if (SEABAG_TRY(one.files.xattr(one.node, name)) !=
        SEABAG_TRY(other.files.xattr(other.node, name))) {
      return false;
    }
  }
  return true;
}

Result<bool> has_same_content(const NodePlace& one, const NodePlace& other) {
  const auto first = SEABAG_TRY(one.files.open(one.node));
  const auto second = SEABAG_TRY(other.files.open(other.node));
  std::vector<std::byte> buffer(2 * kBuffer);
  const std::span<std::byte> halves(buffer);
  for (std::uint64_t offset = 0;; offset += kBuffer) {
    const std::size_t count = SEABAG_TRY(first->read_at(halves.first(kBuffer), offset));
    const std::size_t other_count = SEABAG_TRY(second->read_at(halves.last(kBuffer), offset));
    if (count != other_count ||
        !std::ranges::equal(halves.first(count), halves.subspan(kBuffer, count))) {
      return false;
    }
    if (count < kBuffer) {
      return true;
    }
  }
}

}  // namespace

Result<bool> is_same_node(const NodePlace& one, const NodePlace& other) {
  const Attributes first = SEABAG_TRY(one.files.attributes(one.node));
  const Attributes second = SEABAG_TRY(other.files.attributes(other.node));
  const bool is_directory = first.type == FileType::directory;
  if (owner_of(first) != owner_of(second) ||
      (!is_directory && shape_of(first) != shape_of(second)) ||
      !SEABAG_TRY(has_same_xattrs(one, other))) {
    return false;
  }
  if (first.type == FileType::symlink) {
    return SEABAG_TRY(one.files.read_link(one.node)) ==
           SEABAG_TRY(other.files.read_link(other.node));
  }
  return first.type == FileType::regular ? has_same_content(one, other) : Result<bool>(true);
}

}  // namespace seabag::vfs
