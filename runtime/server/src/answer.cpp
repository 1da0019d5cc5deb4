#include "answer.h"

#include <array>
#include <string>

namespace seabag::server {

AnswerRecord add_plain(const PlainRequest& plain, const AnswerContext& context, AnswerSink& sink) {
  constexpr std::size_t kLongestPage = 512;
  std::array<char, kLongestPage> page;
  const std::size_t size = http::write_status_page(plain.status, page);
  http::ResponseHead head{.status = plain.status,
                          .date = context.date,
                          .fields = plain.fields,
                          .location = plain.location,
                          .connection = context.connection};
  std::string further;
  if (size > 0 && context.fields.empty()) {
    head.further_fields = http::kStatusPageFields;
  } else {
    further = (size > 0 ? std::string(http::kStatusPageFields) : std::string()) +
              std::string(context.fields);
    head.further_fields = further;
  }
  if (size > 0) {
    head.content_length = size;
  }
  sink.add_head(head);
  if (size > 0 && plain.part == AnswerPart::head_and_content) {
    sink.add_copy({page.data(), size});
  }
  return {.status = plain.status};
}

AnswerPart part_for(const http::RequestHead& head) {
  return head.method == http::Method::head ? AnswerPart::head_only : AnswerPart::head_and_content;
}

}  // namespace seabag::server
