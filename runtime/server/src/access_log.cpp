#include "access_log.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>

#include "seabag/http/utf8.h"

namespace seabag::server {
namespace {

constexpr std::size_t kCapacity = 64 * 1024;
constexpr std::size_t kFlushAt = 32 * 1024;
constexpr net::Milliseconds kDelay = 1'000;

/// Escaped bytes; together with the rest a line stays below PIPE_BUF, so that it is written whole.
constexpr std::size_t kMaxTarget = 2048;
constexpr std::size_t kMaxField = 512;
constexpr std::size_t kMaxLine = 4096;

constexpr char kHex[] = "0123456789abcdef";

}  // namespace

AccessLog::AccessLog(net::EventLoop& loop, LogFile& file)
    : loop_(&loop),
      file_(&file),
      timer_(*this),
      buffer_(std::make_unique_for_overwrite<char[]>(kCapacity)) {}

AccessLog::~AccessLog() { flush(); }

void AccessLog::add(const LogEntry& entry) {
  if (kCapacity - used_ < kMaxLine) {
    flush();
  }
  if (kCapacity - used_ < kMaxLine) {
    ++dropped_;
    return;
  }
  put_time();
  std::array<char, net::Peer::kMaxTextLength> client{};
  put_field("client", entry.client.text(client), kMaxField);
  put_field("method", entry.method, kMaxField);
  put_field("target", entry.target, kMaxTarget);
  put(",\"status\":");
  put_number(static_cast<std::uint64_t>(entry.status));
  put(",\"bytes\":");
  put_number(entry.bytes);
  put(",\"duration_us\":");
  put_number(entry.microseconds);
  put_field("referer", entry.referer, kMaxField);
  put_field("user_agent", entry.user_agent, kMaxField);
  put_field("error", entry.trouble, kMaxField / 2);
  put("}\n");
  if (used_ >= kFlushAt) {
    flush();
  } else if (!timer_.is_armed()) {
    loop_->timers().set(timer_, loop_->now() + kDelay);
  }
}

void AccessLog::on_timer(net::Timer&) {
  flush();
  if (used_ > 0 || dropped_ > 0) {
    loop_->timers().set(timer_, loop_->now() + kDelay);
  }
}

void AccessLog::flush() {
  const std::size_t written = file_->write({buffer_.get(), used_});
  std::memmove(buffer_.get(), buffer_.get() + written, used_ - written);
  used_ -= written;
  if (dropped_ > 0 && kCapacity - used_ >= 2 * kMaxLine) {
    put_time();
    put(",\"error\":\"lines dropped\",\"count\":");
    put_number(dropped_);
    put("}\n");
    dropped_ = 0;
  }
}

void AccessLog::put(std::string_view text) {
  std::memcpy(buffer_.get() + used_, text.data(), text.size());
  used_ += text.size();
}

void AccessLog::put_number(std::uint64_t number) {
  const auto [end, code] = std::to_chars(buffer_.get() + used_, buffer_.get() + kCapacity, number);
  used_ = static_cast<std::size_t>(end - buffer_.get());
}

/// An empty value is left out.
void AccessLog::put_field(std::string_view name, std::string_view value, std::size_t limit) {
  if (!value.empty()) {
    put(",\"");
    put(name);
    put("\":\"");
    put_escaped(value, limit);
    put("\"");
  }
}

/// Clients choose these bytes: what is no text, and what means something to a terminal or to JSON,
/// is escaped. Longer than `limit` and it is cut off.
void AccessLog::put_escaped(std::string_view value, std::size_t limit) {
  constexpr std::size_t kLongestStep = 6;
  const std::size_t end = used_ + limit - kLongestStep;
  while (!value.empty() && used_ < end) {
    const std::size_t length = http::utf8_length(value);
    const auto byte = static_cast<unsigned char>(value[0]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      const char escape[] = {'\\', 'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]};
      put({escape, sizeof escape});
      value.remove_prefix(1);
      continue;
    }
    if (byte == '"' || byte == '\\') {
      put("\\");
    }
    put(value.substr(0, length));
    value.remove_prefix(length);
  }
}

void AccessLog::put_time() {
  const std::int64_t milliseconds = loop_->unix_milliseconds();
  if (const std::int64_t second = milliseconds / 1000; second != second_) {
    second_ = second;
    const auto time = static_cast<time_t>(second);
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(second_text_.data(), second_text_.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  }
  const auto fraction = static_cast<unsigned>(milliseconds % 1000);
  const char digits[] = {static_cast<char>('0' + fraction / 100),
                         static_cast<char>('0' + fraction / 10 % 10),
                         static_cast<char>('0' + fraction % 10), 'Z', '"'};
  put("{\"time\":\"");
  put(second_text_.data());
  put({digits, sizeof digits});
}

}  // namespace seabag::server
