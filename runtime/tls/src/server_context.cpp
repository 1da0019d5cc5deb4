#include "server_context.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <span>
#include <utility>

namespace seabag::tls {
namespace {

/// Forward secrecy and authenticated encryption only.
constexpr const char* kCiphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kCiphers13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";

/// Clients without fast AES put ChaCha20 first and get it.
constexpr std::uint64_t kOptions = SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
/// Idle connections hold no buffers.
constexpr std::uint64_t kModes = SSL_MODE_RELEASE_BUFFERS;

constexpr std::array<unsigned char, 6> kSessionContext = {'s', 'e', 'a', 'b', 'a', 'g'};

TicketKeys::Seconds seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<TicketKeys::Seconds>(now.tv_sec);
}

std::string encode_protocols(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& one : protocols) {
    list += static_cast<char>(one.size());
    list += one;
  }
  return list;
}

}  // namespace

ServerContext::ServerContext(const Settings& settings, std::vector<Identity> identities,
                             TicketKeys& keys)
    : settings_(settings),
      protocols_(encode_protocols(settings.protocols)),
      identities_(std::move(identities)),
      keys_(&keys),
      ticket_cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)) {}

Result<std::shared_ptr<const ServerContext>> ServerContext::make(const Settings& settings,
                                                                 std::vector<Identity> identities,
                                                                 TicketKeys& keys) {
  const std::shared_ptr<ServerContext> made(
      new ServerContext(settings, std::move(identities), keys));
  if (made->ticket_cipher_ == nullptr) {
    return make_error(std::errc::not_supported, "tls", {}, take_openssl_reason());
  }
  for (std::size_t i = 0; i < made->identities_.size(); ++i) {
    SEABAG_TRY(made->add(i));
  }
  return std::shared_ptr<const ServerContext>(made);
}

std::string ServerContext::path_of(std::size_t index) const {
  return index < settings_.certificates.size() ? settings_.certificates[index].certificate
                                               : "self-signed";
}

Result<void> ServerContext::add(std::size_t index) {
  OpensslPointer<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    return make_error(std::errc::not_enough_memory, "tls", {}, take_openssl_reason());
  }
  SSL_CTX* const raw = context.get();
  const int oldest = settings_.minimum == Version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
  SSL_CTX_set_min_proto_version(raw, oldest);
  SSL_CTX_set_options(raw, kOptions);
  SSL_CTX_set_mode(raw, kModes);
  SSL_CTX_set_read_ahead(raw, 1);  // whole records with one receive
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(raw, static_cast<long>(TicketKeys::kRotation));
  SSL_CTX_set_app_data(raw, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(raw, protect_ticket);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, this);
  SSL_CTX_callback_ctrl(raw, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(choose_certificate));
  SSL_CTX_set_tlsext_servername_arg(raw, this);
  if (SSL_CTX_set_cipher_list(raw, kCiphers12) != 1 ||
      SSL_CTX_set_ciphersuites(raw, kCiphers13) != 1 ||
      SSL_CTX_set1_groups_list(raw, kGroups) != 1 ||
      SSL_CTX_set_session_id_context(raw, kSessionContext.data(), kSessionContext.size()) != 1) {
    return make_error(std::errc::not_supported, "tls", {}, take_openssl_reason());
  }
  SEABAG_TRY(use(raw, index));
  for (const std::string& name : identities_[index].names()) {
    names_.add(name, index);
  }
  contexts_.push_back(std::move(context));
  return {};
}

Result<void> ServerContext::use(SSL_CTX* context, std::size_t index) const {
  const Identity& identity = identities_[index];
  bool is_fine = SSL_CTX_use_certificate(context, identity.certificate.get()) == 1 &&
                 SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1;
  for (const OpensslPointer<X509>& issuer : identity.issuers) {
    is_fine = is_fine && SSL_CTX_add1_chain_cert(context, issuer.get()) == 1;
  }
  if (!is_fine) {
    return refuse(path_of(index), "the certificate can't be used: " + take_openssl_reason());
  }
  if (!identity.staple.empty()) {
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
                          reinterpret_cast<void (*)()>(give_staple));
    SSL_CTX_set_tlsext_status_arg(context, const_cast<Identity*>(&identity));
  }
  return {};
}

OpensslPointer<SSL> ServerContext::accept() const {
  OpensslPointer<SSL> connection(SSL_new(contexts_.front().get()));
  if (connection != nullptr) {
    SSL_set_accept_state(connection.get());
  }
  ERR_clear_error();
  return connection;
}

int ServerContext::choose_certificate(SSL* connection, int* /*alert*/, void* self) {
  const auto* context = static_cast<const ServerContext*>(self);
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  const std::optional<std::size_t> index = context->names_.find(name);
  if (!index) {
    return SSL_TLSEXT_ERR_NOACK;  // the first one answers, and the client judges
  }
  if (*index != 0) {
    SSL_set_SSL_CTX(connection, context->contexts_[*index].get());
  }
  return SSL_TLSEXT_ERR_OK;
}

int ServerContext::choose_protocol(SSL* /*connection*/, const unsigned char** chosen,
                                   unsigned char* length, const unsigned char* offered,
                                   unsigned offered_length, void* self) {
  const std::string& ours = static_cast<const ServerContext*>(self)->protocols_;
  unsigned char* found = nullptr;
  const int state =
      SSL_select_next_proto(&found, length, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), offered, offered_length);
  *chosen = found;
  // Who speaks nothing that we do must not be answered in something else (RFC 7301 §3.2).
  return state == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int ServerContext::give_staple(SSL* connection, void* identity) {
  const std::string& staple = static_cast<const Identity*>(identity)->staple;
  void* copy = OPENSSL_memdup(staple.data(), staple.size());  // the connection's, which frees it
  if (copy == nullptr) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  SSL_set_tlsext_status_ocsp_resp(connection, copy, static_cast<long>(staple.size()));
  return SSL_TLSEXT_ERR_OK;
}

/// As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) asks for: negative for an error, 0 for no ticket or
/// an unknown key, 1, or 2 for a good ticket that should be replaced.
int ServerContext::protect_ticket(SSL* connection, unsigned char* name, unsigned char* vector,
                                  EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int is_new) {
  const auto* self =
      static_cast<const ServerContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  TicketKey key;
  bool is_used_up = false;
  if (is_new != 0) {
    if (!self->keys_->current(seconds_now(), key) ||
        RAND_bytes(vector, EVP_CIPHER_get_iv_length(self->ticket_cipher_.get())) != 1) {
      return 0;
    }
    std::copy(key.name.begin(), key.name.end(), name);
  } else {
    const std::span<const unsigned char, 16> wanted(name, 16);
    const auto match = self->keys_->find(wanted, seconds_now(), key);
    if (match == TicketKeys::Match::none) {
      return 0;
    }
    // Nobody may use a ticket of TLS 1.3 twice, lest he be recognised (RFC 8446 appendix C.4).
    is_used_up = match == TicketKeys::Match::previous || SSL_version(connection) == TLS1_3_VERSION;
  }
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const bool is_fine = EVP_MAC_CTX_set_params(mac, parameters.data()) == 1 &&
                       EVP_CipherInit_ex(cipher, self->ticket_cipher_.get(), nullptr,
                                         key.cipher.data(), vector, is_new) == 1;
  OPENSSL_cleanse(&key, sizeof key);
  if (!is_fine) {
    return -1;
  }
  return is_used_up ? 2 : 1;
}

}  // namespace seabag::tls
