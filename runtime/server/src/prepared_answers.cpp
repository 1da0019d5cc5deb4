#include "prepared_answers.h"

#include <cstring>
#include <utility>

#include "asset_answer.h"
#include "http1_sink.h"
#include "seabag/http/date.h"
#include "seabag/http/entity_tag.h"
#include "seabag/http/negotiation.h"
#include "seabag/http/response_head.h"

namespace seabag::server {
namespace {

using http::FieldName;
using http::Method;
using http::Status;

/// Longer ones are not worth their memory.
constexpr std::size_t kLongestKey = 1024;

constexpr std::string_view kEndOfHead[] = {"\r\n", "Connection: close\r\n\r\n",
                                           "Connection: keep-alive\r\n\r\n"};
constexpr std::string_view kDateName = "Date: ";
constexpr std::string_view kNoDate = "Thu, 01 Jan 1970 00:00:00 GMT";

constexpr std::uint32_t bit(FieldName name) { return 1U << static_cast<unsigned>(name); }

/// Fields on which the answer depends.
constexpr std::uint32_t kInfluences =
    bit(FieldName::range) | bit(FieldName::if_range) | bit(FieldName::if_match) |
    bit(FieldName::if_unmodified_since) | bit(FieldName::if_modified_since);
/// Beside If-None-Match the date says nothing (RFC 9110 §13.1.3).
constexpr std::uint32_t kConditions =
    bit(FieldName::if_none_match) | bit(FieldName::if_modified_since);

bool is_plain(const http::RequestHead& head) {
  const bool reads = head.method == Method::get || head.method == Method::head;
  const std::uint32_t influences =
      head.has(FieldName::if_none_match) ? kInfluences & ~kConditions : kInfluences;
  return reads && head.framing == http::BodyFraming::none && !head.wants_upgrade &&
         (head.present & influences) == 0 &&
         (head.repeated & (bit(FieldName::accept_encoding) | bit(FieldName::if_none_match))) == 0;
}

template <typename Word>
std::uint64_t load(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  hash = (hash ^ word) * kOdd;
  return hash ^ (hash >> 32U);
}

/// Tells texts apart quickly; whoever makes two that fall together gains nothing.
std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  constexpr std::size_t kWord = 8;
  constexpr std::size_t kHalf = 4;
  const char* const end = text.data() + text.size();
  if (text.size() < kHalf) {
    for (const char c : text) {
      hash = mix(hash, static_cast<unsigned char>(c));
    }
    return hash;
  }
  if (text.size() < kWord) {
    return mix(hash, load<std::uint32_t>(text.data()) << 32U | load<std::uint32_t>(end - kHalf));
  }
  for (const char* at = text.data(); at + kWord < end; at += kWord) {
    hash = mix(hash, load<std::uint64_t>(at));
  }
  return mix(hash, load<std::uint64_t>(end - kWord));
}

std::uint64_t hash_of(const http::RequestHead& head, Scheme scheme) {
  return mix(mix(static_cast<std::uint64_t>(scheme) + 1, head.target),
             head.value(FieldName::accept_encoding));
}

bool is_for(const PreparedAnswer& prepared, const http::RequestHead& head, Scheme scheme) {
  const std::string_view key = prepared.key;
  const std::string_view accepted = head.value(FieldName::accept_encoding);
  return prepared.scheme == scheme && prepared.target_size == head.target.size() &&
         key.size() == head.target.size() + accepted.size() && key.starts_with(head.target) &&
         key.ends_with(accepted);
}

std::string render(const http::ResponseHead& head) {
  std::string text(http::response_head_bound(head), '\0');
  const std::size_t size = http::write_response_head(head, text);
  return text.substr(0, size - kEndOfHead[0].size());
}

std::size_t date_offset(Status status) {
  return http::status_line(status).size() + kDateName.size();
}

}  // namespace

const PreparedAnswer* PreparedAnswers::find(const http::RequestHead& head, Scheme scheme) const {
  if (count_ == 0 || !is_plain(head)) {
    return nullptr;
  }
  const PreparedAnswer* const found = slots_[hash_of(head, scheme) % kSlots].get();
  if (found == nullptr || !is_for(*found, head, scheme)) {
    return nullptr;
  }
  const bool is_other_version = head.has(FieldName::if_none_match) &&
                                head.value(FieldName::if_none_match) != found->entity_tag;
  return is_other_version ? nullptr : found;
}

void PreparedAnswers::consider(const http::RequestHead& head, const vfs::Asset& asset,
                               Scheme scheme, std::string_view fields) {
  const std::string_view accepted = head.value(FieldName::accept_encoding);
  if (!is_plain(head) || head.target.size() + accepted.size() > kLongestKey ||
      asset.owner != nullptr || asset.file != nullptr) {
    return;
  }
  const std::uint64_t hash = hash_of(head, scheme);
  const std::size_t slot = hash % kSlots;
  const auto mark = static_cast<std::uint32_t>(hash >> 32U) | 1U;
  if (std::exchange(candidates_[slot], mark) != mark ||
      (slots_[slot] != nullptr && is_for(*slots_[slot], head, scheme))) {
    return;
  }
  const vfs::Encoding encoding = http::select_encoding(head, asset);
  const http::EntityTag tag(asset.content_hash, encoding);
  const vfs::Representation& content = asset.representation(encoding);
  if (slots_[slot] == nullptr) {
    slots_[slot] = std::make_unique<PreparedAnswer>();
    ++count_;
  }
  PreparedAnswer& prepared = *slots_[slot];
  prepared = {.target_size = head.target.size(),
              .scheme = scheme,
              .encoding = encoding,
              .content = content};
  prepared.key = head.target;
  prepared.key += accepted;
  prepared.entity_tag = tag.text();
  prepared.head = render({.status = Status::ok,
                          .date = kNoDate,
                          .fields = asset.header_fields,
                          .further_fields = fields,
                          .encoding = encoding,
                          .entity_tag = tag.text(),
                          .last_modified = asset.modified.seconds,
                          .content_length = content.length});
  prepared.not_modified = render({.status = Status::not_modified,
                                  .date = kNoDate,
                                  .fields = asset.not_modified_fields,
                                  .further_fields = fields,
                                  .entity_tag = tag.text()});
}

AnswerRecord add_prepared(const PreparedAnswer& prepared, const http::RequestHead& head,
                          const AnswerContext& context, Output& output) {
  const bool is_not_modified = head.has(FieldName::if_none_match);
  const Status status = is_not_modified ? Status::not_modified : Status::ok;
  const std::string_view text = is_not_modified ? prepared.not_modified : prepared.head;
  const std::string_view end = kEndOfHead[static_cast<std::size_t>(context.connection)];
  const std::span<char> space = output.prepare(text.size() + end.size());
  std::memcpy(space.data(), text.data(), text.size());
  std::memcpy(space.data() + date_offset(status), context.date.data(), http::kDateSize);
  std::memcpy(space.data() + text.size(), end.data(), end.size());
  output.commit(text.size() + end.size());
  if (is_not_modified) {
    return {.status = status};
  }
  if (head.method == Method::get && prepared.content.length > 0) {
    Http1Sink(output).add(segment_of(prepared.content, 0, prepared.content.length));
  }
  return {
      .status = status, .content_length = prepared.content.length, .encoding = prepared.encoding};
}

}  // namespace seabag::server
