#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/loopback.h"

namespace seabag::test {

struct ClientDeleter {
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

struct ClientOptions {
  std::string host = {};                    ///< SNI; empty: none
  std::vector<std::string> protocols = {};  ///< ALPN; empty: none
  int version = 0;                          ///< TLS1_2_VERSION or TLS1_3_VERSION; 0: any
  SSL_SESSION* session = nullptr;           ///< to be resumed
  bool asks_for_staple = false;
  int receive_space = 0;  ///< as for Loopback
};

/// OpenSSL's client on a real socket, blocking. It trusts everybody. One thread at a time.
class SecureClient {
 public:
  explicit SecureClient(const net::Address& address, const ClientOptions& options = {});

  /// Whether both sides agree.
  bool connect();
  void send(std::string_view bytes);
  /// Exactly `size` bytes, fewer when the other side ends before.
  std::string receive(std::size_t size);
  /// Up to `size` bytes of the next record.
  std::string receive_record(std::size_t size = 20'000);
  /// Everything until the other side ends.
  std::string receive_all();
  /// One answer with a Content-Length: head and body.
  std::string ask(std::string_view request);

  /// After the end: whether the other side said goodbye before it closed.
  [[nodiscard]] bool has_goodbye() const;
  [[nodiscard]] std::string protocol() const;
  [[nodiscard]] std::string peer_name() const;
  [[nodiscard]] std::string staple() const;
  [[nodiscard]] bool is_resumed() const { return SSL_session_reused(connection_.get()) == 1; }
  /// The newest session, once something has been received.
  [[nodiscard]] std::unique_ptr<SSL_SESSION, ClientDeleter> session();
  [[nodiscard]] SSL* connection() { return connection_.get(); }
  [[nodiscard]] Loopback& socket() { return socket_; }

 private:
  Loopback socket_;
  std::unique_ptr<SSL_CTX, ClientDeleter> context_;
  std::unique_ptr<SSL, ClientDeleter> connection_;
};

}  // namespace seabag::test
