#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "seabag/net/descriptor.h"
#include "seabag/net/event_loop.h"
#include "seabag/vfs/result.h"

namespace seabag::net {

/// How a transfer ended.
enum class TransferState : std::uint8_t {
  complete,     ///< all bytes are gone, or for a receive: the space was filled, more may wait
  partial,      ///< nothing more for now; the watcher is called when there is
  end,          ///< the other side has finished sending
  failed,       ///< the connection is lost
  file_failed,  ///< send_file: the file could not be read, or is shorter than it was
};

struct Transfer {
  std::size_t bytes = 0;
  TransferState state = TransferState::complete;
};

/// Whether more follows at once, so that the kernel may wait before it sends a small packet.
enum class Follows : std::uint8_t { nothing, more };

/// One connection on a loop: reading and writing without ever blocking. Its watcher is called when
/// bytes arrive, and after a `partial` write when there is space again; it is told once, and
/// receives until the answer is not `complete`. One thread at a time.
class Stream {
 public:
  /// Takes over a connected non-blocking socket. `loop` must outlive this, `watcher` too.
  Stream(EventLoop& loop, Descriptor socket, Watcher& watcher);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Closes.
  ~Stream() { close(); }

  /// Begins to watch. Errors: as EventLoop::add.
  [[nodiscard]] Result<void> start();

  [[nodiscard]] bool is_open() const { return socket_.is_open(); }

  /// Up to `space.size()` bytes that have arrived. A short answer is `partial`: there is nothing
  /// more, and asking again would be a wasted system call; but see Readiness::ending.
  [[nodiscard]] Transfer receive(std::span<char> space);

  [[nodiscard]] Transfer send(std::span<const char> bytes, Follows follows = Follows::nothing);
  [[nodiscard]] Transfer send(std::span<const iovec> parts, Follows follows = Follows::nothing);
  /// Sends from a file without copying (sendfile(2)). SIGPIPE must be blocked or ignored.
  [[nodiscard]] Transfer send_file(int file, std::uint64_t offset, std::size_t length);

  /// Tells the other side that nothing more comes; receiving goes on.
  void finish_sending();

  /// Stops watching and closes. May be called twice.
  void close();

 private:
  Transfer after_send(ssize_t sent, std::size_t wanted);
  void watch_output();

  EventLoop* loop_;
  Watcher* watcher_;
  Descriptor socket_;
  bool watches_output_ = false;
  bool is_started_ = false;
};

}  // namespace seabag::net
