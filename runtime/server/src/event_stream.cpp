#include "seabag/server/event_stream.h"

#include <algorithm>
#include <utility>

namespace seabag::server {
namespace {

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

/// `name: text` for each line of the text; CR, LF and CRLF all end one.
void add_lines(std::string& out, std::string_view name, std::string_view text) {
  while (true) {
    const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_line_end) -
                                              text.begin());
    out.append(name).append(": ").append(text.substr(0, end)).append("\n");
    if (end == text.size()) {
      return;
    }
    const bool is_crlf = text.substr(end, 2) == "\r\n";
    text.remove_prefix(end + (is_crlf ? 2 : 1));
  }
}

void add_word(std::string& out, std::string_view name, std::string_view text) {
  out.append(name).append(": ");
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return !is_line_end(c) && c != '\0'; });
  out += '\n';
}

}  // namespace

std::string render_event(const Event& event) {
  std::string out;
  out.reserve(event.data.size() + 64);
  if (!event.event.empty()) {
    add_word(out, "event", event.event);
  }
  if (event.id) {
    add_word(out, "id", *event.id);
  }
  if (event.retry) {
    add_word(out, "retry", std::to_string(std::max<std::int64_t>(0, event.retry->count())));
  }
  add_lines(out, "data", event.data);
  return out += '\n';
}

EventStream::EventStream(const Request& request, Reply reply, std::chrono::milliseconds ping)
    : reply_(std::move(reply)), last_event_id_(request.field("Last-Event-ID").value_or("")) {
  reply_.keep_alive(ping, ":\n\n");
  reply_.finish_on_drain();
  reply_.begin({.content_type = "text/event-stream",
                .fields = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}});
}

Flow EventStream::comment(std::string_view text) const {
  std::string out;
  add_lines(out, "", text);
  return reply_.write(out += '\n');
}

}  // namespace seabag::server
