#include "engine.h"

namespace seabag::server {
namespace {

constexpr std::size_t kOutputSize = 64 * 1024;
/// Beyond the longest head, so that a batch of pipelined requests is read at once.
constexpr std::size_t kInputSlack = 8 * 1024;
constexpr std::size_t kKeptBuffers = 4;

std::size_t input_size(const http::ParserLimits& limits) {
  constexpr std::size_t kPage = 4096;
  const std::size_t wanted = limits.request_line + limits.field_block + kInputSlack;
  return (wanted + kPage - 1) / kPage * kPage;
}

}  // namespace

Engine::Engine(net::EventLoop& the_loop, const Limits& the_limits, Responder& the_responder)
    : loop(the_loop),
      limits(the_limits),
      responder(the_responder),
      output(kOutputSize),
      buffers(input_size(the_limits.head), kKeptBuffers),
      input_(std::make_unique_for_overwrite<char[]>(buffers.buffer_size())) {}

std::string_view Engine::date() {
  if (const std::int64_t now = loop.unix_milliseconds() / 1000; now != date_time_) {
    date_time_ = now;
    http::format_date(now, date_);
    if (auto refreshed = responder.refresh_rules(); !refreshed && report) {
      report(refreshed.error().message());
    }
  }
  return {date_.data(), date_.size()};
}

}  // namespace seabag::server
