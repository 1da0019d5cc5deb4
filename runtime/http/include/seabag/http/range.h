#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace seabag::http {

/// Bytes `first` .. `last` of a representation, both inclusive.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t length() const { return last - first + 1; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Most ranges that one answer carries.
inline constexpr std::size_t kMaxRanges = 16;

enum class RangeState : std::uint8_t {
  ignored,        ///< malformed, another unit, or too many: answer 200 with everything
  satisfiable,    ///< 206 with `RangeSet::ranges`
  unsatisfiable,  ///< 416
};

/// The ranges that a request asks for, within the representation.
class RangeSet {
 public:
  /// Reads the value of `Range` (RFC 9110 §14.2) for a representation of `length` bytes. Ranges
  /// are clamped to it; those wholly behind it drop out; those that overlap or touch become one,
  /// in the place of the earliest named. More than kMaxRanges after that are ignored. Of an empty
  /// representation every range is unsatisfiable. Pure; never allocates.
  static RangeSet parse(std::string_view value, std::uint64_t length);

  [[nodiscard]] RangeState state() const { return state_; }

  /// Disjoint, in the order named; empty unless satisfiable.
  [[nodiscard]] std::span<const ByteRange> ranges() const {
    return std::span(slots_).first(count_);
  }

 private:
  [[nodiscard]] bool add(ByteRange range);

  std::array<ByteRange, kMaxRanges> slots_;
  std::size_t count_ = 0;
  RangeState state_ = RangeState::ignored;
};

/// One body part's delimiter and head in a `multipart/byteranges` answer (RFC 9110 §14.6), or the
/// closing delimiter.
struct RangePart {
  /// Must not occur in the content; 1 .. 70 characters.
  std::string_view boundary;
  /// Of the whole representation; empty leaves the field out.
  std::string_view content_type;
  ByteRange range;
  /// Of the whole representation, in bytes.
  std::uint64_t length = 0;
};

/// Exact size of what `write_part_head` writes.
[[nodiscard]] std::size_t part_head_size(const RangePart& part);

/// Writes the delimiter and head that go before a part's bytes and returns their size; 0 when
/// `out` is too small.
[[nodiscard]] std::size_t write_part_head(const RangePart& part, std::span<char> out);

/// Exact size of a whole `multipart/byteranges` content with these ranges; `part.range` does not
/// matter. `part.boundary` must be the one used for every part.
[[nodiscard]] std::uint64_t multipart_size(const RangePart& part,
                                           std::span<const ByteRange> ranges);

/// Writes the closing delimiter and returns its size; 0 when `out` is too small.
[[nodiscard]] std::size_t write_multipart_end(std::string_view boundary, std::span<char> out);

}  // namespace seabag::http
