#include "field_class.h"

#include <algorithm>
#include <array>

namespace seabag::http2 {
namespace {

constexpr std::array<bool, 256> make_name_table() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kNameTable = make_name_table();

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return kNameTable[static_cast<unsigned char>(c)];
  });
}

NameKind pseudo_kind(std::string_view name) {
  struct Row {
    std::string_view name;
    NameKind kind;
  };
  constexpr Row kRows[] = {{":method", NameKind::method},
                           {":scheme", NameKind::scheme},
                           {":authority", NameKind::authority},
                           {":path", NameKind::path},
                           {":protocol", NameKind::protocol}};
  for (const Row& row : kRows) {
    if (row.name == name) {
      return row.kind;
    }
  }
  return NameKind::malformed;
}

NameKind regular_kind(std::string_view name, http::FieldName id) {
  using http::FieldName;
  if (id == FieldName::connection || id == FieldName::transfer_encoding ||
      id == FieldName::upgrade || name == "keep-alive" || name == "proxy-connection") {
    return NameKind::connection_specific;
  }
  if (name == "te") {
    return NameKind::te;
  }
  return name == "priority" ? NameKind::priority : NameKind::regular;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

FieldClass classify_name(std::string_view name) {
  if (name.starts_with(':')) {
    return {.kind = pseudo_kind(name)};
  }
  if (!is_name(name)) {
    return {.kind = NameKind::malformed};
  }
  const http::FieldName id = http::recognise_field(name);
  return {.kind = regular_kind(name, id), .id = id};
}

bool is_valid_value(std::string_view value) {
  if (value.empty()) {
    return true;
  }
  return !is_blank(value.front()) && !is_blank(value.back()) &&
         std::all_of(value.begin(), value.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
         });
}

}  // namespace seabag::http2
