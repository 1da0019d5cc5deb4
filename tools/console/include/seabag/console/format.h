#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "seabag/vfs/node.h"

/// Numbers, times and names as people read them. Independent of the locale.
namespace seabag::console {

/// `512 B`, `1.5 KiB`, `214 KiB`, `3.2 GiB`: three digits at most.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// With thousands separators: `1,000,000`.
[[nodiscard]] std::string format_count(std::uint64_t count);

/// `0.26 s`, `12.4 s`, `3 min 05 s`, `2 h 10 min`.
[[nodiscard]] std::string format_seconds(double seconds);

/// `2024-02-29 23:59:59`, UTC.
[[nodiscard]] std::string format_time(vfs::Timestamp time);

/// As ls(1): `drwxr-xr-x`.
[[nodiscard]] std::string format_mode(vfs::FileType type, std::uint32_t mode);

/// A word for a type: `file`, `directory`, `symlink`, ...
[[nodiscard]] std::string_view format_type(vfs::FileType type);

/// A name that is safe to show on a terminal: control characters and bytes that are not UTF-8
/// become `\x1b`. A backslash becomes `\\`.
[[nodiscard]] std::string printable(std::string_view name);

/// Whether the bytes are well-formed UTF-8 (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Lower-case hexadecimal.
[[nodiscard]] std::string format_hex(std::string_view bytes);

}  // namespace seabag::console
