#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "answer.h"
#include "redirects.h"
#include "seabag/http/names.h"
#include "seabag/http/request_head.h"
#include "seabag/http/target.h"
#include "seabag/net/address.h"
#include "seabag/server/handler.h"
#include "seabag/server/server.h"

namespace seabag::server {

class Cors;
class Listings;

/// A whole request.
struct Asked {
  const http::RequestHead& head;
  std::string_view content = {};
  const net::Peer& client;
};

/// Decides what answers a request, and gives the answer to a sink: a handler of the app, an
/// asset, or a page that says why not. It knows no sockets. One thread at a time.
class Responder {
 public:
  /// What `services` points to must outlive this. Request lines have at most `longest_line` bytes.
  Responder(const Services& services, const SiteOptions& options, std::size_t longest_line);

  ~Responder();

  /// Reads the site's rules. Errors: as Redirects::load.
  [[nodiscard]] Result<void> load_rules() { return redirects_.load(); }
  /// To be called once a second: reads them again when they can change and have.
  /// Errors: as `load_rules`; the old rules stay.
  [[nodiscard]] Result<void> refresh_rules();

  /// Whether a handler reads the content of this request.
  [[nodiscard]] bool wants_content(const http::RequestHead& head);

  /// Answers a request that has been parsed, and that came by `entrance`.
  AnswerRecord answer(const Asked& asked, const Entrance& entrance, const AnswerContext& context,
                      AnswerSink& sink);

  /// What went wrong inside while the last answer was made; empty when nothing did.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  struct Routed {
    std::string_view path;  ///< decoded
    RouteMatch match;
  };

  /// Into `path_`.
  [[nodiscard]] http::TargetOutcome decode(const http::RequestHead& head);
  [[nodiscard]] std::optional<Routed> route(const http::RequestHead& head);
  [[nodiscard]] bool is_well_known_file(const http::RequestHead& head);
  AnswerRecord answer_guarded(const Asked& asked, Scheme scheme, const AnswerContext& context,
                              AnswerSink& sink);
  AnswerRecord answer_site(const Asked& asked, Scheme scheme, const AnswerContext& context,
                           AnswerSink& sink);
  AnswerRecord answer_name(const http::RequestHead& head, std::uint32_t methods,
                           const AnswerContext& context, AnswerSink& sink);
  AnswerRecord answer_listing(const http::RequestHead& head, std::string_view directory,
                              const AnswerContext& context, AnswerSink& sink);
  AnswerRecord answer_method(const http::RequestHead& head, std::uint32_t methods,
                             http::Status status, const AnswerContext& context, AnswerSink& sink);

  const Router* router_;
  RuleLoading rule_loading_;
  std::string_view secure_fields_;
  std::unique_ptr<const Cors> cors_;  ///< null: no other site is allowed anything
  bool is_timed_;
  Redirects redirects_;
  http::NameResolver names_;
  std::unique_ptr<Listings> listings_;  ///< null: directories are not listed
  std::size_t longest_path_;
  std::unique_ptr<char[]> path_;  ///< of the request that is routed
  std::string trouble_;
};

}  // namespace seabag::server
