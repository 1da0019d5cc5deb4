#pragma once

#include <string>
#include <string_view>

#include "answer.h"
#include "seabag/server/handler.h"

namespace seabag::server {

/// Calls the handler and adds what it answers; 500 when it throws or its answer can't be sent.
/// `trouble` then tells why.
AnswerRecord add_handled(const Handler& handler, const Request& request,
                         const http::RequestHead& head, const AnswerContext& context,
                         AnswerSink& sink, std::string& trouble);

}  // namespace seabag::server
