#include "seabag/http/response_head.h"

#include "seabag/http/date.h"
#include "text_writer.h"

namespace seabag::http {
namespace {

// More than all fixed texts and numbers of a head together.
constexpr std::size_t kFixedBound = 512;
constexpr std::string_view kCrlf = "\r\n";

constexpr std::string_view kContentEncoding[vfs::kEncodingCount] = {
    "", "Content-Encoding: gzip\r\n", "Content-Encoding: br\r\n", "Content-Encoding: zstd\r\n"};

constexpr std::string_view kConnection[] = {"", "Connection: close\r\n",
                                            "Connection: keep-alive\r\n"};

void put_content_range(TextWriter& writer, const ContentRange& range) {
  writer.put("Content-Range: bytes ");
  if (range.range) {
    writer.put(range.range->first).put("-").put(range.range->last);
  } else {
    writer.put("*");
  }
  writer.put("/").put(range.length).put(kCrlf);
}

// The page is `<title>404 Not Found</title><h1>404 Not Found</h1>` with its trimmings.
constexpr std::string_view kPageStart = "<!doctype html><html lang=\"en\"><title>";
constexpr std::string_view kPageMiddle = "</title><h1>";
constexpr std::string_view kPageEnd = "</h1></html>\n";

std::string_view status_text(Status status) {
  std::string_view line = status_line(status);
  line.remove_prefix(std::string_view("HTTP/1.1 ").size());
  line.remove_suffix(kCrlf.size());
  return line;
}

}  // namespace

std::size_t response_head_bound(const ResponseHead& head) {
  return kFixedBound + head.date.size() + head.fields.size() + head.further_fields.size() +
         head.entity_tag.size() + head.location.size();
}

std::size_t write_response_head(const ResponseHead& head, std::span<char> out) {
  if (out.size() < response_head_bound(head)) {
    return 0;
  }
  TextWriter writer(out);
  writer.put(status_line(head.status));
  if (!head.date.empty()) {
    writer.put("Date: ").put(head.date).put(kCrlf);
  }
  writer.put(head.fields)
      .put(head.further_fields)
      .put(kContentEncoding[static_cast<std::size_t>(head.encoding)]);
  if (!head.entity_tag.empty()) {
    writer.put("ETag: ").put(head.entity_tag).put(kCrlf);
  }
  if (head.last_modified) {
    const DateText date = format_date(*head.last_modified);
    writer.put("Last-Modified: ").put({date.data(), date.size()}).put(kCrlf);
  }
  if (!head.location.empty()) {
    writer.put("Location: ").put(head.location).put(kCrlf);
  }
  if (head.content_range) {
    put_content_range(writer, *head.content_range);
  }
  if (head.content_length) {
    writer.put("Content-Length: ").put(*head.content_length).put(kCrlf);
  }
  writer.put(kConnection[static_cast<std::size_t>(head.connection)]).put(kCrlf);
  return writer.size();
}

std::size_t status_page_size(Status status) {
  if (status == Status::no_content || status == Status::not_modified) {
    return 0;
  }
  return kPageStart.size() + kPageMiddle.size() + kPageEnd.size() + 2 * status_text(status).size();
}

std::size_t write_status_page(Status status, std::span<char> out) {
  const std::size_t size = status_page_size(status);
  if (size == 0 || out.size() < size) {
    return 0;
  }
  const std::string_view text = status_text(status);
  return TextWriter(out).put(kPageStart).put(text).put(kPageMiddle).put(text).put(kPageEnd).size();
}

}  // namespace seabag::http
