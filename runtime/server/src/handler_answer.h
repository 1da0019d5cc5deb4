#pragma once

#include <string>
#include <string_view>

#include "answer.h"
#include "seabag/server/handler.h"

namespace seabag::server {

/// What the handler answers; a 500 when it throws, and `trouble` then tells why.
[[nodiscard]] Response call_whole(const Handler& handler, const Request& request,
                                  std::string& trouble);

/// Calls the handler and adds what it answers; 500 when that can't be sent.
AnswerRecord add_handled(const Handler& handler, const Request& request, AnswerPart part,
                         const AnswerContext& context, AnswerSink& sink, std::string& trouble);

/// Adds an answer that a handler has given; as `add_handled`.
AnswerRecord add_response(Response response, AnswerPart part, const AnswerContext& context,
                          AnswerSink& sink, std::string& trouble);

/// Whether content follows.
enum class Opened : std::uint8_t { with_content, complete };

/// The head of an answer whose content comes later.
struct Opening {
  const Response& response;  ///< its body is not looked at
  AnswerPart part = AnswerPart::head_and_content;
  std::string_view framing = {};  ///< rendered lines that tell where the content ends
};

/// Adds such a head; when it can't be sent a whole 500 instead.
Opened add_opening(const Opening& opening, const AnswerContext& context, AnswerSink& sink,
                   AnswerRecord& record, std::string& trouble);

}  // namespace seabag::server
