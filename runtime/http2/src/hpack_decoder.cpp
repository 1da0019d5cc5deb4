#include "seabag/http2/hpack_decoder.h"

#include <algorithm>
#include <cstring>

#include "field_class.h"
#include "huffman.h"
#include "static_table.h"

namespace seabag::http2 {
namespace {

using http::FieldName;

/// Beyond this the bytes of the table move to the front of their buffer.
constexpr std::size_t kCompactAt = 2 * HpackDecoder::kTableLimit;

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
  return State::field;
}

bool HpackDecoder::read_integer(unsigned prefix_bits, std::size_t& number) {
  constexpr unsigned kMostBits = 28;
  const std::size_t mask = (std::size_t{1} << prefix_bits) - 1;
  number = static_cast<unsigned char>(rest_.front()) & mask;
  rest_.remove_prefix(1);
  if (number < mask) {
    return true;
  }
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

bool HpackDecoder::find(std::size_t index, DecodedField& field) {
  if (index == 0) {
    return false;
  }
  if (index <= kStaticFields) {
    const StaticField& entry = kStaticTable[index - 1];
    field = {.name = entry.name, .value = entry.value, .is = kStaticClasses[index - 1]};
    return true;
  }
  const std::size_t back = index - kStaticFields;
  if (back > entries_.size() - first_entry_) {
    return false;
  }
  const Entry& entry = entries_[entries_.size() - back];
  const char* const bytes = bytes_.data() + entry.start;
  field = {.name = {bytes, entry.name_size},
           .value = {bytes + entry.name_size, entry.value_size},
           .is = entry.is};
  return true;
}

bool HpackDecoder::read_indexed(DecodedField& field) {
  std::size_t index = 0;
  if (!read_integer(7, index) || !find(index, field)) {
    return false;
  }
  if (index > kStaticFields) {
    // Later fields of this block may push the entry out.
    const std::size_t name_size = field.name.size();
    const std::string_view both = keep({field.name.data(), name_size + field.value.size()});
    field.name = both.substr(0, name_size);
    field.value = both.substr(name_size);
  }
  return true;
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
    field.name = index > kStaticFields ? keep(field.name) : field.name;
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

/// Copies text of the table, which may move.
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
  if (bytes_.size() + size > kCompactAt) {
    compact();
  }
  entries_.push_back({.start = static_cast<std::uint16_t>(bytes_.size()),
                      .name_size = static_cast<std::uint16_t>(field.name.size()),
                      .value_size = static_cast<std::uint16_t>(field.value.size()),
                      .is = field.is});
  bytes_.insert(bytes_.end(), field.name.begin(), field.name.end());
  bytes_.insert(bytes_.end(), field.value.begin(), field.value.end());
  table_size_ += size;
}

/// Drops the oldest entries until the table has no more than `limit` bytes.
void HpackDecoder::evict(std::size_t limit) {
  while (table_size_ > limit) {
    const Entry& oldest = entries_[first_entry_++];
    table_size_ -= std::size_t{oldest.name_size} + oldest.value_size + kFieldOverhead;
  }
  if (first_entry_ == entries_.size()) {
    entries_.clear();
    bytes_.clear();
    first_entry_ = 0;
  }
}

void HpackDecoder::compact() {
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_entry_));
  first_entry_ = 0;
  const std::size_t start = entries_.front().start;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(start));
  for (Entry& entry : entries_) {
    entry.start = static_cast<std::uint16_t>(entry.start - start);
  }
}

}  // namespace seabag::http2
