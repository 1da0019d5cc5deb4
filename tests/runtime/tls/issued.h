#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace seabag::test {

struct IssuedDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

/// A certificate with its key.
struct Issued {
  std::unique_ptr<EVP_PKEY, IssuedDeleter> key;
  std::unique_ptr<X509, IssuedDeleter> certificate;

  [[nodiscard]] std::string certificate_pem() const;
  [[nodiscard]] std::string key_pem() const;
  /// Encrypted with a passphrase.
  [[nodiscard]] std::string locked_key_pem() const;
};

struct Wanted {
  std::string subject = "test";
  std::vector<std::string> names = {};  ///< DNS names
  const Issued* issuer = nullptr;       ///< null: signed by itself
  bool is_rsa = false;                  ///< of 2048 bits, instead of P-256
  int rsa_bits = 2048;
  long starts_in = -60;  ///< seconds
  long ends_in = 3600;
};

[[nodiscard]] Issued issue(const Wanted& wanted);

}  // namespace seabag::test
