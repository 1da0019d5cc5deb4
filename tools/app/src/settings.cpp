#include "seabag/app/settings.h"

#include <charconv>
#include <utility>

#include "seabag/net/address.h"

namespace seabag::app {

namespace {

constexpr std::string_view kDefaultAddress = "127.0.0.1:8080";

// A mistake in a value, named by where the value comes from.
Error mistake(std::string_view source, const Error& error) {
  return console::usage_error(std::string(source) + ": '" + error.path +
                              "': " + (error.detail.empty() ? error.code.message() : error.detail));
}

// Addresses of a kind, each parsed by itself.
template <typename T>
Result<std::vector<T>> parse_all(const std::vector<std::string>& texts, std::string_view source) {
  std::vector<T> parsed;
  for (const std::string& text : texts) {
    auto one = T::parse(text);
    if (!one) {
      return mistake(source, with_path(std::move(one).error(), text));
    }
    parsed.push_back(std::move(one).value());
  }
  return parsed;
}

Result<void> set_listen(server::Config& config, const std::vector<std::string>& texts,
                        std::string_view source) {
  config.listen = SEABAG_TRY(parse_all<server::ListenAddress>(texts, source));
  return {};
}

// Certificates with their keys, in the order that they come in.
Result<void> set_certificates(server::Config& config, const std::vector<std::string>& files,
                              const std::vector<std::string>& keys, std::string_view source) {
  if (keys.size() > files.size()) {
    return console::usage_error(std::string(source) + ": there are more keys than certificates");
  }
  config.tls.certificates.clear();
  for (std::size_t i = 0; i < files.size(); ++i) {
    config.tls.certificates.push_back(
        {.certificate = files[i], .key = i < keys.size() ? keys[i] : std::string(), .ocsp = {}});
  }
  return {};
}

Result<void> apply_tls_flags(server::Config& config, const TlsFlags& flags) {
  if (!flags.certificate.empty() || !flags.key.empty()) {
    SEABAG_TRY(set_certificates(config, flags.certificate, flags.key, "--tls-key"));
  }
  if (flags.self_signed) {
    config.tls.certificates.clear();
    config.tls.is_self_signed = true;
  }
  if (!flags.redirect.empty()) {
    config.tls.redirect = SEABAG_TRY(parse_all<net::Address>(flags.redirect, "--tls-redirect"));
  }
  if (flags.min_version && *flags.min_version != "1.2" && *flags.min_version != "1.3") {
    return console::usage_error("--tls-min-version: '" + *flags.min_version +
                                "' is neither 1.2 nor 1.3");
  }
  if (flags.min_version) {
    config.tls.minimum =
        *flags.min_version == "1.3" ? server::TlsVersion::tls_1_3 : server::TlsVersion::tls_1_2;
  }
  return {};
}

// Whether what is to be spoken fits to what there is for it.
Result<void> check_tls(const server::Config& config) {
  bool is_spoken = false;
  for (const server::ListenAddress& at : config.listen) {
    is_spoken = is_spoken || config.scheme_of(at) == server::Scheme::https;
  }
  constexpr const char* kRemedy = "give --tls-certificate FILE, or --tls-self-signed to try it out";
  if (is_spoken && !config.tls.is_on()) {
    return console::usage_error(std::string("https:// needs a certificate: ") + kRemedy);
  }
  if (!config.tls.redirect.empty() && !is_spoken) {
    return console::usage_error(config.tls.is_on()
                                    ? "nothing listens for HTTPS, where would a redirect lead?"
                                    : std::string("a redirect to HTTPS needs it: ") + kRemedy);
  }
  return {};
}

Result<void> set_workers(server::Config& config, const std::string& text, std::string_view source) {
  if (text == "auto") {
    config.workers = 0;
    return {};
  }
  unsigned workers = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), workers);
  if (problem != std::errc() || end != text.data() + text.size() || workers == 0 ||
      workers > server::kMaxWorkers) {
    return console::usage_error(std::string(source) + ": '" + text +
                                "' is neither a number from 1 to " +
                                std::to_string(server::kMaxWorkers) + " nor 'auto'");
  }
  config.workers = workers;
  return {};
}

Result<void> set_admin(server::Config& config, const std::string& text, std::string_view source) {
  config.admin.reset();
  if (!text.empty()) {
    auto address = server::parse_admin_address(text);
    if (!address) {
      return mistake(source, with_path(std::move(address).error(), text));
    }
    config.admin = std::move(*address);
  }
  return {};
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(comma + 1);
  }
}

Result<void> apply_environment(server::Config& config, const console::Environment& environment) {
  if (const auto listen = environment("SEABAG_LISTEN"); listen && !listen->empty()) {
    SEABAG_TRY(set_listen(config, split_at_commas(*listen), "SEABAG_LISTEN"));
  }
  if (const auto workers = environment("SEABAG_WORKERS"); workers && !workers->empty()) {
    SEABAG_TRY(set_workers(config, *workers, "SEABAG_WORKERS"));
  }
  if (const auto log = environment("SEABAG_ACCESS_LOG")) {
    config.access_log = *log;
  }
  if (const auto admin = environment("SEABAG_ADMIN")) {
    SEABAG_TRY(set_admin(config, *admin, "SEABAG_ADMIN"));
  }
  const auto list = [&](const char* name) {
    const auto text = environment(name);
    return text && !text->empty() ? split_at_commas(*text) : std::vector<std::string>();
  };
  if (const auto files = list("SEABAG_TLS_CERTIFICATE"); !files.empty()) {
    SEABAG_TRY(set_certificates(config, files, list("SEABAG_TLS_KEY"), "SEABAG_TLS_KEY"));
  }
  if (const auto texts = list("SEABAG_TLS_REDIRECT"); !texts.empty()) {
    config.tls.redirect = SEABAG_TRY(parse_all<net::Address>(texts, "SEABAG_TLS_REDIRECT"));
  }
  return {};
}

}  // namespace

Result<server::Config> check_config(const ConfigText& config) {
  if (config.text.empty()) {
    return server::Config{};
  }
  auto parsed = server::parse_config(config.text, config.name, {"pack", "app"});
  if (!parsed) {
    return console::usage_error(parsed.error().path + ": " + parsed.error().detail);
  }
  return parsed;
}

Result<server::Config> make_settings(const ConfigText& config, const Flags& flags,
                                     const console::Environment& environment) {
  server::Config settings = SEABAG_TRY(check_config(config));
  SEABAG_TRY(apply_environment(settings, environment));
  if (!flags.listen.empty()) {
    SEABAG_TRY(set_listen(settings, flags.listen, "--listen"));
  }
  if (flags.workers) {
    SEABAG_TRY(set_workers(settings, *flags.workers, "--workers"));
  }
  if (flags.access_log) {
    settings.access_log = *flags.access_log;
  }
  if (flags.admin) {
    SEABAG_TRY(set_admin(settings, *flags.admin, "--admin"));
  }
  settings.names.listing = settings.names.listing || flags.listing;
  if (settings.listen.empty()) {
    settings.listen.push_back(SEABAG_TRY(server::ListenAddress::parse(kDefaultAddress)));
    settings.is_default_address = true;
  }
  SEABAG_TRY(apply_tls_flags(settings, flags.tls));
  SEABAG_TRY(check_tls(settings));
  return settings;
}

}  // namespace seabag::app
