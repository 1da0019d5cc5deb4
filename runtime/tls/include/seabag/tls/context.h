#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/net/channel.h"
#include "seabag/tls/settings.h"
#include "seabag/vfs/result.h"

namespace seabag::tls {

/// The server's side of TLS 1.2 and 1.3 (RFC 5246, RFC 8446): certificates, chosen by the name that
/// a client asks for (RFC 6066), and the keys of session tickets (RFC 5077), which all processes
/// forked from here share and which change twice a day.
///
/// Safe for concurrent use.
class Context {
 public:
  /// Loads the certificates, or makes one for `localhost`, `127.0.0.1` and `::1` when there are
  /// none. Errors: those of `read`; EINVAL, with the file and in one line, for a file that holds no
  /// certificate or key, a key that is encrypted, weak or of another certificate, a chain out of
  /// order, a staple that is none; ENOMEM.
  [[nodiscard]] static Result<std::unique_ptr<Context>> load(Settings settings, FileReader read);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  /// Reads all files again. Handshakes that begin from now on use what they hold; connections are
  /// not touched. When something is wrong everything stays as it was. Errors: as `load`.
  [[nodiscard]] Result<void> reload();

  /// What is odd about the certificates but no reason to refuse them, one line each: an expired
  /// one.
  [[nodiscard]] std::vector<std::string> warnings() const;

  /// Whether one of the certificates is for this host name or address.
  [[nodiscard]] bool is_for(std::string_view host) const;

  /// SHA-256 of the first certificate, as `openssl x509 -fingerprint` shows it.
  [[nodiscard]] std::string fingerprint() const;

  /// Channels for the connections of one loop. This must outlive it.
  [[nodiscard]] std::unique_ptr<net::ChannelSource> make_source();

 private:
  struct State;
  explicit Context(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seabag::tls
