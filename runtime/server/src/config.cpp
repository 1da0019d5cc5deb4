#include "seabag/server/config.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "config_reader.h"
#include "site_config.h"

namespace seabag::server {
namespace {

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 40;

Result<void> read_listen(const ConfigReader& reader, const toml::table& server, Config& config) {
  for (const auto& [text, node] : SEABAG_TRY(reader.texts(server, "listen"))) {
    const auto address = ListenAddress::parse(text);
    if (!address) {
      return reader.fault(*node, "listen '" + text + "': " + address.error().detail);
    }
    config.listen.push_back(*address);
  }
  return {};
}

Result<void> read_admin(const ConfigReader& reader, const toml::table& server, Config& config) {
  std::string text;
  SEABAG_TRY(reader.text(server, "admin", text));
  if (text.empty()) {
    return {};
  }
  const auto address = parse_admin_address(text);
  if (!address) {
    return reader.fault(*server.get("admin"), "admin '" + text + "': " + address.error().detail);
  }
  config.admin = *address;
  return {};
}

Result<void> read_redirects(const ConfigReader& reader, const toml::table& table, TlsConfig& tls) {
  for (const auto& [text, node] : SEABAG_TRY(reader.texts(table, "redirect"))) {
    const auto address = net::Address::parse(text);
    if (!address) {
      return reader.fault(*node, "redirect '" + text + "': " + address.error().detail);
    }
    tls.redirect.push_back(*address);
  }
  return {};
}

Result<void> read_certificates(const ConfigReader& reader, const toml::table& table,
                               TlsConfig& tls) {
  const toml::node* node = table.get("certificates");
  if (node == nullptr) {
    return {};
  }
  const toml::array* array = node->as_array();
  if (array == nullptr || array->empty() || !array->is_homogeneous<toml::table>()) {
    return reader.fault(*node, "certificates must be a list of { certificate, key, ocsp }");
  }
  for (const toml::node& element : *array) {
    const toml::table& one = *element.as_table();
    Certificate certificate;
    SEABAG_TRY(reader.only(one, "certificates", {"certificate", "key", "ocsp"}));
    SEABAG_TRY(reader.text(one, "certificate", certificate.certificate));
    SEABAG_TRY(reader.text(one, "key", certificate.key));
    SEABAG_TRY(reader.text(one, "ocsp", certificate.ocsp));
    if (certificate.certificate.empty()) {
      return reader.fault(element, "certificates: each one needs a certificate = \"FILE\"");
    }
    tls.certificates.push_back(std::move(certificate));
  }
  return {};
}

Result<void> read_tls(const ConfigReader& reader, const toml::table& table, TlsConfig& tls) {
  SEABAG_TRY(reader.only(table, "[server.tls]", {"certificates", "min_version", "redirect"}));
  SEABAG_TRY(read_certificates(reader, table, tls));
  SEABAG_TRY(read_redirects(reader, table, tls));
  std::string version = "1.2";
  SEABAG_TRY(reader.text(table, "min_version", version));
  if (version != "1.2" && version != "1.3") {
    return reader.fault(*table.get("min_version"), "min_version must be \"1.2\" or \"1.3\"");
  }
  tls.minimum = version == "1.3" ? TlsVersion::tls_1_3 : TlsVersion::tls_1_2;
  return {};
}

Result<void> read_workers(const ConfigReader& reader, const toml::table& server, Config& config) {
  const toml::node* node = server.get("workers");
  if (node == nullptr || !node->is_string()) {
    return reader.number(server, "workers", {1, kMaxWorkers}, config.workers);
  }
  if (node->value_exact<std::string>() != "auto") {
    return reader.fault(*node, "workers must be a number or \"auto\"");
  }
  config.workers = 0;
  return {};
}

Result<void> read_accept(const ConfigReader& reader, const toml::table& server, Config& config) {
  std::string name;
  SEABAG_TRY(reader.text(server, "accept", name));
  constexpr std::pair<std::string_view, net::Spreading> kNames[] = {
      {"spread", net::Spreading::hashed},
      {"processor", net::Spreading::by_processor},
      {"shared", net::Spreading::shared}};
  for (const auto& [text, spreading] : kNames) {
    if (text == name) {
      config.accept = spreading;
      return {};
    }
  }
  if (!name.empty() && name != "auto") {
    return reader.fault(*server.get("accept"),
                        "accept must be \"auto\", \"spread\", \"processor\" or \"shared\"");
  }
  return {};
}

Result<void> read_limits(const ConfigReader& reader, const toml::table& table, Limits& limits) {
  SEABAG_TRY(reader.only(table, "[server.limits]",
                         {"request_line", "header_block", "header_fields", "body", "connections",
                          "connections_per_address"}));
  constexpr Range kHead{256, 1024 * 1024};
  constexpr Range kCount{1, 10'000'000};
  SEABAG_TRY(reader.number(table, "request_line", kHead, limits.head.request_line));
  SEABAG_TRY(reader.number(table, "header_block", kHead, limits.head.field_block));
  SEABAG_TRY(reader.number(table, "header_fields", {1, static_cast<std::int64_t>(http::kMaxFields)},
                           limits.head.fields));
  SEABAG_TRY(reader.number(table, "body", {0, kMaxBytes}, limits.body));
  SEABAG_TRY(reader.number(table, "connections", kCount, limits.connections));
  return reader.number(table, "connections_per_address", {0, kCount.last},
                       limits.connections_per_address);
}

Result<void> read_timeouts(const ConfigReader& reader, const toml::table& table, Limits& limits) {
  SEABAG_TRY(reader.only(table, "[server.timeouts]",
                         {"handshake", "header", "body", "body_rate", "keep_alive", "write",
                          "linger", "drain", "drain_delay"}));
  SEABAG_TRY(reader.seconds(table, "handshake", limits.handshake_time));
  SEABAG_TRY(reader.seconds(table, "header", limits.head_time));
  SEABAG_TRY(reader.seconds(table, "body", limits.body_time));
  SEABAG_TRY(reader.number(table, "body_rate", {1, kMaxBytes}, limits.body_rate));
  SEABAG_TRY(reader.seconds(table, "keep_alive", limits.keep_alive_time));
  limits.crowded_keep_alive_time = std::min(limits.crowded_keep_alive_time, limits.keep_alive_time);
  SEABAG_TRY(reader.seconds(table, "write", limits.write_time));
  SEABAG_TRY(reader.seconds(table, "linger", limits.linger_time));
  SEABAG_TRY(reader.seconds_or_none(table, "drain_delay", limits.drain_delay));
  return reader.seconds(table, "drain", limits.drain_time);
}

Result<void> read_server(const ConfigReader& reader, const toml::table& root, Config& config) {
  const toml::table* server = SEABAG_TRY(reader.table(root, "server"));
  if (server == nullptr) {
    return {};
  }
  SEABAG_TRY(reader.only(
      *server, "[server]",
      {"listen", "workers", "accept", "access_log", "admin", "tls", "limits", "timeouts"}));
  SEABAG_TRY(read_listen(reader, *server, config));
  SEABAG_TRY(read_workers(reader, *server, config));
  SEABAG_TRY(read_accept(reader, *server, config));
  SEABAG_TRY(reader.text(*server, "access_log", config.access_log));
  SEABAG_TRY(read_admin(reader, *server, config));
  if (const toml::table* tls = SEABAG_TRY(reader.table(*server, "tls"))) {
    SEABAG_TRY(read_tls(reader, *tls, config.tls));
  }
  if (const toml::table* limits = SEABAG_TRY(reader.table(*server, "limits"))) {
    SEABAG_TRY(read_limits(reader, *limits, config.limits));
  }
  if (const toml::table* timeouts = SEABAG_TRY(reader.table(*server, "timeouts"))) {
    SEABAG_TRY(read_timeouts(reader, *timeouts, config.limits));
  }
  return {};
}

}  // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  constexpr std::pair<std::string_view, Scheme> kSchemes[] = {{"http://", Scheme::http},
                                                              {"https://", Scheme::https}};
  for (const auto& [prefix, scheme] : kSchemes) {
    if (text.starts_with(prefix)) {
      return ListenAddress{.address = SEABAG_TRY(net::Address::parse(text.substr(prefix.size()))),
                           .scheme = scheme};
    }
  }
  return ListenAddress{.address = SEABAG_TRY(net::Address::parse(text))};
}

Result<net::Address> parse_admin_address(std::string_view text) {
  constexpr std::string_view kPublic = "public:";
  const bool may_be_public = text.starts_with(kPublic);
  const std::string_view plain = may_be_public ? text.substr(kPublic.size()) : text;
  auto address = net::Address::parse(plain);
  if (address && !address->is_local() && !may_be_public) {
    return make_error(std::errc::invalid_argument, "listen", text,
                      "everybody who reaches this may read it: take 127.0.0.1:PORT or unix:PATH, "
                      "or write public:" +
                          std::string(text));
  }
  return address;
}

Scheme Config::scheme_of(const ListenAddress& at) const {
  const bool is_default_secure = tls.is_on() && !at.address.is_unix();
  return at.scheme.value_or(is_default_secure ? Scheme::https : Scheme::http);
}

Result<Config> parse_config(std::string_view text, std::string_view file,
                            const std::vector<std::string>& foreign) {
  const ConfigReader reader(file);
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return reader.fault_at(parsed.error().source(), std::string(parsed.error().description()));
  }
  std::vector<std::string> known{"server", "site"};
  known.insert(known.end(), foreign.begin(), foreign.end());
  Config config;
  SEABAG_TRY(reader.only(parsed.table(), "the file", known));
  SEABAG_TRY(read_server(reader, parsed.table(), config));
  SEABAG_TRY(read_site(reader, parsed.table(), config));
  return config;
}

}  // namespace seabag::server
