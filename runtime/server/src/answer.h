#pragma once

#include <cstdint>
#include <string_view>

#include "output.h"
#include "seabag/http/request_head.h"
#include "seabag/http/response_head.h"

namespace seabag::server {

/// What every answer on a connection carries, whatever it answers.
struct AnswerContext {
  std::string_view date;  ///< IMF-fixdate; owned by the loop
  http::ConnectionField connection = http::ConnectionField::none;
};

/// What became of a request, for the access log.
struct AnswerRecord {
  http::Status status = http::Status::ok;
  std::uint64_t content_length = 0;
};

/// A head without content, or one whose content the caller adds.
void add_head(const http::ResponseHead& head, Output& output);

/// A short page that names the status; for HEAD without its content.
struct PlainRequest {
  http::Status status = http::Status::not_found;
  std::string_view fields = {};    ///< more rendered field lines
  std::string_view location = {};  ///< for redirects
  http::AnswerPart part = http::AnswerPart::head_and_content;
};
AnswerRecord add_plain(const PlainRequest& plain, const AnswerContext& context, Output& output);

/// HEAD has no content.
[[nodiscard]] http::AnswerPart part_for(const http::RequestHead& head);

}  // namespace seabag::server
