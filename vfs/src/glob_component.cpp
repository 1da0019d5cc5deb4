#include <optional>

#include "glob_pattern.h"

namespace seabag::vfs {
namespace {

using Token = GlobToken::Kind;

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_negation(std::string_view text, std::size_t at) {
  return at < text.size() && (text[at] == '!' || text[at] == '^');
}

/// One byte, which may be escaped; `at` moves behind it.
unsigned char take_byte(std::string_view text, std::size_t& at) {
  if (text[at] == '\\' && at + 1 < text.size()) {
    ++at;
  }
  return byte_at(text, at++);
}

/// What stands between the brackets of a closed expression.
std::bitset<256> read_set(std::string_view inside) {
  std::bitset<256> set;
  const bool negated = is_negation(inside, 0);
  for (std::size_t at = negated ? 1 : 0; at < inside.size();) {
    const unsigned low = take_byte(inside, at);
    unsigned high = low;
    if (at + 1 < inside.size() && inside[at] == '-') {
      ++at;
      high = take_byte(inside, at);
    }
    for (unsigned byte = low; byte <= high; ++byte) {
      set.set(byte);
    }
  }
  return negated ? ~set : set;
}

/// Makes the tokens of a component from left to right.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  GlobComponent run() {
    while (at_ < text_.size()) {
      if (text_[at_] == '*') {
        ++at_;
        add({.kind = Token::star});
      } else if (text_[at_] == '?') {
        ++at_;
        add({.kind = Token::any});
      } else if (text_[at_] != '[' || !take_bracket()) {
        add({.kind = Token::byte, .byte = take_byte(text_, at_)});
      }
    }
    if (made_.kind == GlobComponent::Kind::literal) {
      for (const GlobToken& token : made_.tokens) {
        made_.text.push_back(static_cast<char>(token.byte));
      }
      made_.tokens.clear();
    }
    return std::move(made_);
  }

 private:
  void add(GlobToken token) {
    const bool repeats = token.kind == Token::star && !made_.tokens.empty() &&
                         made_.tokens.back().kind == Token::star;
    if (!repeats) {
      made_.tokens.push_back(token);
    }
    if (token.kind != Token::byte) {
      made_.kind = GlobComponent::Kind::wildcard;
    }
  }
  bool take_bracket() {
    const std::size_t end = has_open_bracket_ ? at_ : bracket_end(text_, at_);
    if (end == at_) {
      has_open_bracket_ = true;  // no later one can be closed either
      return false;
    }
    add({.kind = Token::set, .set = made_.sets.size()});
    made_.sets.push_back(read_set(text_.substr(at_ + 1, end - at_ - 2)));
    at_ = end;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool has_open_bracket_ = false;
  GlobComponent made_;
};

bool matches_token(const GlobComponent& component, const GlobToken& token, unsigned char byte) {
  switch (token.kind) {
    case Token::byte:
      return token.byte == byte;
    case Token::any:
      return true;
    case Token::set:
      return component.sets[token.set].test(byte);
    case Token::star:
      break;
  }
  return false;
}

/// Goes back to the last `*` only: what an earlier one could take instead, the last can as well.
bool matches_wildcard(const GlobComponent& component, std::string_view name) {
  const std::vector<GlobToken>& tokens = component.tokens;
  std::size_t t = 0;
  std::size_t n = 0;
  std::optional<std::size_t> after_star;
  std::size_t star_end = 0;
  while (n < name.size()) {
    if (t < tokens.size() && tokens[t].kind == Token::star) {
      after_star = ++t;
      star_end = n;
    } else if (t < tokens.size() && matches_token(component, tokens[t], byte_at(name, n))) {
      ++t;
      ++n;
    } else if (after_star) {
      t = *after_star;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return t == tokens.size() || (t + 1 == tokens.size() && tokens[t].kind == Token::star);
}

}  // namespace

std::size_t bracket_end(std::string_view pattern, std::size_t begin) {
  std::size_t at = begin + 1;
  if (is_negation(pattern, at)) {
    ++at;
  }
  for (bool first = true; at < pattern.size() && pattern[at] != '/'; first = false) {
    if (pattern[at] == ']' && !first) {
      return at + 1;
    }
    at += pattern[at] == '\\' ? 2U : 1U;
  }
  return begin;
}

GlobComponent make_component(std::string_view text) {
  if (text == "**") {
    return {.kind = GlobComponent::Kind::any_depth};
  }
  return Tokenizer(text).run();
}

bool matches_name(const GlobComponent& component, std::string_view name, Dotfiles dotfiles) {
  if (component.kind == GlobComponent::Kind::literal) {
    return component.text == name;
  }
  const GlobToken* first = component.tokens.empty() ? nullptr : &component.tokens.front();
  const bool says_dot = first != nullptr && first->kind == Token::byte && first->byte == '.';
  return (says_dot || may_descend(name, dotfiles)) && matches_wildcard(component, name);
}

}  // namespace seabag::vfs
