#include "extensions.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace seabag::websocket {
namespace {

constexpr std::string_view kServerNoTakeover = "server_no_context_takeover";
constexpr std::string_view kClientNoTakeover = "client_no_context_takeover";
constexpr std::string_view kServerBits = "server_max_window_bits";
constexpr std::string_view kClientBits = "client_max_window_bits";

bool is_token_char(char c) {
  constexpr std::string_view kSpecial = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
         kSpecial.find(c) != std::string_view::npos;
}

bool take_char(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

/// A value in quotes, which must be a token when its quotes are gone. Empty for any other.
std::string take_quoted(std::string_view& text) {
  std::string value;
  text.remove_prefix(1);
  while (!text.empty() && text[0] != '"') {
    text.remove_prefix(text[0] == '\\' ? 1 : 0);
    if (text.empty() || !is_token_char(text[0])) {
      return {};
    }
    value += text[0];
    text.remove_prefix(1);
  }
  return take_char(text, '"') ? value : std::string();
}

struct Parameter {
  std::string_view name;
  std::optional<std::string> value = {};
};

/// Nothing when it is malformed.
std::optional<Parameter> take_parameter(std::string_view& text) {
  skip_space(text);
  Parameter parameter{.name = take_token(text)};
  skip_space(text);
  if (parameter.name.empty()) {
    return std::nullopt;
  }
  if (take_char(text, '=')) {
    skip_space(text);
    parameter.value = text.starts_with('"') ? take_quoted(text) : std::string(take_token(text));
    if (parameter.value->empty()) {
      return std::nullopt;
    }
    skip_space(text);
  }
  return parameter;
}

/// 8 to 15 without anything before or behind; 0 for everything else.
int window_bits(const std::string& text) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool is_plain = error == std::errc() && end == text.data() + text.size() && text[0] != '0';
  return is_plain && bits >= 8 && bits <= kLargestWindowBits ? bits : 0;
}

/// One offer of permessage-deflate (RFC 7692 §7.1).
class Offer {
 public:
  explicit Offer(const DeflateOptions& options) : agreed_(options) {
    agreed_.client_window_bits = kLargestWindowBits;  // unless the client offers to have less
    own_client_bits_ = options.client_window_bits;
  }

  void add(const Parameter& parameter) {
    if (parameter.name == kServerNoTakeover) {
      is_fine_ = once(seen_server_takeover_) && !parameter.value && is_fine_;
      agreed_.server_takeover = Takeover::none;
    } else if (parameter.name == kClientNoTakeover) {
      is_fine_ = once(seen_client_takeover_) && !parameter.value && is_fine_;
      agreed_.client_takeover = Takeover::none;
    } else if (parameter.name == kServerBits) {
      const int bits = parameter.value ? window_bits(*parameter.value) : 0;
      is_fine_ = once(seen_server_bits_) && bits >= kSmallestWindowBits && is_fine_;
      agreed_.server_window_bits = std::min(agreed_.server_window_bits, bits);
    } else if (parameter.name == kClientBits) {
      const int bits = parameter.value ? window_bits(*parameter.value) : kLargestWindowBits;
      is_fine_ = once(seen_client_bits_) && bits > 0 && is_fine_;
      agreed_.client_window_bits = std::min(own_client_bits_, bits);
    } else {
      is_fine_ = false;
    }
  }

  [[nodiscard]] std::optional<DeflateAgreement> agreement() const {
    return is_fine_ ? std::optional(agreed_) : std::nullopt;
  }

 private:
  static bool once(bool& seen) { return !std::exchange(seen, true); }

  DeflateAgreement agreed_;
  int own_client_bits_ = kLargestWindowBits;
  bool is_fine_ = true;
  bool seen_server_takeover_ = false;
  bool seen_client_takeover_ = false;
  bool seen_server_bits_ = false;
  bool seen_client_bits_ = false;
};

}  // namespace

std::string_view take_token(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_token_char);
  const auto size = static_cast<std::size_t>(end - text.begin());
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

void skip_space(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool read_extensions(std::string_view value, const std::optional<DeflateOptions>& options,
                     std::optional<DeflateAgreement>& agreed) {
  while (true) {
    skip_space(value);
    const std::string_view name = take_token(value);
    skip_space(value);
    if (name.empty()) {
      return false;
    }
    Offer offer(options.value_or(DeflateOptions{}));
    while (take_char(value, ';')) {
      const std::optional<Parameter> parameter = take_parameter(value);
      if (!parameter) {
        return false;
      }
      offer.add(*parameter);
    }
    if (options && !agreed && name == "permessage-deflate") {
      agreed = offer.agreement();
    }
    if (value.empty()) {
      return true;
    }
    if (!take_char(value, ',')) {
      return false;
    }
  }
}

std::string write_extension(const DeflateAgreement& agreed) {
  std::string text = "permessage-deflate";
  const auto add = [&](std::string_view name) { text.append("; ").append(name); };
  const auto add_bits = [&](std::string_view name, int bits) {
    if (bits < kLargestWindowBits) {
      add(name);
      text += "=" + std::to_string(bits);
    }
  };
  if (agreed.server_takeover == Takeover::none) {
    add(kServerNoTakeover);
  }
  if (agreed.client_takeover == Takeover::none) {
    add(kClientNoTakeover);
  }
  add_bits(kServerBits, agreed.server_window_bits);
  add_bits(kClientBits, agreed.client_window_bits);
  return text;
}

}  // namespace seabag::websocket
