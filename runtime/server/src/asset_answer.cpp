#include "asset_answer.h"

#include "multipart.h"
#include "seabag/http/conditions.h"
#include "seabag/http/entity_tag.h"
#include "seabag/http/negotiation.h"
#include "seabag/http/range.h"

namespace seabag::server {
namespace {

using http::FieldName;
using http::Status;

/// One answer while it is put together. The order of the steps is that of RFC 9110 §13.2.2.
class AssetAnswer {
 public:
  AssetAnswer(const http::RequestHead& request, const vfs::Asset& asset,
              const AnswerContext& context, AnswerSink& sink)
      : request_(request),
        asset_(asset),
        encoding_(http::select_encoding(request, asset)),
        representation_(asset.representation(encoding_)),
        tag_(asset.content_hash, encoding_),
        context_(context),
        sink_(sink) {}

  AnswerRecord run() {
    const http::Validators validators{.entity_tag = tag_.text(),
                                      .modified = asset_.modified,
                                      .has_variants = asset_.has_variants()};
    switch (http::evaluate_preconditions(request_, validators)) {
      case http::Precondition::not_modified:
        return not_modified();
      case http::Precondition::failed:
        return add_plain({.status = Status::precondition_failed, .part = part_for(request_)},
                         context_, sink_);
      case http::Precondition::proceed:
        break;
    }
    if (http::range_applies(request_, validators)) {
      const auto set =
          http::RangeSet::parse(request_.value(FieldName::range), representation_.length);
      if (set.state() != http::RangeState::ignored) {
        return set.state() == http::RangeState::satisfiable ? partial(set.ranges())
                                                            : unsatisfiable();
      }
    }
    return whole(Status::ok);
  }

  AnswerRecord whole(Status status) {
    http::ResponseHead head = make_head(status);
    head.content_length = representation_.length;
    sink_.add_head(head);
    if (request_.method != http::Method::head) {
      add_content(asset_, representation_, 0, representation_.length, sink_);
    }
    return {.status = status, .content_length = representation_.length, .encoding = encoding_};
  }

 private:
  http::ResponseHead make_head(Status status) {
    return {.status = status,
            .date = context_.date,
            .fields = asset_.header_fields,
            .further_fields = context_.fields,
            .encoding = encoding_,
            .entity_tag = tag_.text(),
            .last_modified = asset_.modified.seconds,
            .connection = context_.connection};
  }

  AnswerRecord not_modified() {
    sink_.add_head({.status = Status::not_modified,
                    .date = context_.date,
                    .fields = asset_.not_modified_fields,
                    .further_fields = context_.fields,
                    .entity_tag = tag_.text(),
                    .connection = context_.connection});
    return {.status = Status::not_modified};
  }

  AnswerRecord unsatisfiable() {
    sink_.add_head(
        {.status = Status::range_not_satisfiable,
         .date = context_.date,
         .further_fields = context_.fields,
         .content_range = http::ContentRange{.range = {}, .length = representation_.length},
         .content_length = 0,
         .connection = context_.connection});
    return {.status = Status::range_not_satisfiable};
  }

  AnswerRecord partial(std::span<const http::ByteRange> ranges) {
    http::ResponseHead head = make_head(Status::partial_content);
    if (ranges.size() > 1) {
      const std::uint64_t length = add_multipart(head, asset_, representation_, ranges, sink_);
      return {.status = Status::partial_content, .content_length = length, .encoding = encoding_};
    }
    const http::ByteRange range = ranges.front();
    head.content_range = http::ContentRange{.range = range, .length = representation_.length};
    head.content_length = range.length();
    sink_.add_head(head);
    add_content(asset_, representation_, range.first, range.length(), sink_);
    return {
        .status = Status::partial_content, .content_length = range.length(), .encoding = encoding_};
  }

  const http::RequestHead& request_;
  const vfs::Asset& asset_;
  vfs::Encoding encoding_;
  const vfs::Representation& representation_;
  http::EntityTag tag_;
  const AnswerContext& context_;
  AnswerSink& sink_;
};

}  // namespace

AnswerRecord add_asset(const http::RequestHead& head, const vfs::Asset& asset, http::Status status,
                       const AnswerContext& context, AnswerSink& sink) {
  AssetAnswer answer(head, asset, context, sink);
  return status == Status::ok ? answer.run() : answer.whole(status);
}

Segment segment_of(const vfs::Representation& representation, std::uint64_t offset,
                   std::uint64_t length) {
  Segment segment{.offset = offset, .length = length};
  if (!representation.bytes.empty()) {
    const std::span<const std::byte> part =
        representation.bytes.subspan(static_cast<std::size_t>(offset));
    segment.bytes = reinterpret_cast<const char*>(part.data());
  }
  if (representation.descriptor >= 0) {
    segment.kind = Segment::Kind::kernel;
    segment.descriptor = representation.descriptor;
    segment.offset += representation.descriptor_offset;
  }
  return segment;
}

void add_content(const vfs::Asset& asset, const vfs::Representation& representation,
                 std::uint64_t offset, std::uint64_t length, AnswerSink& sink) {
  if (length == 0) {
    return;
  }
  Segment segment = segment_of(representation, offset, length);
  segment.owner = asset.owner;
  if (segment.kind != Segment::Kind::kernel && segment.bytes == nullptr) {
    segment.kind = Segment::Kind::reader;
    segment.reader = asset.file.get();
    segment.owner = asset.file;
  }
  sink.add(std::move(segment));
}

}  // namespace seabag::server
