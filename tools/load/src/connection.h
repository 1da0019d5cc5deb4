#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "protocol.h"
#include "seabag/load/url.h"
#include "seabag/net/event_loop.h"
#include "seabag/net/stream.h"
#include "seabag/net/timer_wheel.h"

namespace seabag::load {

class Connection;

enum class FailureKind : std::uint8_t { connect, closed, malformed, timed_out };

/// Why requests got no answer.
struct Failure {
  FailureKind kind = FailureKind::closed;
  int number = 0;           ///< errno, where there was one
  const char* reason = "";  ///< a literal, where there was none
};

[[nodiscard]] Error to_error(const Failure& failure, const std::string& authority);

/// Who gives connections their work.
class Dispatcher : public Answers {
 public:
  /// The clock has to be read: something happens.
  virtual void on_wakeup() = 0;
  /// The start of a request that is to be sent now; nothing when none is.
  [[nodiscard]] virtual std::optional<Moment> next_start() = 0;
  /// It has room, and there was nothing to do.
  virtual void on_free(Connection& connection) = 0;
  virtual void on_opened() = 0;
  virtual void on_received(std::size_t bytes) = 0;
  /// These requests have failed.
  virtual void on_failure(const Failure& failure, const std::vector<Moment>& starts) = 0;
  /// The server wants these on another connection.
  virtual void on_returned(const std::vector<Moment>& starts) = 0;
};

/// What the connections of a thread have in common; everything outlives them.
struct Surroundings {
  net::EventLoop& loop;
  Dispatcher& dispatcher;
  const Endpoint& endpoint;
  std::span<char> space;  ///< for what is received, used by one at a time
  net::Milliseconds timeout;
};

/// A connection that is opened again whenever it ends, and keeps as many requests under way as it
/// is given. One thread at a time.
class Connection final : private net::Watcher, private net::TimerHandler {
 public:
  Connection(const Surroundings& surroundings, std::unique_ptr<Protocol> protocol);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  /// Connects and begins to work.
  void open();
  /// Whether it can take a request right now.
  [[nodiscard]] bool has_room() const { return stream_.has_value() && protocol_->room() != 0; }
  /// Sends one. There must be room.
  void give(Moment start);
  /// Of the requests under way.
  [[nodiscard]] std::vector<Moment> open_requests() const { return protocol_->open_requests(); }

  /// Whether the dispatcher has it among the free ones: its own note.
  bool is_listed = false;

 private:
  void on_ready(net::Readiness readiness) override;
  void on_timer(net::Timer& timer) override;

  [[nodiscard]] bool flush();
  [[nodiscard]] bool receive(net::Readiness readiness);
  [[nodiscard]] bool judge(const Judgement& judgement);
  void fill();
  void keep_waiting();
  bool lose(const Failure& failure);
  void open_again();

  const Surroundings& surroundings_;
  std::unique_ptr<Protocol> protocol_;
  std::optional<net::Stream> stream_;
  net::Timer timer_;  ///< until then something has to come; without a stream: when to connect
  bool is_connected_ = false;
  unsigned losses_ = 0;  ///< in a row, without an answer between them
};

}  // namespace seabag::load
