#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/net/event_loop.h"
#include "seabag/server/reply.h"

namespace seabag::server {

/// The loop's side of conduits that have something for it. `post` is safe for concurrent use, the
/// rest is the loop's.
class Mailbox {
 public:
  explicit Mailbox(net::EventLoop& loop) : loop_(&loop) {}

  void post(std::shared_ptr<Conduit> conduit);
  /// Tells all hosts.
  void deliver();
  /// The loop ends: what is posted from now on is of no interest to anybody.
  void close();

 private:
  std::mutex mutex_;
  bool is_closed_ = false;                        ///< guarded by mutex_
  std::vector<std::shared_ptr<Conduit>> posted_;  ///< the same
  /// Held to wake the loop, which may run at once in the place of who wakes it, and would have to
  /// wait for that one if it needed this.
  std::mutex waking_;
  net::EventLoop* loop_;  ///< guarded by waking_; null: it has ended
};

/// Who writes what comes through a conduit to its client.
class ConduitHost {
 public:
  virtual ~ConduitHost() = default;
  /// There is something to `take`, or content is wanted again.
  virtual void on_stirred(Conduit& conduit) = 0;
};

/// Between a request on its loop and whoever answers it, on any thread: the head and parts of the
/// answer that wait for the loop, and the wishes of who takes the request's content.
///
/// The loop's thread alone calls what is below "the loop". The host looks by itself after the call
/// of the handler, so that nothing is posted before the first `take`.
class Conduit final : public std::enable_shared_from_this<Conduit> {
 public:
  enum class Head : std::uint8_t {
    none,
    whole,   ///< the answer with its content
    open,    ///< content follows in parts
    tunnel,  ///< what follows is not HTTP
  };
  enum class End : std::uint8_t { open, finished, aborted };

  /// What the loop has to do now.
  struct Delivery {
    Head head = Head::none;
    Response response = {};
    std::string bytes = {};
    End end = End::open;
    std::string trouble = {};  ///< why it was aborted, for the log
    bool has_drained = false;  ///< somebody waits to be told that: call `tell_drained`, take again
    /// The interval of `on_silence` when it is new; 0: it is not.
    std::chrono::milliseconds silence{0};
  };

  struct Heartbeat {
    std::chrono::milliseconds interval{0};
    std::string bytes = {};
  };

  explicit Conduit(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  // Who answers.
  Flow give(Head head, Response response);
  Flow write(std::string_view bytes);
  Flow write_waiting(std::string_view bytes);
  void finish();
  /// A 500 when there is no head yet.
  void abort(std::string trouble);
  void on_drained(std::function<void()> call);
  void on_closed(std::function<void()> call);
  void keep_alive(Heartbeat heartbeat);
  [[nodiscard]] bool is_closed();
  void on_part(std::function<void(std::string_view)> call);
  void on_end(std::function<void(UploadEnd)> call);
  void set_held(bool is_held);
  void on_silence(std::chrono::milliseconds interval, std::function<void()> call);
  void on_drain(std::function<void()> call);
  [[nodiscard]] std::optional<std::string> read();
  [[nodiscard]] bool is_broken();

  // The loop.
  void attach(ConduitHost& host) { host_ = &host; }
  [[nodiscard]] ConduitHost* host() const { return host_; }
  /// What waits, which is then gone from here.
  [[nodiscard]] Delivery take();
  void tell_drained();
  void tell_silence();
  /// Further calls do nothing.
  void tell_drain();
  /// When a part was last given.
  [[nodiscard]] std::chrono::steady_clock::time_point heard() const { return heard_; }
  /// Nothing more can be sent: tells that who answers, unless the answer was complete.
  void close();
  /// Whether who takes the content wants some now.
  [[nodiscard]] bool wants_content();
  /// The interval of `keep_alive`, once it has been asked for; 0: none.
  [[nodiscard]] Heartbeat heartbeat();
  /// A part for who takes the content, who must want it.
  void give_part(std::string_view part);
  /// Further calls do nothing.
  void end_content(UploadEnd end);

  /// Rendered lines that the answer carries as well.
  std::string fields = {};
  /// Rendered lines of an interim answer, 103.
  std::string hints = {};
  /// What a tunnel speaks; owned by the router.
  std::string_view protocol = {};
  /// Changes an answer before it is sent; may be empty.
  std::function<void(Response&, std::string& trouble)> polish = {};
  /// For the host.
  std::uint16_t slot = 0;

 private:
  void stir(std::unique_lock<std::mutex>& lock);
  template <typename Call>
  void guarded(const Call& call);

  const std::shared_ptr<Mailbox> mailbox_;
  ConduitHost* host_ = nullptr;                       ///< the loop's
  std::chrono::steady_clock::time_point heard_ = {};  ///< the loop's

  std::mutex mutex_;
  std::condition_variable changed_;  ///< for threads that wait for the client
  // Guarded by mutex_:
  bool is_posted_ = true;  ///< the loop will look anyway
  bool is_closed_ = false;
  bool is_refusing_ = false;  ///< a write was refused
  bool has_begun_ = false;
  bool is_held_ = false;
  bool has_ended_content_ = false;
  bool is_broken_ = false;  ///< the content has not ended well
  bool is_read_ = false;    ///< by a thread that waits for it
  std::string unread_;
  Delivery waiting_;
  End end_ = End::open;  ///< what `take` has told or will
  Heartbeat heartbeat_;
  std::shared_ptr<const std::function<void()>> drained_;
  std::function<void()> closed_;
  std::shared_ptr<const std::function<void(std::string_view)>> part_;
  std::function<void(UploadEnd)> content_end_;
  std::shared_ptr<const std::function<void()>> silence_;
  std::function<void()> drain_;
};

}  // namespace seabag::server
