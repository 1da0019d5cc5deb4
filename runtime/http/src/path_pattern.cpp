#include "path_pattern.h"

#include <algorithm>

#include "ascii.h"

namespace seabag::http {
namespace {

constexpr std::string_view kSplat = "splat";

bool is_name_char(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }

}  // namespace

std::size_t placeholder_size(std::string_view text) {
  if (text.empty() || !is_alpha(text.front())) {
    return 0;
  }
  std::size_t size = 1;
  while (size < text.size() && is_name_char(text[size])) {
    ++size;
  }
  return size;
}

Result<PathPattern> PathPattern::parse(const RuleWord& word) {
  const std::string_view text = word.text;
  if (text.starts_with("http://") || text.starts_with("https://")) {
    return word.error("a rule for one host is not supported: write the path alone");
  }
  if (!text.starts_with('/')) {
    return word.error("a path must start with '/'");
  }
  PathPattern pattern;
  std::size_t literal = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool is_splat = text[at] == '*';
    const std::size_t name = text[at] == ':' ? placeholder_size(text.substr(at + 1)) : 0;
    if (!is_splat && name == 0) {
      ++at;
      continue;
    }
    SEABAG_TRY(pattern.add_literal(word, literal, at));
    SEABAG_TRY(pattern.add_capture(word, at, is_splat ? kSplat : text.substr(at + 1, name)));
    pattern.parts_.back().kind = is_splat ? PartKind::splat : PartKind::placeholder;
    at += 1 + name;
    literal = at;
  }
  SEABAG_TRY(pattern.add_literal(word, literal, at));
  Part& last = pattern.parts_.back();
  const bool is_root = pattern.parts_.size() == 1 && last.text == "/";
  if (last.kind == PartKind::literal && last.text.ends_with('/') && !is_root) {
    last.text.pop_back();
    if (last.text.empty()) {
      pattern.parts_.pop_back();
    }
  }
  return pattern;
}

Result<void> PathPattern::add_literal(const RuleWord& word, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) {
    const char c = word.text[i];
    if (c == '?' || c == '#') {
      return word.error("a path has no query and no fragment: write 'KEY=VALUE' behind it", i);
    }
    if (c != '%') {
      text += c;
      continue;
    }
    const std::uint8_t high = i + 1 < end ? hex_value(word.text[i + 1]) : kNoDigit;
    const std::uint8_t low = i + 2 < end ? hex_value(word.text[i + 2]) : kNoDigit;
    if (high == kNoDigit || low == kNoDigit || (high == 0 && low == 0)) {
      return word.error("'%' without two hexadecimal digits other than 00", i);
    }
    const char byte = static_cast<char>(high * 16 + low);
    text += byte == '/' ? word.text.substr(i, 3) : std::string_view(&byte, 1);
    i += 2;
  }
  if (text.find("//") != std::string::npos) {
    return word.error("'//' in a path: no request path has it", begin);
  }
  if (!text.empty()) {
    parts_.push_back({.kind = PartKind::literal, .text = std::move(text)});
  }
  return {};
}

Result<void> PathPattern::add_capture(const RuleWord& word, std::size_t at, std::string_view name) {
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
    return word.error(
        name == kSplat ? "'*' more than once" : "':" + std::string(name) + "' more than once", at);
  }
  if (names_.size() == kMaxCaptures) {
    return word.error("more than " + std::to_string(kMaxCaptures) + " placeholders", at);
  }
  parts_.push_back({.text = {}, .capture = names_.size()});
  names_.emplace_back(name);
  return {};
}

// Takes the parts one after the other. A placeholder starts with one byte and a splat with none;
// when a later part does not fit, the last of them takes one byte more. Going back further can't
// help: an earlier one that takes more only moves the start of the later one.
class PathPattern::Match {
 public:
  Match(const std::vector<Part>& parts, std::string_view path, Captures& captures)
      : parts_(parts), path_(path), captures_(captures) {}

  bool run() {
    while (part_ < parts_.size() || at_ < path_.size()) {
      if (part_ < parts_.size() && take(parts_[part_])) {
        if (is_done_) {
          return true;
        }
        continue;
      }
      if (!extend(placeholder_) && !extend(splat_)) {
        return false;
      }
    }
    return true;
  }

 private:
  struct Open {
    std::size_t part = kNone;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  static constexpr std::size_t kNone = SIZE_MAX;

  bool take(const Part& part) {
    switch (part.kind) {
      case PartKind::literal:
        return take_literal(part.text);
      case PartKind::placeholder:
        placeholder_ = {.part = part_, .begin = at_, .end = at_};
        return extend(placeholder_);
      case PartKind::splat:
        break;
    }
    placeholder_ = {};
    splat_ = {.part = part_, .begin = at_, .end = at_};
    is_done_ = part_ + 1 == parts_.size();
    captures_[part.capture] = path_.substr(at_, is_done_ ? std::string_view::npos : 0);
    ++part_;
    return true;
  }

  bool take_literal(std::string_view text) {
    const std::string_view rest = path_.substr(at_);
    if (rest.starts_with(text)) {
      at_ += text.size();
      ++part_;
      if (text.find('/') != std::string_view::npos) {
        placeholder_ = {};
      }
      return true;
    }
    // `/x/*` also matches `/x`.
    const bool is_optional =
        part_ + 2 == parts_.size() && text.ends_with('/') && parts_.back().kind == PartKind::splat;
    is_done_ = is_optional && rest == text.substr(0, text.size() - 1);
    if (is_done_) {
      captures_[parts_.back().capture] = {};
    }
    return is_done_;
  }

  // Gives an open capture one byte more and goes on behind it; closes it when it can't have one.
  bool extend(Open& open) {
    if (open.part == kNone) {
      return false;
    }
    const bool stops_at_slash = parts_[open.part].kind == PartKind::placeholder;
    if (open.end == path_.size() || (stops_at_slash && path_[open.end] == '/')) {
      open = {};
      return false;
    }
    ++open.end;
    captures_[parts_[open.part].capture] = path_.substr(open.begin, open.end - open.begin);
    at_ = open.end;
    part_ = open.part + 1;
    if (!stops_at_slash) {
      placeholder_ = {};
    }
    return true;
  }

  const std::vector<Part>& parts_;
  std::string_view path_;
  Captures& captures_;
  std::size_t part_ = 0;
  std::size_t at_ = 0;
  Open placeholder_;
  Open splat_;
  bool is_done_ = false;
};

bool PathPattern::matches(std::string_view path, Captures& captures) const {
  if (path.size() > 1 && path.ends_with('/') && !ends_in_splat()) {
    path.remove_suffix(1);
  }
  return Match(parts_, path, captures).run();
}

CaptureTemplate::CaptureTemplate(std::string_view text, const std::vector<std::string>& names) {
  Piece piece;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t size = text[at] == ':' ? placeholder_size(text.substr(at + 1)) : 0;
    const auto name = std::find(names.begin(), names.end(), text.substr(at + 1, size));
    if (size == 0 || name == names.end()) {
      piece.text += text[at];
      continue;
    }
    piece.capture = static_cast<std::size_t>(name - names.begin());
    pieces_.push_back(std::move(piece));
    piece = {};
    at += size;
  }
  pieces_.push_back(std::move(piece));
}

void CaptureTemplate::append_to(std::string& out, const std::vector<std::string>& values) const {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    out += pieces_[i].text;
    if (i + 1 < pieces_.size()) {
      out += values[pieces_[i].capture];
    }
  }
}

}  // namespace seabag::http
