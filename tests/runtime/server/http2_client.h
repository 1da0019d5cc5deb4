#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/http2/hpack_decoder.h"
#include "support/catch.h"
#include "support/http2_frames.h"
#include "support/loopback.h"

namespace seabag::test {

/// What came on one stream until its end.
struct Http2Reply {
  std::string status = {};
  Fields fields = {};
  std::string body = {};
  std::optional<http2::ErrorCode> reset = {};

  [[nodiscard]] std::string field(std::string_view name) const {
    for (const auto& [one, value] : fields) {
      if (one == name) {
        return value;
      }
    }
    return "-";
  }
};

/// An HTTP/2 client, with windows that it opens as it reads. A failure ends the test case. One
/// thread at a time.
template <typename Socket>
class BasicHttp2Client {
 public:
  explicit BasicHttp2Client(const net::Address& address, std::string_view settings = {},
                            int receive_space = 0)
      : BasicHttp2Client(Socket(address, receive_space), settings) {}
  /// Takes over what is connected.
  explicit BasicHttp2Client(Socket connected, std::string_view settings = {})
      : socket(std::move(connected)), scratch_(128 * 1024) {
    socket.send(hello(settings));
  }

  /// The next frame, whatever it is; acknowledges settings and gives back windows.
  Frame receive_frame() {
    const std::string head = socket.receive(http2::kFrameHeaderSize);
    REQUIRE(head.size() == http2::kFrameHeaderSize);
    const http2::FrameHeader header = http2::read_frame_header(head.data());
    Frame frame{header, socket.receive(header.length)};
    REQUIRE(frame.payload.size() == header.length);
    if (frame.is(http2::FrameType::settings) && (header.flags & http2::kAck) == 0) {
      socket.send(make_frame(http2::FrameType::settings, http2::kAck, 0, {}));
    } else if (frame.is(http2::FrameType::data) && header.length > 0 && gives_back) {
      const std::string increment = number(header.length);
      socket.send(make_frame(http2::FrameType::window_update, 0, 0, increment) +
                  (frame.ends_stream()
                       ? std::string()
                       : make_frame(http2::FrameType::window_update, 0, header.stream, increment)));
    }
    return frame;
  }

  /// Reads until this stream has ended; what comes on others meanwhile is lost.
  Http2Reply receive_reply(std::uint32_t stream) {
    Http2Reply reply;
    Http2Reply lost;
    while (true) {
      const Frame frame = receive_frame();
      REQUIRE_FALSE(frame.is(http2::FrameType::goaway));
      const bool is_ours = frame.header.stream == stream;
      if (add(frame, is_ours ? reply : lost) && is_ours) {
        return reply;
      }
    }
  }

  /// Adds a frame of a stream to its reply; true at its end.
  bool add(const Frame& frame, Http2Reply& reply) {
    if (frame.is(http2::FrameType::headers)) {
      decode(frame.payload, reply);
    } else if (frame.is(http2::FrameType::data)) {
      reply.body += frame.payload;
    } else if (frame.is(http2::FrameType::rst_stream)) {
      reply.reset = frame.error();
      return true;
    }
    return frame.ends_stream();
  }

  Http2Reply ask(std::uint32_t stream, const std::string& path, const Fields& more = {}) {
    socket.send(get_frame(stream, path, more));
    return receive_reply(stream);
  }

  /// The frame of this type that comes next among others.
  Frame receive_until(http2::FrameType type) {
    while (true) {
      Frame frame = receive_frame();
      if (frame.is(type)) {
        return frame;
      }
    }
  }

  Socket socket;
  bool gives_back = true;  ///< opens windows again as content comes

 private:
  /// Every block of the connection, in its order.
  void decode(std::string_view block, Http2Reply& reply) {
    decoder_.begin(block, scratch_, 64 * 1024);
    http2::DecodedField field;
    http2::HpackDecoder::State state = decoder_.next(field);
    for (; state == http2::HpackDecoder::State::field; state = decoder_.next(field)) {
      if (field.name == ":status") {
        reply.status += std::string(reply.status.empty() ? "" : " ") + std::string(field.value);
      } else {
        reply.fields.emplace_back(field.name, field.value);
      }
    }
    REQUIRE(state == http2::HpackDecoder::State::end);
  }

  http2::HpackDecoder decoder_;
  std::vector<char> scratch_;
};

/// In clear text.
using Http2Client = BasicHttp2Client<Loopback>;

}  // namespace seabag::test
