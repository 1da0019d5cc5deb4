#include "seabag/http2/encoder_table.h"

#include "integer.h"

namespace seabag::http2 {

void EncoderTable::restrict_to(std::size_t limit) {
  if (limit < limit_) {
    limit_ = limit;
    must_tell_limit_ = true;
    evict_to(limit);
  }
}

std::string EncoderTable::take_size_update() {
  if (!must_tell_limit_) {
    return {};
  }
  must_tell_limit_ = false;
  std::array<char, kLongestInteger> update{};
  const char* const end = put_integer(update.data(), 0x20, 5, limit_);
  return {update.data(), static_cast<std::size_t>(end - update.data())};
}

bool EncoderTable::enter(FieldId field, std::size_t size) {
  if (size > limit_ || limit_ - size < kOverhead) {
    return false;
  }
  if (entries_ == nullptr) {
    entries_ = std::make_unique<Entries>();
  }
  const std::size_t counted = size + kOverhead;
  evict_to(limit_ - counted);
  ++entered_;
  entries_->sizes[entered_ % kMost] = static_cast<std::uint16_t>(counted);
  size_ += counted;
  entries_->places[field.place] = {.number = entered_, .version = field.version};
  return true;
}

void EncoderTable::evict_to(std::size_t size) {
  while (size_ > size) {
    ++evicted_;
    size_ -= entries_->sizes[evicted_ % kMost];
  }
}

}  // namespace seabag::http2
