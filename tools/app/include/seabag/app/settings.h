#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/console/io.h"
#include "seabag/server/config.h"

namespace seabag::app {

/// What the command line says about TLS.
struct TlsFlags {
  std::vector<std::string> certificate;
  /// In the order of the certificates; fewer: the others hold their keys themselves.
  std::vector<std::string> key;
  bool self_signed = false;
  std::vector<std::string> redirect;
  std::optional<std::string> min_version;
};

/// What the command line says about serving; what it does not say is absent or empty.
struct Flags {
  std::vector<std::string> listen;
  std::optional<std::string> workers;
  std::optional<std::string> access_log;
  std::optional<std::string> admin;  ///< empty: none, whatever others say
  bool listing = false;
  TlsFlags tls;
};

/// Where the text of a `seabag.toml` comes from, for errors.
struct ConfigText {
  std::string_view text;  ///< borrowed for the call; empty for none
  std::string name;       ///< the file, as the user knows it
};

/// The settings of a server: `seabag.toml`, overridden by the environment (SEABAG_LISTEN, where
/// commas divide several, SEABAG_WORKERS, SEABAG_ACCESS_LOG, SEABAG_ADMIN; SEABAG_TLS_CERTIFICATE,
/// SEABAG_TLS_KEY and SEABAG_TLS_REDIRECT, with commas too), overridden by flags. Without any
/// address it is 127.0.0.1:8080. A mistake is a usage error that names its place.
[[nodiscard]] Result<server::Config> make_settings(const ConfigText& config, const Flags& flags,
                                                   const console::Environment& environment);

/// Checks a whole `seabag.toml` and gives the server's part. A mistake is a usage error with line
/// and column. The tables `pack` and `app` belong to others and are not looked into.
[[nodiscard]] Result<server::Config> check_config(const ConfigText& config);

}  // namespace seabag::app
