#pragma once

#include <sodium.h>

#include <cstddef>
#include <span>

#include "seabag/bundle/format.h"

namespace seabag::bundle {

/// Lets libsodium choose its SIMD code for this machine; cheap after the first call and safe from
/// any thread. Hashing works without it, only slower, so a failure is no error.
inline bool prepare_blake2b() { return sodium_init() >= 0; }

/// BLAKE2b-256 fed piece by piece: leaves and root of the hash tree.
class LeafHasher {
 public:
  LeafHasher() {
    prepare_blake2b();
    crypto_generichash_blake2b_init(&state_, nullptr, 0, kLeafHashSize);
  }
  void update(std::span<const std::byte> bytes) {
    crypto_generichash_blake2b_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                      bytes.size());
  }
  [[nodiscard]] RootHash finish() {
    RootHash hash;
    crypto_generichash_blake2b_final(&state_, reinterpret_cast<unsigned char*>(hash.data()),
                                     hash.size());
    return hash;
  }

 private:
  crypto_generichash_blake2b_state state_;
};

[[nodiscard]] inline RootHash leaf_hash(std::span<const std::byte> bytes) {
  LeafHasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

}  // namespace seabag::bundle
