#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/http/site_rules.h"

namespace seabag::http {

/// Header fields against common attacks in browsers, added to every file.
enum class SecurityProfile : std::uint8_t {
  none,  ///< `X-Content-Type-Options: nosniff` alone, as always
  /// No framing by others, a short Referer, an own window group, no camera, microphone and place.
  basic,
  /// Also a Content-Security-Policy that allows this site's own files and nothing inline, and no
  /// use of the files by other sites.
  strict,
};

/// Whether identity is the only representation of an asset.
enum class VariantPresence : std::uint8_t { identity_only, has_variants };

/// What the header fields of a file depend on; nothing else of it, so that many files share them.
struct FieldSource {
  /// Absolute path of the file in the site, decoded.
  std::string_view path;
  VariantPresence variants = VariantPresence::identity_only;
  /// Null for none.
  const HeaderRules* rules = nullptr;
  SecurityProfile security = SecurityProfile::none;
};

/// Rendered field lines, each ending in CRLF: what `vfs::Asset::header_fields` and
/// `vfs::Asset::not_modified_fields` hold.
struct AssetHeaders {
  std::string fields;
  std::string not_modified_fields;

  friend bool operator==(const AssetHeaders&, const AssetHeaders&) = default;
};

/// Renders `Content-Type`, `X-Content-Type-Options`, `Cache-Control`, `Vary` (whenever there are
/// variants), `Accept-Ranges`, the security profile and what `_headers` says, which overrides the
/// rest; a `Vary` of its own is added to ours. For 304: `Cache-Control`, `Vary`,
/// `Content-Location` and `Expires` among them (RFC 9110 §15.4.5).
///
/// `_headers` rules count when they match the file's path or another URL that serves it:
/// `/docs/index.html` is also `/docs/` and `/docs`, `/about.html` is also `/about`. A rule whose
/// value uses `:splat` or `:name` makes the result depend on the path.
[[nodiscard]] AssetHeaders render_asset_headers(const FieldSource& source);

/// The rendered `Strict-Transport-Security` line (RFC 6797) of a profile, for answers over HTTPS
/// alone; empty for `none`. A year; `strict` includes subdomains.
[[nodiscard]] std::string_view transport_security_field(SecurityProfile profile);

/// Whether a file's name tells that its content never changes under this name: it carries a hash of
/// it, as in `app.3f9ab21c.js`, `index-B1x9ZkQ2.css` and `chunk-5OXR7AIZ.js`. Rather a hash not
/// recognised than a word or a number taken for one: the answer may be cached for a year. Pages
/// (`.html`) never are.
[[nodiscard]] bool has_content_hash(std::string_view path);

}  // namespace seabag::http
