#include "self_signed.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>

namespace seabag::tls {
namespace {

constexpr long kHour = 60 * 60;
constexpr long kLifetime = 30 * 24 * kHour;
constexpr std::array<unsigned char, 4> kLoopback4 = {127, 0, 0, 1};
constexpr std::array<unsigned char, 16> kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0,
                                                      0, 0, 0, 0, 0, 0, 0, 1};

struct ExtensionDeleter {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(GENERAL_NAME* name) const { GENERAL_NAME_free(name); }
  void operator()(ASN1_BIT_STRING* bits) const { ASN1_BIT_STRING_free(bits); }
  void operator()(EXTENDED_KEY_USAGE* usage) const { EXTENDED_KEY_USAGE_free(usage); }
};
template <typename T>
using ExtensionPointer = std::unique_ptr<T, ExtensionDeleter>;

bool add_name(GENERAL_NAMES* names, int kind, ASN1_STRING* value,
              std::span<const unsigned char> bytes) {
  ExtensionPointer<GENERAL_NAME> name(GENERAL_NAME_new());
  if (name == nullptr || value == nullptr ||
      ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    ASN1_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), kind, value);
  if (sk_GENERAL_NAME_push(names, name.get()) <= 0) {
    return false;
  }
  static_cast<void>(name.release());  // the list has it now
  return true;
}

bool add_names(X509* certificate) {
  constexpr std::array<unsigned char, 9> kLocalhost = {'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
  const ExtensionPointer<GENERAL_NAMES> names(GENERAL_NAMES_new());
  return names != nullptr && add_name(names.get(), GEN_DNS, ASN1_IA5STRING_new(), kLocalhost) &&
         add_name(names.get(), GEN_IPADD, ASN1_OCTET_STRING_new(), kLoopback4) &&
         add_name(names.get(), GEN_IPADD, ASN1_OCTET_STRING_new(), kLoopback6) &&
         X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1;
}

bool add_usage(X509* certificate) {
  const ExtensionPointer<ASN1_BIT_STRING> usage(ASN1_BIT_STRING_new());
  const ExtensionPointer<EXTENDED_KEY_USAGE> extended(EXTENDED_KEY_USAGE_new());
  constexpr int kDigitalSignature = 0;  // RFC 5280 §4.2.1.3
  return usage != nullptr && extended != nullptr &&
         ASN1_BIT_STRING_set_bit(usage.get(), kDigitalSignature, 1) == 1 &&
         X509_add1_ext_i2d(certificate, NID_key_usage, usage.get(), 1, 0) == 1 &&
         sk_ASN1_OBJECT_push(extended.get(), OBJ_nid2obj(NID_server_auth)) > 0 &&
         X509_add1_ext_i2d(certificate, NID_ext_key_usage, extended.get(), 0, 0) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key) {
  std::uint64_t serial = 0;
  X509_NAME* subject = X509_get_subject_name(certificate);
  constexpr std::array<unsigned char, 9> kName = {'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
         X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kHour) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kLifetime) != nullptr &&
         X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, kName.data(),
                                    static_cast<int>(kName.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         X509_set_pubkey(certificate, key) == 1 && add_names(certificate) &&
         add_usage(certificate) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

Result<Identity> make_self_signed_identity() {
  Identity identity;
  identity.key.reset(EVP_EC_gen("P-256"));
  identity.certificate.reset(X509_new());
  if (identity.key == nullptr || identity.certificate == nullptr ||
      !fill(identity.certificate.get(), identity.key.get())) {
    return make_error(std::errc::not_enough_memory, "tls", {},
                      "no self-signed certificate: " + take_openssl_reason());
  }
  return identity;
}

}  // namespace seabag::tls
