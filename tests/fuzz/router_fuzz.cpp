// Router: lines of patterns (`GET /a/:b`), an empty line, lines of requests (`GET /a/x`). Each
// match is compared with what trying all patterns gives.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/server/handler.h"
#include "seabag/server/router.h"

namespace {

using seabag::http::Method;
using seabag::server::Request;
using seabag::server::Response;
using seabag::server::RouteMatch;
using seabag::server::Router;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

using Parts = std::vector<std::string_view>;

/// The components behind each slash; a slash at the end makes no difference.
Parts parts_of(std::string_view path) {
  Parts parts;
  path.remove_suffix(path.ends_with('/') ? 1 : 0);
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    parts.push_back(part);
    path.remove_prefix(part.size());
  }
  return parts;
}

struct Pattern {
  Method method;
  Parts parts;
};

/// What names stand for; nothing when the pattern does not match.
std::optional<Parts> values_of(const Pattern& pattern, std::string_view path) {
  const Parts parts = parts_of(path);
  Parts values;
  for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
    if (i >= parts.size()) {
      return std::nullopt;
    }
    if (pattern.parts[i].starts_with('*')) {
      std::string_view rest(parts[i].data(),
                            static_cast<std::size_t>(path.data() + path.size() - parts[i].data()));
      rest.remove_suffix(path.ends_with('/') ? 1 : 0);
      if (rest.empty()) {
        return std::nullopt;
      }
      values.push_back(rest);
      return values;
    }
    if (pattern.parts[i].starts_with(':')) {
      values.push_back(parts[i]);
    } else if (pattern.parts[i] != parts[i]) {
      return std::nullopt;
    }
  }
  return parts.size() == pattern.parts.size() ? std::optional(values) : std::nullopt;
}

int rank(std::string_view part) {
  return part.starts_with('*') ? 2 : part.starts_with(':') ? 1 : 0;
}

/// Literal further to the left; for HEAD its own handler before that for GET.
bool is_better(const Pattern& a, const Pattern& b) {
  for (std::size_t i = 0; i < std::min(a.parts.size(), b.parts.size()); ++i) {
    if (rank(a.parts[i]) != rank(b.parts[i])) {
      return rank(a.parts[i]) < rank(b.parts[i]);
    }
  }
  return a.method == Method::head && b.method == Method::get;
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

struct Line {
  Method method;
  std::string_view path;
};

Line read_line(std::string_view line) {
  const std::string_view method = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(method.size() + 1, line.size()));
  return {.method = seabag::http::recognise_method(method), .path = line};
}

void check(const RouteMatch& match, const std::vector<Pattern>& patterns, const Line& asked) {
  const Pattern* best = nullptr;
  Parts values;
  bool has_other = false;
  for (const Pattern& pattern : patterns) {
    const std::optional<Parts> found = values_of(pattern, asked.path);
    const bool answers = pattern.method == asked.method ||
                         (asked.method == Method::head && pattern.method == Method::get);
    has_other = has_other || found;
    if (found && answers && (best == nullptr || is_better(pattern, *best))) {
      best = &pattern;
      values = *found;
    }
  }
  using State = RouteMatch::State;
  require(match.state == (best != nullptr ? State::found
                          : has_other     ? State::other_method
                                          : State::none));
  if (best == nullptr) {
    return;
  }
  require(match.names.size() == values.size());
  for (std::size_t i = 0, name = 0; i < best->parts.size(); ++i) {
    if (rank(best->parts[i]) > 0) {
      require(match.names[name] == best->parts[i].substr(1));
      require(match.values[name] == values[name]);
      require(match.param(match.names[name]) == values[name]);
      ++name;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongest = 4096;  // trying all patterns takes its time
  const std::string input(data, data + std::min(size, kLongest));
  std::string_view rest = input;
  Router router;
  std::vector<Pattern> patterns;
  while (!rest.empty()) {
    const std::string_view text = take_line(rest);
    if (text.empty()) {
      break;
    }
    const Line line = read_line(text);
    if (router.add(line.method, line.path, [](const Request&) { return Response(); })) {
      require(line.path.starts_with('/'));
      patterns.push_back({.method = line.method, .parts = parts_of(line.path)});
    }
  }
  while (!rest.empty()) {
    const Line asked = read_line(take_line(rest));
    if (asked.path.starts_with('/')) {
      check(router.match(asked.method, asked.path), patterns, asked);
    }
  }
  return 0;
}
