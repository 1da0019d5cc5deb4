#include "responder.h"

#include <array>
#include <charconv>
#include <exception>
#include <utility>

#include "asset_answer.h"
#include "blocking_task.h"
#include "conduit.h"
#include "cors.h"
#include "dictionaries.h"
#include "handler_answer.h"
#include "listings.h"
#include "prepared_answers.h"
#include "seabag/http/negotiation.h"
#include "seabag/server/lanes.h"
#include "secure_redirect.h"
#include "timed_sink.h"

namespace seabag::server {
namespace {

using http::Method;
using http::Status;

constexpr std::size_t kMostPages = 1'000'000'000;

bool reads(Method method) { return method == Method::get || method == Method::head; }

constexpr std::uint32_t bit(Method method) {
  return std::uint32_t{1} << static_cast<std::uint32_t>(method);
}

/// `Allow` for a path: what assets allow, and what handlers add.
std::string allow_field(std::uint32_t methods) {
  std::string line(http::kAllowField.substr(0, http::kAllowField.size() - 2));
  constexpr std::pair<Method, std::string_view> kOthers[] = {{Method::post, ", POST"},
                                                             {Method::put, ", PUT"},
                                                             {Method::patch, ", PATCH"},
                                                             {Method::delete_resource, ", DELETE"}};
  for (const auto& [method, text] : kOthers) {
    line += (methods & bit(method)) != 0 ? text : std::string_view();
  }
  return line + "\r\n";
}

/// `page=N` of a query, 1 when there is none; 0 for what is no number of a page.
std::size_t page_of(std::string_view query) {
  constexpr std::string_view kName = "page=";
  while (!query.empty()) {
    query.remove_prefix(1);  // `?` or `&`
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(part.size());
    if (part.starts_with(kName)) {
      std::size_t number = 0;
      const char* const end = part.data() + part.size();
      const auto [stop, problem] = std::from_chars(part.data() + kName.size(), end, number);
      return problem == std::errc() && stop == end && number < kMostPages ? number : 0;
    }
  }
  return 1;
}

/// A site without files, for servers that have handlers only.
class NoAssets final : public vfs::AssetSource {
 public:
  Result<vfs::Asset> find(std::string_view) const override {
    return make_error(std::errc::no_such_file_or_directory, "find");
  }
};

const vfs::AssetSource& assets_of(const Services& services) {
  static const NoAssets none;
  return services.assets != nullptr ? *services.assets : none;
}

}  // namespace

Responder::Responder(const Services& services, const SiteOptions& options, std::size_t longest_line)
    : assets_(&assets_of(services)),
      hash_(options.hash),
      router_(services.router != nullptr && !services.router->is_empty() ? services.router
                                                                         : nullptr),
      mutability_(options.mutability),
      secure_fields_(options.secure_fields),
      auth_(options.auth),
      dictionary_rules_(options.dictionaries),
      cors_(options.cors.empty()
                ? nullptr
                : std::make_unique<const Cors>(options.cors, options.secure_fields)),
      is_timed_(options.server_timing),
      redirects_(assets_of(services)),
      hints_(assets_of(services)),
      names_(assets_of(services), options.names, &redirects_.rules()),
      longest_path_(longest_line),
      path_(std::make_unique_for_overwrite<char[]>(longest_line)) {
  if (options.names.listing && services.files != nullptr) {
    listings_ = std::make_unique<Listings>(*services.files, options.hash, options.mutability);
  }
}

Responder::~Responder() = default;

Result<void> Responder::load_rules() {
  guards_ = SEABAG_TRY(Guards::create(auth_));
  dictionaries_ = SEABAG_TRY(Dictionaries::load(*assets_, dictionary_rules_, hash_));
  SEABAG_TRY(hints_.load());
  may_repeat_ = mutability_ == Mutability::fixed && guards_ == nullptr &&
                dictionaries_ == nullptr && cors_ == nullptr && !is_timed_;
  return redirects_.load();
}

Result<void> Responder::refresh_rules() {
  if (mutability_ == Mutability::fixed) {
    return {};
  }
  static_cast<void>(hints_.load());  // who serves the files tells of a fault in them
  return redirects_.load();
}

std::optional<Responder::Routed> Responder::route(const http::RequestHead& head) {
  if (router_ == nullptr) {
    return std::nullopt;
  }
  const http::TargetOutcome target = decode(head);
  if (target.error != nullptr) {
    return std::nullopt;
  }
  return Routed{.path = target.target.path,
                .match = router_->match(head.method, target.target.path)};
}

/// A client that asks for another protocol gets it where there is a tunnel, and HTTP elsewhere.
std::optional<Responder::Routed> Responder::route(const Asked& asked) {
  if (router_ != nullptr && router_->has_tunnels()) [[unlikely]] {
    const bool is_upgrade = asked.head.wants_upgrade && asked.head.method == Method::get &&
                            asked.head.framing == http::BodyFraming::none;
    if (is_upgrade || !asked.protocol.empty()) {
      std::optional<Routed> routed = route(asked.head);
      if (routed) {
        const RouteMatch tunnel = is_upgrade ? router_->match_upgrade(routed->path, asked.head)
                                             : router_->match_tunnel(routed->path, asked.protocol);
        routed->match = tunnel.state == RouteMatch::State::found ? tunnel : routed->match;
      }
      return routed;
    }
  }
  return route(asked.head);
}

ContentWish Responder::content_wish(const Asked& asked, Scheme scheme) {
  early_.reset();
  const std::optional<Routed> routed = route(asked.head);
  if (!routed || routed->match.state != RouteMatch::State::found) {
    return {};
  }
  if (guards_ != nullptr) [[unlikely]] {
    const std::optional<GuardVerdict> verdict = guard(asked);
    if (verdict && verdict->verdict != auth::Verdict::right) {
      return {};  // the answer says no
    }
  }
  const Route& found = *routed->match.route;
  std::array<char, net::Peer::kMaxTextLength> client{};
  early_ = admit(found, Request(asked.head, routed->path, routed->match, {},
                                asked.client.text(client), scheme));
  if (early_) {
    return {};
  }
  const bool takes_parts = std::holds_alternative<StreamHandler>(found.handler);
  return {.use = takes_parts ? ContentUse::parts : ContentUse::gathered,
          .limit = takes_parts ? found.content_limit : std::nullopt};
}

/// What is answered instead of calling the handler.
std::optional<Response> Responder::admit(const Route& route, const Request& request) {
  try {
    for (const Middleware& one : router_->middleware()) {
      if (std::optional<Response> early = one.before ? one.before(request) : std::nullopt) {
        return early;
      }
    }
  } catch (const std::exception& error) {
    trouble_ = error.what();
    return Response::error(Status::internal_server_error);
  }
  if (route.lane && lanes_->is_full(*route.lane)) {
    return make_refusal(lanes_->options(*route.lane), pool::Refusal::queue_full);
  }
  return std::nullopt;
}

std::optional<GuardVerdict> Responder::guard(const Asked& asked) {
  const http::TargetOutcome target = decode(asked.head);
  if (target.error != nullptr) {
    return std::nullopt;  // it leads nowhere
  }
  // Two passwords are none.
  const bool is_clear = !asked.head.is_repeated(http::FieldName::authorization);
  return guards_->judge(
      target.target.path,
      is_clear ? asked.head.value(http::FieldName::authorization) : std::string_view(),
      asked.client);
}

bool Responder::is_pending(const Asked& asked) {
  const std::optional<GuardVerdict> verdict = guard(asked);
  return verdict && verdict->verdict == auth::Verdict::pending;
}

AnswerRecord Responder::answer(const Asked& asked, const Entrance& entrance,
                               const AnswerContext& context, AnswerSink& sink) {
  trouble_.clear();
  if (entrance.redirect && !is_well_known_file(asked.head)) [[unlikely]] {
    return add_secure_redirect(asked.head, *entrance.redirect, context, sink);
  }
  AnswerRecord record;
  if (is_timed_) [[unlikely]] {
    TimedSink timed(sink);
    record = answer_guarded(asked, entrance.scheme(), context, timed);
  } else {
    record = answer_guarded(asked, entrance.scheme(), context, sink);
  }
  early_.reset();
  return record;
}

/// Adds what all answers of the connection carry, and what CORS says.
AnswerRecord Responder::answer_guarded(const Asked& asked, Scheme scheme,
                                       const AnswerContext& context, AnswerSink& sink) {
  AnswerContext ours = context;
  ours.scheme = scheme;
  ours.fields = scheme == Scheme::https ? secure_fields_ : std::string_view();
  if (cors_ != nullptr) [[unlikely]] {
    const http::TargetOutcome target = decode(asked.head);
    const auto verdict = target.error != nullptr
                             ? std::nullopt
                             : cors_->judge(asked.head, target.target.path, scheme);
    if (verdict) {
      ours.fields = verdict->fields;
    }
    if (verdict && verdict->is_preflight) {
      return add_plain({.status = Status::no_content}, ours, sink);
    }
  }
  if (guards_ != nullptr) [[unlikely]] {
    const std::optional<GuardVerdict> verdict = guard(asked);
    if (verdict && verdict->verdict != auth::Verdict::right) {
      return add_plain(
          {.status = verdict->status, .fields = verdict->fields, .part = part_for(asked.head)},
          ours, sink);
    }
    if (verdict) {
      // Whatever the file says: no cache may show it to others.
      guarded_fields_ = "Cache-Control: private\r\n";
      guarded_fields_ += ours.fields;
      ours.fields = guarded_fields_;
    }
  }
  return answer_site(asked, scheme, ours, sink);
}

http::TargetOutcome Responder::decode(const http::RequestHead& head) {
  return http::decode_target(head.path, std::span(path_.get(), longest_path_));
}

/// What a certificate authority looks for over plain HTTP (RFC 8555 §8.3).
bool Responder::is_well_known_file(const http::RequestHead& head) {
  if (!reads(head.method) || !head.path.starts_with("/.well-known/")) {
    return false;
  }
  const Result<http::Resolution> resolution = names_.resolve(head);
  return resolution && resolution->asset && resolution->status == Status::ok;
}

AnswerRecord Responder::answer_site(const Asked& asked, Scheme scheme, const AnswerContext& context,
                                    AnswerSink& sink) {
  std::uint32_t methods = 0;
  if (const std::optional<Routed> routed = route(asked)) {
    if (routed->match.state == RouteMatch::State::found) {
      return call(*routed, asked, scheme, context, sink);
    }
    methods = routed->match.methods;
  }
  if (reads(asked.head.method)) {
    return answer_name(asked.head, methods, context, sink);
  }
  const Status status =
      asked.head.method == Method::options ? Status::no_content : Status::method_not_allowed;
  return answer_method(asked.head, methods, status, context, sink);
}

AnswerRecord Responder::call(const Routed& routed, const Asked& asked, Scheme scheme,
                             const AnswerContext& context, AnswerSink& sink) {
  const Route& found = *routed.match.route;
  std::array<char, net::Peer::kMaxTextLength> space{};
  const std::string_view client = asked.client.text(space);
  const Request request(asked.head, routed.path, routed.match, asked.content, client, scheme);
  std::optional<Response> whole = std::exchange(early_, std::nullopt);
  if (!whole && !asked.is_admitted) {
    whole = admit(found, request);
  }
  const auto* handler = std::get_if<Handler>(&found.handler);
  if (!whole && handler != nullptr && !found.lane) [[likely]] {
    whole = call_whole(*handler, request, trouble_);
  }
  if (whole) [[likely]] {
    polish(router_->middleware(), request, *whole, trouble_);
    return add_response(std::move(*whole), part_for(asked.head), context, sink, trouble_);
  }
  auto conduit = std::make_shared<Conduit>(mailbox_);
  conduit->fields = context.fields;
  conduit->protocol = found.protocol;
  if (reads(asked.head.method) && found.protocol.empty()) {
    conduit->hints = hints_.lines_for(routed.path);
  }
  const KeptRequest::Parts parts{.head = asked.head,
                                 .path = routed.path,
                                 .match = routed.match,
                                 .content = asked.content,
                                 .client = client,
                                 .scheme = scheme};
  if (!router_->middleware().empty()) {
    conduit->polish = [kept = std::make_shared<const KeptRequest>(parts), router = router_](
                          Response& response, std::string& trouble) {
      polish(router->middleware(), kept->request(), response, trouble);
    };
  }
  if (found.lane) {
    const pool::LaneOptions& lane = lanes_->options(*found.lane);
    lanes_->submit(*found.lane, std::make_unique<BlockingTask>(parts, lane, conduit));
  } else {
    call_handler(found.handler, request, conduit);
  }
  return {.later = std::move(conduit)};
}

/// Lets middleware change an answer.
void Responder::polish(std::span<const Middleware> middleware, const Request& request,
                       Response& response, std::string& trouble) {
  try {
    for (std::size_t i = middleware.size(); i > 0; --i) {
      if (middleware[i - 1].after) {
        middleware[i - 1].after(request, response);
      }
    }
  } catch (const std::exception& error) {
    trouble = error.what();
    response = Response::error(Status::internal_server_error);
  }
}

AnswerRecord Responder::answer_method(const http::RequestHead& head, std::uint32_t methods,
                                      Status status, const AnswerContext& context,
                                      AnswerSink& sink) {
  const std::string allow = allow_field(methods);
  return add_plain({.status = status, .fields = allow, .part = part_for(head)}, context, sink);
}

AnswerRecord Responder::answer_name(const http::RequestHead& head, std::uint32_t methods,
                                    const AnswerContext& context, AnswerSink& sink) {
  const Result<http::Resolution> resolution = names_.resolve(head);
  if (!resolution) {
    trouble_ = resolution.error().message();
    return add_plain({.status = Status::internal_server_error, .part = part_for(head)}, context,
                     sink);
  }
  if (resolution->asset && (resolution->status == Status::ok || methods == 0)) {
    if (dictionaries_ != nullptr && context.scheme == Scheme::https &&
        resolution->status == Status::ok) [[unlikely]] {
      return answer_by_dictionary(head, *resolution->asset, context, sink);
    }
    if (may_repeat_ && context.prepared != nullptr && resolution->is_named && methods == 0) {
      context.prepared->consider(head, *resolution->asset, context.scheme, context.fields);
    }
    return add_asset(head, *resolution->asset, resolution->status, context, sink);
  }
  if (!resolution->directory.empty() && listings_ != nullptr) {
    return answer_listing(head, resolution->directory, context, sink);
  }
  if (resolution->status == Status::not_found && methods != 0) {
    return answer_method(head, methods, Status::method_not_allowed, context, sink);
  }
  return add_plain(
      {.status = resolution->status, .location = resolution->location, .part = part_for(head)},
      context, sink);
}

AnswerRecord Responder::answer_by_dictionary(const http::RequestHead& head, const vfs::Asset& asset,
                                             const AnswerContext& context, AnswerSink& sink) {
  const http::TargetOutcome target = decode(head);
  const auto offer = target.error != nullptr
                         ? std::nullopt
                         : dictionaries_->offer(head, target.target.path, asset);
  if (!offer) {
    return add_asset(head, asset, Status::ok, context, sink);
  }
  AnswerContext ours = context;
  dictionary_fields_ = offer->fields;
  dictionary_fields_ += context.fields;
  ours.fields = dictionary_fields_;
  return add_asset(head, offer->delta ? *offer->delta : asset, Status::ok, ours, sink);
}

AnswerRecord Responder::answer_listing(const http::RequestHead& head, std::string_view directory,
                                       const AnswerContext& context, AnswerSink& sink) {
  const ListingRequest request{
      .directory = directory,
      .page = page_of(head.query),
      .form = http::prefers_json(head) ? ListingForm::json : ListingForm::html,
      .date = context.date};
  if (request.page == 0) {
    return add_plain({.status = Status::not_found, .part = part_for(head)}, context, sink);
  }
  const Result<vfs::Asset> page = listings_->find(request);
  if (page) {
    return add_asset(head, *page, Status::ok, context, sink);
  }
  if (page.error().is(std::errc::permission_denied)) {
    return add_plain({.status = Status::forbidden, .part = part_for(head)}, context, sink);
  }
  if (page.error().is(std::errc::no_such_file_or_directory)) {
    return add_plain({.status = Status::not_found, .part = part_for(head)}, context, sink);
  }
  trouble_ = page.error().message();
  return add_plain({.status = Status::internal_server_error, .part = part_for(head)}, context,
                   sink);
}

}  // namespace seabag::server
