#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "seabag/vfs/result.h"
#include "seabag/websocket/frame.h"

namespace seabag::websocket {

class Deflater;
class Message;

using SharedMessage = std::shared_ptr<const Message>;

/// A message that is to be sent, to one client or to many: they share its bytes, and its compressed
/// form, which is made when first needed. Safe for concurrent use.
class Message {
 public:
  /// Errors: EILSEQ when `text` is not UTF-8, which a client would have to refuse.
  [[nodiscard]] static Result<SharedMessage> text(std::string text);
  [[nodiscard]] static SharedMessage binary(std::string bytes);

  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  [[nodiscard]] MessageKind kind() const { return kind_; }
  [[nodiscard]] std::string_view payload() const { return payload_; }

  /// Compressed by itself with the largest window; empty when that makes it no shorter. `deflater`
  /// has no memory of other messages.
  [[nodiscard]] std::string_view deflated(Deflater& deflater) const;

 private:
  Message(MessageKind kind, std::string payload) : kind_(kind), payload_(std::move(payload)) {}

  MessageKind kind_;
  std::string payload_;
  mutable std::once_flag once_;
  mutable std::string deflated_;
};

}  // namespace seabag::websocket
