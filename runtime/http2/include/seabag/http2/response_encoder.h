#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "seabag/http/response_head.h"

namespace seabag::http2 {

/// Appends a field as a literal that enters no table; letters of the name become small ones.
void append_field(std::string& block, std::string_view name, std::string_view value);

/// Appends rendered lines, each ending in CRLF, in the same way.
void append_lines(std::string& block, std::string_view lines);

/// The block of an interim answer, 100.
inline constexpr std::string_view kContinueBlock =
    "\x08\x03"
    "100";

/// Writes the heads of answers as header blocks (RFC 7541) that use the static table only, so that
/// they depend on nothing that was sent before. Rendered field lines, which many answers share, are
/// translated once and remembered, and so is the date. One thread at a time.
class ResponseEncoder {
 public:
  ResponseEncoder();
  ~ResponseEncoder();

  /// Enough room for `write`.
  [[nodiscard]] static std::size_t bound(const http::ResponseHead& head);

  /// Writes the block to `out`, which has as much room, and returns its size. What
  /// `head.connection` says has no place in HTTP/2. The caller answers for the values, as for
  /// http::write_response_head.
  [[nodiscard]] std::size_t write(const http::ResponseHead& head, std::span<char> out);

 private:
  struct Translated;

  std::string_view translate(std::string_view lines);
  std::string_view modified(std::int64_t moment);

  static constexpr std::size_t kRemembered = 64;
  static constexpr std::size_t kModified = 16;
  /// A `last-modified` line of a block.
  struct Modified {
    std::int64_t moment = 0;
    std::array<char, 32> block{};
    std::size_t size = 0;  ///< 0: there is none
  };
  std::array<Modified, kModified> modified_;
  std::unique_ptr<std::array<Translated, kRemembered>> translated_;
  std::string unkept_;  ///< lines too long to be remembered
  std::string date_;
  std::string date_block_;
};

}  // namespace seabag::http2
