#pragma once

#include <cstdint>
#include <span>

#include "codec.h"
#include "seabag/bundle/content_hash.h"

namespace seabag::bundler {

/// Takes decoded bytes and tells whether they are the content that was expected; ends decoding with
/// EILSEQ as soon as they are too many. One thread at a time.
class ComparingSink final : public CodecSink {
 public:
  ComparingSink(const bundle::ContentHash& hash, std::uint64_t length)
      : hash_(hash), expected_length_(length) {}

  Result<void> write(std::span<const std::byte> bytes) override {
    if (bytes.size() > expected_length_ - length_) {
      return make_error(std::errc::illegal_byte_sequence, "decode", {}, "more than the file has");
    }
    length_ += bytes.size();
    hasher_.update(bytes);
    return {};
  }

  /// Called once, at the end.
  [[nodiscard]] bool is_equal() { return length_ == expected_length_ && hasher_.finish() == hash_; }

 private:
  bundle::ContentHash hash_;
  std::uint64_t expected_length_;
  std::uint64_t length_ = 0;
  bundle::ContentHasher hasher_;
};

}  // namespace seabag::bundler
