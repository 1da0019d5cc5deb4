#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace seabag::http2 {

enum class HuffmanState : std::uint8_t { complete, no_room, malformed };

struct HuffmanOutcome {
  HuffmanState state = HuffmanState::complete;
  std::size_t size = 0;  ///< bytes written
};

/// Decodes a string literal (RFC 7541 §5.2). Malformed: EOS in it, or padding that is longer than
/// 7 bits or not all ones.
[[nodiscard]] HuffmanOutcome decode_huffman(std::string_view coded, std::span<char> out);

/// Bytes of `text` when it is coded.
[[nodiscard]] std::size_t huffman_size(std::string_view text);

/// Writes them; `out` has that much room. Returns the end.
char* encode_huffman(std::string_view text, char* out);

}  // namespace seabag::http2
