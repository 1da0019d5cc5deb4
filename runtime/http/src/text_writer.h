#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace seabag::http {

/// Most digits of a 64-bit number.
inline constexpr std::size_t kMaxDigits = 20;

[[nodiscard]] constexpr std::size_t digit_count(std::uint64_t value) {
  std::size_t count = 1;
  for (; value >= 10; value /= 10) {
    ++count;
  }
  return count;
}

/// Writes one text after the other into a buffer that the caller has checked to be large enough.
class TextWriter {
 public:
  explicit TextWriter(std::span<char> out) : start_(out.data()), next_(out.data()) {}

  TextWriter& put(std::string_view text) {
    if (!text.empty()) {
      std::memcpy(next_, text.data(), text.size());
      next_ += text.size();
    }
    return *this;
  }
  TextWriter& put(std::uint64_t number) {
    next_ = std::to_chars(next_, next_ + kMaxDigits, number).ptr;
    return *this;
  }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(next_ - start_); }

 private:
  char* start_;
  char* next_;
};

}  // namespace seabag::http
