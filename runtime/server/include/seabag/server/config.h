#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/header_fields.h"
#include "seabag/http/names.h"
#include "seabag/net/address.h"
#include "seabag/net/listener.h"
#include "seabag/server/auth_rule.h"
#include "seabag/server/cors.h"
#include "seabag/server/dictionary_rule.h"
#include "seabag/server/limits.h"
#include "seabag/server/scheme.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// An address to listen at.
struct ListenAddress {
  net::Address address;
  /// Nothing: `Config::scheme_of` decides.
  std::optional<Scheme> scheme = {};

  /// Reads what net::Address::parse does, perhaps with `http://` or `https://` in front. Errors: as
  /// there.
  [[nodiscard]] static Result<ListenAddress> parse(std::string_view text);
};

/// Names of the files of one certificate. A name that starts with `bundle:` is that of a file
/// inside the bundle.
struct Certificate {
  std::string certificate;
  std::string key;   ///< empty: it is in the same file
  std::string ocsp;  ///< empty: none
};

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// How HTTPS is spoken.
struct TlsConfig {
  std::vector<Certificate> certificates;
  /// A certificate is made for trying out, when there are no others.
  bool is_self_signed = false;
  TlsVersion minimum = TlsVersion::tls_1_2;
  /// Where plain HTTP is answered with a redirect to HTTPS.
  std::vector<net::Address> redirect;

  [[nodiscard]] bool is_on() const { return is_self_signed || !certificates.empty(); }
};

/// What `seabag.toml` says about serving; what it does not say has its default:
///
///   [server]
///   listen = ["127.0.0.1:8080", "unix:/run/app.sock"]   # or one string
///   workers = 2                                         # or "auto": one a processor
///                                                       # that this process may use
///   accept = "auto"       # how workers share connections: "spread", "processor" or "shared"
///   access_log = "/var/log/app.log"                     # or "-"
///   admin = "127.0.0.1:9000"                            # or "unix:/run/app-admin.sock"
///
///   [server.tls]           # with it TCP addresses speak HTTPS, unless written `http://ADDR:PORT`
///   certificates = [{ certificate = "site.pem", key = "site.key", ocsp = "site.der" }]
///   min_version = "1.2"                                 # or "1.3"
///   redirect = ":80"                                    # sends plain HTTP to https; or several
///
///   [server.limits]        # bytes and counts
///   request_line = 8192    header_block = 32768    header_fields = 100    body = 1048576
///   connections = 10000    connections_per_address = 0                # 0: no limit
///
///   [server.timeouts]      # seconds, fractions allowed; body_rate is in bytes a second
///   handshake = 10   header = 10   body = 5   body_rate = 1024   keep_alive = 60   write = 30
///   linger = 2   drain = 10   drain_delay = 0
///
///   [site]
///   index = "index.html"           clean_urls = true
///   spa_fallback = "/index.html"   asset_prefixes = ["/assets"]
///   security_headers = "none"      # or "basic", "strict"
///   listing = false                # directories without an index are listed
///   server_timing = false          # answers tell how long they took to make
///   live_compression = true        # compressed forms are made while a directory is served
///
///   [[site.cors]]                  # which other sites may read answers; the first that fits
///   paths = ["/"]                  origins = ["https://app.example"]     # or "*"
///   methods = ["GET", "HEAD"]      headers = []      expose = []
///   credentials = false            max_age = 600     # seconds
///
///   [[site.auth]]                  # parts that need a password; the first that fits
///   paths = ["/"]                  realm = "Restricted"
///   users = ["NAME:HASH"]          file = ""         # or `bundle:/.users`, as htpasswd makes it
///   allow_plain = false            # also over plain HTTP that others can reach
///
///   [[site.dictionary]]            # clients get differences to versions that they have
///   match = "/app/*.js"            files = ["/.old/app-1.js"]
struct Config {
  /// Empty: the caller's default.
  std::vector<ListenAddress> listen;
  /// Nobody has named an address: sockets that systemd passes take the place of the default one.
  bool is_default_address = false;
  TlsConfig tls;
  /// 0: as many as this process may use processors.
  unsigned workers = 1;
  /// None: the caller chooses.
  std::optional<net::Spreading> accept;
  /// Path, or `-` for standard output; empty: none.
  std::string access_log;
  /// Where operators look; none: nowhere.
  std::optional<net::Address> admin;
  Limits limits;
  http::NameOptions names;
  http::SecurityProfile security = http::SecurityProfile::none;
  std::vector<CorsRule> cors;
  std::vector<AuthRule> auth;
  std::vector<DictionaryRule> dictionaries;
  bool server_timing = false;
  bool live_compression = true;

  /// What is spoken at one of the addresses: what it says itself, otherwise HTTPS over TCP when
  /// there is a certificate, and HTTP everywhere else.
  [[nodiscard]] Scheme scheme_of(const ListenAddress& at) const;
};

/// Reads where operators look: as net::Address::parse, but an address that other machines reach
/// needs `public:` in front, because nobody is asked who he is there. Errors: EINVAL and those of
/// `parse`.
[[nodiscard]] Result<net::Address> parse_admin_address(std::string_view text);

/// Most workers that can be asked for.
inline constexpr unsigned kMaxWorkers = 1024;

/// Reads and checks a whole `seabag.toml`; other top-level tables than these must be in `foreign`,
/// whose owners check them. Errors: EINVAL with `file`:line:column as its path, for what is not
/// TOML, an unknown key, a value of the wrong type or out of its range.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string_view file,
                                          const std::vector<std::string>& foreign = {});

}  // namespace seabag::server
