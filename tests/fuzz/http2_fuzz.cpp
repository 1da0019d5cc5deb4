// HTTP/2: what a client says behind its preface, whole and in pieces, with answers to its requests.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http2/session.h"

namespace {

using namespace seabag::http2;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

/// A session and all that it has said.
class Server {
 public:
  Server() : workspace_(limits()), session_(limits(), now_) {}

  /// False when the connection is over.
  bool take(std::string_view input) {
    unused_ += input;
    while (true) {
      // A copy of exactly its size, so that reading past the end is seen.
      const std::vector<char> copy(unused_.begin(), unused_.end());
      const Event event = session_.take({copy.data(), copy.size()}, now_, workspace_);
      require(event.used <= copy.size());
      note(event);
      const bool goes_on = handle(event);
      unused_.erase(0, event.used);
      said_.assign(session_.control());  // every byte of it is looked at
      session_.control_sent();
      send();
      session_.shrink();
      if (!goes_on) {
        return event.kind != Event::Kind::over;
      }
    }
  }

  [[nodiscard]] const std::string& heard() const { return heard_; }
  /// Whether an answer has ever waited for a window. How many streams there were room for then
  /// depends on when the server had its turn, and so on how the input was cut.
  [[nodiscard]] bool has_been_blocked() const { return has_been_blocked_; }

 private:
  static Limits limits() {
    Limits limits;
    limits.streams = 4;
    limits.control_answers = 100'000;  // how many wait depends on the pieces
    limits.header_block = 2048;
    limits.header_list = 1024;
    limits.extended_connect = ExtendedConnect::accepted;
    return limits;
  }

  bool handle(const Event& event) {
    switch (event.kind) {
      case Event::Kind::need_more:
      case Event::Kind::over:
        return false;
      case Event::Kind::paused:
        now_ = session_.deadline();
        session_.on_deadline(now_);
        return true;
      case Event::Kind::request:
      case Event::Kind::refused:
        begin(event);
        return true;
      case Event::Kind::content:
        require(event.content.size() <= unused_.size());
        if (event.ending == Ending::more) {
          session_.consume(event.slot, event.content.size());
        } else {
          answer(event.slot);
        }
        return true;
      case Event::Kind::closed:
        return true;
    }
    return false;
  }

  void begin(const Event& event) {
    require(!workspace_.head.method_text.empty() || event.kind == Event::Kind::refused);
    for (const seabag::http::Field& field : workspace_.head.fields()) {
      require(!field.name.empty());
      heard_.append(field.name).append(":").append(field.value).append("\n");
    }
    const bool is_wanted = workspace_.head.path.find('w') != std::string_view::npos;
    if (event.ending == Ending::more && event.kind == Event::Kind::request && is_wanted) {
      return;
    }
    if (event.ending == Ending::more) {
      session_.discard(event.slot);
    }
    // The client chooses, so that windows are exhausted in some inputs and stay open in others.
    const bool is_large = workspace_.head.path.find('l') != std::string_view::npos;
    answer(event.slot, is_large ? 40'000 : 200);
  }

  void answer(Slot slot, std::size_t most = 200) {
    std::string space(Session::head_room(1), '\x88');
    space.resize(session_.frame_head(slot, space, 1));
    const std::size_t size = answers_++ * 7919 % most;
    if (size == 0) {
      session_.end_with_head(slot, space);
    } else {
      unsent_ += size;
      session_.offer(slot, size, Ending::ends);
    }
  }

  /// Sends all that the windows let through.
  void send() {
    while (const auto frame = session_.next_data(10'000, now_)) {
      require(frame->length <= std::min<std::size_t>(unsent_, 10'000));
      unsent_ -= frame->length;
    }
    has_been_blocked_ = has_been_blocked_ || unsent_ > 0;
  }

  /// What must not depend on how the input is cut.
  void note(const Event& event) {
    if (event.kind == Event::Kind::content) {
      heard_.append(event.content);
    } else if (event.kind != Event::Kind::need_more) {
      heard_ += static_cast<char>(event.kind);
    }
  }

  Milliseconds now_ = 1;
  Workspace workspace_;
  Session session_;
  std::string unused_;
  std::string heard_;
  std::string said_;
  std::size_t answers_ = 0;
  std::size_t unsent_ = 0;
  bool has_been_blocked_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  const std::string input = std::string(kPreface) + settings + std::string(data, data + size);
  Server whole;
  whole.take(input);
  Server pieces;
  const std::size_t step = input.size() / 50 + 1;
  for (std::size_t at = 0; at < input.size(); at += step) {
    if (!pieces.take(std::string_view(input).substr(at, step))) {
      break;
    }
  }
  require(whole.has_been_blocked() || pieces.has_been_blocked() || whole.heard() == pieces.heard());
  return 0;
}
