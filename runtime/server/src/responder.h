#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "answer.h"
#include "early_hints.h"
#include "guards.h"
#include "redirects.h"
#include "seabag/http/names.h"
#include "seabag/http/request_head.h"
#include "seabag/http/target.h"
#include "seabag/net/address.h"
#include "seabag/net/timer_wheel.h"
#include "seabag/server/handler.h"
#include "seabag/server/server.h"

namespace seabag::server {

class Cors;
class Dictionaries;
class Listings;
class Lanes;
class Mailbox;

/// A whole request.
struct Asked {
  const http::RequestHead& head;
  std::string_view content = {};
  const net::Peer& client;
  /// What the client wants to speak instead of HTTP/2 (RFC 8441); in HTTP/1.1 the head tells it.
  std::string_view protocol = {};
  /// `content_wish` has been asked, and content has been waited for.
  bool is_admitted = false;
};

/// What becomes of the content of a request.
enum class ContentUse : std::uint8_t {
  none,      ///< nobody reads it
  gathered,  ///< a handler wants all of it at once
  parts,     ///< a handler takes it as it comes, and is to be called before
};

/// That, and how much there may be of it.
struct ContentWish {
  ContentUse use = ContentUse::none;
  std::optional<std::uint64_t> limit = {};  ///< nothing: Limits::body
};

/// Decides what answers a request, and gives the answer to a sink: a handler of the app, an
/// asset, or a page that says why not. It knows no sockets. One thread at a time.
class Responder {
 public:
  /// What `services` points to must outlive this. Request lines have at most `longest_line` bytes.
  Responder(const Services& services, const SiteOptions& options, std::size_t longest_line);

  ~Responder();

  /// Reads the site's rules. Errors: as Redirects::load and Guards::create.
  [[nodiscard]] Result<void> load_rules();
  /// To be called once a second: reads them again when they can change and have.
  /// Errors: as `load_rules`; the old rules stay.
  [[nodiscard]] Result<void> refresh_rules();

  /// As Guards::replace_users.
  [[nodiscard]] Result<void> replace_users(const std::vector<AuthRule>& rules) {
    return guards_ != nullptr ? guards_->replace_users(rules) : Result<void>();
  }

  /// Whether it can't be told yet what answers this request: its password is being looked at. Ask
  /// again in kAskAgain milliseconds, before anything else is asked.
  [[nodiscard]] bool must_wait(const Asked& asked) {
    return guards_ != nullptr && is_pending(asked);
  }
  static constexpr net::Milliseconds kAskAgain = 5;

  /// Whether some handler speaks another protocol than HTTP.
  [[nodiscard]] bool has_tunnels() const { return router_ != nullptr && router_->has_tunnels(); }

  /// What becomes of the content of this request. `none` also when there is an answer already,
  /// which `answer` then gives: it must be the next call.
  [[nodiscard]] ContentWish content_wish(const Asked& asked, Scheme scheme);

  /// Answers a request that has been parsed, and that came by `entrance`.
  AnswerRecord answer(const Asked& asked, const Entrance& entrance, const AnswerContext& context,
                      AnswerSink& sink);

  /// Where answers that come later are told, and where blocking handlers run (null: there are
  /// none); before the first request.
  void set_fabric(std::shared_ptr<Mailbox> mailbox, Lanes* lanes) {
    mailbox_ = std::move(mailbox);
    lanes_ = lanes;
  }

  /// What went wrong inside while the last answer was made; empty when nothing did.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  struct Routed {
    std::string_view path;  ///< decoded
    RouteMatch match;
  };

  [[nodiscard]] bool is_pending(const Asked& asked);
  [[nodiscard]] std::optional<GuardVerdict> guard(const Asked& asked);
  /// Into `path_`.
  [[nodiscard]] http::TargetOutcome decode(const http::RequestHead& head);
  [[nodiscard]] std::optional<Routed> route(const Asked& asked);
  [[nodiscard]] std::optional<Routed> route(const http::RequestHead& head);
  std::optional<Response> admit(const Route& route, const Request& request);
  static void polish(std::span<const Middleware> middleware, const Request& request,
                     Response& response, std::string& trouble);
  AnswerRecord call(const Routed& routed, const Asked& asked, Scheme scheme,
                    const AnswerContext& context, AnswerSink& sink);
  [[nodiscard]] bool is_well_known_file(const http::RequestHead& head);
  AnswerRecord answer_guarded(const Asked& asked, Scheme scheme, const AnswerContext& context,
                              AnswerSink& sink);
  AnswerRecord answer_site(const Asked& asked, Scheme scheme, const AnswerContext& context,
                           AnswerSink& sink);
  AnswerRecord answer_name(const http::RequestHead& head, std::uint32_t methods,
                           const AnswerContext& context, AnswerSink& sink);
  AnswerRecord answer_listing(const http::RequestHead& head, std::string_view directory,
                              const AnswerContext& context, AnswerSink& sink);
  AnswerRecord answer_by_dictionary(const http::RequestHead& head, const vfs::Asset& asset,
                                    const AnswerContext& context, AnswerSink& sink);
  AnswerRecord answer_method(const http::RequestHead& head, std::uint32_t methods,
                             http::Status status, const AnswerContext& context, AnswerSink& sink);

  const vfs::AssetSource* assets_;
  ContentHash hash_;
  const Router* router_;
  Mutability mutability_;
  std::string_view secure_fields_;
  std::vector<AuthRule> auth_;
  std::unique_ptr<const Guards> guards_;  ///< null: everybody may see everything
  std::string guarded_fields_;            ///< of the answer that is made
  std::vector<DictionaryRule> dictionary_rules_;
  std::unique_ptr<Dictionaries> dictionaries_;  ///< null: there are none
  std::string dictionary_fields_;               ///< of the answer that is made
  std::unique_ptr<const Cors> cors_;            ///< null: no other site is allowed anything
  bool is_timed_;
  bool may_repeat_ = false;  ///< two requests for one asset get the same answer
  Redirects redirects_;
  EarlyHints hints_;
  http::NameResolver names_;
  std::unique_ptr<Listings> listings_;  ///< null: directories are not listed
  std::size_t longest_path_;
  std::unique_ptr<char[]> path_;  ///< of the request that is routed
  std::shared_ptr<Mailbox> mailbox_;
  Lanes* lanes_ = nullptr;
  std::optional<Response> early_;  ///< to the request whose `content_wish` was asked
  std::string trouble_;
};

}  // namespace seabag::server
