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
};

/// Answers that are likely to be given again, so that finding, choosing and rendering is done once
/// and not for each request. Only for assets that do not change while the server lives, and for
/// requests on which nothing but the target and `Accept-Encoding` has any influence. Holds at most
/// kSlots of them; an answer comes in when it is asked for twice and nothing else that shares its
/// place comes between. One thread at a time.
class PreparedAnswers {
 public:
  /// The answer to this request, if it is here; until the next `consider`.
  [[nodiscard]] const PreparedAnswer* find(const http::RequestHead& head, Scheme scheme) const;

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

/// Adds the answer to the request for which it was found: with its content, for HEAD without, or
/// as a 304.
AnswerRecord add_prepared(const PreparedAnswer& prepared, const http::RequestHead& head,
                          const AnswerContext& context, Output& output);

}  // namespace seabag::server
