#include "seabag/http/header_fields.h"

#include <algorithm>
#include <vector>

#include "ascii.h"
#include "seabag/http/media_type.h"

namespace seabag::http {
namespace {

constexpr std::string_view kVary = "vary";
constexpr std::string_view kAcceptEncoding = "Accept-Encoding";

struct Line {
  std::string name;
  std::string value;
  /// Ours, to be replaced by what `_headers` sets; a value from there is added to.
  bool is_default = true;
};

bool is_named(const Line& line, std::string_view name) {
  return line.name.size() == name.size() &&
         std::equal(name.begin(), name.end(), line.name.begin(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

std::vector<Line> default_lines(const FieldSource& source) {
  std::vector<Line> lines;
  lines.push_back({.name = "Content-Type", .value = std::string(media_type(source.path))});
  lines.push_back({.name = "X-Content-Type-Options", .value = "nosniff"});
  lines.push_back({.name = "Cache-Control",
                   .value = has_content_hash(source.path) ? "public, max-age=31536000, immutable"
                                                          : "no-cache"});
  lines.push_back({.name = "Accept-Ranges", .value = "bytes"});
  if (source.security != SecurityProfile::none) {
    lines.push_back({.name = "Referrer-Policy", .value = "strict-origin-when-cross-origin"});
    lines.push_back({.name = "X-Frame-Options", .value = "SAMEORIGIN"});
    lines.push_back({.name = "Cross-Origin-Opener-Policy", .value = "same-origin"});
    lines.push_back(
        {.name = "Permissions-Policy", .value = "camera=(), geolocation=(), microphone=()"});
  }
  if (source.security == SecurityProfile::strict) {
    lines.push_back({.name = "Content-Security-Policy",
                     .value = "default-src 'self'; base-uri 'self'; form-action 'self'; "
                              "frame-ancestors 'self'; object-src 'none'"});
    lines.push_back({.name = "Cross-Origin-Resource-Policy", .value = "same-origin"});
  }
  return lines;
}

void apply(const HeaderChange& change, std::vector<Line>& lines) {
  const auto of_this_name = [&](const Line& line) { return is_named(line, change.name); };
  const bool is_removal = change.kind == HeaderChange::Kind::remove;
  lines.erase(std::remove_if(lines.begin(), lines.end(),
                             [&](const Line& line) {
                               return of_this_name(line) && (is_removal || line.is_default);
                             }),
              lines.end());
  if (is_removal) {
    return;
  }
  const auto same = std::find_if(lines.begin(), lines.end(), of_this_name);
  // Cookies can't be joined: their values hold commas (RFC 9110 §5.3).
  if (same == lines.end() || is_named(*same, "set-cookie")) {
    lines.push_back({.name = change.name, .value = change.value, .is_default = false});
  } else {
    same->value += ", " + change.value;
  }
}

void add_vary(std::vector<Line>& lines) {
  const auto vary = std::find_if(lines.begin(), lines.end(),
                                 [](const Line& line) { return is_named(line, kVary); });
  if (vary == lines.end()) {
    lines.push_back({.name = "Vary", .value = std::string(kAcceptEncoding)});
    return;
  }
  std::string_view rest = vary->value;
  while (!rest.empty()) {
    const std::string_view member = take_member(rest);
    if (member == "*" || equals_ignoring_case(member, "accept-encoding")) {
      return;
    }
  }
  vary->value.insert(0, std::string(kAcceptEncoding) + ", ");
}

// The file's own path first, then the other URLs that serve it.
std::vector<std::string> paths_of(std::string_view path) {
  constexpr std::string_view kHtml = ".html";
  constexpr std::string_view kIndex = "/index.html";
  std::vector<std::string> paths{std::string(path)};
  if (path.ends_with(kHtml) && !path.ends_with("/.html")) {
    paths.emplace_back(path.substr(0, path.size() - kHtml.size()));
  }
  if (path.ends_with(kIndex)) {
    paths.emplace_back(path.substr(0, path.size() - kIndex.size() + 1));
  }
  return paths;
}

bool is_in_not_modified(const Line& line) {
  constexpr std::string_view kNames[] = {"cache-control", "content-location", "expires", kVary};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return is_named(line, name); });
}

void append_line(std::string& out, const Line& line) {
  out += line.name;
  out += ": ";
  out += line.value;
  out += "\r\n";
}

}  // namespace

AssetHeaders render_asset_headers(const FieldSource& source) {
  std::vector<Line> lines = default_lines(source);
  if (source.rules != nullptr && source.rules->size() != 0) {
    for (const HeaderChange& change : source.rules->changes_for(paths_of(source.path))) {
      apply(change, lines);
    }
  }
  if (source.variants == VariantPresence::has_variants) {
    add_vary(lines);
  }
  AssetHeaders headers;
  for (const Line& line : lines) {
    append_line(headers.fields, line);
    if (is_in_not_modified(line)) {
      append_line(headers.not_modified_fields, line);
    }
  }
  return headers;
}

std::string_view transport_security_field(SecurityProfile profile) {
  switch (profile) {
    case SecurityProfile::basic:
      return "Strict-Transport-Security: max-age=31536000\r\n";
    case SecurityProfile::strict:
      return "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";
    case SecurityProfile::none:
      break;
  }
  return {};
}

}  // namespace seabag::http
