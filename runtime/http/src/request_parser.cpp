#include "seabag/http/request_parser.h"

#include <algorithm>
#include <cstring>

#include "ascii.h"
#include "seabag/http/authority.h"
#include "seabag/http/byte_classes.h"

namespace seabag::http {
namespace {

constexpr std::string_view kCrlf = "\r\n";
// " HTTP/1.1"
constexpr std::size_t kVersionSize = 9;

class HeadParser {
 public:
  HeadParser(std::string_view buffer, const ParserLimits& limits, RequestHead& head,
             ParseProgress& progress)
      : buffer_(buffer), limits_(limits), head_(head), progress_(progress), classes_(buffer) {}

  ParseOutcome run() {
    if (may_be_complete()) {
      head_.clear();
      if (skip_empty_line() && parse_request_line() && parse_fields() && check_head()) {
        outcome_.state = ParseState::complete;
        outcome_.consumed = position_;
      }
    }
    if (outcome_.state != ParseState::incomplete) {
      progress_ = {};
    }
    return outcome_;
  }

 private:
  bool may_be_complete();

  bool skip_empty_line();
  bool parse_request_line();
  bool parse_target(std::string_view target);
  bool parse_absolute_form(std::string_view target);
  bool split_query(std::string_view path_and_query);
  bool parse_version(std::string_view text);

  bool parse_fields();
  bool parse_field_line();
  bool accept_field(FieldName id, std::string_view value);
  bool accept_content_length(std::string_view value);
  bool accept_host(std::string_view value);
  void accept_connection(std::string_view value);
  bool check_head();

  bool need_more(std::size_t line_start);
  bool refuse(const char* reason, Status status = Status::bad_request) {
    outcome_.state = ParseState::error;
    outcome_.status = status;
    outcome_.reason = reason;
    return false;
  }
  [[nodiscard]] bool is_crlf_at(std::size_t at) const {
    return at + 1 < buffer_.size() && buffer_[at] == '\r' && buffer_[at + 1] == '\n';
  }
  // True when the only thing missing from a CRLF at `at` is input.
  [[nodiscard]] bool is_cut_at(std::size_t at) const {
    return at >= buffer_.size() || (buffer_[at] == '\r' && at + 1 == buffer_.size());
  }

  std::string_view buffer_;
  const ParserLimits& limits_;
  RequestHead& head_;
  ParseProgress& progress_;
  ByteClasses classes_;
  std::size_t position_ = 0;
  std::size_t fields_start_ = 0;
  bool closes_ = false;
  bool keeps_alive_ = false;
  ParseOutcome outcome_;
};

// Goes on from where the last call stopped, looking only for line ends. Anything unusual is left to
// the full parse, which names it.
bool HeadParser::may_be_complete() {
  if (progress_.scanned == 0) {
    return true;
  }
  while (true) {
    const std::size_t at = classes_.next_control(progress_.scanned);
    progress_.scanned = at;
    const bool in_fields = progress_.fields_start != 0;
    const bool too_long = in_fields
                              ? at + kCrlf.size() - progress_.fields_start > limits_.field_block
                              : at - progress_.line_start > limits_.request_line;
    if (is_cut_at(at)) {
      return too_long;
    }
    if (!is_crlf_at(at) || at == progress_.line_start) {
      return true;
    }
    progress_.line_start = at + kCrlf.size();
    progress_.scanned = progress_.line_start;
    if (!in_fields) {
      progress_.fields_start = progress_.line_start;
    }
  }
}

bool HeadParser::need_more(std::size_t line_start) {
  progress_.line_start = line_start;
  progress_.fields_start = fields_start_;
  progress_.scanned = buffer_.size() - (buffer_.ends_with('\r') ? 1 : 0);
  return false;
}

bool HeadParser::skip_empty_line() {
  if (buffer_.starts_with(kCrlf)) {
    position_ = kCrlf.size();
  }
  if (position_ == buffer_.size() || buffer_ == "\r") {
    return false;
  }
  return true;
}

bool HeadParser::parse_request_line() {
  const std::size_t start = position_;
  const std::size_t end = classes_.next_control(start);
  if (end - start > limits_.request_line) {
    return refuse("request line too long", Status::uri_too_long);
  }
  if (is_cut_at(end)) {
    return need_more(start);
  }
  if (!is_crlf_at(end)) {
    return refuse("control character in the request line");
  }
  const std::string_view line = buffer_.substr(start, end - start);
  const std::size_t method_size = classes_.next_non_token(start) - start;
  if (method_size == 0 || buffer_[start + method_size] != ' ') {
    return refuse("method is not a token");
  }
  if (line.size() < method_size + 2 + kVersionSize) {
    return refuse("request line is not 'method target version'");
  }
  head_.method_text = line.substr(0, method_size);
  head_.method = recognise_method(head_.method_text);
  position_ = end + kCrlf.size();
  fields_start_ = position_;
  return parse_version(line.substr(line.size() - kVersionSize)) &&
         parse_target(line.substr(method_size + 1, line.size() - method_size - 1 - kVersionSize));
}

bool HeadParser::parse_version(std::string_view text) {
  if (text == " HTTP/1.1") {
    head_.version = Version::http_1_1;
    return true;
  }
  head_.version = Version::http_1_0;
  return text == " HTTP/1.0" || refuse("version is neither HTTP/1.0 nor HTTP/1.1");
}

bool HeadParser::parse_target(std::string_view target) {
  head_.target = target;
  if (head_.method == Method::connect) {
    head_.authority = target;
    return is_authority(target) || refuse("CONNECT needs a host and port as its target");
  }
  if (target.front() == '/') {
    return split_query(target);
  }
  if (target == "*" && head_.method == Method::options) {
    head_.path = target;
    return true;
  }
  return parse_absolute_form(target);
}

bool HeadParser::split_query(std::string_view path_and_query) {
  return split_path_and_query(path_and_query, head_) ||
         refuse("a byte in the target that must be percent-encoded");
}

bool HeadParser::parse_absolute_form(std::string_view target) {
  constexpr std::string_view kSchemes[] = {"http://", "https://"};
  for (const std::string_view scheme : kSchemes) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      continue;
    }
    const std::string_view rest = target.substr(scheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    if (!is_authority(authority)) {
      return refuse("invalid authority in the target");
    }
    head_.authority = authority;
    if (!split_query(rest.substr(authority.size()))) {
      return false;
    }
    if (head_.path.empty()) {
      head_.path = head_.method == Method::options && head_.query.empty() ? "*" : "/";
    }
    return true;
  }
  return refuse("target is neither a path nor an http URL");
}

bool HeadParser::parse_fields() {
  while (true) {
    if (is_crlf_at(position_)) {
      position_ += kCrlf.size();
      return true;
    }
    if (is_cut_at(position_)) {
      return need_more(position_);
    }
    if (!parse_field_line()) {
      return false;
    }
  }
}

bool HeadParser::parse_field_line() {
  const std::size_t start = position_;
  const std::size_t colon = classes_.next_non_token(start);
  if (colon < buffer_.size() && (colon == start || buffer_[colon] != ':')) {
    return refuse(is_blank(buffer_[start]) ? "folded header line"
                                           : "header name is not a token with a colon behind it");
  }
  const std::size_t end = classes_.next_control(colon);
  if (end + kCrlf.size() - fields_start_ > limits_.field_block) {
    return refuse("header fields too large", Status::header_fields_too_large);
  }
  if (is_cut_at(end)) {
    return need_more(start);
  }
  if (!is_crlf_at(end)) {
    return refuse("control character in a header value");
  }
  if (head_.field_count == std::min(limits_.fields, kMaxFields)) {
    return refuse("too many header fields", Status::header_fields_too_large);
  }
  const std::string_view name = buffer_.substr(start, colon - start);
  const std::string_view value = trim_blanks(buffer_.substr(colon + 1, end - colon - 1));
  const FieldName id = recognise_field(name);
  head_.add({.name = name, .value = value, .id = id});
  position_ = end + kCrlf.size();
  return accept_field(id, value);
}

bool HeadParser::accept_field(FieldName id, std::string_view value) {
  switch (id) {
    case FieldName::host:
      return accept_host(value);
    case FieldName::connection:
      accept_connection(value);
      return true;
    case FieldName::content_length:
      return accept_content_length(value);
    case FieldName::transfer_encoding:
      head_.framing = BodyFraming::chunked;
      return (equals_ignoring_case(value, "chunked") && !head_.is_repeated(id)) ||
             refuse("Transfer-Encoding is not one 'chunked'");
    case FieldName::expect:
      head_.expects_continue = equals_ignoring_case(value, "100-continue");
      return true;
    default:
      return true;
  }
}

bool HeadParser::accept_host(std::string_view value) {
  if (head_.is_repeated(FieldName::host)) {
    return refuse("several Host fields");
  }
  if (!is_authority(value)) {
    return refuse("invalid Host");
  }
  if (head_.authority.empty()) {
    head_.authority = value;
  }
  return true;
}

bool HeadParser::accept_content_length(std::string_view value) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 63;
  if (head_.is_repeated(FieldName::content_length)) {
    return refuse("several Content-Length fields");
  }
  std::uint64_t length = 0;
  for (const char c : value) {
    if (!is_digit(c) || length >= kMost / 10) {
      return refuse("Content-Length is not a number of bytes");
    }
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value.empty()) {
    return refuse("Content-Length is empty");
  }
  head_.framing = length == 0 ? BodyFraming::none : BodyFraming::length;
  head_.content_length = length;
  return true;
}

void HeadParser::accept_connection(std::string_view value) {
  if (value == "keep-alive") {
    keeps_alive_ = true;
    return;
  }
  while (!value.empty()) {
    const std::string_view option = take_member(value);
    closes_ = closes_ || equals_ignoring_case(option, "close");
    keeps_alive_ = keeps_alive_ || equals_ignoring_case(option, "keep-alive");
    head_.wants_upgrade = head_.wants_upgrade || equals_ignoring_case(option, "upgrade");
  }
}

bool HeadParser::check_head() {
  const bool is_1_1 = head_.version == Version::http_1_1;
  if (is_1_1 && !head_.has(FieldName::host)) {
    return refuse("no Host");
  }
  if (head_.has(FieldName::transfer_encoding)) {
    if (!is_1_1) {
      return refuse("Transfer-Encoding on HTTP/1.0");
    }
    if (head_.has(FieldName::content_length)) {
      return refuse("Content-Length with Transfer-Encoding");
    }
  }
  head_.keep_alive = !closes_ && (is_1_1 || keeps_alive_);
  head_.expects_continue = head_.expects_continue && is_1_1;
  return true;
}

}  // namespace

ParseOutcome parse_request_head(std::string_view buffer, const ParserLimits& limits,
                                RequestHead& head, ParseProgress& progress) {
  return HeadParser(buffer, limits, head, progress).run();
}

ParseOutcome parse_request_head(std::string_view buffer, const ParserLimits& limits,
                                RequestHead& head) {
  ParseProgress progress;
  return parse_request_head(buffer, limits, head, progress);
}

}  // namespace seabag::http
