#include "seabag/http/negotiation.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "ascii.h"
#include "seabag/http/entity_tag.h"

namespace seabag::http {
namespace {

using vfs::Encoding;

constexpr std::array<Encoding, vfs::kEncodingCount> kEncodings = {
    Encoding::identity, Encoding::gzip, Encoding::br, Encoding::zstd};

std::optional<Encoding> recognise_coding(std::string_view name) {
  if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) {
    return Encoding::gzip;
  }
  if (equals_ignoring_case(name, "br")) {
    return Encoding::br;
  }
  if (equals_ignoring_case(name, "zstd")) {
    return Encoding::zstd;
  }
  if (equals_ignoring_case(name, "identity")) {
    return Encoding::identity;
  }
  return std::nullopt;
}

// qvalue of RFC 9110 §12.4.2, in thousandths.
std::optional<std::int16_t> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
      (text.size() > 1 && text[1] != '.')) {
    return std::nullopt;
  }
  int value = (text[0] - '0') * 1000;
  int unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (!is_digit(text[i])) {
      return std::nullopt;
    }
    value += (text[i] - '0') * unit;
  }
  return value <= 1000 ? std::optional(static_cast<std::int16_t>(value)) : std::nullopt;
}

// What follows a coding's name: nothing, or `;q=` with blanks around the semicolon.
std::optional<std::int16_t> parse_weight(std::string_view text) {
  if (text.empty()) {
    return 1000;
  }
  const std::string_view parameter = trim_blanks(text.substr(1));
  if (parameter.size() < 2 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') {
    return std::nullopt;
  }
  return parse_quality(parameter.substr(2));
}

// The weight among the parameters of a media range; 1000 when there is none that can be read.
int media_weight(std::string_view parameters) {
  for (std::size_t at = parameters.find(';'); at != std::string_view::npos;
       at = parameters.find(';', at + 1)) {
    const std::string_view parameter = parameters.substr(at, parameters.find(';', at + 1) - at);
    if (const auto weight = parse_weight(trim_blanks(parameter))) {
      return *weight;
    }
  }
  return 1000;
}

// The largest weight that `Accept` gives to one of these ranges; 0 when it names none of them.
int type_weight(const RequestHead& head, std::initializer_list<std::string_view> ranges) {
  int largest = 0;
  for (const Field& field : head.fields()) {
    std::string_view rest = field.id == FieldName::accept ? field.value : std::string_view();
    while (!rest.empty()) {
      const std::string_view member = take_member(rest);
      const std::string_view range = trim_blanks(member.substr(0, member.find(';')));
      for (const std::string_view wanted : ranges) {
        if (equals_ignoring_case(range, wanted)) {
          largest = std::max(largest, media_weight(member.substr(range.size())));
        }
      }
    }
  }
  return largest;
}

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token_char(c)) {
      return false;
    }
  }
  return !text.empty();
}

}  // namespace

AcceptedEncodings AcceptedEncodings::parse(std::string_view line) {
  AcceptedEncodings accepted;
  accepted.add_line(line);
  return accepted;
}

AcceptedEncodings AcceptedEncodings::of(const RequestHead& head) {
  if (!head.is_repeated(FieldName::accept_encoding)) {
    return parse(head.value(FieldName::accept_encoding));
  }
  AcceptedEncodings accepted;
  for (const Field& field : head.fields()) {
    if (field.id == FieldName::accept_encoding) {
      accepted.add_line(field.value);
    }
  }
  return accepted;
}

// What browsers send is recognised as a whole.
void AcceptedEncodings::add_line(std::string_view line) {
  constexpr std::string_view kGzipDeflate = "gzip, deflate";
  if (line.starts_with(kGzipDeflate)) {
    const std::string_view rest = line.substr(kGzipDeflate.size());
    if (rest.empty() || rest == ", br" || rest == ", br, zstd") {
      named_[1] = 1000;
      named_[2] = rest.empty() ? named_[2] : std::int16_t{1000};
      named_[3] = rest.size() > 4 ? std::int16_t{1000} : named_[3];
      return;
    }
  }
  while (!line.empty()) {
    add_member(take_member(line));
  }
}

void AcceptedEncodings::add_member(std::string_view member) {
  const std::size_t semicolon = member.find(';');
  const std::string_view name = trim_blanks(member.substr(0, semicolon));
  const std::optional<std::int16_t> weight = parse_weight(
      semicolon == std::string_view::npos ? std::string_view() : member.substr(semicolon));
  if (!is_token(name) || !weight) {
    return;
  }
  if (name == "*") {
    others_ = *weight;
  } else if (const std::optional<Encoding> coding = recognise_coding(name)) {
    named_[static_cast<std::size_t>(*coding)] = *weight;
  }
}

int AcceptedEncodings::quality(Encoding encoding) const {
  const std::int16_t named = named_[static_cast<std::size_t>(encoding)];
  const std::int16_t effective = named == kUnnamed ? others_ : named;
  return effective == kUnnamed ? 0 : effective;
}

bool AcceptedEncodings::accepts(Encoding encoding) const {
  const bool is_unnamed_identity =
      encoding == Encoding::identity && named_[0] == kUnnamed && others_ == kUnnamed;
  return is_unnamed_identity || quality(encoding) > 0;
}

bool accepts_html(const RequestHead& head) {
  return type_weight(head, {"text/html", "text/*"}) > 0;
}

bool prefers_json(const RequestHead& head) {
  return type_weight(head, {"application/json"}) > type_weight(head, {"text/html", "text/*"});
}

bool accepts_coding(const RequestHead& head, std::string_view coding) {
  for (const Field& field : head.fields()) {
    std::string_view rest =
        field.id == FieldName::accept_encoding ? field.value : std::string_view();
    while (!rest.empty()) {
      const std::string_view member = take_member(rest);
      const std::string_view name = trim_blanks(member.substr(0, member.find(';')));
      if (equals_ignoring_case(name, coding)) {
        return media_weight(member.substr(name.size())) != 0;
      }
    }
  }
  return false;
}

Encoding choose_encoding(const AcceptedEncodings& accepted, const vfs::Asset& asset) {
  std::optional<Encoding> best;
  for (const Encoding encoding : kEncodings) {
    const vfs::Representation& candidate = asset.representation(encoding);
    if (!candidate.present || !accepted.accepts(encoding)) {
      continue;
    }
    if (!best) {
      best = encoding;
      continue;
    }
    const int gain = accepted.quality(encoding) - accepted.quality(*best);
    if (gain > 0 || (gain == 0 && candidate.length < asset.representation(*best).length)) {
      best = encoding;
    }
  }
  return best.value_or(Encoding::identity);
}

Encoding select_encoding(const RequestHead& head, const vfs::Asset& asset) {
  if (!asset.has_variants()) {
    return Encoding::identity;
  }
  const AcceptedEncodings accepted = AcceptedEncodings::of(head);
  if (!head.has(FieldName::range) || head.method != Method::get) {
    return choose_encoding(accepted, asset);
  }
  const std::string_view if_range = head.value(FieldName::if_range);
  for (const Encoding encoding : kEncodings) {
    if (asset.representation(encoding).present && accepted.accepts(encoding) &&
        EntityTag(asset.content_hash, encoding).text() == if_range) {
      return encoding;
    }
  }
  return Encoding::identity;
}

}  // namespace seabag::http
