#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "seabag/http2/hpack_decoder.h"
#include "seabag/http2/response_encoder.h"
#include "support/catch.h"
#include "support/http2_frames.h"

namespace seabag::http2 {
namespace {

using test::Fields;

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += hex[i] == ' ' ? 1U : 2U) {
    if (hex[i] != ' ') {
      bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
  }
  return bytes;
}

/// Decodes whole blocks with one table.
class Decoded {
 public:
  explicit Decoded(std::size_t list_limit = 32'768)
      : list_limit_(list_limit), scratch_(list_limit + HpackDecoder::kScratchSlack) {}

  /// Nothing for a compression error.
  std::optional<Fields> operator()(std::string_view block) {
    // Of exactly its size, so that reading past the end is seen.
    const std::vector<char> copy(block.begin(), block.end());
    decoder.begin({copy.data(), copy.size()}, scratch_, list_limit_);
    Fields fields;
    while (true) {
      DecodedField field;
      state = decoder.next(field);
      if (state == HpackDecoder::State::error) {
        return std::nullopt;
      }
      if (state != HpackDecoder::State::field) {
        return fields;
      }
      fields.emplace_back(field.name, field.value);
    }
  }

  HpackDecoder decoder;
  HpackDecoder::State state = HpackDecoder::State::end;

 private:
  std::size_t list_limit_;
  std::vector<char> scratch_;
};

TEST_CASE("requests without Huffman codes (RFC 7541 C.3)", "[http2][hpack]") {
  Decoded decode;
  CHECK(decode(bytes_of("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d")) ==
        Fields{{":method", "GET"},
               {":scheme", "http"},
               {":path", "/"},
               {":authority", "www.example.com"}});
  CHECK(decode.decoder.table_size() == 57);
  CHECK(decode(bytes_of("8286 84be 5808 6e6f 2d63 6163 6865")) ==
        Fields{{":method", "GET"},
               {":scheme", "http"},
               {":path", "/"},
               {":authority", "www.example.com"},
               {"cache-control", "no-cache"}});
  CHECK(decode.decoder.table_size() == 110);
  CHECK(decode(
            bytes_of("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65")) ==
        Fields{{":method", "GET"},
               {":scheme", "https"},
               {":path", "/index.html"},
               {":authority", "www.example.com"},
               {"custom-key", "custom-value"}});
  CHECK(decode.decoder.table_size() == 164);
}

TEST_CASE("requests with Huffman codes (RFC 7541 C.4)", "[http2][hpack]") {
  Decoded decode;
  CHECK(decode(bytes_of("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")) ==
        Fields{{":method", "GET"},
               {":scheme", "http"},
               {":path", "/"},
               {":authority", "www.example.com"}});
  CHECK(decode(bytes_of("8286 84be 5886 a8eb 1064 9cbf"))->back() ==
        std::pair<std::string, std::string>("cache-control", "no-cache"));
  CHECK(decode(bytes_of("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"))->back() ==
        std::pair<std::string, std::string>("custom-key", "custom-value"));
  CHECK(decode.decoder.table_size() == 164);
}

TEST_CASE("a small table forgets its oldest entries (RFC 7541 C.6)", "[http2][hpack]") {
  Decoded decode;
  REQUIRE(decode(bytes_of("3fe1 01")));  // 256 bytes
  CHECK(decode(bytes_of("4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0"
                        " 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3"))
            ->size() == 4);
  CHECK(decode.decoder.table_size() == 222);
  CHECK(decode(bytes_of("4883 640e ffc1 c0bf"))->front() ==
        std::pair<std::string, std::string>(":status", "307"));
  CHECK(decode.decoder.table_size() == 222);
  const auto third = decode(
      bytes_of("88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab"
               " 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f"
               " 9587 3160 65c0 03ed 4ee5 b106 3d50 07"));
  REQUIRE(third);
  CHECK(third->back().second == "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
  CHECK(decode.decoder.table_size() == 215);
}

TEST_CASE("what is no header block is an error", "[http2][hpack]") {
  const char* const bad[] = {
      "80",                    // index 0
      "be",                    // index 62 of an empty table
      "ff ffff ffff ff0f",     // an integer without end
      "ff",                    // and one that is cut off
      "00 0561",               // a name that is cut off
      "00 0161",               // no value
      "00 0161 0262",          // a value that is cut off
      "00 8161 00",            // 0x61 is not padded with ones
      "00 84ff ffff ff00",     // EOS
      "00 821f ff 00",         // more than 7 bits of padding
      "82 20",                 // a change of the table's size behind a field
      "3f e21f",               // to 4,097 bytes
      "7f 80ff ffff 7f 0000",  // a name's index far away
  };
  for (const char* block : bad) {
    CAPTURE(block);
    Decoded decode;
    CHECK_FALSE(decode(bytes_of(block)));
  }
}

TEST_CASE("every byte survives coding and decoding", "[http2][hpack]") {
  std::string all;
  for (int round = 0; round < 3; ++round) {
    for (int byte = 0; byte < 256; ++byte) {
      all += static_cast<char>((byte * 7 + round) % 256);
    }
  }
  Decoded decode;
  for (std::size_t size = 0; size < all.size(); ++size) {
    const std::string text = all.substr(size / 2, size);
    std::string block;
    append_field(block, "name", text);
    REQUIRE(decode(block) == Fields{{"name", text}});
  }
  const std::string soft(300, 'e');
  std::string block;
  append_field(block, "name", soft);
  CHECK(block.size() < 210);
  CHECK(decode(block) == Fields{{"name", soft}});
}

TEST_CASE("the table keeps the newest of many entries", "[http2][hpack]") {
  Decoded decode;
  for (int i = 0; i < 3'000; ++i) {
    const std::string name = "name-" + std::to_string(i);
    const std::string value(static_cast<std::size_t>(i % 300), 'v');
    std::string block = "\x40" + std::string(1, static_cast<char>(name.size())) + name;
    block += value.size() < 127
                 ? std::string(1, static_cast<char>(value.size()))
                 : std::string{'\x7f', static_cast<char>((value.size() - 127) | 0x80),
                               static_cast<char>((value.size() - 127) >> 7U)};
    block += value + "\xbe";
    REQUIRE(decode(block) == Fields{{name, value}, {name, value}});
    REQUIRE(decode.decoder.table_size() <= 4'096);
  }
}

TEST_CASE("an entry too large for the table empties it (RFC 7541 4.4)", "[http2][hpack]") {
  Decoded decode;
  REQUIRE(decode(bytes_of("40 0161 0162")));
  CHECK(decode.decoder.table_size() == 34);
  const std::string large(4'096, 'x');
  REQUIRE(decode("\x40\x01z\x7f\x81\x1f" + large));
  CHECK(decode.decoder.table_size() == 0);
}

TEST_CASE("names mean the same by index and as text", "[http2][hpack]") {
  std::vector<char> scratch(64'000);
  for (int index = 1; index <= 61; ++index) {
    HpackDecoder decoder;
    DecodedField indexed;
    const std::string block(1, static_cast<char>(0x80 | index));
    decoder.begin(block, scratch, 32'768);
    REQUIRE(decoder.next(indexed) == HpackDecoder::State::field);
    const std::string name(indexed.name);
    const std::string literal =
        std::string(1, '\0') + static_cast<char>(name.size()) + name + std::string(1, '\0');
    DecodedField text;
    decoder.begin(literal, scratch, 32'768);
    REQUIRE(decoder.next(text) == HpackDecoder::State::field);
    CAPTURE(name);
    CHECK(text.is.kind == indexed.is.kind);
    CHECK(text.is.id == indexed.is.id);
  }
}

TEST_CASE("fields beyond the limit of a list are missing", "[http2][hpack]") {
  Decoded decode(180);
  const auto fields = decode(bytes_of("8286 8440 0161 0162 bebe bebe bebe bebe"));
  REQUIRE(fields);
  CHECK(decode.state == HpackDecoder::State::too_large);
  CHECK(fields->size() == 4);  // of 42, 43, 38 and 34 bytes
  CHECK(decode(bytes_of("be")) == Fields{{"a", "b"}});
}

/// A literal that enters the table: its name by index, or as text when that is 0.
std::string inserted(int index, std::string_view name, std::string_view value) {
  std::string block(1, static_cast<char>(0x40 | index));
  if (index == 0) {
    block += static_cast<char>(name.size());
    block += name;
  }
  return block + static_cast<char>(value.size()) + std::string(value);
}

TEST_CASE("fields stay what they are while later ones change the table", "[http2][hpack]") {
  std::vector<char> scratch(64'000);
  HpackDecoder decoder;
  DecodedField field;
  const std::string first = inserted(0, "kept-name", "kept-value");
  decoder.begin(first, scratch, 32'768);
  REQUIRE(decoder.next(field) == HpackDecoder::State::field);
  const bool is_too_large = GENERATE(false, true);
  std::string block = "\xbe" + inserted(62, {}, "more");
  for (int i = 0; i < 700; ++i) {
    block +=
        inserted(0, "n" + std::to_string(i), std::string(static_cast<std::size_t>(i % 7), 'v'));
    block += inserted(62, {}, "w");  // which may push out the entry that it has its name from
  }
  std::vector<DecodedField> fields;
  decoder.begin(block, scratch, is_too_large ? 3'000 : 64'000);
  HpackDecoder::State state = decoder.next(field);
  for (; state == HpackDecoder::State::field; state = decoder.next(field)) {
    fields.push_back(field);
  }
  CHECK(state == (is_too_large ? HpackDecoder::State::too_large : HpackDecoder::State::end));
  REQUIRE(fields.size() > 60);
  CHECK(fields[0].name == "kept-name");
  CHECK(fields[0].value == "kept-value");
  CHECK(fields[1].name == "kept-name");
  CHECK(fields[1].value == "more");
  for (std::size_t i = 2; i < fields.size(); ++i) {
    const std::size_t number = (i - 2) / 2;
    REQUIRE(fields[i].name == "n" + std::to_string(number));
    REQUIRE(fields[i].value == (i % 2 == 0 ? std::string(number % 7, 'v') : "w"));
  }
  decoder.begin("\xbe\xbf", scratch, 32'768);
  REQUIRE(decoder.next(field) == HpackDecoder::State::field);
  CHECK(field.name == "n699");
  CHECK(field.value == "w");
  REQUIRE(decoder.next(field) == HpackDecoder::State::field);
  CHECK(field.value == std::string(699 % 7, 'v'));
}

TEST_CASE("entries without any text count as others do", "[http2][hpack]") {
  Decoded decode;
  std::string block;
  for (int i = 0; i < 1'000; ++i) {
    block += inserted(0, "", "");
  }
  REQUIRE(decode(block));
  CHECK(decode.decoder.table_size() == 4'096);
  REQUIRE(decode(inserted(0, "a", "b")));
  CHECK(decode.decoder.table_size() == 4'066);
  CHECK(decode(std::string("\xbe")) == Fields{{"a", "b"}});
}

}  // namespace
}  // namespace seabag::http2
