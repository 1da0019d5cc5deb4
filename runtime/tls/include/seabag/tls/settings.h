#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "seabag/vfs/result.h"

namespace seabag::tls {

/// Files of one certificate, all of them PEM but the staple.
struct CertificateFiles {
  /// The server's own certificate first, then each one that issued the one before it.
  std::string certificate;
  /// The private key, not encrypted; empty: it is in the file of the certificate.
  std::string key;
  /// An OCSP response (DER) that is handed out with the certificate; empty: none.
  std::string ocsp;
};

/// The oldest version that is spoken. There is nothing below TLS 1.2.
enum class Version : std::uint8_t { tls_1_2, tls_1_3 };

struct Settings {
  /// The first one answers clients that name no host, or one that is in no certificate. Empty: a
  /// self-signed one is made, for trying out.
  std::vector<CertificateFiles> certificates;
  Version minimum = Version::tls_1_2;
  /// What is offered through ALPN, the best first.
  std::vector<std::string> protocols = {"h2", "http/1.1"};
};

/// Gives the whole content of a file.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

}  // namespace seabag::tls
