#include "kept_head.h"

#include <string_view>

namespace seabag::server {
namespace {

/// Calls `visit` with each of the head's views.
template <typename Visit>
void for_each_view(http::RequestHead& head, const Visit& visit) {
  for (std::string_view* view :
       {&head.method_text, &head.target, &head.path, &head.query, &head.authority}) {
    visit(*view);
  }
  for (std::size_t i = 0; i < head.field_count; ++i) {
    visit(head.field_slots[i].name);
    visit(head.field_slots[i].value);
  }
}

}  // namespace

KeptHead::KeptHead(const http::RequestHead& head) : head_(head) {
  std::size_t size = 0;
  for_each_view(head_, [&](std::string_view& view) { size += view.size(); });
  text_.reserve(size);
  for_each_view(head_, [&](std::string_view& view) {
    const std::size_t start = text_.size();
    text_ += view;
    view = std::string_view(text_).substr(start);
  });
}

}  // namespace seabag::server
