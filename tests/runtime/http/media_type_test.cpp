#include "seabag/http/media_type.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace seabag::http {
namespace {

TEST_CASE("a file's media type is told by its extension", "[http][media_type]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"/index.html", "text/html; charset=utf-8"},
      {"/a.HTM", "text/html; charset=utf-8"},
      {"/app.js", "text/javascript; charset=utf-8"},
      {"/app.mjs", "text/javascript; charset=utf-8"},
      {"/app.min.css", "text/css; charset=utf-8"},
      {"/app.js.map", "application/json"},
      {"/x.json", "application/json"},
      {"/x.wasm", "application/wasm"},
      {"/site.webmanifest", "application/manifest+json"},
      {"/x.avif", "image/avif"},
      {"/x.webp", "image/webp"},
      {"/x.SVG", "image/svg+xml"},
      {"/x.woff2", "font/woff2"},
      {"/favicon.ico", "image/vnd.microsoft.icon"},
      {"/robots.txt", "text/plain; charset=utf-8"},
      {"/feed.xml", "application/xml"},
      {"/x.mp4", "video/mp4"},
      {"/x.tar.gz", "application/gzip"},
      {"x.png", "image/png"},
      {"/3gp.3gp", "video/3gpp"},
      {"/z.zst", "application/zstd"},
      {"/README", "application/octet-stream"},
      {"/a.b/README", "application/octet-stream"},
      {"/x.", "application/octet-stream"},
      {"/x.unknown", "application/octet-stream"},
      {"/x.extensionlongerthanall", "application/octet-stream"},
      {"/x.htmlx", "application/octet-stream"},
      {"/x.ht\xc3\xa9", "application/octet-stream"},
      {"", "application/octet-stream"},
      {".html", "text/html; charset=utf-8"},
  };
  for (const auto& [path, type] : rows) {
    CAPTURE(path);
    CHECK(media_type(path) == type);
  }
}

TEST_CASE("text and its like are compressible", "[http][media_type]") {
  for (const char* path : {"a.html", "a.css", "a.js", "a.json", "a.map", "a.svg", "a.wasm", "a.txt",
                           "a.xml", "a.webmanifest", "a.ico", "a.ttf", "a.otf", "a.md", "a.atom",
                           "a.yaml", "a.xhtml", "a.tar", "a.sql"}) {
    CAPTURE(path);
    CHECK(is_compressible(media_type(path)));
  }
  for (const char* path :
       {"a.png", "a.jpg", "a.gif", "a.webp", "a.avif", "a.woff", "a.woff2", "a.mp4", "a.mp3",
        "a.zip", "a.gz", "a.br", "a.zst", "a.pdf", "a.docx", "a", "a.unknown"}) {
    CAPTURE(path);
    CHECK_FALSE(is_compressible(media_type(path)));
  }
  CHECK(is_compressible("Text/X-Anything"));
  CHECK(is_compressible("application/vnd.example+JSON ; a=b"));
  CHECK(is_compressible("APPLICATION/XML"));
  CHECK_FALSE(is_compressible(""));
  CHECK_FALSE(is_compressible("text"));
}

}  // namespace
}  // namespace seabag::http
