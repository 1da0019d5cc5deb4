#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "output.h"
#include "seabag/http/request_head.h"
#include "seabag/http/response_head.h"
#include "seabag/server/scheme.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::server {

/// Takes the parts of one answer in their order and writes them as its protocol does.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  /// First, and once. Views are borrowed until the answer is complete.
  virtual void add_head(const http::ResponseHead& head) = 0;
  /// Content that is copied.
  virtual void add_copy(std::string_view bytes) = 0;
  /// Content by reference, which a protocol may copy when it is short.
  virtual void add(Segment segment) = 0;
};

class PreparedAnswers;

/// What every answer on a connection carries, whatever it answers.
struct AnswerContext {
  std::string_view date;  ///< IMF-fixdate; owned by the loop
  http::ConnectionField connection = http::ConnectionField::none;
  std::string_view fields = {};  ///< rendered lines that every answer of the connection carries
  Scheme scheme = Scheme::http;
  /// Takes answers of HTTP/1.1 that may come again; null: nobody does.
  PreparedAnswers* prepared = nullptr;
};

class Conduit;

/// What became of a request, for the access log.
struct AnswerRecord {
  http::Status status = http::Status::ok;
  std::uint64_t content_length = 0;
  vfs::Encoding encoding = vfs::Encoding::identity;
  /// The answer comes through this; nothing has been added.
  std::shared_ptr<Conduit> later = {};
};

/// Whether an answer goes with its content or, for HEAD, without.
enum class AnswerPart : std::uint8_t { head_and_content, head_only };

/// A short page that names the status; for HEAD without its content.
struct PlainRequest {
  http::Status status = http::Status::not_found;
  std::string_view fields = {};    ///< more rendered field lines
  std::string_view location = {};  ///< for redirects
  AnswerPart part = AnswerPart::head_and_content;
};
AnswerRecord add_plain(const PlainRequest& plain, const AnswerContext& context, AnswerSink& sink);

/// HEAD has no content.
[[nodiscard]] AnswerPart part_for(const http::RequestHead& head);

}  // namespace seabag::server
