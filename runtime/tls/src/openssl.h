#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "seabag/vfs/result.h"

namespace seabag::tls {

/// Frees what OpenSSL gave.
struct OpensslDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
template <typename T>
using OpensslPointer = std::unique_ptr<T, OpensslDeleter>;

/// Prepares the library; whatever configuration the machine has for it is not read.
void start_openssl();

/// Why the last call failed, in the library's words; the queue is empty then.
[[nodiscard]] std::string take_openssl_reason();

/// The text as something to read from; null without memory.
[[nodiscard]] OpensslPointer<BIO> read_from(std::string_view text);

/// EINVAL about a file.
[[nodiscard]] Error refuse(const std::string& path, std::string detail);

}  // namespace seabag::tls
