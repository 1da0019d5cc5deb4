#include "seabag/http/listing.h"

#include <array>
#include <cstdio>
#include <vector>

#include "seabag/http/date.h"
#include "seabag/http/json_writer.h"
#include "seabag/http/target.h"
#include "seabag/http/utf8.h"

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

/// Controls and what is no UTF-8 are U+FFFD.
void append_html(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    const bool is_control = size == 1 && (first < 0x20 || first == 0x7f);
    out += size == 0 || is_control ? kReplacement : html_escape(text.substr(0, size));
    text.remove_prefix(size == 0 ? 1 : size);
  }
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
  JsonWriter json(256 + page.entries.size() * kRowSize);
  json.begin_object()
      .member("path", path_with_slash(page.directory))
      .member("page", page.number)
      .member("pages", page.count)
      .name("entries")
      .begin_array();
  for (const ListedEntry& entry : page.entries) {
    const bool is_directory = entry.type == vfs::FileType::directory;
    const Moment modified(entry.modified.seconds);
    json.begin_object().member("name", entry.name).member("href", reference_to(entry));
    json.member("type", is_directory ? "directory" : "file");
    if (!is_directory) {
      json.member("size", entry.size);
    }
    json.member("modified", modified.day + "T" + modified.time + "Z").end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
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
