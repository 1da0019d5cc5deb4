// HPACK: header blocks that share one table. Each is the length byte times 4 of what follows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seabag/http2/hpack_decoder.h"
#include "seabag/http2/response_encoder.h"

namespace {

using namespace seabag::http2;

constexpr std::size_t kListLimit = 1024;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

using Fields = std::vector<std::pair<std::string, std::string>>;

HpackDecoder::State decode(HpackDecoder& decoder, std::string_view block, Fields& fields) {
  // Copies of exactly their size, so that reading past the end is seen.
  const std::vector<char> copy(block.begin(), block.end());
  std::vector<char> scratch(kListLimit + HpackDecoder::kScratchSlack);
  decoder.begin({copy.data(), copy.size()}, scratch, kListLimit);
  std::size_t size = 0;
  while (true) {
    DecodedField field;
    const HpackDecoder::State state = decoder.next(field);
    require(decoder.table_size() <= HpackDecoder::kTableLimit);
    if (state != HpackDecoder::State::field) {
      return state;
    }
    size += field.name.size() + field.value.size() + HpackDecoder::kFieldOverhead;
    require(size <= kListLimit);
    fields.emplace_back(field.name, field.value);
  }
}

void check_round_trip(const Fields& fields) {
  std::string block;
  Fields small = fields;
  for (auto& [name, value] : small) {
    append_field(block, name, value);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  }
  HpackDecoder decoder;
  Fields again;
  require(decode(decoder, block, again) == HpackDecoder::State::end);
  require(again == small);
  require(decoder.table_size() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  std::string_view rest = bytes;
  HpackDecoder decoder;
  while (!rest.empty()) {
    const std::size_t length = std::size_t{static_cast<unsigned char>(rest.front())} * 4;
    rest.remove_prefix(1);
    Fields fields;
    const HpackDecoder::State state = decode(decoder, rest.substr(0, length), fields);
    check_round_trip(fields);
    if (state == HpackDecoder::State::error) {
      return 0;
    }
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return 0;
}
