#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/request_head.h"
#include "seabag/server/cors.h"
#include "seabag/server/scheme.h"

namespace seabag::server {

/// What the rules say to a request.
struct CorsVerdict {
  /// Rendered lines for the answer.
  std::string_view fields;
  /// The request only asks for permission: it is answered with 204 and these fields.
  bool is_preflight = false;
};

/// The rules in a form that answers a request without allocating. Safe for concurrent use.
class Cors {
 public:
  /// `rules` have no faults. `secure_fields` are added to what answers over HTTPS carry.
  Cors(const std::vector<CorsRule>& rules, std::string_view secure_fields);

  /// What the first rule for this decoded path says; nothing when there is none.
  [[nodiscard]] std::optional<CorsVerdict> judge(const http::RequestHead& head,
                                                 std::string_view path, Scheme scheme) const;

 private:
  /// Lines for answers over HTTP, and over HTTPS.
  struct Lines {
    std::string plain;
    std::string secure;

    [[nodiscard]] std::string_view of(Scheme scheme) const {
      return scheme == Scheme::https ? secure : plain;
    }
  };
  struct Origin {
    std::string name;
    Lines actual;
    Lines preflight;
  };
  struct Rule {
    std::vector<std::string> paths;
    std::vector<Origin> origins;  ///< one without a name is every origin
    Lines foreign;                ///< for requests of no or another origin
  };

  static Rule make_rule(const CorsRule& rule, std::string_view secure_fields);

  std::vector<Rule> rules_;
};

}  // namespace seabag::server
