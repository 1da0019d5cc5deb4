#include "seabag/http/names.h"

#include <array>
#include <cstring>
#include <utility>

#include "seabag/http/negotiation.h"
#include "seabag/http/target.h"

namespace seabag::http {
namespace {

constexpr std::string_view kHtml = ".html";
constexpr std::string_view kNotFoundPage = "/404.html";
// Where the search for a 404 page begins on a path that goes deeper: each step is a look-up, and
// whoever asks chooses the depth.
constexpr std::size_t kMaxNotFoundDepth = 16;

bool is_missing(const Error& error) {
  return error.is(std::errc::no_such_file_or_directory) || error.is(std::errc::not_a_directory) ||
         error.is(std::errc::filename_too_long) ||
         error.is(std::errc::too_many_symbolic_link_levels) ||
         error.is(std::errc::permission_denied) || error.is(std::errc::invalid_argument);
}

bool is_hidden(std::string_view path) {
  constexpr std::string_view kWellKnown = "/.well-known";
  for (std::size_t at = path.find("/."); at != std::string_view::npos;
       at = path.find("/.", at + 1)) {
    const std::string_view rest = path.substr(at);
    if (at != 0 || !rest.starts_with(kWellKnown) ||
        (rest.size() > kWellKnown.size() && rest[kWellKnown.size()] != '/')) {
      return true;
    }
  }
  return path == "/_headers" || path == "/_redirects";
}

bool is_below(std::string_view path, std::string_view prefix) {
  if (prefix.ends_with('/')) {
    prefix.remove_suffix(1);
  }
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

// One request's way through the source. Paths that are tried are put together in one buffer.
class NameResolver::Lookup {
 public:
  Lookup(const NameResolver& names, const RequestHead& head, Resolution& resolution)
      : names_(names), head_(head), resolution_(resolution) {}

  Result<void> run();

 private:
  using Found = Result<std::optional<vfs::Asset>>;

  bool decode();
  Found find_file(std::string_view path) const;
  Found find_joined(std::string_view path, std::string_view suffix);
  // What is served at a path for itself, without any redirect.
  Found find_page(std::string_view path, std::string_view slash);

  Result<bool> serve_name();
  Result<bool> serve_directory();
  Result<bool> apply_rule(RuleKind kind);
  Result<bool> serve_listing();
  Result<bool> serve_spa();
  Result<void> serve_not_found();

  bool serve(std::optional<vfs::Asset> asset, Status status = Status::ok);
  bool redirect_to(std::string_view path, std::string_view slash);
  [[nodiscard]] std::string_view path_with_slash();

  static constexpr std::size_t kMaxPath = std::size_t{8} * 1024;
  static constexpr std::size_t kMaxSuffix = vfs::kMaxNameLength + 1;

  const NameResolver& names_;
  const RequestHead& head_;
  TargetPath target_;
  Resolution& resolution_;
  std::array<char, kMaxPath> decoded_;
  std::array<char, vfs::kMaxPathLength + kMaxSuffix> joined_;
};

NameResolver::NameResolver(const vfs::AssetSource& source, NameOptions options,
                           const RedirectRules* redirects)
    : source_(source),
      options_(std::move(options)),
      index_suffix_("/" + options_.index),
      redirects_(redirects) {}

Result<Resolution> NameResolver::resolve(const RequestHead& head) const {
  // Written where the caller gets it: an Asset is some 300 bytes.
  Result<Resolution> resolution{Resolution{}};
  Result<void> done = Lookup(*this, head, *resolution).run();
  if (!done) {
    return std::move(done).error();
  }
  return resolution;
}

Result<void> NameResolver::Lookup::run() {
  if (!decode() || target_.path.size() >= vfs::kMaxPathLength) {
    return {};
  }
  const bool may_exist = !is_hidden(target_.path);
  const bool is_served =
      SEABAG_TRY(apply_rule(RuleKind::forced)) || (may_exist && SEABAG_TRY(serve_name())) ||
      SEABAG_TRY(apply_rule(RuleKind::unforced)) || (may_exist && SEABAG_TRY(serve_listing())) ||
      (may_exist && SEABAG_TRY(serve_spa()));
  if (!is_served) {
    SEABAG_TRY(serve_not_found());
  }
  return {};
}

bool NameResolver::Lookup::decode() {
  if (head_.path.size() > decoded_.size()) {
    return false;
  }
  const TargetOutcome outcome = decode_target(head_.path, decoded_);
  if (outcome.error != nullptr) {
    resolution_.status = Status::bad_request;
    resolution_.reason = outcome.error;
    return false;
  }
  target_ = outcome.target;
  return true;
}

NameResolver::Lookup::Found NameResolver::Lookup::find_file(std::string_view path) const {
  Result<vfs::Asset> asset = names_.source_.find(path);
  if (asset && asset->type == vfs::FileType::regular) {
    return std::optional(std::move(asset).value());
  }
  if (asset || is_missing(asset.error())) {
    return std::optional<vfs::Asset>();
  }
  return std::move(asset).error();
}

NameResolver::Lookup::Found NameResolver::Lookup::find_joined(std::string_view path,
                                                              std::string_view suffix) {
  const std::size_t size = path == "/" && suffix.starts_with('/') ? 0 : path.size();
  if (size + suffix.size() > joined_.size()) {
    return std::optional<vfs::Asset>();
  }
  std::memmove(joined_.data(), path.data(), size);
  std::memcpy(joined_.data() + size, suffix.data(), suffix.size());
  return find_file({joined_.data(), size + suffix.size()});
}

bool NameResolver::Lookup::serve(std::optional<vfs::Asset> asset, Status status) {
  if (!asset) {
    return false;
  }
  resolution_.status = status;
  resolution_.asset = std::move(asset);
  return true;
}

// The path is normalised and so starts with exactly one slash: it can't name another host.
bool NameResolver::Lookup::redirect_to(std::string_view path, std::string_view slash) {
  resolution_.status = Status::moved_permanently;
  append_encoded_path(resolution_.location, path);
  resolution_.location += slash;
  append_encoded_query(resolution_.location, head_.query);
  return true;
}

Result<bool> NameResolver::Lookup::serve_name() {
  if (target_.trailing_slash) {
    return serve_directory();
  }
  Result<vfs::Asset> exact = names_.source_.find(target_.path);
  if (exact && exact->type == vfs::FileType::regular) {
    resolution_.status = Status::ok;
    resolution_.asset.emplace(std::move(exact).value());
    resolution_.is_named = true;
    return true;
  }
  if (!exact && !is_missing(exact.error())) {
    return std::move(exact).error();
  }
  if (names_.options_.clean_urls && serve(SEABAG_TRY(find_joined(target_.path, kHtml)))) {
    resolution_.is_named = true;
    return true;
  }
  if (!exact || exact->type != vfs::FileType::directory) {
    return false;
  }
  return SEABAG_TRY(find_joined(target_.path, names_.index_suffix_)).has_value() &&
         redirect_to(target_.path, "/");
}

Result<bool> NameResolver::Lookup::serve_directory() {
  if (serve(SEABAG_TRY(find_joined(target_.path, names_.index_suffix_)))) {
    resolution_.is_named = true;
    return true;
  }
  return names_.options_.clean_urls && target_.path != "/" &&
         SEABAG_TRY(find_joined(target_.path, kHtml)).has_value() && redirect_to(target_.path, "");
}

NameResolver::Lookup::Found NameResolver::Lookup::find_page(std::string_view path,
                                                            std::string_view slash) {
  if (slash.empty()) {
    std::optional<vfs::Asset> exact = SEABAG_TRY(find_file(path));
    if (exact) {
      return exact;
    }
    if (names_.options_.clean_urls) {
      std::optional<vfs::Asset> page = SEABAG_TRY(find_joined(path, kHtml));
      if (page) {
        return page;
      }
    }
  }
  return find_joined(path, names_.index_suffix_);
}

std::string_view NameResolver::Lookup::path_with_slash() {
  if (!target_.trailing_slash || target_.path == "/") {
    return target_.path;
  }
  std::memcpy(joined_.data(), target_.path.data(), target_.path.size());
  joined_[target_.path.size()] = '/';
  return {joined_.data(), target_.path.size() + 1};
}

Result<bool> NameResolver::Lookup::apply_rule(RuleKind kind) {
  if (names_.redirects_ == nullptr || !names_.redirects_->has(kind)) {
    return false;
  }
  std::optional<Redirect> rule = names_.redirects_->find(path_with_slash(), head_.query, kind);
  if (!rule) {
    return false;
  }
  if (is_redirect(rule->status)) {
    resolution_.status = rule->status;
    resolution_.location = std::move(rule->target);
    return true;
  }
  std::string_view path = rule->target;
  const bool has_slash = path.size() > 1 && path.ends_with('/');
  path.remove_suffix(has_slash ? 1 : 0);
  if (is_hidden(path)) {
    return false;
  }
  return serve(SEABAG_TRY(find_page(path, has_slash ? "/" : "")), rule->status);
}

Result<bool> NameResolver::Lookup::serve_listing() {
  if (!names_.options_.listing) {
    return false;
  }
  const Result<vfs::Asset> found = names_.source_.find(target_.path);
  if (!found || found->type != vfs::FileType::directory) {
    return false;
  }
  if (!target_.trailing_slash) {
    return redirect_to(target_.path, "/");
  }
  resolution_.status = Status::ok;
  resolution_.directory = target_.path;
  return true;
}

Result<bool> NameResolver::Lookup::serve_spa() {
  const NameOptions& options = names_.options_;
  const std::string_view name = target_.path.substr(target_.path.rfind('/') + 1);
  if (options.spa_fallback.empty() || name.find('.') != std::string_view::npos ||
      (head_.method != Method::get && head_.method != Method::head) || !accepts_html(head_)) {
    return false;
  }
  for (const std::string& prefix : options.asset_prefixes) {
    if (is_below(target_.path, prefix)) {
      return false;
    }
  }
  return serve(SEABAG_TRY(find_file(options.spa_fallback)));
}

Result<void> NameResolver::Lookup::serve_not_found() {
  std::string_view directory = target_.path;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < directory.size(); ++i) {
    if (directory[i] == '/' && ++depth > kMaxNotFoundDepth) {
      directory = directory.substr(0, i);
    }
  }
  if (target_.trailing_slash && directory != "/" &&
      serve(SEABAG_TRY(find_joined(directory, kNotFoundPage)), Status::not_found)) {
    return {};
  }
  while (!directory.empty()) {
    directory = directory.substr(0, directory.rfind('/'));
    if (serve(SEABAG_TRY(find_joined(directory, kNotFoundPage)), Status::not_found)) {
      return {};
    }
  }
  return {};
}

}  // namespace seabag::http
