#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "access_log.h"
#include "answer.h"
#include "answer_times.h"
#include "output.h"
#include "prepared_answers.h"
#include "responder.h"
#include "seabag/http/date.h"
#include "seabag/http/request_head.h"
#include "seabag/net/buffer_pool.h"
#include "seabag/net/event_loop.h"
#include "seabag/server/limits.h"
#include "seabag/server/vitals.h"

namespace seabag::server {

class Http2Engine;
class Mailbox;

/// A request that is not answered as it wishes.
struct Refusal {
  http::Status status = http::Status::bad_request;
  const char* reason = "";  ///< for the log
};

/// What the access log wants of a request that is answered later.
struct KeptEntry {
  std::string method = {};
  std::string target = {};
  std::string referer = {};
  std::string user_agent = {};
  const net::Peer* client = nullptr;  ///< the connection's
  std::uint64_t started = 0;          ///< microseconds
};

/// What all connections of one loop share: what they need for a moment each, and once for all of
/// them. One thread.
class Engine {
 public:
  Engine(net::EventLoop& the_loop, const Limits& the_limits, Responder& the_responder);
  ~Engine();

  /// `Date` as of this turn.
  [[nodiscard]] std::string_view date();

  [[nodiscard]] net::Milliseconds keep_alive_time() const {
    return is_crowded ? limits.crowded_keep_alive_time : limits.keep_alive_time;
  }

  /// Made when the first connection needs it.
  [[nodiscard]] Http2Engine& http2();
  /// Whether a handshake may go on in this turn. Each takes up to a millisecond, so only some do,
  /// and all others get theirs in time.
  [[nodiscard]] bool take_handshake();

  /// Answers a request, and logs that. When the answer comes later (AnswerRecord::later) nothing
  /// has been added or logged.
  AnswerRecord answer(const Asked& asked, const AnswerContext& context, AnswerSink& sink);
  /// What is prepared for a request that came by `entrance`; null: nothing is.
  [[nodiscard]] const PreparedAnswer* find_prepared(const http::RequestHead& of) const {
    return entrance->redirect ? nullptr : prepared.find(of, entrance->scheme());
  }
  /// Answers with what is prepared, as `answer` does.
  void answer_again(const Asked& asked, const PreparedAnswer& answer, const AnswerContext& context);
  /// Answers with a page that says no, and logs why.
  void refuse(const Asked& asked, const Refusal& refusal, const AnswerContext& context,
              AnswerSink& sink);

  /// As Responder::content_wish.
  [[nodiscard]] ContentWish content_wish(const Asked& asked) {
    return responder.content_wish(asked, entrance->scheme());
  }

  /// Empty, but for the client, when there is no log.
  [[nodiscard]] KeptEntry keep_entry(const Asked& asked) const;
  enum class Outcome : std::uint8_t { answered, unanswered };
  /// Logs a request that was answered later, or not at all.
  void settle(const KeptEntry& entry, Outcome outcome, const AnswerRecord& record,
              std::string_view trouble);
  /// Requests that wait for their answers, more or fewer.
  void count_later(int change);
  /// The answers that `times` holds are with the kernel.
  void note_sent(AnswerTimes& times) const;

  net::EventLoop& loop;
  const Limits& limits;
  Responder& responder;
  http::RequestHead head;              ///< of the request that is being answered
  Output output;                       ///< of the connection that has its turn
  PreparedAnswers prepared;            ///< of HTTP/1.1
  AnswerTimes unsent;                  ///< of the answers that are complete in there
  const Entrance* entrance = nullptr;  ///< by which the connection that has its turn has come
  net::BufferPool buffers;
  AccessLog* log = nullptr;          ///< borrowed; null for none
  Vitals* vitals;                    ///< borrowed, or `unseen_`
  std::shared_ptr<Mailbox> mailbox;  ///< of conduits; closed when this ends
  /// Told of what goes wrong inside; may be empty.
  std::function<void(const std::string&)> report;
  bool is_draining = false;  ///< every answer is the last of its connection
  bool is_crowded = false;   ///< connections are short, so none may idle for long

  /// Where input is received, unless a connection has the start of a request already. As large as
  /// the buffers of the pool.
  [[nodiscard]] std::span<char> input() { return {input_.get(), buffers.buffer_size()}; }

 private:
  struct Logged;
  void add_to_log(const Asked& asked, const Logged& logged);

  void count(int status, const AnswerRecord& record) const;

  Vitals unseen_;  ///< where nobody looks
  std::unique_ptr<Http2Engine> http2_;
  std::unique_ptr<char[]> input_;
  std::uint64_t later_ = 0;  ///< requests that wait for their answers
  std::uint64_t handshake_turn_ = 0;
  unsigned handshakes_left_ = 0;  ///< in that turn
  std::int64_t date_time_ = -1;
  http::DateText date_{};
};

}  // namespace seabag::server
