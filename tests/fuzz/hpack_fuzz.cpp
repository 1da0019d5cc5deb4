// HPACK: header blocks that share one table. Each is the length byte times 4 of what follows. What
// they decode to is answered on a connection, twice, whose client has to understand it.
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
constexpr std::size_t kAnswerLimit = 2 * kListLimit;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

using Fields = std::vector<std::pair<std::string, std::string>>;

HpackDecoder::State decode(HpackDecoder& decoder, std::string_view block, Fields& fields,
                           std::size_t limit = kListLimit) {
  // Copies of exactly their size, so that reading past the end is seen.
  const std::vector<char> copy(block.begin(), block.end());
  std::vector<char> scratch(limit + HpackDecoder::kScratchSlack);
  decoder.begin({copy.data(), copy.size()}, scratch, limit);
  std::size_t size = 0;
  while (true) {
    DecodedField field;
    const HpackDecoder::State state = decoder.next(field);
    require(decoder.table_size() <= HpackDecoder::kTableLimit);
    if (state != HpackDecoder::State::field) {
      return state;
    }
    size += field.name.size() + field.value.size() + HpackDecoder::kFieldOverhead;
    require(size <= limit);
    fields.emplace_back(field.name, field.value);
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

void check_round_trip(const Fields& fields) {
  std::string block;
  Fields small;
  for (const auto& [name, value] : fields) {
    append_field(block, name, value);
    small.emplace_back(lower(name), value);
  }
  HpackDecoder decoder;
  Fields again;
  require(decode(decoder, block, again) == HpackDecoder::State::end);
  require(again == small);
  require(decoder.table_size() == 0);
}

class Connection {
 public:
  void check(const Fields& fields) {
    std::string lines;
    Fields expected{{":status", "200"}};
    for (const auto& [name, value] : fields) {
      const std::string line = name + ": " + value;
      if (line.find(": ") == name.size() && line.find("\r\n") == std::string::npos) {
        lines += line + "\r\n";
        expected.emplace_back(lower(name), value);
      }
    }
    for (int i = 0; i < 2; ++i) {
      const seabag::http::ResponseHead head{.fields = lines};
      std::vector<char> block(ResponseEncoder::bound(head));
      const std::size_t size = encoder_.write(head, table_, block);
      Fields again;
      require(decode(client_, {block.data(), size}, again, kAnswerLimit) ==
              HpackDecoder::State::end);
      require(again == expected);
    }
  }

  void restrict_to(std::size_t limit) { table_.restrict_to(limit); }

 private:
  ResponseEncoder encoder_;
  EncoderTable table_;
  HpackDecoder client_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  std::string_view rest = bytes;
  HpackDecoder decoder;
  Connection connection;
  while (!rest.empty()) {
    const std::size_t length = std::size_t{static_cast<unsigned char>(rest.front())} * 4;
    rest.remove_prefix(1);
    Fields fields;
    const HpackDecoder::State state = decode(decoder, rest.substr(0, length), fields);
    check_round_trip(fields);
    if (length % 16 == 4) {
      connection.restrict_to(8 * length);
    }
    connection.check(fields);
    if (state == HpackDecoder::State::error) {
      return 0;
    }
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return 0;
}
