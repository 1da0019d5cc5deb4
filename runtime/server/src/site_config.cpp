#include "site_config.h"

#include <string_view>
#include <utility>

#include "seabag/auth/passwords.h"

namespace seabag::server {
namespace {

Result<void> read_security(const ConfigReader& reader, const toml::table& site, Config& config) {
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

Result<void> read_cors(const ConfigReader& reader, const toml::table& site, Config& config) {
  for (const toml::table* table : SEABAG_TRY(reader.tables(site, "cors"))) {
    SEABAG_TRY(reader.only(
        *table, "[[site.cors]]",
        {"paths", "origins", "methods", "headers", "expose", "credentials", "max_age"}));
    CorsRule rule;
    SEABAG_TRY(reader.texts(*table, "paths", rule.paths));
    SEABAG_TRY(reader.texts(*table, "origins", rule.origins));
    SEABAG_TRY(reader.texts(*table, "methods", rule.methods));
    SEABAG_TRY(reader.texts(*table, "headers", rule.headers));
    SEABAG_TRY(reader.texts(*table, "expose", rule.expose));
    SEABAG_TRY(reader.boolean(*table, "credentials", rule.credentials));
    SEABAG_TRY(reader.number(*table, "max_age", {0, kMaxSeconds}, rule.max_age));
    if (const std::string fault = fault_of(rule); !fault.empty()) {
      return reader.fault(*table, fault);
    }
    config.cors.push_back(std::move(rule));
  }
  return {};
}

Result<void> read_auth(const ConfigReader& reader, const toml::table& site, Config& config) {
  for (const toml::table* table : SEABAG_TRY(reader.tables(site, "auth"))) {
    SEABAG_TRY(
        reader.only(*table, "[[site.auth]]", {"paths", "realm", "users", "file", "allow_plain"}));
    AuthRule rule;
    SEABAG_TRY(reader.texts(*table, "paths", rule.paths));
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

Result<void> read_dictionaries(const ConfigReader& reader, const toml::table& site,
                               Config& config) {
  for (const toml::table* table : SEABAG_TRY(reader.tables(site, "dictionary"))) {
    SEABAG_TRY(reader.only(*table, "[[site.dictionary]]", {"match", "files"}));
    DictionaryRule rule;
    SEABAG_TRY(reader.text(*table, "match", rule.match));
    SEABAG_TRY(reader.texts(*table, "files", rule.files));
    if (const std::string fault = fault_of(rule); !fault.empty()) {
      return reader.fault(*table, fault);
    }
    config.dictionaries.push_back(std::move(rule));
  }
  return {};
}

}  // namespace

Result<void> read_site(const ConfigReader& reader, const toml::table& root, Config& config) {
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

}  // namespace seabag::server
