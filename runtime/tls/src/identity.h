#pragma once

#include <string>
#include <vector>

#include "openssl.h"
#include "seabag/tls/settings.h"
#include "seabag/vfs/result.h"

namespace seabag::tls {

/// Who the server is: a certificate, those that vouch for it, and its key. Immutable once made.
struct Identity {
  OpensslPointer<X509> certificate;
  std::vector<OpensslPointer<X509>> issuers;  ///< in order
  OpensslPointer<EVP_PKEY> key;
  std::string staple;  ///< an OCSP response; empty: none

  /// The host names and addresses it speaks for, in lower case; `*.` in front stands for one label.
  [[nodiscard]] std::vector<std::string> names() const;
  /// SHA-256 as pairs of hexadecimal digits with colons.
  [[nodiscard]] std::string fingerprint() const;
  /// What is wrong with its dates, for a person; empty: nothing.
  [[nodiscard]] std::string date_trouble() const;
};

/// Reads and checks the files of one certificate. Errors: those of `read`; EINVAL with the file.
[[nodiscard]] Result<Identity> load_identity(const CertificateFiles& files, const FileReader& read);

}  // namespace seabag::tls
