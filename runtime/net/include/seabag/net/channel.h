#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

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

/// How far a connection has come before its first byte of content.
enum class HandshakeState : std::uint8_t {
  complete,
  needs_input,   ///< the other side's turn
  needs_output,  ///< the socket takes no more for now
  clear_text,    ///< the other side does not begin a handshake but sends a request as it is
  failed,        ///< no agreement, or the connection is lost
};

/// What protects the bytes of one connection on their way through its socket. Nothing here blocks;
/// `socket` is non-blocking and always the same. One thread at a time.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Goes on with the agreement on keys, as far as what has arrived allows; the other calls come
  /// after it is complete.
  [[nodiscard]] virtual HandshakeState handshake(int socket) = 0;

  /// As Stream::receive. The end is told as such whether or not the other side said goodbye.
  [[nodiscard]] virtual Transfer receive(int socket, std::span<char> space) = 0;

  /// As Stream::send. Bytes that `partial` leaves may be under way already: the next call begins
  /// with the same ones.
  [[nodiscard]] virtual Transfer send(int socket, std::span<const iovec> parts) = 0;

  /// Tells the other side that nothing more comes, as far as the socket takes it at once. Further
  /// calls do nothing.
  virtual void finish(int socket) = 0;

  /// The application protocol that both sides have chosen (ALPN, RFC 7301), such as `h2`; empty
  /// without such a choice. Lives as long as this.
  [[nodiscard]] virtual std::string_view negotiated_protocol() const = 0;

  /// Whether the handshake could go on from an earlier connection (RFC 8446 §2.2).
  [[nodiscard]] virtual bool is_resumed() const = 0;
};

/// Makes channels for the connections of one loop. One thread at a time; outlives its channels.
class ChannelSource {
 public:
  virtual ~ChannelSource() = default;
  /// For a connection that has been accepted; null without memory.
  [[nodiscard]] virtual std::unique_ptr<Channel> open() = 0;
};

}  // namespace seabag::net
