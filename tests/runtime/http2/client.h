#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http2/session.h"
#include "support/catch.h"
#include "support/http2_frames.h"

namespace seabag::http2::testing {

using test::Frame;

/// An event with its own bytes.
struct Heard {
  Event::Kind kind = Event::Kind::need_more;
  Slot slot = 0;
  Ending ending = Ending::more;
  http::Status status = http::Status::ok;
  std::string content = {};
  std::string protocol = {};
  std::string method = {};
  std::string path = {};
  std::string authority = {};
  test::Fields fields = {};
};

/// A client's view of a session: what it says is taken at once, what it hears are frames.
class Client {
 public:
  explicit Client(const Limits& limits = {}) : session(limits, now), workspace_(limits) {}

  /// Has the session take these bytes behind what it has not used yet.
  std::vector<Heard> say(std::string_view bytes) {
    unused_ += bytes;
    std::vector<Heard> heard;
    while (true) {
      const Event event = session.take(unused_, now, workspace_);
      REQUIRE(event.used <= unused_.size());
      heard.push_back(copy(event));
      unused_.erase(0, event.used);
      if (event.kind == Event::Kind::need_more || event.kind == Event::Kind::over ||
          event.kind == Event::Kind::paused) {
        return heard;
      }
    }
  }

  /// The only request among what a message leads to.
  Heard ask(std::string_view bytes) {
    const std::vector<Heard> heard = say(bytes);
    REQUIRE(heard.size() == 2);
    REQUIRE(heard[0].kind == Event::Kind::request);
    return heard[0];
  }

  /// What the session itself has said since the last time.
  std::vector<Frame> hear() {
    std::string bytes(session.control());
    session.control_sent();
    std::vector<Frame> frames = test::take_frames(bytes);
    REQUIRE(bytes.empty());
    return frames;
  }

  /// The code of the GOAWAY that must end these bytes' connection.
  ErrorCode fatal(std::string_view bytes) {
    REQUIRE(say(bytes).back().kind == Event::Kind::over);
    const std::vector<Frame> frames = hear();
    REQUIRE(!frames.empty());
    REQUIRE(frames.back().is(FrameType::goaway));
    return frames.back().error();
  }

  /// The code of the RST_STREAM that these bytes must lead to; the connection goes on.
  ErrorCode stream_error(std::string_view bytes) {
    REQUIRE(say(bytes).back().kind != Event::Kind::over);
    const std::vector<Frame> frames = hear();
    const auto found = std::find_if(frames.begin(), frames.end(), [](const Frame& frame) {
      return frame.is(FrameType::rst_stream);
    });
    REQUIRE(found != frames.end());
    return found->error();
  }

  Milliseconds now = 1'000;
  Session session;

 private:
  Heard copy(const Event& event) {
    Heard heard{.kind = event.kind,
                .slot = event.slot,
                .ending = event.ending,
                .status = event.status,
                .content = std::string(event.content),
                .protocol = std::string(event.protocol)};
    if (event.kind == Event::Kind::request) {
      const http::RequestHead& head = workspace_.head;
      heard.method = head.method_text;
      heard.path = head.path;
      heard.authority = head.authority;
      for (const http::Field& field : head.fields()) {
        heard.fields.emplace_back(field.name, field.value);
      }
    }
    return heard;
  }

  Workspace workspace_;
  std::string unused_;
};

/// Answers with a head alone.
inline void answer(Client& client, Slot slot) {
  std::string space(Session::head_room(1), '\x88');
  space.resize(client.session.frame_head(slot, space, 1));
  client.session.end_with_head(slot, space);
}

/// Greets, and drops what that leads to.
inline void greet(Client& client, std::string_view settings = {}) {
  REQUIRE(client.say(test::hello(settings)).back().kind == Event::Kind::need_more);
  client.hear();
}

}  // namespace seabag::http2::testing
