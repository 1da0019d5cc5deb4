#include "issued.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "support/catch.h"

namespace seabag::test {
namespace {

template <typename Write>
std::string to_pem(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  REQUIRE(write(bio) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

void add_names(X509* certificate, const std::vector<std::string>& names) {
  GENERAL_NAMES* list = GENERAL_NAMES_new();
  for (const std::string& one : names) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, one.data(), static_cast<int>(one.size()));
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(list, name);
  }
  REQUIRE(X509_add1_ext_i2d(certificate, NID_subject_alt_name, list, 0, 0) == 1);
  GENERAL_NAMES_free(list);
}

}  // namespace

std::string Issued::certificate_pem() const {
  return to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
}

std::string Issued::key_pem() const {
  return to_pem([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string Issued::locked_key_pem() const {
  return to_pem([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), EVP_aes_256_cbc(), "secret", 6, nullptr,
                                         nullptr);
  });
}

Issued issue(const Wanted& wanted) {
  Issued issued;
  issued.key.reset(wanted.is_rsa ? EVP_RSA_gen(static_cast<unsigned>(wanted.rsa_bits))
                                 : EVP_EC_gen("P-256"));
  issued.certificate.reset(X509_new());
  X509* const made = issued.certificate.get();
  static long serial = 0;
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), wanted.starts_in);
  X509_gmtime_adj(X509_getm_notAfter(made), wanted.ends_in);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wanted.subject.c_str()), -1, -1,
                             0);
  const Issued& issuer = wanted.issuer != nullptr ? *wanted.issuer : issued;
  X509_set_issuer_name(made, X509_get_subject_name(issuer.certificate.get()));
  X509_set_pubkey(made, issued.key.get());
  if (!wanted.names.empty()) {
    add_names(made, wanted.names);
  }
  REQUIRE(X509_sign(made, issuer.key.get(), EVP_sha256()) > 0);
  return issued;
}

}  // namespace seabag::test
