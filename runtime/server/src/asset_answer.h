#pragma once

#include "answer.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::server {

/// Answers GET and HEAD with an asset that has been found: negotiation, conditions, ranges
/// (RFC 9110 §12 to §14). `status` is ok, or not_found for a page that explains one: that has
/// neither conditions nor ranges. Content goes in by copy when it is short, else by reference.
AnswerRecord add_asset(const http::RequestHead& head, const vfs::Asset& asset, http::Status status,
                       const AnswerContext& context, AnswerSink& sink);

/// Bytes `offset` .. `offset + length` of a representation, all of which exist, without an owner.
[[nodiscard]] Segment segment_of(const vfs::Representation& representation, std::uint64_t offset,
                                 std::uint64_t length);

/// Adds bytes `offset` .. `offset + length` of a representation, all of which exist.
void add_content(const vfs::Asset& asset, const vfs::Representation& representation,
                 std::uint64_t offset, std::uint64_t length, AnswerSink& sink);

}  // namespace seabag::server
