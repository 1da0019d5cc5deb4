#include "secure.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "seabag/net/descriptor.h"
#include "seabag/vfs/shortcuts.h"

namespace seabag::app {

namespace {

constexpr std::string_view kBundled = "bundle:";
// More than any file of certificates; a device that never ends is none.
constexpr std::size_t kLargestFile = 4 * 1024 * 1024;

Result<std::string> read_host_file(const std::string& path) {
  const net::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    return errno_error(errno, "open", path);
  }
  std::string text;
  char part[16 * 1024];
  while (text.size() < kLargestFile) {
    const ssize_t count = read(file.get(), part, sizeof part);
    if (count == 0) {
      return text;
    }
    if (count < 0 && errno != EINTR) {
      return errno_error(errno, "read", path);
    }
    text.append(part, static_cast<std::size_t>(count > 0 ? count : 0));
  }
  return make_error(std::errc::file_too_large, "read", path);
}

bool is_hidden(std::string_view path) { return path.find("/.") != std::string_view::npos; }

Result<std::string> read_file(const std::string& path, const vfs::Namespace* bundled) {
  if (!path.starts_with(kBundled)) {
    return read_host_file(path);
  }
  if (bundled == nullptr) {
    return make_error(std::errc::invalid_argument, "open", path, "there is no bundle");
  }
  auto text = vfs::read_file(*bundled, path.substr(kBundled.size()));
  return text ? std::move(text) : with_path(std::move(text).error(), path);
}

Result<void> check_hidden(const std::string& key, const char* what) {
  const bool is_served =
      key.starts_with(kBundled) && (!is_hidden(key) || key.starts_with("bundle:/.well-known"));
  return is_served ? make_error(std::errc::invalid_argument, "open", key,
                                "everybody could fetch " + std::string(what) +
                                    ": put it into the bundle below a name that starts with a "
                                    "dot, such as /.tls")
                   : Result<void>();
}

}  // namespace

Result<std::unique_ptr<tls::Context>> open_tls(const server::TlsConfig& settings,
                                               const vfs::Namespace* bundled) {
  if (!settings.is_on()) {
    return std::unique_ptr<tls::Context>();
  }
  tls::Settings wanted;
  for (const server::Certificate& one : settings.certificates) {
    SEABAG_TRY(check_hidden(one.key.empty() ? one.certificate : one.key, "this key"));
    wanted.certificates.push_back(
        {.certificate = one.certificate, .key = one.key, .ocsp = one.ocsp});
  }
  wanted.minimum = settings.minimum == server::TlsVersion::tls_1_3 ? tls::Version::tls_1_3
                                                                   : tls::Version::tls_1_2;
  return tls::Context::load(
      std::move(wanted), [bundled](const std::string& path) { return read_file(path, bundled); });
}

Result<std::string> read_secret(const std::string& path, const vfs::Namespace* bundled) {
  SEABAG_TRY(check_hidden(path, "these passwords"));
  return read_file(path, bundled);
}

}  // namespace seabag::app
