#pragma once

#include "answer.h"
#include "seabag/http/request_head.h"
#include "seabag/server/server.h"

namespace seabag::server {

/// Sends a client to the same place with `https:`: 301, or 308 where the method must stay. A host
/// that is none or not ours is not repeated: 400.
AnswerRecord add_secure_redirect(const http::RequestHead& head, const SecureRedirect& redirect,
                                 const AnswerContext& context, AnswerSink& sink);

}  // namespace seabag::server
