#include "seabag/bundle/content_hash.h"

#include <sodium.h>

#include <algorithm>
#include <new>

#include "blake2b.h"

namespace seabag::bundle {
namespace {

using Blake2b = crypto_generichash_blake2b_state;

Blake2b* blake2b(unsigned char* bytes) { return std::launder(reinterpret_cast<Blake2b*>(bytes)); }

}  // namespace

ContentHasher::ContentHasher() {
  static_assert(sizeof(Blake2b) <= sizeof(State));
  static_assert(alignof(Blake2b) <= 64);
  prepare_blake2b();
  auto* state = new (state_.bytes.data()) Blake2b;
  crypto_generichash_blake2b_init(state, nullptr, 0, ContentHash{}.size());
}

void ContentHasher::update(std::span<const std::byte> bytes) {
  crypto_generichash_blake2b_update(blake2b(state_.bytes.data()),
                                    reinterpret_cast<const unsigned char*>(bytes.data()),
                                    bytes.size());
}

void ContentHasher::update_zeros(std::uint64_t count) {
  static constexpr std::array<std::byte, 32768> kZeros{};
  while (count > 0) {
    const std::size_t step = std::min<std::uint64_t>(count, kZeros.size());
    update({kZeros.data(), step});
    count -= step;
  }
}

ContentHash ContentHasher::finish() {
  ContentHash hash;
  crypto_generichash_blake2b_final(blake2b(state_.bytes.data()),
                                   reinterpret_cast<unsigned char*>(hash.data()), hash.size());
  return hash;
}

ContentHash content_hash(std::span<const std::byte> bytes) {
  ContentHasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

}  // namespace seabag::bundle
