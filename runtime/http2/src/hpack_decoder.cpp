#include "seabag/http2/hpack_decoder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "field_class.h"
#include "huffman.h"
#include "static_table.h"

namespace seabag::http2 {
namespace {

using http::FieldName;

constexpr std::size_t kFirstBytes = 512;
/// Evicted entries that are kept in front of the others: as many as a table can hold.
constexpr std::size_t kMostEvicted = HpackDecoder::kTableLimit / HpackDecoder::kFieldOverhead;

constexpr std::array<FieldClass, kStaticFields> make_static_classes() {
  std::array<FieldClass, kStaticFields> classes{};
  const auto set = [&](std::size_t index, NameKind kind, FieldName id = FieldName::other) {
    classes[index - 1] = {.kind = kind, .id = id};
  };
  set(1, NameKind::authority);
  set(2, NameKind::method);
  set(3, NameKind::method);
  set(4, NameKind::path);
  set(5, NameKind::path);
  set(6, NameKind::scheme);
  set(7, NameKind::scheme);
  for (std::size_t status = 8; status <= 14; ++status) {
    set(status, NameKind::malformed);
  }
  set(16, NameKind::regular, FieldName::accept_encoding);
  set(19, NameKind::regular, FieldName::accept);
  set(23, NameKind::regular, FieldName::authorization);
  set(28, NameKind::regular, FieldName::content_length);
  set(31, NameKind::regular, FieldName::content_type);
  set(32, NameKind::regular, FieldName::cookie);
  set(35, NameKind::regular, FieldName::expect);
  set(38, NameKind::regular, FieldName::host);
  set(39, NameKind::regular, FieldName::if_match);
  set(40, NameKind::regular, FieldName::if_modified_since);
  set(41, NameKind::regular, FieldName::if_none_match);
  set(42, NameKind::regular, FieldName::if_range);
  set(43, NameKind::regular, FieldName::if_unmodified_since);
  set(50, NameKind::regular, FieldName::range);
  set(51, NameKind::regular, FieldName::referer);
  set(57, NameKind::connection_specific, FieldName::transfer_encoding);
  set(58, NameKind::regular, FieldName::user_agent);
  return classes;
}
constexpr std::array<FieldClass, kStaticFields> kStaticClasses = make_static_classes();

}  // namespace

void HpackDecoder::begin(std::string_view block, std::span<char> scratch, std::size_t list_limit) {
  rest_ = block;
  scratch_ = scratch;
  scratch_used_ = scratch_kept_ = 0;
  list_left_ = list_limit;
  is_too_large_ = false;
  may_change_limit_ = true;
  is_viewed_ = false;
  if (!replaced_.empty()) [[unlikely]] {
    replaced_.clear();
  }
  if (entries_.empty()) {
    bytes_used_ = 0;
  }
}

inline bool HpackDecoder::read_integer(unsigned prefix_bits, std::size_t& number) {
  const std::size_t mask = (std::size_t{1} << prefix_bits) - 1;
  number = static_cast<unsigned char>(rest_.front()) & mask;
  rest_.remove_prefix(1);
  return number < mask || read_long(number);
}

inline bool HpackDecoder::find(std::size_t index, DecodedField& field) {
  if (index == 0) {
    return false;
  }
  if (index <= kStaticFields) {
    const StaticField& entry = kStaticTable[index - 1];
    field.name = entry.name;
    field.value = entry.value;
    field.is = kStaticClasses[index - 1];
    return true;
  }
  const std::size_t back = index - kStaticFields;
  if (back > entries_.size() - first_entry_) {
    return false;
  }
  const Entry& entry = entries_[entries_.size() - back];
  const char* const bytes = bytes_.get() + entry.start;
  field.name = {bytes, entry.name_size};
  field.value = {bytes + entry.name_size, entry.value_size};
  field.is = entry.is;
  return true;
}

inline bool HpackDecoder::read_indexed(DecodedField& field) {
  std::size_t index = 0;
  return read_integer(7, index) && find(index, field);
}

HpackDecoder::State HpackDecoder::next(DecodedField& field) {
  while (!rest_.empty()) {
    const auto first = static_cast<unsigned char>(rest_.front());
    if (is_too_large_) {
      scratch_used_ = scratch_kept_;  // nothing is given any more
    } else {
      scratch_kept_ = scratch_used_;
    }
    has_lost_text_ = false;
    if ((first & 0xe0U) == 0x20U) {
      if (!change_limit()) {
        return State::error;
      }
      continue;
    }
    may_change_limit_ = false;
    const bool is_inserted = (first & 0xc0U) == 0x40U;
    const bool is_good =
        (first & 0x80U) != 0 ? read_indexed(field) : read_literal(is_inserted ? 6 : 4, field);
    if (!is_good) {
      return State::error;
    }
    if (is_inserted) {
      insert(field);
    }
    const State state = give(field);
    if (state == State::field) {
      return state;
    }
  }
  return is_too_large_ ? State::too_large : State::end;
}

/// Counts a field; `end` when it is not for the caller any more.
HpackDecoder::State HpackDecoder::give(const DecodedField& field) {
  const std::size_t size = field.name.size() + field.value.size() + kFieldOverhead;
  if (is_too_large_ || has_lost_text_ || size > list_left_) {
    is_too_large_ = true;
    return State::end;
  }
  list_left_ -= size;
  is_viewed_ = true;
  return State::field;
}

/// The rest of a number that does not fit its prefix.
bool HpackDecoder::read_long(std::size_t& number) {
  constexpr unsigned kMostBits = 28;
  for (unsigned shift = 0; shift < kMostBits && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    number += std::size_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) {
      return true;
    }
  }
  return false;
}

bool HpackDecoder::read_string(Text& text) {
  if (rest_.empty()) {
    return false;
  }
  const bool is_coded = (static_cast<unsigned char>(rest_.front()) & 0x80U) != 0;
  std::size_t size = 0;
  if (!read_integer(7, size) || size > rest_.size()) {
    return false;
  }
  text.text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  if (!is_coded) {
    return true;
  }
  const std::span<char> space = scratch_.subspan(scratch_used_);
  const HuffmanOutcome outcome = decode_huffman(text.text, space);
  text.text = {space.data(), outcome.size};
  text.is_lost = outcome.state == HuffmanState::no_room;
  scratch_used_ += text.is_lost ? 0 : outcome.size;
  return outcome.state != HuffmanState::malformed;
}

bool HpackDecoder::read_literal(unsigned prefix_bits, DecodedField& field) {
  std::size_t index = 0;
  if (!read_integer(prefix_bits, index)) {
    return false;
  }
  if (index != 0) {
    if (!find(index, field)) {
      return false;
    }
    if (is_too_large_ && index > kStaticFields) {
      field.name = keep(field.name);
    }
  } else {
    Text name;
    if (!read_string(name)) {
      return false;
    }
    has_lost_text_ = name.is_lost;
    field.name = name.text;
    field.is = classify_name(name.text);
  }
  Text value;
  if (!read_string(value)) {
    return false;
  }
  has_lost_text_ = has_lost_text_ || value.is_lost;
  field.value = value.text;
  field.is.has_valid_value = is_valid_value(value.text);
  return true;
}

/// A change of the table's limit, which only the start of a block may hold (RFC 7541 §4.2).
bool HpackDecoder::change_limit() {
  std::size_t limit = 0;
  if (!may_change_limit_ || !read_integer(5, limit) || limit > kTableLimit) {
    return false;
  }
  table_limit_ = limit;
  evict(limit);
  return true;
}

/// Copies text of the table, which moves when its fields are of no use to anybody any more.
std::string_view HpackDecoder::keep(std::string_view text) {
  if (text.size() > scratch_.size() - scratch_used_) {
    has_lost_text_ = true;
    return {};
  }
  char* const place = scratch_.data() + scratch_used_;
  if (!text.empty()) {
    std::memcpy(place, text.data(), text.size());
  }
  scratch_used_ += text.size();
  return {place, text.size()};
}

void HpackDecoder::insert(const DecodedField& field) {
  const std::size_t size = field.name.size() + field.value.size() + kFieldOverhead;
  if (has_lost_text_ || size > table_limit_) {
    evict(0);  // RFC 7541 §4.4: what is too large empties the table
    return;
  }
  evict(table_limit_ - size);
  const std::size_t text = field.name.size() + field.value.size();
  if (bytes_size_ - bytes_used_ < text) {
    make_room(text);
  }
  const auto put = [this](std::string_view part) {
    std::copy(part.begin(), part.end(), bytes_.get() + bytes_used_);
    bytes_used_ += part.size();
  };
  entries_.push_back({.start = static_cast<std::uint16_t>(bytes_used_),
                      .name_size = static_cast<std::uint16_t>(field.name.size()),
                      .value_size = static_cast<std::uint16_t>(field.value.size()),
                      .is = field.is});
  put(field.name);
  put(field.value);
  table_size_ += size;
}

/// Drops the oldest entries until the table has no more than `limit` bytes. Their texts stay for
/// fields of this block.
void HpackDecoder::evict(std::size_t limit) {
  while (table_size_ > limit) {
    const Entry& oldest = entries_[first_entry_++];
    table_size_ -= std::size_t{oldest.name_size} + oldest.value_size + kFieldOverhead;
  }
  if (first_entry_ == entries_.size() || first_entry_ > kMostEvicted) {
    forget_evicted();
  }
}

void HpackDecoder::forget_evicted() {
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_entry_));
  first_entry_ = 0;
}

/// Moves the texts to the front, in another place when this one is too small or still needed.
void HpackDecoder::make_room(std::size_t size) {
  forget_evicted();
  const std::size_t start = entries_.empty() ? bytes_used_ : entries_.front().start;
  const std::size_t live = bytes_used_ - start;
  const std::size_t wanted = std::max(kFirstBytes, std::bit_ceil(2 * (live + size)));
  const bool is_needed = is_viewed_ || !is_too_large_;
  if (!is_needed && wanted <= bytes_size_) {
    std::memmove(bytes_.get(), bytes_.get() + start, live);
  } else {
    auto next = std::make_unique_for_overwrite<char[]>(wanted);
    std::copy_n(bytes_.get() + start, live, next.get());
    bytes_.swap(next);
    bytes_size_ = wanted;
    if (is_needed && next != nullptr) {
      replaced_.push_back(std::move(next));
    }
    is_viewed_ = false;
  }
  bytes_used_ = live;
  for (Entry& entry : entries_) {
    entry.start = static_cast<std::uint16_t>(entry.start - start);
  }
}

}  // namespace seabag::http2
