#include "seabag/http/media_type.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "ascii.h"

namespace seabag::http {
namespace {

struct Row {
  std::string_view extension;
  std::string_view type;
};

constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kMarkdown = "text/markdown; charset=utf-8";
constexpr std::string_view kYaml = "application/yaml";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kXml = "application/xml";

// Sorted by extension. Types are those registered with IANA, where there is one.
constexpr Row kRows[] = {
    {"3gp", "video/3gpp"},
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"aif", "audio/aiff"},
    {"aiff", "audio/aiff"},
    {"apk", "application/vnd.android.package-archive"},
    {"apng", "image/apng"},
    {"appcache", "text/cache-manifest; charset=utf-8"},
    {"atom", "application/atom+xml"},
    {"avi", "video/x-msvideo"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"br", "application/x-brotli"},
    {"bz2", "application/x-bzip2"},
    {"c", kPlain},
    {"cc", kPlain},
    {"cjs", kScript},
    {"conf", kPlain},
    {"cpp", kPlain},
    {"crt", "application/x-x509-ca-cert"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"cxx", kPlain},
    {"deb", "application/vnd.debian.binary-package"},
    {"diff", kPlain},
    {"dmg", "application/x-apple-diskimage"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"dtd", "application/xml-dtd"},
    {"eot", "application/vnd.ms-fontobject"},
    {"eps", "application/postscript"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"geojson", "application/geo+json"},
    {"gif", "image/gif"},
    {"glb", "model/gltf-binary"},
    {"gltf", "model/gltf+json"},
    {"go", kPlain},
    {"gpx", "application/gpx+xml"},
    {"gz", "application/gzip"},
    {"h", kPlain},
    {"heic", "image/heic"},
    {"heif", "image/heif"},
    {"hpp", kPlain},
    {"htm", kHtml},
    {"html", kHtml},
    {"hxx", kPlain},
    {"ico", "image/vnd.microsoft.icon"},
    {"ics", "text/calendar; charset=utf-8"},
    {"ini", kPlain},
    {"iso", "application/x-iso9660-image"},
    {"jar", "application/java-archive"},
    {"java", kPlain},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", kScript},
    {"json", kJson},
    {"json5", "application/json5"},
    {"jsonl", "application/jsonl"},
    {"jsonld", "application/ld+json"},
    {"jxl", "image/jxl"},
    {"kml", "application/vnd.google-earth.kml+xml"},
    {"kmz", "application/vnd.google-earth.kmz"},
    {"log", kPlain},
    {"m3u8", "application/vnd.apple.mpegurl"},
    {"m4a", "audio/mp4"},
    {"m4v", "video/mp4"},
    {"map", kJson},
    {"markdown", kMarkdown},
    {"md", kMarkdown},
    {"mid", "audio/midi"},
    {"midi", "audio/midi"},
    {"mjs", kScript},
    {"mkv", "video/matroska"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpd", "application/dash+xml"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"ndjson", "application/x-ndjson"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"patch", kPlain},
    {"pdf", "application/pdf"},
    {"pem", "application/pem-certificate-chain"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps", "application/postscript"},
    {"py", kPlain},
    {"rar", "application/vnd.rar"},
    {"rb", kPlain},
    {"rs", kPlain},
    {"rss", "application/rss+xml"},
    {"rst", kPlain},
    {"rtf", "application/rtf"},
    {"sh", kPlain},
    {"sql", "application/sql"},
    {"srt", kPlain},
    {"svg", "image/svg+xml"},
    {"svgz", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tex", kPlain},
    {"text", kPlain},
    {"tgz", "application/gzip"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"toml", "application/toml"},
    {"torrent", "application/x-bittorrent"},
    {"ts", "video/mp2t"},
    {"tsv", "text/tab-separated-values; charset=utf-8"},
    {"ttc", "font/collection"},
    {"ttf", "font/ttf"},
    {"txt", kPlain},
    {"vcf", "text/vcard; charset=utf-8"},
    {"vtt", "text/vtt; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", kXml},
    {"xsd", kXml},
    {"xsl", kXml},
    {"xslt", "application/xslt+xml"},
    {"xz", "application/x-xz"},
    {"yaml", kYaml},
    {"yml", kYaml},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
};

constexpr bool is_sorted_and_lower() {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (i > 0 && kRows[i].extension <= kRows[i - 1].extension) {
      return false;
    }
    for (const char c : kRows[i].extension) {
      if (to_lower(c) != c) {
        return false;
      }
    }
  }
  return true;
}
static_assert(is_sorted_and_lower());

constexpr std::size_t longest_extension() {
  std::size_t longest = 0;
  for (const Row& row : kRows) {
    longest = std::max(longest, row.extension.size());
  }
  return longest;
}
constexpr std::size_t kLongest = longest_extension();

constexpr std::string_view kCompressible[] = {
    "application/javascript",
    "application/json",
    "application/json5",
    "application/jsonl",
    "application/pem-certificate-chain",
    "application/postscript",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-javascript",
    "application/x-ndjson",
    "application/x-tar",
    "application/x-x509-ca-cert",
    "application/xml",
    "application/xml-dtd",
    "application/yaml",
    "audio/midi",
    "audio/wav",
    "font/collection",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/vnd.microsoft.icon",
    "image/x-icon",
    "model/gltf-binary",
};

bool ends_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         equals_ignoring_case(text.substr(text.size() - lower.size()), lower);
}

}  // namespace

std::string_view media_type(std::string_view path) {
  constexpr std::string_view kUnknown = "application/octet-stream";
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot - 1 > kLongest) {
    return kUnknown;
  }
  std::array<char, kLongest> lower{};
  const std::string_view written = name.substr(dot + 1);
  std::transform(written.begin(), written.end(), lower.begin(), to_lower);
  const std::string_view extension(lower.data(), written.size());
  const auto* const row =
      std::lower_bound(std::begin(kRows), std::end(kRows), extension,
                       [](const Row& a, std::string_view wanted) { return a.extension < wanted; });
  return row != std::end(kRows) && row->extension == extension ? row->type : kUnknown;
}

bool is_compressible(std::string_view type) {
  const std::string_view essence = trim_blanks(type.substr(0, type.find(';')));
  constexpr std::string_view kText = "text/";
  if (equals_ignoring_case(essence.substr(0, kText.size()), kText) ||
      ends_ignoring_case(essence, "+json") || ends_ignoring_case(essence, "+xml") ||
      ends_ignoring_case(essence, "+yaml")) {
    return true;
  }
  return std::any_of(std::begin(kCompressible), std::end(kCompressible),
                     [&](std::string_view other) { return equals_ignoring_case(essence, other); });
}

}  // namespace seabag::http
