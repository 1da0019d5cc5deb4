#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "seabag/net/channel.h"
#include "seabag/net/descriptor.h"
#include "seabag/net/event_loop.h"
#include "seabag/vfs/result.h"

namespace seabag::net {

/// One connection on a loop: reading and writing without ever blocking. Its watcher is called when
/// bytes arrive, and after a `partial` write when there is space again; it is told once, and
/// receives until the answer is not `complete`. One thread at a time.
///
/// Bytes go as they are, or through a channel that protects them; then the handshake comes first,
/// files are read instead of sent by the kernel, and after a `partial` send the next one begins
/// with the same bytes that did not go.
class Stream {
 public:
  /// Takes over a connected non-blocking socket. `loop` must outlive this, `watcher` too. Without a
  /// channel bytes go in clear text.
  Stream(EventLoop& loop, Descriptor socket, Watcher& watcher,
         std::unique_ptr<Channel> channel = nullptr);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Closes.
  ~Stream() { close(); }

  /// Begins to watch. Errors: as EventLoop::add.
  [[nodiscard]] Result<void> start();

  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  /// Whether a channel protects it.
  [[nodiscard]] bool is_secure() const { return channel_ != nullptr; }

  /// Goes on with the handshake; `complete` at once in clear text. To be called again whenever the
  /// watcher is.
  [[nodiscard]] HandshakeState handshake();
  /// As Channel::is_resumed; false in clear text.
  [[nodiscard]] bool is_resumed() const { return channel_ != nullptr && channel_->is_resumed(); }
  /// As Channel::negotiated_protocol; empty in clear text.
  [[nodiscard]] std::string_view negotiated_protocol() const {
    return channel_ != nullptr ? channel_->negotiated_protocol() : std::string_view();
  }
  /// Goes on in clear text, with a client that does.
  void drop_channel() { channel_.reset(); }

  /// Up to `space.size()` bytes that have arrived. A short answer is `partial`: there is nothing
  /// more, and asking again would be a wasted system call; but see Readiness::ending.
  [[nodiscard]] Transfer receive(std::span<char> space);

  [[nodiscard]] Transfer send(std::span<const char> bytes, Follows follows = Follows::nothing);
  [[nodiscard]] Transfer send(std::span<const iovec> parts, Follows follows = Follows::nothing);
  /// Sends from a file, in clear text without copying (sendfile(2)). SIGPIPE must be blocked or
  /// ignored.
  [[nodiscard]] Transfer send_file(int file, std::uint64_t offset, std::size_t length);

  /// Tells the other side that nothing more comes; receiving goes on.
  void finish_sending();

  /// Closes with a reset, so that the other side can't take what it has for the whole.
  void abort();

  /// Stops watching and closes. May be called twice.
  void close();

 private:
  Transfer after_send(ssize_t sent, std::size_t wanted);
  Transfer send_secured(std::span<const iovec> parts);
  Transfer send_file_secured(int file, std::uint64_t offset, std::size_t length);
  void watch_output();

  EventLoop* loop_;
  Watcher* watcher_;
  Descriptor socket_;
  std::unique_ptr<Channel> channel_;  ///< null: clear text
  bool watches_output_ = false;
  bool is_started_ = false;
};

}  // namespace seabag::net
