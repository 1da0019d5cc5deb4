#include "support/websocket_cases.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>
#include <utility>

#include "support/catch.h"

namespace seabag::test {
namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 6> kOpcodes = {
    {{"cont", 0}, {"text", 1}, {"bin", 2}, {"close", 8}, {"ping", 9}, {"pong", 10}}};

std::string unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes += text[at];
      continue;
    }
    const char kind = text.at(++at);
    if (kind == 'x') {
      bytes += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
      at += 2;
    } else if (kind == '{') {
      const std::size_t end = text.find('}', at);
      const std::size_t comma = text.find(',', at);
      REQUIRE(end != std::string_view::npos);
      const std::string part = unescape(text.substr(comma + 1, end - comma - 1));
      for (int left = std::stoi(std::string(text.substr(at + 1))); left > 0; --left) {
        bytes += part;
      }
      at = end;
    } else {
      bytes += kind == 's' ? ' ' : kind;
    }
  }
  return bytes;
}

/// `NAME[-][/RSV][!LENGTH]:PAYLOAD`
std::string frame_of(std::string_view token) {
  const std::size_t colon = token.find(':');
  REQUIRE(colon != std::string_view::npos);
  std::string_view head = token.substr(0, colon);
  std::string payload = unescape(token.substr(colon + 1));
  if (head == "raw") {
    return payload;
  }
  ClientFrame frame;
  if (const std::size_t mark = head.find('!'); mark != std::string_view::npos) {
    frame.length = std::stoull(std::string(head.substr(mark + 1)));
    head = head.substr(0, mark);
  }
  if (const std::size_t slash = head.find('/'); slash != std::string_view::npos) {
    frame.reserved = static_cast<unsigned>(head.at(slash + 1) - '0');
    head = head.substr(0, slash);
  }
  if (head.ends_with('-')) {
    frame.is_final = false;
    head.remove_suffix(1);
  }
  const auto named = std::find_if(kOpcodes.begin(), kOpcodes.end(),
                                  [&](const auto& one) { return one.first == head; });
  frame.opcode =
      named != kOpcodes.end() ? named->second : static_cast<unsigned>(std::stoi(std::string(head)));
  if (frame.opcode == 8 && !payload.empty() && std::isdigit(payload[0]) != 0) {
    const int code = std::stoi(payload);
    const std::size_t comma = std::min(payload.find(','), payload.size() - 1);
    payload = std::string{static_cast<char>(code / 256), static_cast<char>(code % 256)} +
              payload.substr(comma + 1);
  }
  return client_frame(frame, payload);
}

/// The words of a list, each as often as `N*` before it says.
std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    const std::size_t digits = word.find_first_not_of("0123456789");
    int count = 1;
    if (digits != 0 && digits != std::string::npos && word[digits] == '*') {
      count = std::stoi(word);
      word.erase(0, digits + 1);
    }
    found.insert(found.end(), static_cast<std::size_t>(count), word);
  }
  return found;
}

}  // namespace

std::string described(const ServerFrame& frame, std::string_view text) {
  if (frame.opcode == websocket::Opcode::close) {
    return "close:" + (frame.payload.empty() ? std::string() : std::to_string(frame.code()));
  }
  const auto named = std::find_if(kOpcodes.begin(), kOpcodes.end(), [&](const auto& one) {
    return one.second == static_cast<unsigned>(frame.opcode);
  });
  REQUIRE(named != kOpcodes.end());
  return std::string(named->first) + ":" + std::string(text);
}

std::vector<WebSocketCase> websocket_cases(const std::string& path) {
  std::ifstream file(path);
  std::vector<WebSocketCase> found;
  bool is_deflated = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    if (line[0] == '[') {
      is_deflated = line == "[deflate]";
      continue;
    }
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    REQUIRE(second != std::string::npos);
    WebSocketCase one{
        .bytes = {}, .answers = {}, .what = line.substr(second + 1), .is_deflated = is_deflated};
    for (const std::string& answer : words(line.substr(0, first))) {
      if (answer != "...") {
        one.answers.push_back(unescape(answer));
      }
    }
    for (const std::string& token : words(line.substr(first + 1, second - first - 1))) {
      one.bytes += frame_of(token);
    }
    one.ends = !one.answers.empty() && one.answers.back().starts_with("close:");
    if (!one.ends && line.find("...") > first) {
      one.bytes += client_close(1000);
      one.answers.emplace_back("close:1000");
      one.ends = true;
    }
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace seabag::test
