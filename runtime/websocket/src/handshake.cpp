#include "seabag/websocket/handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "extensions.h"

namespace seabag::websocket {
namespace {

using http::RequestHead;
using http::Status;

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// RFC 6455 §1.3.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeySize = 24;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return x == y || ((x ^ y) == 0x20 && (x | 0x20) >= 'a' && (x | 0x20) <= 'z');
  });
}

/// Calls `use` with each value of a field; false as soon as that says so.
template <typename Use>
bool for_each_value(const RequestHead& head, std::string_view name, const Use& use) {
  for (const http::Field& field : head.fields()) {
    if (equal_ignoring_case(field.name, name) && !use(field.value)) {
      return false;
    }
  }
  return true;
}

struct OnlyValue {
  std::string_view value = {};
  std::size_t count = 0;
};

OnlyValue only_value(const RequestHead& head, std::string_view name) {
  OnlyValue only;
  for_each_value(head, name, [&](std::string_view value) {
    only = {value, only.count + 1};
    return true;
  });
  return only;
}

/// Whether a list of tokens (`Upgrade: websocket, foo/2`) names this one.
bool lists(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    std::string_view member = list.substr(0, list.find(','));
    list.remove_prefix(std::min(member.size() + 1, list.size()));
    skip_space(member);
    member = member.substr(0, member.find_last_not_of(" \t") + 1);
    if (equal_ignoring_case(member, name)) {
      return true;
    }
  }
  return false;
}

/// 16 bytes in base64.
bool is_key(std::string_view text) {
  constexpr std::size_t kPadding = 2;
  return text.size() == kKeySize && text.ends_with("==") &&
         text.find_first_not_of(kDigits) == kKeySize - kPadding;
}

/// What shows that the key was understood (RFC 6455 §4.2.2); empty when SHA-1 is not to be had.
std::string accept_value(std::string_view key) {
  std::string text(key);
  text += kGuid;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha1(), nullptr) != 1) {
    return {};
  }
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), hash.data(), static_cast<int>(size));
  return {encoded.begin(), encoded.begin() + length};
}

Handshake refuse(Status status, const char* reason) { return {.status = status, .reason = reason}; }

Handshake other_version(Status accepted) {
  const bool is_upgrade = accepted == Status::switching_protocols;
  Handshake handshake = refuse(is_upgrade ? Status::upgrade_required : Status::bad_request,
                               "another version of the protocol");
  handshake.fields.emplace_back("Sec-WebSocket-Version", "13");
  return handshake;
}

/// One value of `Sec-WebSocket-Protocol`; false when it is malformed or names one twice.
bool read_protocols(std::string_view value, std::vector<std::string_view>& asked) {
  while (true) {
    skip_space(value);
    const std::string_view token = take_token(value);
    skip_space(value);
    if (token.empty() || std::find(asked.begin(), asked.end(), token) != asked.end()) {
      return false;
    }
    asked.push_back(token);
    if (value.empty()) {
      return true;
    }
    if (!value.starts_with(',')) {
      return false;
    }
    value.remove_prefix(1);
  }
}

/// The part that both versions of HTTP share: version, protocols and extensions.
Handshake negotiate(const RequestHead& head, const HandshakeOptions& options, Status accepted) {
  const OnlyValue version = only_value(head, "sec-websocket-version");
  if (version.count != 1) {
    return refuse(Status::bad_request, "no version, or several");
  }
  if (version.value != "13") {
    return other_version(accepted);
  }
  Handshake handshake;
  std::vector<std::string_view> asked;
  if (!for_each_value(head, "sec-websocket-protocol",
                      [&](std::string_view value) { return read_protocols(value, asked); })) {
    return refuse(Status::bad_request, "a malformed list of protocols");
  }
  for (const std::string_view name : asked) {
    const auto ours = std::find(options.protocols.begin(), options.protocols.end(), name);
    if (ours != options.protocols.end()) {
      handshake.protocol = *ours;
      handshake.fields.emplace_back("Sec-WebSocket-Protocol", *ours);
      break;
    }
  }
  if (!for_each_value(head, "sec-websocket-extensions", [&](std::string_view value) {
        return read_extensions(value, options.deflate, handshake.deflate);
      })) {
    return refuse(Status::bad_request, "a malformed list of extensions");
  }
  if (handshake.deflate) {
    handshake.fields.emplace_back("Sec-WebSocket-Extensions", write_extension(*handshake.deflate));
  }
  handshake.status = accepted;
  return handshake;
}

std::string_view without_default_port(std::string_view host, std::string_view port) {
  return host.ends_with(port) ? host.substr(0, host.size() - port.size()) : host;
}

}  // namespace

bool asks_for_websocket(const RequestHead& head) {
  return head.wants_upgrade && !for_each_value(head, "upgrade", [](std::string_view value) {
           return !lists(value, "websocket");
         });
}

Handshake answer_upgrade(const RequestHead& head, const HandshakeOptions& options) {
  if (head.method != http::Method::get || head.version != http::Version::http_1_1 ||
      !asks_for_websocket(head)) {
    return ask_for_upgrade();
  }
  if (head.framing != http::BodyFraming::none) {
    return refuse(Status::bad_request, "an upgrade with content");
  }
  const OnlyValue key = only_value(head, "sec-websocket-key");
  if (key.count != 1 || !is_key(key.value)) {
    return refuse(Status::bad_request, "no key of 16 bytes");
  }
  Handshake handshake = negotiate(head, options, Status::switching_protocols);
  if (!handshake.is_accepted()) {
    return handshake;
  }
  std::string accept = accept_value(key.value);
  if (accept.empty()) {
    return refuse(Status::internal_server_error, "no SHA-1");
  }
  handshake.fields.emplace_back("Sec-WebSocket-Accept", std::move(accept));
  return handshake;
}

Handshake answer_connect(const RequestHead& head, const HandshakeOptions& options) {
  return negotiate(head, options, Status::ok);
}

Handshake ask_for_upgrade() {
  Handshake handshake = refuse(Status::upgrade_required, "no upgrade to a WebSocket");
  handshake.fields.emplace_back("Sec-WebSocket-Version", "13");
  return handshake;
}

bool is_same_origin(const RequestHead& head) {
  const OnlyValue origin = only_value(head, "origin");
  if (origin.count == 0) {
    return true;
  }
  const std::size_t colon = origin.value.find("://");
  if (origin.count > 1 || colon == std::string_view::npos) {
    return false;
  }
  const std::string_view scheme = origin.value.substr(0, colon);
  const std::string_view port = scheme == "https" ? ":443" : scheme == "http" ? ":80" : "";
  const std::string_view host = origin.value.substr(colon + 3);
  return !host.empty() && equal_ignoring_case(without_default_port(host, port),
                                              without_default_port(head.authority, port));
}

}  // namespace seabag::websocket
