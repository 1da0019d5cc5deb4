#include "node_copy.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace seabag::vfs {
namespace {

constexpr std::size_t kCopyBuffer = std::size_t{128} * 1024;

/// How far it came: `end`, or where the file ends by now.
Result<std::uint64_t> copy_range(const File& from, WritableFile& to, std::vector<std::byte>& buffer,
                                 std::uint64_t begin, std::uint64_t end) {
  std::uint64_t offset = begin;
  while (offset < end) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), end - offset);
    const std::size_t got = SEABAG_TRY(from.read_at({buffer.data(), wanted}, offset));
    if (got == 0) {
      break;
    }
    if (SEABAG_TRY(to.write_at({buffer.data(), got}, offset)) < got) {
      return make_error(std::errc::no_space_on_device, "write");
    }
    offset += got;
  }
  return offset;
}

}  // namespace

Result<void> copy_content(const File& from, WritableFile& to) {
  const std::uint64_t size = SEABAG_TRY(from.attributes()).size;
  std::vector<std::byte> buffer(std::clamp<std::uint64_t>(size, 1, kCopyBuffer));
  std::uint64_t offset = 0;
  while (true) {
    auto data = from.find_extent(ExtentKind::data, offset);
    if (!data) {
      if (!data.error().is(std::errc::no_such_device_or_address)) {
        return std::move(data).error();
      }
      break;
    }
    const std::uint64_t end = SEABAG_TRY(from.find_extent(ExtentKind::hole, *data));
    offset = SEABAG_TRY(copy_range(from, to, buffer, *data, end));
    if (offset < end) {
      break;  // the file has become shorter meanwhile
    }
  }
  return to.resize(SEABAG_TRY(from.attributes()).size);
}

Result<void> copy_xattrs(FileSystem& from, const Attributes& source, WritableFileSystem& to,
                         NodeId made) {
  if (!from.capabilities().extended_attributes || !to.capabilities().extended_attributes ||
      (source.type != FileType::regular && source.type != FileType::directory)) {
    return {};
  }
  for (const std::string& name : SEABAG_TRY(from.xattrs(source.node))) {
    const std::string value = SEABAG_TRY(from.xattr(source.node, name));
    SEABAG_TRY(to.set_xattr(made, name, value, XattrMode::any));
  }
  return {};
}

AttributeChanges changes_to(const Attributes& source) {
  AttributeChanges changes{.uid = source.uid,
                           .gid = source.gid,
                           .accessed = NewTime::at(source.accessed),
                           .modified = NewTime::at(source.modified)};
  if (source.type != FileType::symlink) {
    changes.mode = source.mode;  // writing may have cleared setuid and setgid
  }
  return changes;
}

Result<Attributes> create_like(FileSystem& from, const Attributes& source, WritableFileSystem& to,
                               NodeId parent, std::string_view name) {
  std::string target;
  if (source.type == FileType::symlink) {
    target = SEABAG_TRY(from.read_link(source.node));
  }
  return to.create(parent, name,
                   {.type = source.type,
                    .mode = source.mode,
                    .uid = source.uid,
                    .gid = source.gid,
                    .target = target,
                    .device = source.device});
}

}  // namespace seabag::vfs
