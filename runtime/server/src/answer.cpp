#include "answer.h"

namespace seabag::server {

void add_head(const http::ResponseHead& head, Output& output) {
  const std::span<char> space = output.prepare(http::response_head_bound(head));
  output.commit(http::write_response_head(head, space));
}

AnswerRecord add_plain(const PlainRequest& plain, const AnswerContext& context, Output& output) {
  const http::PlainAnswer answer{.status = plain.status,
                                 .date = context.date,
                                 .fields = plain.fields,
                                 .location = plain.location,
                                 .connection = context.connection};
  const std::span<char> space = output.prepare(http::plain_answer_bound(answer));
  output.commit(http::write_plain_answer(answer, plain.part, space));
  return {.status = plain.status};
}

http::AnswerPart part_for(const http::RequestHead& head) {
  return head.method == http::Method::head ? http::AnswerPart::head_only
                                           : http::AnswerPart::head_and_content;
}

}  // namespace seabag::server
