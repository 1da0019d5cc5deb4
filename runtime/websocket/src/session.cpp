#include "seabag/websocket/session.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "deflater.h"
#include "inflater.h"

namespace seabag::websocket {
namespace {

/// Bytes of control frames that wait; Pongs beyond that replace the ones before them.
constexpr std::size_t kMostControl = std::size_t{4} * 1024;
/// Capacity of the workspace's message that is kept for the next one.
constexpr std::size_t kKeptMessage = std::size_t{256} * 1024;
constexpr std::size_t kKeptInflaters = 8;
/// What the sender of a compressed message leaves out (RFC 7692 §7.2.2).
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);

constexpr unsigned char kMaskBit = 0x80;
constexpr unsigned char kLengthBits = 0x7f;
constexpr unsigned char kUnusedBits = 0x30;

}  // namespace

Workspace::Workspace()
    : unmasked_(std::make_unique_for_overwrite<char[]>(kChunk)),
      inflated_(std::make_unique_for_overwrite<char[]>(kChunk)) {}

Workspace::~Workspace() = default;

std::unique_ptr<Inflater> Workspace::borrow_inflater() {
  if (inflaters_.empty()) {
    return std::make_unique<Inflater>(kLargestWindowBits);
  }
  std::unique_ptr<Inflater> inflater = std::move(inflaters_.back());
  inflaters_.pop_back();
  return inflater;
}

void Workspace::give_back(std::unique_ptr<Inflater> inflater) {
  if (inflaters_.size() < kKeptInflaters) {
    inflater->reset();
    inflaters_.push_back(std::move(inflater));
  }
}

Deflater& Workspace::deflater(int level) {
  if (deflater_ == nullptr || deflater_level_ != level) {
    deflater_ = std::make_unique<Deflater>(kLargestWindowBits, level, Takeover::none);
    deflater_level_ = level;
  }
  return *deflater_;
}

Session::Session(const Limits& limits, const std::optional<DeflateAgreement>& deflate)
    : limits_(limits), deflate_(deflate) {}

Session::~Session() = default;

Event Session::take(std::string_view input, Workspace& workspace) {
  release();
  std::size_t used = 0;
  while (state_ != State::over) {
    Faults fault;
    Told told;
    if (!is_in_payload_) {
      used += take_header(input.substr(used));
      fault = check_start();
      if (!fault && header_taken_ < header_size()) {
        break;
      }
      fault = fault ? fault : begin_frame(input.size() - used, workspace);
    }
    if (!fault) {
      const auto part =
          static_cast<std::size_t>(std::min<std::uint64_t>(length_ - taken_, input.size() - used));
      fault = take_payload(input.substr(used, part), workspace);
      used += part;
      if (!fault && taken_ < length_) {
        break;
      }
      fault = fault ? fault : finish_frame(workspace, told);
    }
    if (fault) {
      told = fail(*fault);
    }
    if (told) {
      told->used = used;
      return *told;
    }
  }
  return {.used = used};
}

/// Takes what is missing of a header, and tells how much that was.
std::size_t Session::take_header(std::string_view input) {
  std::size_t used = 0;
  while (used < input.size() && header_taken_ < header_size()) {
    header_[header_taken_++] = static_cast<unsigned char>(input[used++]);
  }
  return used;
}

/// As far as the bytes that are there tell.
std::size_t Session::header_size() const {
  if (header_taken_ < 2) {
    return 2;
  }
  const unsigned length = header_[1] & kLengthBits;
  const std::size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
  return 2 + more + key_.size();
}

/// What the first two bytes say, as soon as they do.
Session::Faults Session::check_start() const {
  const auto broken = [](const char* cause) { return Fault{CloseCode::protocol_error, cause}; };
  if (header_taken_ == 0) {
    return std::nullopt;
  }
  const bool is_known = is_control() ? opcode() <= Opcode::pong : opcode() <= Opcode::binary;
  const bool begins = opcode() == Opcode::text || opcode() == Opcode::binary;
  if (!is_known) {
    return broken("a reserved opcode");
  }
  if ((header_[0] & kUnusedBits) != 0 || (has_deflate_bit() && !(deflate_ && begins))) {
    return broken("a reserved bit is set");
  }
  if (is_control() && !is_final()) {
    return broken("a control frame in fragments");
  }
  if (begins && is_in_message_) {
    return broken("a message within another");
  }
  if (opcode() == Opcode::continuation && !is_in_message_) {
    return broken("nothing to continue");
  }
  if (header_taken_ < 2) {
    return std::nullopt;
  }
  if ((header_[1] & kMaskBit) == 0) {
    return broken("a frame without a mask");
  }
  if (is_control() && (header_[1] & kLengthBits) > kLongestControl) {
    return broken("a control frame of more than 125 bytes");
  }
  return std::nullopt;
}

/// Reads the length and the key of a header that is complete.
Session::Faults Session::check_lengths() {
  const std::size_t more = header_size() - 2 - key_.size();
  length_ = more == 0 ? header_[1] & kLengthBits : 0;
  for (std::size_t i = 0; i < more; ++i) {
    length_ = length_ << 8U | header_[2 + i];
  }
  std::memcpy(key_.data(), header_.data() + 2 + more, key_.size());
  if ((more == 2 && length_ <= 125) || (more == 8 && length_ <= 0xffff) || length_ >> 63U != 0) {
    return Fault{CloseCode::protocol_error, "a length that is not written as it must be"};
  }
  if (opcode() == Opcode::close && length_ == 1) {
    return Fault{CloseCode::protocol_error, "half a close code"};
  }
  if (length_ > limits_.frame && !is_control()) {
    return Fault{CloseCode::message_too_big, "the frame is too large"};
  }
  return std::nullopt;
}

Session::Faults Session::begin_frame(std::size_t available, Workspace& workspace) {
  if (Faults fault = check_lengths()) {
    return fault;
  }
  is_in_payload_ = true;
  taken_ = 0;
  return is_control() ? std::nullopt : begin_data(available, workspace);
}

Session::Faults Session::begin_data(std::size_t available, Workspace& workspace) {
  if (!is_in_message_) {
    is_in_message_ = true;
    kind_ = opcode() == Opcode::text ? MessageKind::text : MessageKind::binary;
    coding_ = has_deflate_bit() ? Coding::deflated : Coding::plain;
    fragments_ = 0;
    message_input_ = 0;
    utf8_.reset();
    target_ = is_final() && length_ <= available ? &workspace.message_ : &message_;
    target_->clear();
    if (coding_ == Coding::deflated && inflater_ == nullptr) {
      inflater_ = deflate_->client_takeover == Takeover::none
                      ? workspace.borrow_inflater()
                      : std::make_unique<Inflater>(deflate_->client_window_bits);
    }
  }
  if (++fragments_ > limits_.fragments) {
    return Fault{CloseCode::policy_violation, "too many fragments"};
  }
  // Compressing may make a message a little longer. Neither sum can overflow: each frame is
  // limited.
  const std::uint64_t most = coding_ == Coding::plain
                                 ? limits_.message
                                 : limits_.message + limits_.message / 64 + kLongestControl;
  message_input_ += length_;
  if (state_ == State::open && message_input_ > most) {
    return Fault{CloseCode::message_too_big, "the message is too large"};
  }
  return std::nullopt;
}

Session::Faults Session::take_payload(std::string_view input, Workspace& workspace) {
  if (is_control()) {
    copy_masked(input, key_, taken_, control_payload_.data() + taken_);
    taken_ += input.size();
    return std::nullopt;
  }
  if (state_ != State::open) {
    taken_ += input.size();  // nobody wants it any more
    return std::nullopt;
  }
  return take_data(input, workspace);
}

Session::Faults Session::take_data(std::string_view input, Workspace& workspace) {
  while (!input.empty()) {
    const std::size_t part = std::min(input.size(), Workspace::kChunk);
    copy_masked(input.substr(0, part), key_, taken_, workspace.unmasked_.get());
    const std::string_view bytes(workspace.unmasked_.get(), part);
    taken_ += part;
    input.remove_prefix(part);
    if (Faults fault = coding_ == Coding::plain ? append(bytes) : inflate(bytes, workspace)) {
      return fault;
    }
  }
  return std::nullopt;
}

Session::Faults Session::inflate(std::string_view bytes, Workspace& workspace) {
  while (true) {
    const Inflater::Outcome outcome =
        inflater_->inflate(bytes, {workspace.inflated_.get(), Workspace::kChunk});
    const bool is_stuck = outcome.used == 0 && outcome.written == 0 && !bytes.empty();
    if (outcome.state == Inflater::State::malformed || is_stuck) {
      return Fault{CloseCode::invalid_payload, "what is said to be compressed is not"};
    }
    if (Faults fault = append({workspace.inflated_.get(), outcome.written})) {
      return fault;
    }
    bytes.remove_prefix(outcome.used);
    if (bytes.empty() && outcome.state == Inflater::State::need_input) {
      return std::nullopt;
    }
  }
}

/// Adds to the message.
Session::Faults Session::append(std::string_view bytes) {
  if (bytes.size() > limits_.message - target_->size()) {
    return Fault{CloseCode::message_too_big, "the message is too large"};
  }
  if (kind_ == MessageKind::text && !utf8_.take(bytes)) {
    return Fault{CloseCode::invalid_payload, "the text is not UTF-8"};
  }
  target_->append(bytes);
  return std::nullopt;
}

Session::Faults Session::finish_frame(Workspace& workspace, Told& told) {
  is_in_payload_ = false;
  header_taken_ = 0;
  const std::string_view payload(control_payload_.data(),
                                 is_control() ? static_cast<std::size_t>(length_) : 0);
  switch (opcode()) {
    case Opcode::close:
      return take_close(told);
    case Opcode::ping:
      if (state_ == State::open) {
        say(Opcode::pong, payload);
      }
      told = Event{.kind = Event::Kind::ping, .payload = payload};
      return std::nullopt;
    case Opcode::pong:
      told = Event{.kind = Event::Kind::pong, .payload = payload};
      return std::nullopt;
    default:
      return is_final() ? finish_message(workspace, told) : std::nullopt;
  }
}

Session::Faults Session::finish_message(Workspace& workspace, Told& told) {
  is_in_message_ = false;
  if (state_ != State::open) {
    return std::nullopt;
  }
  if (coding_ == Coding::deflated) {
    if (Faults fault = inflate(kTail, workspace)) {
      return fault;
    }
    if (!inflater_->is_between_blocks()) {
      return Fault{CloseCode::invalid_payload, "a compressed message that breaks off"};
    }
    if (deflate_->client_takeover == Takeover::none) {
      workspace.give_back(std::move(inflater_));
    }
  }
  if (kind_ == MessageKind::text && !utf8_.is_complete()) {
    return Fault{CloseCode::invalid_payload, "the text ends within a character"};
  }
  told = Event{.kind = Event::Kind::message, .message = kind_, .payload = *target_};
  return std::nullopt;
}

Session::Faults Session::take_close(Told& told) {
  CloseCode code = CloseCode::no_status;
  std::string_view reason;
  if (length_ > 0) {
    const auto high = static_cast<unsigned char>(control_payload_[0]);
    const auto low = static_cast<unsigned char>(control_payload_[1]);
    code = static_cast<CloseCode>(high << 8U | low);
    reason = {control_payload_.data() + 2, static_cast<std::size_t>(length_) - 2};
    Utf8Checker utf8;
    if (!may_be_sent(code)) {
      return Fault{CloseCode::protocol_error, "a close code that may not be sent"};
    }
    if (!utf8.take(reason) || !utf8.is_complete()) {
      return Fault{CloseCode::invalid_payload, "a reason that is not UTF-8"};
    }
  }
  close(code);
  state_ = State::over;
  told = Event{.kind = Event::Kind::closed, .code = code, .payload = reason};
  return std::nullopt;
}

Event Session::fail(const Fault& fault) {
  close(fault.code, fault.cause);
  state_ = State::over;
  return {.kind = Event::Kind::failed, .code = fault.code, .payload = fault.cause};
}

void Session::close(CloseCode code, std::string_view reason) {
  if (state_ != State::open) {
    return;
  }
  state_ = State::closing;
  std::array<char, kLongestControl> payload;
  std::size_t size = 0;
  if (may_be_sent(code)) {
    const auto number = static_cast<std::uint16_t>(code);
    payload[0] = static_cast<char>(number >> 8U);
    payload[1] = static_cast<char>(number);
    const std::size_t length = std::min(reason.size(), kLongestReason);
    std::copy_n(reason.begin(), length, payload.begin() + 2);
    size = 2 + length;
  }
  say(Opcode::close, {payload.data(), size});
}

void Session::ping(std::string_view payload) {
  if (state_ == State::open) {
    say(Opcode::ping, payload.substr(0, kLongestControl));
  }
}

void Session::say(Opcode opcode, std::string_view payload) {
  if (control_.size() + kLongestHeader + payload.size() > kMostControl) {
    control_.clear();
  }
  control_ += OutgoingHeader(opcode, Coding::plain, payload.size()).text();
  control_ += payload;
}

/// Gives back what the last message took.
void Session::release() {
  if (!is_in_message_ && target_ != nullptr) {
    if (target_ == &message_ || target_->capacity() > kKeptMessage) {
      *target_ = std::string();
    }
    target_ = nullptr;
  }
}

OutgoingFrame Session::frame(const SharedMessage& message, Workspace& workspace) {
  const auto code = static_cast<Opcode>(message->kind());
  const std::string_view payload = message->payload();
  if (deflate_ && payload.size() >= deflate_->shortest) {
    const bool is_shared = deflate_->server_takeover == Takeover::none &&
                           deflate_->server_window_bits == kLargestWindowBits;
    if (is_shared) {
      const std::string_view deflated = message->deflated(workspace.deflater(deflate_->level));
      if (!deflated.empty()) {
        return {.header = {code, Coding::deflated, deflated.size()},
                .payload = deflated,
                .owner = message};
      }
    } else if (OutgoingFrame own = frame_by_own_window(*message); own.owner != nullptr) {
      return own;
    }
  }
  return {.header = {code, Coding::plain, payload.size()}, .payload = payload, .owner = message};
}

/// Without an owner when there is no memory for it.
OutgoingFrame Session::frame_by_own_window(const Message& message) {
  const auto code = static_cast<Opcode>(message.kind());
  if (deflater_ == nullptr) {
    deflater_ = std::make_unique<Deflater>(deflate_->server_window_bits, deflate_->level,
                                           deflate_->server_takeover);
  }
  const auto text = std::make_shared<std::string>();
  if (!deflater_->deflate(message.payload(), *text)) {
    return {.header = {code, Coding::plain, 0}, .payload = {}, .owner = nullptr};
  }
  return {.header = {code, Coding::deflated, text->size()}, .payload = *text, .owner = text};
}

}  // namespace seabag::websocket
