#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "seabag/http/request_head.h"
#include "seabag/net/address.h"
#include "seabag/net/event_loop.h"
#include "seabag/net/timer_wheel.h"
#include "seabag/server/log_file.h"

namespace seabag::server {

/// One answered request.
struct LogEntry {
  std::string_view method;  ///< empty when the request could not be read
  std::string_view target;  ///< as it came
  std::string_view referer;
  std::string_view user_agent;
  std::string_view trouble;  ///< why it went wrong; empty when it did not
  const net::Peer& client;
  int status = 0;
  std::uint64_t bytes = 0;  ///< of content
  std::uint64_t microseconds = 0;
};

/// The access log of one loop: a JSON object a line, gathered in memory and written when enough has
/// come together or a second has passed, so that requests never wait for it. When nobody reads the
/// other end, lines are dropped and counted. One thread.
class AccessLog final : public net::TimerHandler {
 public:
  /// Both must outlive this.
  AccessLog(net::EventLoop& loop, LogFile& file);
  ~AccessLog() override;

  void add(const LogEntry& entry);
  void flush();
  void on_timer(net::Timer& timer) override;

 private:
  void put(std::string_view text);
  void put_number(std::uint64_t number);
  void put_field(std::string_view name, std::string_view value, std::size_t limit);
  void put_escaped(std::string_view value, std::size_t limit);
  void put_time();

  net::EventLoop* loop_;
  LogFile* file_;
  net::Timer timer_;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  std::uint64_t dropped_ = 0;
  std::int64_t second_ = -1;  ///< what `second_text_` says
  std::array<char, 32> second_text_{};
};

}  // namespace seabag::server
