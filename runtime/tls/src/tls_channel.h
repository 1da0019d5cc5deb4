#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "openssl.h"
#include "seabag/net/channel.h"
#include "seabag/tls/record_sizes.h"
#include "server_context.h"

namespace seabag::tls {

/// What the channels of one loop share: they need it only while they are called. One thread.
struct Scratch {
  std::string output;                           ///< protected bytes of this call
  std::array<char, RecordSizes::kLarge> plain;  ///< a record from several parts
  OpensslPointer<BIO_METHOD> method = nullptr;  ///< how OpenSSL reaches the socket
};

/// TLS on one connection. OpenSSL receives from the socket, as much as is there at once, and writes
/// into the loop's scratch space, from where up to four records leave with one call. What the
/// socket does not take is kept here; otherwise an idle connection holds no buffer. Tickets wait
/// for the answer to a request that came with the end of the handshake. One thread.
class TlsChannel final : public net::Channel {
 public:
  /// `scratch` must outlive this.
  TlsChannel(std::shared_ptr<const ServerContext> context, OpensslPointer<SSL> connection,
             Scratch& scratch);
  ~TlsChannel() override;

  /// The methods of the BIOs that `attach` makes.
  [[nodiscard]] static OpensslPointer<BIO_METHOD> make_method();
  /// Connects the two ends; false without memory.
  [[nodiscard]] bool attach();

  [[nodiscard]] net::HandshakeState handshake(int socket) override;
  [[nodiscard]] net::Transfer receive(int socket, std::span<char> space) override;
  [[nodiscard]] net::Transfer send(int socket, std::span<const iovec> parts) override;
  void finish(int socket) override;
  [[nodiscard]] std::string_view negotiated_protocol() const override;
  [[nodiscard]] bool is_resumed() const override;

 private:
  enum class Input : std::uint8_t {
    open,
    drained,  ///< nothing more is there for now
    ended,    ///< the other side has closed its half
  };
  class Parts;

  int read_socket(BIO* bio, char* data, int size);
  void begin(int socket);
  net::Transfer after_receive(std::size_t received, std::size_t wanted);
  bool encrypt(Parts& parts, std::size_t& size);
  bool flush();
  net::HandshakeState end_handshake();
  net::Transfer fail();

  std::shared_ptr<const ServerContext> context_;
  OpensslPointer<SSL> connection_;
  Scratch* scratch_;
  int socket_ = -1;
  RecordSizes sizes_;
  std::size_t owed_ = 0;  ///< bytes of the caller that are in `unsent_` and not reported yet
  std::string unsent_;    ///< protected bytes that the socket did not take
  bool is_held_ = false;  ///< `unsent_` waits for what is sent next, not for the socket
  Input input_ = Input::open;
  bool has_drained_ = false;    ///< the handshake has, just before the first receive
  bool has_begun_ = false;      ///< bytes have been received
  bool is_clear_text_ = false;  ///< and they are no handshake
  bool is_established_ = false;
  bool is_lost_ = false;      ///< by an error: nothing can be said any more
  bool is_finished_ = false;  ///< the goodbye has been said
};

}  // namespace seabag::tls
