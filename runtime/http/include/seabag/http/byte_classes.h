#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace seabag::http {

inline constexpr std::size_t kClassBlock = 64;

/// One bit for each byte of a block of 64; bit 0 is the first byte.
struct BlockClasses {
  /// 0 .. 31 without the tab, and 127: what ends a line or has no place in one.
  std::uint64_t control = 0;
  /// Everything but tchar (RFC 9110 §5.6.2): what ends a name.
  std::uint64_t non_token = 0;
};

/// Instructions to classify with, from the slowest to the fastest. All give the same answer.
enum class ScanLevel : std::uint8_t { portable, ssse3, avx2 };

/// The fastest that this processor has; `portable` on anything but x86-64.
[[nodiscard]] ScanLevel best_scan_level();

/// Classifies 64 bytes. The processor must have the instructions of `level`.
[[nodiscard]] BlockClasses classify_block(const char* block, ScanLevel level);

/// Finds controls and ends of names in a text, front to back; each block is classified once as long
/// as positions grow. Owner of the text: whoever made this.
class ByteClasses {
 public:
  explicit ByteClasses(std::string_view text, ScanLevel level = best_scan_level())
      : text_(text), level_(level) {}

  /// The first control at or after `from`; the size of the text when there is none.
  [[nodiscard]] std::size_t next_control(std::size_t from) {
    return next(from, &BlockClasses::control);
  }
  /// The first byte at or after `from` that is no tchar; the size of the text when there is none.
  [[nodiscard]] std::size_t next_non_token(std::size_t from) {
    return next(from, &BlockClasses::non_token);
  }

 private:
  std::size_t next(std::size_t from, std::uint64_t BlockClasses::*kind) {
    if (from >= text_.size()) {
      return text_.size();
    }
    std::size_t block = from / kClassBlock;
    load(block);
    std::uint64_t bits = (classes_.*kind) >> (from % kClassBlock);
    if (bits != 0) {
      const std::size_t found = from + static_cast<std::size_t>(std::countr_zero(bits));
      return found < text_.size() ? found : text_.size();
    }
    return next_in_later_blocks(block + 1, kind);
  }

  void load(std::size_t block) {
    if (block != loaded_) {
      classes_ = classify(block);
      loaded_ = block;
    }
  }
  std::size_t next_in_later_blocks(std::size_t block, std::uint64_t BlockClasses::*kind);
  [[nodiscard]] BlockClasses classify(std::size_t block) const;

  std::string_view text_;
  ScanLevel level_;
  std::size_t loaded_ = SIZE_MAX;
  BlockClasses classes_;
};

}  // namespace seabag::http
