#pragma once

#include <cstdint>
#include <span>

#include "answer.h"
#include "seabag/http/range.h"
#include "seabag/http/response_head.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::server {

/// Adds a `multipart/byteranges` answer (RFC 9110 §14.6): `head`, whose type and length this fills
/// in, and the ranges. Returns the length of the content.
std::uint64_t add_multipart(http::ResponseHead head, const vfs::Asset& asset,
                            const vfs::Representation& representation,
                            std::span<const http::ByteRange> ranges, AnswerSink& sink);

}  // namespace seabag::server
