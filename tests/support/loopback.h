#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/net/address.h"
#include "seabag/net/descriptor.h"

namespace seabag::test {

/// One HTTP answer as a client sees it.
struct Reply {
  int status = 0;
  std::string reason = {};
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string body = {};

  /// The value of the only field of this name (any case), or nothing.
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
};

/// Whether an answer has content: not after HEAD.
enum class ReplyBody { as_told, none };

/// A client on a real socket, blocking, with a limit of ten seconds on every wait. A failure ends
/// the test case. One thread at a time.
class Loopback {
 public:
  /// Connects. `receive_space` makes the kernel's receive buffer small, for slow readers.
  explicit Loopback(const net::Address& address, int receive_space = 0);

  void send(std::string_view bytes);
  /// Sends what the server takes at once and tells how much that was.
  std::size_t send_some(std::string_view bytes);
  void finish_sending();

  /// Exactly `size` bytes, fewer when the other side ends before.
  std::string receive(std::size_t size);
  /// Everything until the other side ends.
  std::string receive_all();
  /// One answer: its head, then as many bytes as Content-Length or chunks say.
  Reply receive_reply(ReplyBody body = ReplyBody::as_told);
  /// Sends and receives.
  Reply ask(std::string_view request, ReplyBody body = ReplyBody::as_told);

  /// Waits until the other side has ended the connection, whatever still comes before that.
  bool is_ended();
  /// Closes with a reset.
  void abort();

  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  bool receive_more();
  std::string receive_chunks();

  net::Descriptor socket_;
  std::string received_;  ///< and not handed out yet
};

/// A directory for unix sockets, whose paths must be short; gone with this object.
class SocketDirectory {
 public:
  SocketDirectory();
  SocketDirectory(const SocketDirectory&) = delete;
  SocketDirectory& operator=(const SocketDirectory&) = delete;
  ~SocketDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace seabag::test
