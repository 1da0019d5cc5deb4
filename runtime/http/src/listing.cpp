#include "seabag/http/listing.h"

#include <array>
#include <cstdio>
#include <vector>

#include "seabag/http/date.h"
#include "seabag/http/target.h"

namespace seabag::http {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "h1{font-size:1.25rem;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{padding:.2rem .5rem;text-align:left}"
    "td:first-child{overflow-wrap:anywhere}"
    "th+th,td+td{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    "tbody tr:hover{background:#8882}"
    "a{text-decoration:none}a:hover{text-decoration:underline}";

/// Length of the UTF-8 character at the start of `text`; 0 when there is none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xc2 && first <= 0xdf && follows(1)) {
    return 2;
  }
  if ((first & 0xf0U) == 0xe0 && follows(1) && follows(2)) {
    const bool is_overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool is_surrogate = first == 0xed && byte(1) >= 0xa0;
    return is_overlong || is_surrogate ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4 && follows(1) && follows(2) && follows(3)) {
    const bool is_outside = (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90);
    return is_outside ? 0 : 4;
  }
  return 0;
}

/// Calls `put` with each character, where controls and what is no UTF-8 are U+FFFD.
template <typename Put>
void each_character(std::string_view text, const Put& put) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const auto first = static_cast<unsigned char>(text.front());
    const bool is_control = size == 1 && (first < 0x20 || first == 0x7f);
    put(size == 0 || is_control ? kReplacement : text.substr(0, size));
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

std::string_view html_escape(std::string_view character) {
  switch (character.front()) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return character;
  }
}

void append_html(std::string& out, std::string_view text) {
  each_character(text, [&](std::string_view one) { out += html_escape(one); });
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  each_character(text, [&](std::string_view one) {
    if (one == "\"" || one == "\\") {
      out += '\\';
    }
    out += one;
  });
  out += '"';
}

/// `./` keeps a colon in a name from being taken for a scheme.
std::string reference_to(const ListedEntry& entry) {
  std::string reference = "./";
  append_encoded_path(reference, entry.name);
  reference += entry.type == vfs::FileType::directory ? "/" : "";
  return reference;
}

std::string size_text(std::uint64_t size) {
  constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
  auto value = static_cast<double>(size);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  const int digits = unit > 0 && value < 9.95 ? 1 : 0;
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, value, kUnits[unit]);
  return text.data();
}

/// `2026-01-31 12:00` and `:00`, of the form that HTTP dates have: `Sun, 06 Nov 1994 08:49:37 GMT`.
struct Moment {
  explicit Moment(std::int64_t seconds) {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const DateText date = format_date(seconds);
    const std::string_view text(date.data(), date.size());
    const std::size_t month = kMonths.find(text.substr(8, 3)) / 3 + 1;
    day = std::string(text.substr(12, 4)) + (month < 10 ? "-0" : "-") + std::to_string(month) +
          "-" + std::string(text.substr(5, 2));
    time = std::string(text.substr(17, 8));
  }
  std::string day;
  std::string time;
};

void append_row(std::string& out, const ListedEntry& entry) {
  const bool is_directory = entry.type == vfs::FileType::directory;
  const Moment modified(entry.modified.seconds);
  out += "<tr><td><a href=\"";
  append_html(out, reference_to(entry));
  out += "\">";
  append_html(out, entry.name);
  out += is_directory ? "/" : "";
  out += "</a><td>";
  out += is_directory ? std::string() : size_text(entry.size);
  out += "<td><time datetime=\"" + modified.day + "T" + modified.time + "Z\">" + modified.day +
         " " + modified.time.substr(0, 5) + "</time>\n";
}

void append_page_links(std::string& out, const ListingPage& page) {
  if (page.count <= 1) {
    return;
  }
  const auto link = [](const char* kind, std::size_t number, const char* text) {
    return std::string("<a rel=\"") + kind + "\" href=\"?page=" + std::to_string(number) + "\">" +
           text + "</a> ";
  };
  out += "<p>";
  out += page.number > 1 ? link("prev", page.number - 1, "previous") : "";
  out += "page " + std::to_string(page.number) + " of " + std::to_string(page.count) + " ";
  out += page.number < page.count ? link("next", page.number + 1, "next") : "";
  out += "\n";
}

std::string path_with_slash(std::string_view directory) {
  return std::string(directory) + (directory.ends_with('/') ? "" : "/");
}

}  // namespace

std::string render_listing_html(const ListingPage& page) {
  constexpr std::size_t kRowSize = 200;
  std::string out;
  out.reserve(2048 + page.entries.size() * kRowSize);
  out +=
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>";
  const std::string path = path_with_slash(page.directory);
  append_html(out, path);
  out += "</title><style>";
  out += kStyle;
  out += "</style>\n<h1>";
  append_html(out, path);
  out += "</h1>\n<table><thead><tr><th>Name<th>Size<th>Modified (UTC)<tbody>\n";
  if (page.directory != "/") {
    out += "<tr><td><a href=\"../\">../</a><td><td>\n";
  }
  for (const ListedEntry& entry : page.entries) {
    append_row(out, entry);
  }
  out += "</table>\n";
  append_page_links(out, page);
  out += "</html>\n";
  return out;
}

std::string render_listing_json(const ListingPage& page) {
  constexpr std::size_t kRowSize = 150;
  std::string out;
  out.reserve(256 + page.entries.size() * kRowSize);
  out += "{\"path\":";
  append_json(out, path_with_slash(page.directory));
  out += ",\"page\":" + std::to_string(page.number) + ",\"pages\":" + std::to_string(page.count) +
         ",\"entries\":[";
  const char* separator = "\n";
  for (const ListedEntry& entry : page.entries) {
    const bool is_directory = entry.type == vfs::FileType::directory;
    const Moment modified(entry.modified.seconds);
    out += separator;
    out += "{\"name\":";
    append_json(out, entry.name);
    out += ",\"href\":";
    append_json(out, reference_to(entry));
    out += is_directory ? R"(,"type":"directory")"
                        : R"(,"type":"file","size":)" + std::to_string(entry.size);
    out += ",\"modified\":\"" + modified.day + "T" + modified.time + "Z\"}";
    separator = ",\n";
  }
  out += "\n]}\n";
  return out;
}

bool is_listable(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.size() > vfs::kMaxNameLength) {
    return false;
  }
  std::string url = "/";
  append_encoded_path(url, name);
  std::array<char, 1 + 3 * vfs::kMaxNameLength> buffer;
  const TargetOutcome outcome = decode_target(url, buffer);
  return outcome.error == nullptr && outcome.target.path.substr(1) == name;
}

}  // namespace seabag::http
