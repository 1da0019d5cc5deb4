#include "seabag/websocket/message.h"

#include <utility>

#include "deflater.h"
#include "seabag/websocket/utf8_checker.h"

namespace seabag::websocket {

Result<SharedMessage> Message::text(std::string text) {
  Utf8Checker utf8;
  if (!utf8.take(text) || !utf8.is_complete()) {
    return make_error(std::errc::illegal_byte_sequence, "send", {}, "the text is not UTF-8");
  }
  return SharedMessage(new Message(MessageKind::text, std::move(text)));
}

SharedMessage Message::binary(std::string bytes) {
  return SharedMessage(new Message(MessageKind::binary, std::move(bytes)));
}

std::string_view Message::deflated(Deflater& deflater) const {
  std::call_once(once_, [&] {
    if (!deflater.deflate(payload_, deflated_) || deflated_.size() >= payload_.size()) {
      deflated_ = {};
    }
    deflated_.shrink_to_fit();
  });
  return deflated_;
}

}  // namespace seabag::websocket
