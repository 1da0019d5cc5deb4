#include "multipart.h"

#include <array>
#include <string>
#include <string_view>

#include "asset_answer.h"
#include "seabag/http/entity_tag.h"

namespace seabag::server {
namespace {

constexpr std::string_view kTypeName = "Content-Type: ";
constexpr std::string_view kCrlf = "\r\n";

/// The field lines of an asset around its Content-Type, which moves into the parts.
struct SplitFields {
  std::string_view before;
  std::string_view type;
  std::string_view after;
};

SplitFields split_at_type(std::string_view fields) {
  std::size_t start = 0;
  while (start < fields.size()) {
    const std::string_view line = fields.substr(start, fields.find(kCrlf, start) - start);
    const std::size_t next = start + line.size() + kCrlf.size();
    if (line.starts_with(kTypeName)) {
      return {.before = fields.substr(0, start),
              .type = line.substr(kTypeName.size()),
              .after = fields.substr(next)};
    }
    start = next;
  }
  return {.before = fields, .type = {}, .after = {}};
}

/// The content's own hash: content that contained it would be a fixed point of the hash.
std::string make_boundary(const vfs::Asset& asset) {
  const http::EntityTag tag(asset.content_hash, vfs::Encoding::identity);
  return std::string(tag.text().substr(1, tag.text().size() - 2));
}

}  // namespace

std::uint64_t add_multipart(http::ResponseHead head, const vfs::Asset& asset,
                            const vfs::Representation& representation,
                            std::span<const http::ByteRange> ranges, AnswerSink& sink) {
  const SplitFields split = split_at_type(head.fields);
  const std::string boundary = make_boundary(asset);
  http::RangePart part{.boundary = boundary,
                       .content_type = split.type,
                       .range = {},
                       .length = representation.length};
  std::string fields(split.before);
  fields.append(kTypeName).append("multipart/byteranges; boundary=").append(boundary);
  fields.append(kCrlf).append(split.after);
  head.fields = fields;
  head.content_length = http::multipart_size(part, ranges);
  sink.add_head(head);
  std::string part_head;
  for (const http::ByteRange range : ranges) {
    part.range = range;
    part_head.resize(http::part_head_size(part));
    sink.add_copy({part_head.data(), http::write_part_head(part, part_head)});
    add_content(asset, representation, range.first, range.length(), sink);
  }
  std::array<char, 128> end{};
  sink.add_copy({end.data(), http::write_multipart_end(boundary, end)});
  return *head.content_length;
}

}  // namespace seabag::server
