#include "guards.h"

#include <algorithm>
#include <array>
#include <utility>

namespace seabag::server {
namespace {

constexpr std::string_view kHtml = ".html";
constexpr std::string_view kLimited = "Retry-After: 6\r\n";
constexpr std::string_view kBusy = "Retry-After: 1\r\n";

/// What all URLs of a guarded name have in common.
std::string stem_of(std::string_view path) {
  if (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (path.ends_with(kHtml)) {
    path.remove_suffix(kHtml.size());
  }
  return std::string(path);
}

bool is_covered(std::string_view path, const std::vector<std::string>& stems) {
  return std::any_of(stems.begin(), stems.end(), [&](const std::string& stem) {
    const std::string_view rest =
        path.starts_with(stem) ? path.substr(stem.size()) : std::string_view("x");
    return rest.empty() || rest.front() == '/' || (rest.front() == '.' && !stem.empty());
  });
}

Result<auth::Passwords> passwords_of(const AuthRule& rule) {
  return auth::Passwords::parse(rule.users, rule.file.empty() ? "users" : rule.file);
}

}  // namespace

std::string fault_of(const AuthRule& rule, const std::string& index) {
  if (rule.paths.empty()) {
    return "paths must name at least one";
  }
  for (const std::string& path : rule.paths) {
    if (!path.starts_with('/') || path.find("//") != std::string::npos) {
      return "paths: '" + path + "' is no absolute path";
    }
    if (stem_of(path).ends_with("/" + stem_of(index))) {
      return "paths: '" + path + "' is also served as its directory: name that";
    }
    if (path.find('*') != std::string::npos) {
      return "paths: '" + path + "': everything below a path is meant anyway, leave out the *";
    }
  }
  const bool is_realm_good = std::none_of(rule.realm.begin(), rule.realm.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\\';
  });
  if (!is_realm_good) {
    return "realm must not hold quotes, backslashes and controls";
  }
  return rule.users.empty() && rule.file.empty() ? "there are no users and no file of them" : "";
}

Result<std::unique_ptr<Guards>> Guards::create(const std::vector<AuthRule>& rules) {
  if (rules.empty()) {
    return std::unique_ptr<Guards>();
  }
  auto guards = std::make_unique<Guards>();
  for (const AuthRule& rule : rules) {
    auth::Passwords users = SEABAG_TRY(passwords_of(rule));
    Guard guard;
    for (const std::string& path : rule.paths) {
      guard.paths.push_back(stem_of(path));
    }
    guard.challenge = "WWW-Authenticate: Basic realm=\"" + rule.realm + "\", charset=\"UTF-8\"\r\n";
    guard.gate = std::make_unique<auth::Gate>(std::move(users));
    guards->guards_.push_back(std::move(guard));
  }
  return guards;
}

Result<void> Guards::replace_users(const std::vector<AuthRule>& rules) const {
  std::vector<auth::Passwords> users;
  for (const AuthRule& rule : rules) {
    users.push_back(SEABAG_TRY(passwords_of(rule)));
  }
  for (std::size_t i = 0; i < std::min(users.size(), guards_.size()); ++i) {
    guards_[i].gate->replace(std::move(users[i]));
  }
  return {};
}

std::optional<GuardVerdict> Guards::judge(std::string_view path, std::string_view authorization,
                                          const net::Peer& client) const {
  const auto guard = std::find_if(guards_.begin(), guards_.end(),
                                  [&](const Guard& one) { return is_covered(path, one.paths); });
  if (guard == guards_.end()) {
    return std::nullopt;
  }
  std::array<char, net::Peer::kMaxTextLength> text{};
  const auth::Verdict verdict = guard->gate->judge(authorization, client.text(text));
  switch (verdict) {
    case auth::Verdict::limited:
      return GuardVerdict{verdict, http::Status::too_many_requests, kLimited};
    case auth::Verdict::busy:
    case auth::Verdict::pending:
      return GuardVerdict{verdict, http::Status::service_unavailable, kBusy};
    case auth::Verdict::right:
    case auth::Verdict::wrong:
      break;
  }
  return GuardVerdict{verdict, http::Status::unauthorized, guard->challenge};
}

}  // namespace seabag::server
