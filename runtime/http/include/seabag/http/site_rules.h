#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seabag/http/status.h"
#include "seabag/vfs/result.h"

namespace seabag::http {

/// Limits of `_headers` and `_redirects`, those of Cloudflare Pages.
inline constexpr std::size_t kMaxHeaderRules = 100;
inline constexpr std::size_t kMaxRuleLine = 2000;
inline constexpr std::size_t kMaxStaticRedirects = 2000;
inline constexpr std::size_t kMaxDynamicRedirects = 100;

/// One thing that a `_headers` rule does to the answer for a file.
struct HeaderChange {
  enum class Kind : std::uint8_t {
    set,     ///< adds the field; a value that is there from an earlier rule is joined by `, `
    remove,  ///< takes the field away: a default, or what earlier rules set
  };
  Kind kind = Kind::set;
  /// A token, as written in the file.
  std::string name;
  /// Without controls; empty for `remove`.
  std::string value;
};

/// The rules of a `_headers` file, in the grammar that Netlify and Cloudflare Pages share: a path
/// pattern on a line, below it `Name: value` lines, and `! Name` lines that take a field away.
/// Indentation is free, `#` at the start of a line makes a comment. A pattern holds `*` once (any
/// bytes, `:splat`) and `:name` (bytes up to the next slash); both can be used in values. A rule
/// for `/x/*` holds for `/x` too. Every rule that matches counts, in the order of the file.
/// Movable; safe for concurrent use.
class HeaderRules {
 public:
  HeaderRules();
  HeaderRules(HeaderRules&& other) noexcept;
  HeaderRules& operator=(HeaderRules&& other) noexcept;
  ~HeaderRules();

  /// Errors: EINVAL with `file`:line:column as its path, for whatever is no rule, passes a limit,
  /// names a host, or sets a field that the server owns (Content-Length, Date, Connection, ...).
  static Result<HeaderRules> parse(std::string_view text, std::string_view file = "_headers");

  /// What the rules do to a file that is served under these URL paths (decoded, absolute). A rule
  /// counts once, by the first path that it matches.
  [[nodiscard]] std::vector<HeaderChange> changes_for(std::span<const std::string> paths) const;

  /// Whether any rule matches this path.
  [[nodiscard]] bool matches(std::string_view path) const;

  [[nodiscard]] std::size_t size() const;

 private:
  struct Rule;
  std::vector<Rule> rules_;
};

/// What a `_redirects` rule makes of a request.
struct Redirect {
  /// 301, 302, 303, 307, 308, or 200 (rewrite) or 404 (custom page).
  Status status = Status::moved_permanently;
  /// The rule comes before a file of the same name.
  bool forced = false;
  /// For a redirect the value of Location, percent-encoded and free of controls. For 200 and 404
  /// the decoded path of the page, as `decode_target` gives it; a trailing slash is kept.
  std::string target;
};

/// Which rules `RedirectRules::find` looks at.
enum class RuleKind : std::uint8_t { forced, unforced };

/// The rules of a `_redirects` file, in the grammar of Netlify with what Cloudflare Pages adds:
/// `FROM [KEY=VALUE]... TO [STATUS[!]]` on each line, `#` starts a comment. Patterns are those of
/// HeaderRules, and a slash at the end makes no difference; KEY=VALUE asks for a query parameter of
/// that value, or any with `:name`. The first rule that matches counts; 301 unless told; `!` makes
/// it forced. The request's query goes on to a target that has none, unless the rule asked for
/// parameters. A redirect that would lead to where the request is does not match.
/// Movable; safe for concurrent use.
class RedirectRules {
 public:
  RedirectRules();
  RedirectRules(RedirectRules&& other) noexcept;
  RedirectRules& operator=(RedirectRules&& other) noexcept;
  ~RedirectRules();

  /// Errors: EINVAL as `HeaderRules::parse`, also for rules that depend on a host, country,
  /// language, role or cookie, and for rewrites to another site.
  static Result<RedirectRules> parse(std::string_view text, std::string_view file = "_redirects");

  /// The first rule of this kind for a decoded, normalised path with its trailing slash, and a raw
  /// query with or without `?`. O(log rules) plus the dynamic rules; a miss allocates nothing.
  [[nodiscard]] std::optional<Redirect> find(std::string_view path, std::string_view query,
                                             RuleKind kind) const;

  /// Whether there is any rule of this kind.
  [[nodiscard]] bool has(RuleKind kind) const;

  [[nodiscard]] std::size_t size() const;

 private:
  struct Rules;
  std::unique_ptr<Rules> rules_;
};

}  // namespace seabag::http
