#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace seabag::http {

/// A request's path, decoded and in the form that `vfs::AssetSource::find` takes.
struct TargetPath {
  /// Absolute, without empty, `.` and `..` components and without a trailing slash (`/` itself
  /// excepted). Bytes, not necessarily UTF-8. A view into the input when nothing had to change,
  /// else into the caller's buffer.
  std::string_view path;
  /// The path ended in a slash (also for `/`): it names a directory.
  bool trailing_slash = false;
};

/// What became of a path.
struct TargetOutcome {
  /// Null when all is well, else what is wrong, as a literal: the answer is 400.
  const char* error = nullptr;
  TargetPath target;
};

/// Percent-decodes `raw` once and normalises it. `buffer` must have room for `raw.size()` bytes.
///
/// Refused: a path that does not start with `/`, `%` without two hexadecimal digits, NUL, a
/// backslash, a `..` component, and overlong UTF-8 (C0 or C1, E0 80..9F, F0 80..8F, F8 80..87 and
/// FC 80..83 followed by the continuation bytes of their length), all of it after decoding.
/// `%2F` stays as it is: it can't be told from a separator. Runs of slashes count as one and `.`
/// components vanish. Any other byte is taken literally, so that `%FF` reaches a file whose name
/// is no UTF-8. Pure; never allocates.
[[nodiscard]] TargetOutcome decode_target(std::string_view raw, std::span<char> buffer);

/// Appends `path` to `out` in a form fit for a `Location`: every byte but unreserved characters,
/// sub-delimiters, `:`, `@` and `/` becomes `%XX` (RFC 3986 §3.3).
void append_encoded_path(std::string& out, std::string_view path);

/// Appends a raw query to `out` with what a URL can't hold as it is (controls, space, `"<>`, `#`,
/// backslash and bytes from 0x80 on) as `%XX`; `%` stays.
void append_encoded_query(std::string& out, std::string_view query);

}  // namespace seabag::http
