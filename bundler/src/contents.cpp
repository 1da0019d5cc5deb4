#include "contents.h"

#include <cstring>

namespace seabag::bundler {

std::size_t Contents::home(const bundle::ContentHash& hash) const {
  std::uint64_t value = 0;
  std::memcpy(&value, hash.data(), sizeof value);
  return static_cast<std::size_t>(value & (index_.size() - 1));
}

void Contents::index(std::uint32_t number) {
  std::size_t slot = home(contents_[number].hash);
  while (index_[slot] != 0) {
    slot = (slot + 1) & (index_.size() - 1);
  }
  index_[slot] = number + 1;
}

std::optional<ContentNumber> Contents::find(const bundle::ContentHash& hash) const {
  for (std::size_t slot = home(hash); index_[slot] != 0; slot = (slot + 1) & (index_.size() - 1)) {
    const std::uint32_t number = index_[slot] - 1;
    if (contents_[number].hash == hash) {
      return ContentNumber{number};
    }
  }
  return std::nullopt;
}

ContentNumber Contents::add(const bundle::ContentHash& hash, const bundle::Blob& identity) {
  const auto number = static_cast<std::uint32_t>(contents_.size());
  contents_.push_back({.hash = hash, .identity = identity});
  compressible_.push_back(false);
  if (contents_.size() <= index_.size() / 4 * 3) {
    index(number);
    return ContentNumber{number};
  }
  index_.assign(index_.size() * 2, 0);
  for (std::uint32_t each = 0; each <= number; ++each) {
    index(each);
  }
  return ContentNumber{number};
}

}  // namespace seabag::bundler
