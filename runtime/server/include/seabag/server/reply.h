#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "seabag/server/handler.h"

namespace seabag::server {

class Conduit;

/// What became of something that was to be sent.
enum class Flow : std::uint8_t {
  taken,   ///< it is on its way
  full,    ///< nothing of it was taken, for the client is slow: try again when it has drained
  closed,  ///< nobody is there any more, or the answer is complete already
};

/// An answer that is given later than its handler returns: at once with `send`, or in parts with
/// `begin`, `write` and `finish`. Copies are the same answer. When the last one goes before the
/// answer is complete, the client gets a 500, or sees its content break off.
///
///   router.add(Method::get, "/count", [](const Request&, Reply reply) {
///     reply.begin(Response::text("one\n"));
///     std::thread([reply] { reply.write("two\n"); reply.finish(); }).detach();
///   });
///
/// Content in parts is chunked in HTTP/1.1, ended by the connection's end in HTTP/1.0, and DATA
/// frames in HTTP/2. At most kAhead bytes and one write wait here for the client.
///
/// Safe for concurrent use, also after the connection and the server have ended. Functions that are
/// given to it are called by the thread of the server's loop: they must not block, and an exception
/// derived from std::exception breaks the answer off.
class Reply {
 public:
  /// Bytes that may wait before a write is refused.
  static constexpr std::size_t kAhead = std::size_t{64} * 1024;

  /// For the server.
  explicit Reply(std::shared_ptr<Conduit> conduit);

  /// The whole answer. `taken`, or `closed` when there has been one or nobody waits for it.
  Flow send(Response response) const;
  /// The head of an answer whose content comes in parts; `response.body` is the first. For HEAD,
  /// 204 and 304 the answer is complete with that. As `send`.
  Flow begin(Response response) const;
  /// Gives up HTTP on this connection (or stream of HTTP/2) for the protocol that a tunnel's route
  /// names (see Router::add_tunnel): 101, or 200 in HTTP/2, with `fields`. After that bytes go both
  /// ways as they are: `write` sends them, Upload gives them. As `send`.
  Flow accept(std::vector<std::pair<std::string, std::string>> fields = {}) const;

  /// A part of the content, all of it or nothing. After `full` stop until `on_drained` calls.
  Flow write(std::string_view bytes) const;
  /// The same, but waits until the client takes it: never on the loop's thread. `taken` or
  /// `closed`.
  Flow write_waiting(std::string_view bytes) const;
  /// The content is complete.
  void finish() const;
  /// The content can't be completed: the connection (or stream of HTTP/2) ends, so that the client
  /// does not take what it has for the whole. Before `begin` and `send`: a 500.
  void abort() const;

  /// Called each time there is space again after a write was refused.
  void on_drained(std::function<void()> call) const;
  /// Called once when the answer can't be completed any more: the client has gone, or the server
  /// ends. At once, and by the calling thread, when that has happened already.
  void on_closed(std::function<void()> call) const;
  /// Writes these bytes whenever nothing else was written for that long, which shows whether the
  /// client is still there. Once, before or after `begin`.
  void keep_alive(std::chrono::milliseconds interval, std::string bytes) const;

  /// When the server begins to stop, the content is complete as it is then: for answers that have
  /// no end of their own, and whose clients come back. Once, before `begin`.
  void finish_on_drain() const;

  [[nodiscard]] bool is_closed() const;

 private:
  struct Holder;
  std::shared_ptr<const Holder> holder_;
};

/// How the content of a request ended.
enum class UploadEnd : std::uint8_t {
  complete,
  broken,  ///< the client has gone, or was too slow, or has sent too much or nonsense
};

/// The content of a request whose handler takes it in parts, as they come. Until `on_part` has been
/// called, and while it is held, nothing is read: what the client has sent waits in the socket, or
/// within the window of HTTP/2. Copies are the same content.
///
///   router.add(Method::put, "/size", [](const Request&, Upload upload, Reply reply) {
///     auto size = std::make_shared<std::size_t>(0);
///     upload.on_part([size](std::string_view part) { *size += part.size(); });
///     upload.on_end([=](UploadEnd end) {
///       if (end == UploadEnd::complete) reply.send(Response::text(std::to_string(*size)));
///     });
///   });
///
/// Threads and functions as for Reply. Content that is larger than its limit is answered with 413
/// by the server, unless an answer has begun; then that breaks off.
class Upload {
 public:
  /// For the server.
  explicit Upload(std::shared_ptr<Conduit> conduit);

  /// Called for each part, which is not empty and valid during the call.
  void on_part(std::function<void(std::string_view part)> call) const;
  /// Called once, behind the last part; at once, and by the calling thread, when that has come.
  void on_end(std::function<void(UploadEnd end)> call) const;
  /// No more parts until `resume`. In a part's call this is certain, otherwise one may be on its
  /// way.
  void hold() const;
  void resume() const;

  /// Called each time nothing has come for that long while an answer or a tunnel is under way. The
  /// last call counts.
  void on_silence(std::chrono::milliseconds interval, std::function<void()> call) const;
  /// Called once when the server begins to stop: what takes long should come to an end.
  void on_drain(std::function<void()> call) const;

  /// Waits for the next part, for handlers that block: never on the loop's thread, and instead of
  /// `on_part`. Nothing at the end, whichever it is.
  [[nodiscard]] std::optional<std::string> read() const;
  /// The content has ended without being complete.
  [[nodiscard]] bool is_broken() const;

 private:
  std::shared_ptr<Conduit> conduit_;
};

}  // namespace seabag::server
