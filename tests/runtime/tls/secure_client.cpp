#include "secure_client.h"

#include <openssl/x509.h>

#include <array>
#include <cstdlib>

#include "support/catch.h"

namespace seabag::test {

SecureClient::SecureClient(const net::Address& address, const ClientOptions& options)
    : socket_(address, options.receive_space), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_security_level(context_.get(), 0);
  if (options.version != 0) {
    SSL_CTX_set_min_proto_version(context_.get(), options.version);
    SSL_CTX_set_max_proto_version(context_.get(), options.version);
  }
  connection_.reset(SSL_new(context_.get()));
  if (!options.host.empty()) {
    SSL_ctrl(connection_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(options.host.c_str()));
  }
  std::string list;
  for (const std::string& one : options.protocols) {
    list += static_cast<char>(one.size()) + one;
  }
  if (!list.empty()) {
    SSL_set_alpn_protos(connection_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  if (options.asks_for_staple) {
    SSL_set_tlsext_status_type(connection_.get(), TLSEXT_STATUSTYPE_ocsp);
  }
  if (options.session != nullptr) {
    SSL_set_session(connection_.get(), options.session);
  }
  SSL_set_fd(connection_.get(), socket_.descriptor());
}

bool SecureClient::connect() { return SSL_connect(connection_.get()) == 1; }

void SecureClient::send(std::string_view bytes) {
  std::size_t written = 0;
  REQUIRE(SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &written) == 1);
}

std::string SecureClient::receive_record(std::size_t size) {
  std::string part(size, '\0');
  std::size_t count = 0;
  if (SSL_read_ex(connection_.get(), part.data(), part.size(), &count) != 1) {
    return {};
  }
  part.resize(count);
  return part;
}

std::string SecureClient::receive(std::size_t size) {
  std::string text;
  while (text.size() < size) {
    const std::string part = receive_record(size - text.size());
    if (part.empty()) {
      break;
    }
    text += part;
  }
  return text;
}

std::string SecureClient::receive_all() {
  std::string text;
  for (std::string part = receive_record(); !part.empty(); part = receive_record()) {
    text += part;
  }
  return text;
}

std::string SecureClient::ask(std::string_view request) {
  send(request);
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const std::string part = receive_record(1);
    REQUIRE_FALSE(part.empty());
    answer += part;
  }
  const std::size_t at = answer.find("Content-Length: ");
  REQUIRE(at != std::string::npos);
  return answer + receive(std::strtoull(answer.c_str() + at + 16, nullptr, 10));
}

bool SecureClient::has_goodbye() const {
  return (SSL_get_shutdown(connection_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string SecureClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string SecureClient::peer_name() const {
  X509* const peer = SSL_get0_peer_certificate(connection_.get());
  REQUIRE(peer != nullptr);
  std::array<char, 100> text{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, text.data(),
                            static_cast<int>(text.size()));
  return text.data();
}

std::string SecureClient::staple() const {
  const unsigned char* bytes = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(connection_.get(), &bytes);
  return size > 0 ? std::string(bytes, bytes + size) : std::string();
}

std::unique_ptr<SSL_SESSION, ClientDeleter> SecureClient::session() {
  return std::unique_ptr<SSL_SESSION, ClientDeleter>(SSL_get1_session(connection_.get()));
}

}  // namespace seabag::test
