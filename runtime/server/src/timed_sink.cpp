#include "timed_sink.h"

#include <array>
#include <cstdio>

namespace seabag::server {

void TimedSink::add_head(const http::ResponseHead& head) {
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  const std::chrono::duration<double, std::milli> milliseconds = elapsed;
  std::array<char, 64> line{};
  std::snprintf(line.data(), line.size(), "Server-Timing: handle;dur=%.3f\r\n",
                milliseconds.count());
  fields_ = std::string(head.further_fields) + line.data();
  http::ResponseHead timed = head;
  timed.further_fields = fields_;
  sink_->add_head(timed);
}

}  // namespace seabag::server
