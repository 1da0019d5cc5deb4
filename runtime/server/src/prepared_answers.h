#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "answer.h"
#include "output.h"
#include "seabag/http/request_head.h"
#include "seabag/server/scheme.h"
#include "seabag/vfs/asset_source.h"

namespace seabag::server {

/// What of a prepared answer a request gets.
enum class PreparedForm : std::uint8_t { whole, head_only, not_modified };

/// The answers to a GET and a HEAD of one target with one `Accept-Encoding`, ready but for what
/// depends on the moment: the date, and the end of the head.
struct PreparedAnswer {
  std::string key;  ///< the target, and behind it the value of Accept-Encoding
  std::size_t target_size = 0;
  Scheme scheme = Scheme::http;
  std::string head;          ///< of a 200, without the empty line
  std::string not_modified;  ///< of a 304, the same
  std::string entity_tag;
  vfs::Encoding encoding = vfs::Encoding::identity;
  vfs::Representation content;

  /// The bytes of a whole request that gets this, and what it gets; empty when none is known.
  std::string request;
  PreparedForm form = PreparedForm::whole;
  http::ConnectionField connection = http::ConnectionField::none;

  /// Whether `input` begins with that request.
  [[nodiscard]] bool is_asked_again(std::string_view input) const {
    return !request.empty() && input.starts_with(request);
  }
};

/// Answers that are likely to be given again, so that finding, choosing and rendering is done once
/// and not for each request. Only for assets that do not change while the server lives, and for
/// requests on which nothing but the target and `Accept-Encoding` has any influence. Holds at most
/// kSlots of them; an answer comes in when it is asked for twice and nothing else that shares its
/// place comes between. One thread at a time.
class PreparedAnswers {
 public:
  /// The answer to this request, if it is here. It stays where it is, but may become another one.
  [[nodiscard]] PreparedAnswer* find(const http::RequestHead& head, Scheme scheme) const;

  /// The asset answers this request, and all like it, with 200. Its views live as long as this.
  /// `fields` are rendered lines that the answer carries besides.
  void consider(const http::RequestHead& head, const vfs::Asset& asset, Scheme scheme,
                std::string_view fields);

 private:
  static constexpr std::size_t kSlots = 512;

  std::array<std::unique_ptr<PreparedAnswer>, kSlots> slots_;
  std::array<std::uint32_t, kSlots> candidates_{};  ///< by their hashes
  std::size_t count_ = 0;
};

/// What a request gets for which an answer was found.
[[nodiscard]] PreparedForm form_for(const http::RequestHead& head);

/// Adds an answer with the date and the Connection of `context`.
AnswerRecord add_prepared(const PreparedAnswer& prepared, PreparedForm form,
                          const AnswerContext& context, Output& output);

/// Remembers the bytes of a request that gets this with that Connection, unless they are many.
void remember(PreparedAnswer& prepared, std::string_view request, PreparedForm form,
              http::ConnectionField connection);

}  // namespace seabag::server
