#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/auth/gate.h"
#include "seabag/http/status.h"
#include "seabag/net/address.h"
#include "seabag/server/auth_rule.h"
#include "seabag/vfs/result.h"

namespace seabag::server {

/// What is said to a request for a guarded path.
struct GuardVerdict {
  auth::Verdict verdict = auth::Verdict::wrong;
  /// For a request that may not pass: the status and rendered lines.
  http::Status status = http::Status::unauthorized;
  std::string_view fields = {};
};

/// The parts of a site that need a password. One thread at a time, but for `replace_users`.
class Guards {
 public:
  /// Null for no rules. Errors: those of auth::Passwords::parse.
  [[nodiscard]] static Result<std::unique_ptr<Guards>> create(const std::vector<AuthRule>& rules);

  /// What the first rule for this decoded path says to an `Authorization` value; nothing when there
  /// is none.
  [[nodiscard]] std::optional<GuardVerdict> judge(std::string_view path,
                                                  std::string_view authorization,
                                                  const net::Peer& client) const;

  /// The users of the rules from now on; `rules` are those of `create` in all other things. Safe
  /// while another thread judges. Errors: as `create`, and then nothing has changed.
  [[nodiscard]] Result<void> replace_users(const std::vector<AuthRule>& rules) const;

 private:
  struct Guard {
    std::vector<std::string> paths;
    std::string challenge;
    std::unique_ptr<auth::Gate> gate;
  };

  std::vector<Guard> guards_;
};

}  // namespace seabag::server
