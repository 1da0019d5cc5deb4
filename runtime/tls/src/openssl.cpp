#include "openssl.h"

#include <openssl/err.h>

#include <utility>

namespace seabag::tls {

void start_openssl() { OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr); }

std::string take_openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason != nullptr ? reason : "unknown trouble in OpenSSL";
  ERR_clear_error();
  return text;
}

OpensslPointer<BIO> read_from(std::string_view text) {
  return OpensslPointer<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Error refuse(const std::string& path, std::string detail) {
  return make_error(std::errc::invalid_argument, "tls", path, std::move(detail));
}

}  // namespace seabag::tls
