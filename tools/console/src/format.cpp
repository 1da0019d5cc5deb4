#include "seabag/console/format.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace seabag::console {

namespace {

constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kHour = 60 * kMinute;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

// Length of the well-formed UTF-8 sequence at the start of `bytes`; 0 when there is none.
std::size_t utf8_length(std::string_view bytes) {
  const auto byte_at = [&](std::size_t position) {
    return position < bytes.size() ? static_cast<unsigned char>(bytes[position]) : 0U;
  };
  const unsigned first = byte_at(0);
  if (first < 0x80) {
    return 1;
  }
  // RFC 3629 §4: the second byte's range depends on the first, which rules out overlong forms,
  // surrogates and what is above U+10FFFF.
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    low = first == 0xE0 ? 0xA0 : low;
    high = first == 0xED ? 0x9F : high;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    low = first == 0xF0 ? 0x90 : low;
    high = first == 0xF4 ? 0x8F : high;
  } else {
    return 0;
  }
  if (byte_at(1) < low || byte_at(1) > high) {
    return 0;
  }
  for (std::size_t position = 2; position < length; ++position) {
    if (byte_at(position) < 0x80 || byte_at(position) > 0xBF) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) {
    return formatted("%u B", static_cast<unsigned>(bytes));
  }
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999.5 would be shown as 1000, which is one digit too many.
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const int decimals = value < 9.95 ? 1 : 0;
  return formatted("%.*f %s", decimals, value, kUnits[unit]);
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t from_end = 3; from_end < digits.size(); from_end += 4) {
    digits.insert(digits.size() - from_end, 1, ',');
  }
  return digits;
}

std::string format_seconds(double seconds) {
  if (seconds < 9.995) {
    return formatted("%.2f s", seconds);
  }
  if (seconds < 59.95) {
    return formatted("%.1f s", seconds);
  }
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < kHour) {
    return formatted("%u min %02u s", static_cast<unsigned>(whole / kMinute),
                     static_cast<unsigned>(whole % kMinute));
  }
  return formatted("%llu h %02u min", static_cast<unsigned long long>(whole / kHour),
                   static_cast<unsigned>(whole % kHour / kMinute));
}

std::string format_time(vfs::Timestamp time) {
  const std::time_t seconds = time.seconds;
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) {
    return std::to_string(time.seconds);
  }
  return formatted("%04ld-%02d-%02d %02d:%02d:%02d", static_cast<long>(parts.tm_year) + 1900,
                   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string format_mode(vfs::FileType type, std::uint32_t mode) {
  constexpr std::string_view kTypes = "-dlpscb";  // in the order of FileType
  constexpr std::string_view kBits = "rwxrwxrwx";
  std::string text(1, kTypes[static_cast<std::size_t>(type)]);
  for (std::size_t bit = 0; bit < kBits.size(); ++bit) {
    text += (mode & (0400U >> bit)) != 0 ? kBits[bit] : '-';
  }
  const auto mark = [&](std::uint32_t flag, std::size_t position, char letter) {
    if ((mode & flag) != 0) {
      const bool is_executable = text[position] == 'x';
      text[position] = is_executable ? letter : static_cast<char>(letter - 'a' + 'A');
    }
  };
  mark(04000, 3, 's');
  mark(02000, 6, 's');
  mark(01000, 9, 't');
  return text;
}

std::string_view format_type(vfs::FileType type) {
  constexpr std::array<std::string_view, 7> kNames = {
      "file", "directory", "symlink", "fifo", "socket", "character device", "block device"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string printable(std::string_view name) {
  std::string text;
  text.reserve(name.size());
  while (!name.empty()) {
    const auto byte = static_cast<unsigned char>(name.front());
    const std::size_t length = utf8_length(name);
    // U+0080 to U+009F are controls as well: some terminals obey them.
    const bool is_control =
        byte < 0x20 || byte == 0x7F ||
        (byte == 0xC2 && length == 2 && static_cast<unsigned char>(name[1]) < 0xA0);
    if (length == 0 || is_control) {
      text += formatted("\\x%02x", static_cast<unsigned>(byte));
      name.remove_prefix(1);
    } else if (byte == '\\') {
      text += "\\\\";
      name.remove_prefix(1);
    } else {
      text.append(name.substr(0, length));
      name.remove_prefix(length);
    }
  }
  return text;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) {
      return false;
    }
    bytes.remove_prefix(length);
  }
  return true;
}

std::string format_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4U];
    text += kDigits[value & 0xFU];
  }
  return text;
}

}  // namespace seabag::console
