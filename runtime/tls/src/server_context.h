#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host_names.h"
#include "identity.h"
#include "openssl.h"
#include "seabag/tls/settings.h"
#include "seabag/vfs/result.h"
#include "ticket_keys.h"

namespace seabag::tls {

/// One generation of certificates, ready for handshakes. Immutable, and kept by every connection
/// that was made with it, because OpenSSL calls back into it. Safe for concurrent use.
class ServerContext {
 public:
  /// `keys` must outlive this. Errors: EINVAL for what OpenSSL refuses, such as a weak key.
  [[nodiscard]] static Result<std::shared_ptr<const ServerContext>> make(
      const Settings& settings, std::vector<Identity> identities, TicketKeys& keys);
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  /// The side of a new connection that accepts; null without memory.
  [[nodiscard]] OpensslPointer<SSL> accept() const;

  /// Whether one of the certificates is for this host name or address.
  [[nodiscard]] bool is_for(std::string_view host) const { return names_.find(host).has_value(); }

  [[nodiscard]] const Identity& first_identity() const { return identities_.front(); }

 private:
  ServerContext(const Settings& settings, std::vector<Identity> identities, TicketKeys& keys);
  Result<void> add(std::size_t index);
  Result<void> use(SSL_CTX* context, std::size_t index) const;
  [[nodiscard]] std::string path_of(std::size_t index) const;

  static int choose_certificate(SSL* connection, int* alert, void* self);
  static int choose_protocol(SSL* connection, const unsigned char** chosen, unsigned char* length,
                             const unsigned char* offered, unsigned offered_length, void* self);
  static int give_staple(SSL* connection, void* identity);
  static int protect_ticket(SSL* connection, unsigned char* name, unsigned char* vector,
                            EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int is_new);

  const Settings settings_;
  std::string protocols_;  ///< as in the extension: each with its length in front
  std::vector<Identity> identities_;
  std::vector<OpensslPointer<SSL_CTX>> contexts_;  ///< one for each identity
  HostNames names_;
  TicketKeys* keys_;
  OpensslPointer<EVP_CIPHER> ticket_cipher_;  ///< looked up once, which takes longer than its use
};

}  // namespace seabag::tls
