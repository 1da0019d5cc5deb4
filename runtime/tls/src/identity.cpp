#include "identity.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace seabag::tls {
namespace {

using Certificates = std::vector<OpensslPointer<X509>>;

/// More than any chain; what is longer is not what the user meant to give.
constexpr std::size_t kMaxChain = 16;
constexpr std::size_t kMaxFile = 1024 * 1024;

struct OcspDeleter {
  void operator()(OCSP_RESPONSE* response) const { OCSP_RESPONSE_free(response); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

Result<std::string> read_file(const std::string& path, const FileReader& read) {
  std::string text = SEABAG_TRY(read(path));
  if (text.size() > kMaxFile) {
    return refuse(path, "too large for a certificate or key");
  }
  return text;
}

Result<Certificates> parse_chain(const std::string& path, std::string_view text) {
  const OpensslPointer<BIO> source = read_from(text);
  Certificates chain;
  while (source != nullptr && chain.size() <= kMaxChain) {
    OpensslPointer<X509> one(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
    if (one == nullptr) {
      break;
    }
    chain.push_back(std::move(one));
  }
  const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = take_openssl_reason();
  if (chain.size() > kMaxChain) {
    return refuse(path, "holds more than 16 certificates: keep the server's own and its issuers");
  }
  if (!is_at_end) {
    return refuse(path,
                  "certificate " + std::to_string(chain.size() + 1) + " can't be read: " + reason);
  }
  if (chain.empty()) {
    return refuse(path, "holds no certificate (PEM is expected: -----BEGIN CERTIFICATE-----)");
  }
  return chain;
}

/// Notes that somebody wants a passphrase, and gives none.
int note_passphrase(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* is_wanted) {
  *static_cast<bool*>(is_wanted) = true;
  return -1;
}

Result<OpensslPointer<EVP_PKEY>> parse_key(const std::string& path, std::string_view text) {
  const OpensslPointer<BIO> source = read_from(text);
  bool is_encrypted = false;
  OpensslPointer<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(source.get(), nullptr, note_passphrase, &is_encrypted));
  if (key != nullptr) {
    ERR_clear_error();
    return key;
  }
  const bool is_missing = text.find("PRIVATE KEY-----") == std::string_view::npos;
  const std::string reason = take_openssl_reason();
  if (is_encrypted) {
    return refuse(path,
                  "the key is encrypted: openssl pkey -in KEY -out NEW makes one that is not");
  }
  return is_missing ? refuse(path, "holds no private key (PEM is expected: -----BEGIN PRIVATE KEY)")
                    : refuse(path, "the private key can't be read: " + reason);
}

bool fits(const OpensslPointer<X509>& certificate, const OpensslPointer<EVP_PKEY>& key) {
  const bool is_fitting = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return is_fitting;
}

std::string ordinal(std::size_t index) { return "certificate " + std::to_string(index + 1); }

/// The key must be that of the first certificate, and each next one must have issued the one before
/// it: clients don't sort (RFC 5246 §7.4.2).
Result<void> check_order(const CertificateFiles& files, const Certificates& chain,
                         const OpensslPointer<EVP_PKEY>& key) {
  const std::string& key_path = files.key.empty() ? files.certificate : files.key;
  if (!fits(chain[0], key)) {
    for (std::size_t i = 1; i < chain.size(); ++i) {
      if (fits(chain[i], key)) {
        return refuse(files.certificate, "the chain is in the wrong order: the key belongs to " +
                                             ordinal(i) + ", which must come first");
      }
    }
    return refuse(key_path,
                  "the key does not belong to the certificate in '" + files.certificate + "'");
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (X509_check_issued(chain[i].get(), chain[i - 1].get()) != X509_V_OK) {
      ERR_clear_error();
      return refuse(files.certificate, "the chain is in the wrong order: " + ordinal(i) +
                                           " did not issue " + ordinal(i - 1));
    }
  }
  return {};
}

Result<std::string> read_staple(const std::string& path, const FileReader& read) {
  std::string bytes = SEABAG_TRY(read_file(path, read));
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::unique_ptr<OCSP_RESPONSE, OcspDeleter> response(
      d2i_OCSP_RESPONSE(nullptr, &data, static_cast<long>(bytes.size())));
  ERR_clear_error();
  if (response == nullptr) {
    return refuse(path, "holds no OCSP response (DER is expected: openssl ocsp -respout)");
  }
  if (OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return refuse(path, "the OCSP response says that the responder failed");
  }
  return bytes;
}

std::string text_of(const ASN1_STRING* value) {
  if (value == nullptr) {
    return {};
  }
  const unsigned char* data = ASN1_STRING_get0_data(value);
  std::string text(data, data + ASN1_STRING_length(value));
  std::transform(text.begin(), text.end(), text.begin(), [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
  });
  return text;
}

/// As inet_ntop(3) writes it; empty when it is none.
std::string address_of(const ASN1_STRING* value) {
  constexpr int kSize4 = 4;
  constexpr int kSize6 = 16;
  const int size = ASN1_STRING_length(value);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (size == kSize4 || size == kSize6) {
    inet_ntop(size == kSize4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(value), text.data(),
              text.size());
  }
  return text.data();
}

}  // namespace

std::vector<std::string> Identity::names() const {
  std::vector<std::string> found;
  const std::unique_ptr<GENERAL_NAMES, OcspDeleter> alternatives(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  const int count = alternatives != nullptr ? sk_GENERAL_NAME_num(alternatives.get()) : 0;
  for (int i = 0; i < count; ++i) {
    int kind = 0;
    const void* value =
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(alternatives.get(), i), &kind);
    if (kind == GEN_DNS) {
      found.push_back(text_of(static_cast<const ASN1_STRING*>(value)));
    } else if (kind == GEN_IPADD) {
      found.push_back(address_of(static_cast<const ASN1_STRING*>(value)));
    }
  }
  if (alternatives != nullptr) {
    return found;
  }
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) {
    found.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  }
  return found;
}

std::string Identity::fingerprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size);
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += i > 0 ? ":" : "";
    text += kHex[digest[i] >> 4U];
    text += kHex[digest[i] & 15U];
  }
  return text;
}

std::string Identity::date_trouble() const {
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return "the certificate has expired";
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
    return "the certificate is not valid yet";
  }
  return {};
}

Result<Identity> load_identity(const CertificateFiles& files, const FileReader& read) {
  const std::string text = SEABAG_TRY(read_file(files.certificate, read));
  Certificates chain = SEABAG_TRY(parse_chain(files.certificate, text));
  std::string key_text = files.key.empty() ? text : SEABAG_TRY(read_file(files.key, read));
  auto key = parse_key(files.key.empty() ? files.certificate : files.key, key_text);
  OPENSSL_cleanse(key_text.data(), key_text.size());
  if (!key) {
    return std::move(key).error();
  }
  SEABAG_TRY(check_order(files, chain, *key));
  Identity identity;
  identity.key = std::move(*key);
  identity.certificate = std::move(chain.front());
  chain.erase(chain.begin());
  identity.issuers = std::move(chain);
  if (!files.ocsp.empty()) {
    identity.staple = SEABAG_TRY(read_staple(files.ocsp, read));
  }
  return identity;
}

}  // namespace seabag::tls
