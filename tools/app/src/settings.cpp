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

Result<void> set_listen(server::Config& config, const std::vector<std::string>& texts,
                        std::string_view source) {
  std::vector<net::Address> addresses;
  for (const std::string& text : texts) {
    auto address = net::Address::parse(text);
    if (!address) {
      return mistake(source, with_path(std::move(address).error(), text));
    }
    addresses.push_back(std::move(address).value());
  }
  config.listen = std::move(addresses);
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
  if (settings.listen.empty()) {
    settings.listen.push_back(SEABAG_TRY(net::Address::parse(kDefaultAddress)));
  }
  return settings;
}

}  // namespace seabag::app
