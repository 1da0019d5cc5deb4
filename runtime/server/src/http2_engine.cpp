#include "http2_engine.h"

#include <utility>

namespace seabag::server {
namespace {

constexpr std::size_t kMostSpare = 1024;

http2::Limits make_limits(const Limits& server_limits) {
  http2::Limits limits;
  limits.path = server_limits.head.request_line;
  limits.fields = server_limits.head.fields;
  limits.header_list = server_limits.head.field_block;
  limits.stall_time = server_limits.write_time;
  return limits;
}

}  // namespace

Http2Engine::Http2Engine(const Limits& server_limits)
    : limits(make_limits(server_limits)), workspace(limits) {}

std::unique_ptr<StreamContent> Http2Engine::borrow() {
  if (spare_.empty()) {
    return std::make_unique<StreamContent>();
  }
  std::unique_ptr<StreamContent> content = std::move(spare_.back());
  spare_.pop_back();
  return content;
}

void Http2Engine::give_back(std::unique_ptr<StreamContent> content) {
  if (spare_.size() < kMostSpare) {
    content->clear();
    spare_.push_back(std::move(content));
  }
}

}  // namespace seabag::server
