#include "request_reader.h"

#include <algorithm>
#include <charconv>

#include "seabag/http/authority.h"

namespace seabag::http2 {
namespace {

using http::FieldName;
using http::Method;
using http::RequestHead;
using http::Status;
using State = RequestOutcome::State;

/// Puts one head together, field by field.
class RequestBuilder {
 public:
  RequestBuilder(const Limits& limits, RequestHead& head) : limits_(limits), head_(head) {
    head_.clear();
  }

  /// False when the field makes the request malformed.
  bool add(const DecodedField& field) {
    if (!field.is.has_valid_value) {
      return false;
    }
    switch (field.is.kind) {
      case NameKind::regular:
        return add_regular(field);
      case NameKind::method:
        return set_once(head_.method_text, field);
      case NameKind::scheme:
        return set_once(scheme_, field);
      case NameKind::authority:
        return set_once(authority_, field);
      case NameKind::path:
        return set_once(head_.target, field);
      case NameKind::protocol:
        return limits_.extended_connect == ExtendedConnect::accepted && set_once(protocol_, field);
      case NameKind::te:
        return field.value == "trailers" && add_regular(field);
      case NameKind::priority:
        outcome_.priority = parse_priority(field.value);
        return add_regular(field);
      case NameKind::connection_specific:
      case NameKind::malformed:
        break;
    }
    return false;
  }

  /// `spare` is for what must be put together.
  RequestOutcome finish(bool is_too_large, std::span<char> spare);

 private:
  bool add_regular(const DecodedField& field);
  bool set_once(std::string_view& place, const DecodedField& field);
  bool check();
  bool check_target();
  bool check_authority();
  bool read_content_length();
  void join_cookies(std::span<char> spare);

  const Limits& limits_;
  RequestHead& head_;
  RequestOutcome outcome_;
  std::string_view scheme_;
  std::string_view authority_;
  std::string_view protocol_;
  bool has_regular_ = false;
  bool has_too_many_ = false;
};

bool RequestBuilder::add_regular(const DecodedField& field) {
  has_regular_ = true;
  if (head_.field_count >= std::min(limits_.fields, http::kMaxFields - 1)) {
    has_too_many_ = true;  // one place is kept for Host
  } else {
    head_.add({.name = field.name, .value = field.value, .id = field.is.id});
  }
  return true;
}

bool RequestBuilder::set_once(std::string_view& place, const DecodedField& field) {
  if (has_regular_ || place.data() != nullptr) {
    return false;
  }
  place = field.value;
  return true;
}

RequestOutcome RequestBuilder::finish(bool is_too_large, std::span<char> spare) {
  head_.method = http::recognise_method(head_.method_text);
  if (is_too_large || has_too_many_) {
    outcome_.state = State::refused;
    outcome_.status = Status::header_fields_too_large;
    head_.path = "/";
    return outcome_;
  }
  if (!check()) {
    outcome_.state = State::malformed;
    return outcome_;
  }
  outcome_.protocol = protocol_;
  if (head_.target.size() > limits_.path) {
    outcome_.state = State::refused;
    outcome_.status = Status::uri_too_long;
  }
  if (head_.is_repeated(FieldName::cookie)) {
    join_cookies(spare);
  }
  head_.expects_continue =
      head_.has(FieldName::expect) && head_.value(FieldName::expect) == "100-continue";
  return outcome_;
}

bool RequestBuilder::check() {
  if (head_.method_text.empty() || !check_authority() || !read_content_length()) {
    return false;
  }
  const bool is_extended = protocol_.data() != nullptr;
  if (is_extended && head_.method != Method::connect) {
    return false;
  }
  if (head_.method == Method::connect && !is_extended) {
    return scheme_.data() == nullptr && head_.target.data() == nullptr && !authority_.empty();
  }
  return !scheme_.empty() && check_target();
}

bool RequestBuilder::check_target() {
  if (head_.target == "*" && head_.method == Method::options) {
    head_.path = head_.target;
    return true;
  }
  return head_.target.starts_with('/') && http::split_path_and_query(head_.target, head_);
}

bool RequestBuilder::check_authority() {
  if (head_.is_repeated(FieldName::host)) {
    return false;
  }
  const std::string_view host = head_.value(FieldName::host);
  if (authority_.data() == nullptr) {
    authority_ = host;
  }
  head_.authority = authority_;
  if (!http::is_authority(authority_) || (head_.has(FieldName::host) && host != authority_)) {
    return false;
  }
  if (!head_.has(FieldName::host)) {
    head_.add({.name = "host", .value = authority_, .id = FieldName::host});
  }
  return true;
}

bool RequestBuilder::read_content_length() {
  if (!head_.has(FieldName::content_length)) {
    return true;
  }
  const std::string_view text = head_.value(FieldName::content_length);
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), head_.content_length);
  outcome_.has_content_length = true;
  return !head_.is_repeated(FieldName::content_length) && error == std::errc() &&
         end == text.data() + text.size() && head_.content_length >> 63U == 0;
}

/// RFC 9113 §8.2.3: clients send one field for each cookie.
void RequestBuilder::join_cookies(std::span<char> spare) {
  std::size_t size = 0;
  std::size_t kept = 0;
  std::size_t first = http::kMaxFields;
  const auto fields = std::span(head_.field_slots).first(head_.field_count);
  const auto put = [&](std::string_view text) {
    const std::size_t part = std::min(text.size(), spare.size() - size);
    std::copy_n(text.begin(), part, spare.begin() + static_cast<std::ptrdiff_t>(size));
    size += part;
  };
  for (const http::Field field : fields) {
    if (field.id == FieldName::cookie) {
      put(size == 0 ? "" : "; ");
      put(field.value);
      if (first != http::kMaxFields) {
        continue;
      }
      first = kept;
    }
    head_.field_slots[kept++] = field;
  }
  head_.field_slots[first].value = {spare.data(), size};
  head_.index_fields(kept);
}

}  // namespace

RequestOutcome read_request(HpackDecoder& decoder, std::string_view block, std::span<char> scratch,
                            const Limits& limits, http::RequestHead& head) {
  // Cookies put together are as long as their fields, which count.
  const std::span<char> spare = scratch.last(std::min(scratch.size() / 2, limits.header_list));
  decoder.begin(block, scratch.first(scratch.size() - spare.size()), limits.header_list);
  RequestBuilder builder(limits, head);
  bool is_malformed = false;
  while (true) {
    DecodedField field;
    const HpackDecoder::State state = decoder.next(field);
    if (state == HpackDecoder::State::error) {
      return {.state = State::compression_error};
    }
    if (state != HpackDecoder::State::field) {
      return is_malformed ? RequestOutcome{.state = State::malformed}
                          : builder.finish(state == HpackDecoder::State::too_large, spare);
    }
    is_malformed = is_malformed || !builder.add(field);
  }
}

RequestOutcome read_trailers(HpackDecoder& decoder, std::string_view block, std::span<char> scratch,
                             const Limits& limits) {
  decoder.begin(block, scratch, limits.header_list);
  RequestOutcome outcome;
  while (true) {
    DecodedField field;
    switch (decoder.next(field)) {
      case HpackDecoder::State::error:
        return {.state = State::compression_error};
      case HpackDecoder::State::end:
        return outcome;
      case HpackDecoder::State::too_large:
        return {.state = State::malformed};
      case HpackDecoder::State::field:
        break;
    }
    const bool is_allowed = field.is.kind == NameKind::regular || field.is.kind == NameKind::te ||
                            field.is.kind == NameKind::priority;
    if (!is_allowed || !field.is.has_valid_value) {
      outcome.state = State::malformed;
    }
  }
}

}  // namespace seabag::http2
