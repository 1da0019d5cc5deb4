#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine.h"
#include "exchange.h"
#include "output.h"
#include "seabag/net/buffer_pool.h"
#include "seabag/net/listener.h"
#include "seabag/net/stream.h"
#include "seabag/net/timer_wheel.h"
#include "seabag/server/server.h"

namespace seabag::server {

class Connection;

/// A client that has come.
struct Arrival {
  net::Listener::Accepted accepted;
  const Entrance& entrance;                         ///< outlives the connection
  std::unique_ptr<net::Channel> channel = nullptr;  ///< with one, the handshake comes first
};

/// Who owns connections.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  /// The connection has ended: destroy it. The last thing that a connection does.
  virtual void on_ended(Connection& connection) = 0;
  /// Its handshake is over.
  virtual void on_established(Connection& connection) = 0;
};

/// One client: receives requests, and sends the answers of all that came together with one call.
/// What the bytes mean is the Exchange's business. While it idles it holds no buffers. One thread.
class Connection final : public net::Watcher, public net::TimerHandler, public Stirred {
 public:
  Connection(Engine& engine, ConnectionOwner& owner, Arrival arrival);

  /// Begins to wait for requests. Errors: as Stream::start; then it must be destroyed.
  [[nodiscard]] Result<void> start();

  void on_ready(net::Readiness readiness) override;
  void on_timer(net::Timer& timer) override;
  void stir() override;

  /// Ends it when it idles; otherwise the answer that comes is its last one.
  void drain();

  /// Ends it at once, whatever it does.
  void give_up();

  [[nodiscard]] const net::Peer& peer() const { return peer_; }

  /// Its place in the owner's list, for the owner.
  std::size_t slot = 0;
  /// Its number among the handshakes, for the owner; 0: it is past that.
  std::uint64_t handshake = 0;

 private:
  enum class Phase : std::uint8_t {
    handshake,  ///< nothing of HTTP can be said yet
    serving,
    ending,     ///< the last answer is on its way
    lingering,  ///< it has gone; input is thrown away so that the client can read it
  };

  void shake_hands();
  void refuse_clear_text();
  void serve();
  net::Transfer receive(std::span<char> space);
  void read_input();
  void look_for_end();
  void take_input(std::string_view input);
  bool choose_protocol(std::string_view input);
  void begin_http2();
  void keep(std::string_view rest);
  void finish(Dialogue::State state, std::string_view rest);

  bool flush();
  bool send_backlog();
  void expect_progress();
  void settle(SendState state);
  void end();
  void linger();
  void discard_input();

  void set_timer();
  void finish_turn();
  [[nodiscard]] std::string_view rest() const { return {pending_.space().data(), pending_size_}; }
  /// Nothing waits to be sent or answered.
  [[nodiscard]] bool is_ready() const {
    return phase_ == Phase::serving && backlog_ == nullptr && !has_unanswered_;
  }

  Engine* engine_;
  ConnectionOwner* owner_;
  net::Stream stream_;
  net::Timer timer_;
  net::Peer peer_;
  const Entrance* entrance_;
  Exchange exchange_;
  std::unique_ptr<Dialogue> http2_;  ///< made when the client speaks it
  Dialogue* dialogue_ = &exchange_;
  Phase phase_;
  bool may_have_input_ = false;   ///< the kernel may hold bytes that it will not tell of again
  bool input_is_ending_ = false;  ///< the kernel has told that the end is in sight
  bool input_ended_ = false;      ///< and it has been reached
  bool has_unanswered_ = false;   ///< requests in `pending_` wait for the backlog to go
  bool has_protocol_ = false;
  bool is_paused_ = false;   ///< the dialogue wants nothing before its deadline or a stir
  bool is_waiting_ = false;  ///< before a stir
  bool is_stirred_ = false;
  bool lingers_ = false;       ///< the client may still be sending when the last answer goes
  net::PooledBuffer pending_;  ///< input that is not a whole request yet, or not answered yet
  std::size_t pending_size_ = 0;
  net::Milliseconds started_;
  std::unique_ptr<SendQueue> backlog_;  ///< what the socket did not take
};

}  // namespace seabag::server
