#include "seabag/server/config.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>

#include "seabag/auth/passwords.h"

namespace seabag::server {
namespace {

constexpr std::int64_t kMaxSeconds = 24 * 60 * 60;
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 40;

/// Whole numbers that a key accepts.
struct Range {
  std::int64_t first;
  std::int64_t last;
};

/// Reads one file; the first fault ends it. Every getter leaves its target alone when the key is
/// absent.
class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  /// The table at `key`, or null.
  Result<const toml::table*> table(const toml::table& parent, const char* key) const {
    const toml::node* node = parent.get(key);
    if (node != nullptr && !node->is_table()) {
      return fault(*node, std::string(key) + " must be a table, as in [" + key + "]");
    }
    return node == nullptr ? nullptr : node->as_table();
  }

  /// Refuses keys that nobody reads: a misspelt one must not be without effect.
  Result<void> only(const toml::table& table, const std::string& name,
                    const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
        std::string list;
        for (const std::string& one : known) {
          list += (list.empty() ? "" : ", ") + one;
        }
        return fault_at(key.source(), "unknown key '" + std::string(key.str()) + "' in " + name +
                                          " (there are: " + list + ")");
      }
    }
    return {};
  }

  template <typename Number>
  Result<void> number(const toml::table& table, const char* key, Range range,
                      Number& target) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return {};
    }
    const std::optional<std::int64_t> value = node->value_exact<std::int64_t>();
    if (!value || *value < range.first || *value > range.last) {
      return fault(*node, std::string(key) + " must be a whole number from " +
                              std::to_string(range.first) + " to " + std::to_string(range.last));
    }
    target = static_cast<Number>(*value);
    return {};
  }

  Result<void> seconds(const toml::table& table, const char* key, net::Milliseconds& target) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return {};
    }
    const std::optional<double> value = node->is_number() ? node->value<double>() : std::nullopt;
    if (!value || !(*value > 0 && *value <= static_cast<double>(kMaxSeconds))) {
      return fault(*node, std::string(key) + " must be a number of seconds above 0, at most " +
                              std::to_string(kMaxSeconds));
    }
    target = std::max<net::Milliseconds>(1, static_cast<net::Milliseconds>(*value * 1000));
    return {};
  }

  /// As `seconds`, but 0 is allowed too.
  Result<void> seconds_or_none(const toml::table& table, const char* key,
                               net::Milliseconds& target) const {
    const toml::node* node = table.get(key);
    if (node != nullptr && node->is_number() && node->value<double>() == 0.0) {
      target = 0;
      return {};
    }
    return seconds(table, key, target);
  }

  Result<void> boolean(const toml::table& table, const char* key, bool& target) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return {};
    }
    if (!node->is_boolean()) {
      return fault(*node, std::string(key) + " must be true or false");
    }
    target = *node->value_exact<bool>();
    return {};
  }

  Result<void> text(const toml::table& table, const char* key, std::string& target) const {
    const toml::node* node = table.get(key);
    return node == nullptr ? Result<void>() : text(*node, key, target);
  }

  /// A string, or an array of strings, with where each of them is.
  using Texts = std::vector<std::pair<std::string, const toml::node*>>;
  Result<Texts> texts(const toml::table& table, const char* key) const {
    Texts values;
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return values;
    }
    if (const toml::array* array = node->as_array(); array != nullptr) {
      for (const toml::node& element : *array) {
        values.emplace_back(std::string(), &element);
        SEABAG_TRY(text(element, key, values.back().first));
      }
      return values;
    }
    values.emplace_back(std::string(), node);
    SEABAG_TRY(text(*node, key, values.back().first));
    return values;
  }

  [[nodiscard]] Error fault(const toml::node& node, std::string detail) const {
    return fault_at(node.source(), std::move(detail));
  }
  [[nodiscard]] Error fault_at(const toml::source_region& region, std::string detail) const {
    const std::string place =
        ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
    return make_error(std::errc::invalid_argument, "config", file_ + place, std::move(detail));
  }

 private:
  Result<void> text(const toml::node& node, const char* key, std::string& target) const {
    const std::optional<std::string> value = node.value_exact<std::string>();
    if (!value || value->find('\0') != std::string::npos) {
      return fault(node, std::string(key) + " must be text in quotes");
    }
    target = *value;
    return {};
  }

  std::string file_;
};

Result<void> read_listen(const Reader& reader, const toml::table& server, Config& config) {
  for (const auto& [text, node] : SEABAG_TRY(reader.texts(server, "listen"))) {
    const auto address = ListenAddress::parse(text);
    if (!address) {
      return reader.fault(*node, "listen '" + text + "': " + address.error().detail);
    }
    config.listen.push_back(*address);
  }
  return {};
}

Result<void> read_admin(const Reader& reader, const toml::table& server, Config& config) {
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

Result<void> read_redirects(const Reader& reader, const toml::table& table, TlsConfig& tls) {
  for (const auto& [text, node] : SEABAG_TRY(reader.texts(table, "redirect"))) {
    const auto address = net::Address::parse(text);
    if (!address) {
      return reader.fault(*node, "redirect '" + text + "': " + address.error().detail);
    }
    tls.redirect.push_back(*address);
  }
  return {};
}

Result<void> read_certificates(const Reader& reader, const toml::table& table, TlsConfig& tls) {
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

Result<void> read_tls(const Reader& reader, const toml::table& table, TlsConfig& tls) {
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

Result<void> read_workers(const Reader& reader, const toml::table& server, Config& config) {
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

Result<void> read_accept(const Reader& reader, const toml::table& server, Config& config) {
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

Result<void> read_limits(const Reader& reader, const toml::table& table, Limits& limits) {
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

Result<void> read_timeouts(const Reader& reader, const toml::table& table, Limits& limits) {
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

Result<void> read_server(const Reader& reader, const toml::table& root, Config& config) {
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

Result<void> read_security(const Reader& reader, const toml::table& site, Config& config) {
  std::string name;
  SEABAG_TRY(reader.text(site, "security_headers", name));
  constexpr std::pair<std::string_view, http::SecurityProfile> kProfiles[] = {
      {"", http::SecurityProfile::none},
      {"none", http::SecurityProfile::none},
      {"basic", http::SecurityProfile::basic},
      {"strict", http::SecurityProfile::strict}};
  for (const auto& [text, profile] : kProfiles) {
    if (text == name) {
      config.security = profile;
      return {};
    }
  }
  return reader.fault(*site.get("security_headers"),
                      "security_headers must be \"none\", \"basic\" or \"strict\"");
}

/// Leaves the target alone when the key is absent.
Result<void> read_texts(const Reader& reader, const toml::table& table, const char* key,
                        std::vector<std::string>& target) {
  if (table.get(key) == nullptr) {
    return {};
  }
  target.clear();
  for (auto& [text, node] : SEABAG_TRY(reader.texts(table, key))) {
    target.push_back(std::move(text));
  }
  return {};
}

/// The tables of `[[site.KEY]]`.
Result<std::vector<const toml::table*>> tables(const Reader& reader, const toml::table& site,
                                               const char* key) {
  std::vector<const toml::table*> found;
  const toml::node* node = site.get(key);
  const toml::array* array = node == nullptr ? nullptr : node->as_array();
  if (node != nullptr && (array == nullptr || !array->is_homogeneous<toml::table>())) {
    return reader.fault(*node, std::string(key) + " must be tables, as in [[site." + key + "]]");
  }
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    found.push_back(array->get(i)->as_table());
  }
  return found;
}

Result<void> read_cors(const Reader& reader, const toml::table& site, Config& config) {
  for (const toml::table* table : SEABAG_TRY(tables(reader, site, "cors"))) {
    SEABAG_TRY(reader.only(
        *table, "[[site.cors]]",
        {"paths", "origins", "methods", "headers", "expose", "credentials", "max_age"}));
    CorsRule rule;
    SEABAG_TRY(read_texts(reader, *table, "paths", rule.paths));
    SEABAG_TRY(read_texts(reader, *table, "origins", rule.origins));
    SEABAG_TRY(read_texts(reader, *table, "methods", rule.methods));
    SEABAG_TRY(read_texts(reader, *table, "headers", rule.headers));
    SEABAG_TRY(read_texts(reader, *table, "expose", rule.expose));
    SEABAG_TRY(reader.boolean(*table, "credentials", rule.credentials));
    SEABAG_TRY(reader.number(*table, "max_age", {0, kMaxSeconds}, rule.max_age));
    if (const std::string fault = fault_of(rule); !fault.empty()) {
      return reader.fault(*table, fault);
    }
    config.cors.push_back(std::move(rule));
  }
  return {};
}

Result<void> read_auth(const Reader& reader, const toml::table& site, Config& config) {
  for (const toml::table* table : SEABAG_TRY(tables(reader, site, "auth"))) {
    SEABAG_TRY(
        reader.only(*table, "[[site.auth]]", {"paths", "realm", "users", "file", "allow_plain"}));
    AuthRule rule;
    SEABAG_TRY(read_texts(reader, *table, "paths", rule.paths));
    SEABAG_TRY(reader.text(*table, "realm", rule.realm));
    SEABAG_TRY(reader.text(*table, "file", rule.file));
    SEABAG_TRY(reader.boolean(*table, "allow_plain", rule.allow_plain));
    for (const auto& [user, node] : SEABAG_TRY(reader.texts(*table, "users"))) {
      if (const auto parsed = auth::Passwords::parse(user, ""); !parsed || parsed->is_empty()) {
        return reader.fault(
            *node, "users: " + (parsed ? "a user is written NAME:HASH" : parsed.error().detail));
      }
      rule.users += user + "\n";
    }
    if (const std::string fault = fault_of(rule, config.names.index); !fault.empty()) {
      return reader.fault(*table, fault);
    }
    config.auth.push_back(std::move(rule));
  }
  return {};
}

Result<void> read_dictionaries(const Reader& reader, const toml::table& site, Config& config) {
  for (const toml::table* table : SEABAG_TRY(tables(reader, site, "dictionary"))) {
    SEABAG_TRY(reader.only(*table, "[[site.dictionary]]", {"match", "files"}));
    DictionaryRule rule;
    SEABAG_TRY(reader.text(*table, "match", rule.match));
    SEABAG_TRY(read_texts(reader, *table, "files", rule.files));
    if (const std::string fault = fault_of(rule); !fault.empty()) {
      return reader.fault(*table, fault);
    }
    config.dictionaries.push_back(std::move(rule));
  }
  return {};
}

Result<void> read_site(const Reader& reader, const toml::table& root, Config& config) {
  const toml::table* site = SEABAG_TRY(reader.table(root, "site"));
  if (site == nullptr) {
    return {};
  }
  SEABAG_TRY(
      reader.only(*site, "[site]",
                  {"index", "clean_urls", "spa_fallback", "asset_prefixes", "security_headers",
                   "listing", "server_timing", "live_compression", "cors", "auth", "dictionary"}));
  http::NameOptions& names = config.names;
  SEABAG_TRY(reader.text(*site, "index", names.index));
  if (names.index.empty() || names.index.find('/') != std::string::npos) {
    return reader.fault(*site->get("index"), "index must be the name of a file, without slashes");
  }
  SEABAG_TRY(reader.boolean(*site, "clean_urls", names.clean_urls));
  SEABAG_TRY(reader.boolean(*site, "listing", names.listing));
  SEABAG_TRY(reader.text(*site, "spa_fallback", names.spa_fallback));
  if (!names.spa_fallback.empty() && !names.spa_fallback.starts_with('/')) {
    return reader.fault(*site->get("spa_fallback"), "spa_fallback must start with a slash");
  }
  for (const auto& [text, node] : SEABAG_TRY(reader.texts(*site, "asset_prefixes"))) {
    if (!text.starts_with('/')) {
      return reader.fault(*node, "asset_prefixes must start with a slash");
    }
    names.asset_prefixes.push_back(text);
  }
  SEABAG_TRY(reader.boolean(*site, "server_timing", config.server_timing));
  SEABAG_TRY(reader.boolean(*site, "live_compression", config.live_compression));
  SEABAG_TRY(read_cors(reader, *site, config));
  SEABAG_TRY(read_auth(reader, *site, config));
  SEABAG_TRY(read_dictionaries(reader, *site, config));
  return read_security(reader, *site, config);
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
  const Reader reader(file);
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
