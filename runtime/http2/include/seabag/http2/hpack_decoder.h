#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "seabag/http/request_head.h"

namespace seabag::http2 {

/// What the name of a field means to a request, told once for each entry of a table.
enum class NameKind : std::uint8_t {
  regular,
  method,
  scheme,
  authority,
  path,
  protocol,
  te,
  priority,
  connection_specific,  ///< has no place in HTTP/2 (RFC 9113 §8.2.2)
  malformed,            ///< no token in small letters, or an unknown pseudo-header
};

struct FieldClass {
  NameKind kind = NameKind::regular;
  http::FieldName id = http::FieldName::other;
  bool has_valid_value = true;  ///< no controls, no white space at its ends
};

struct DecodedField {
  std::string_view name;
  std::string_view value;
  FieldClass is;
};

/// Reads header blocks (RFC 7541), and keeps the dynamic table that all blocks of one connection
/// share. The table is never larger than 4 KiB, the default. One thread at a time.
class HpackDecoder {
 public:
  enum class State : std::uint8_t {
    field,
    end,
    too_large,  ///< fields are missing; the table is as it must be, and decoding can go on
    error,      ///< COMPRESSION_ERROR: nothing after it can be decoded
  };

  /// Begins with a block. Views of fields are into `block`, into `scratch`, which must live as long
  /// as they do, static, or into the table, where they are valid until the next block. Fields are
  /// given until their sizes as RFC 9113 §6.5.2 counts them reach `list_limit`. `scratch` has at
  /// least `kScratchSlack` bytes more than that.
  void begin(std::string_view block, std::span<char> scratch, std::size_t list_limit);
  static constexpr std::size_t kScratchSlack = std::size_t{8} * 1024;

  /// The next field.
  [[nodiscard]] State next(DecodedField& field);

  /// Bytes of the dynamic table as RFC 7541 §4.1 counts them.
  [[nodiscard]] std::size_t table_size() const { return table_size_; }

  static constexpr std::size_t kTableLimit = 4096;
  /// What each entry of a table and of a list counts besides its name and value.
  static constexpr std::size_t kFieldOverhead = 32;

 private:
  struct Entry {
    std::uint16_t start = 0;  ///< of the name in `bytes_`; the value follows it
    std::uint16_t name_size = 0;
    std::uint16_t value_size = 0;
    FieldClass is;
  };
  struct Text {
    std::string_view text;
    bool is_lost = false;  ///< longer than any table or list may hold
  };

  [[nodiscard]] bool read_integer(unsigned prefix_bits, std::size_t& number);
  [[nodiscard]] bool read_long(std::size_t& number);
  [[nodiscard]] bool read_string(Text& text);
  [[nodiscard]] bool find(std::size_t index, DecodedField& field);
  [[nodiscard]] bool read_indexed(DecodedField& field);
  [[nodiscard]] bool read_literal(unsigned prefix_bits, DecodedField& field);
  [[nodiscard]] bool change_limit();
  [[nodiscard]] std::string_view keep(std::string_view text);
  void insert(const DecodedField& field);
  void evict(std::size_t limit);
  void forget_evicted();
  void make_room(std::size_t size);
  [[nodiscard]] State give(const DecodedField& field);

  std::string_view rest_;
  std::span<char> scratch_;
  std::size_t scratch_used_ = 0;
  std::size_t scratch_kept_ = 0;  ///< by fields that have been given
  std::size_t list_left_ = 0;
  bool is_too_large_ = false;
  bool may_change_limit_ = false;
  bool has_lost_text_ = false;
  bool is_viewed_ = false;  ///< fields have been given while `bytes_` was what it is

  std::unique_ptr<char[]> bytes_;  ///< texts of the entries, and before them of evicted ones
  std::size_t bytes_used_ = 0;
  std::size_t bytes_size_ = 0;
  /// What `bytes_` was before, when fields of this block may be in there; no more than the block
  /// has fields for.
  std::vector<std::unique_ptr<char[]>> replaced_;
  std::vector<Entry> entries_;   ///< the oldest first
  std::size_t first_entry_ = 0;  ///< those before it are evicted
  std::size_t table_size_ = 0;
  std::size_t table_limit_ = kTableLimit;
};

}  // namespace seabag::http2
