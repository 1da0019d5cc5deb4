#include "seabag/http/date.h"

#include <algorithm>
#include <cstring>

#include "ascii.h"

namespace seabag::http {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
// 0000-01-01 00:00:00 and 9999-12-31 23:59:59.
constexpr std::int64_t kFirstSecond = -62167219200;
constexpr std::int64_t kLastSecond = 253402300799;

constexpr std::string_view kDayNames = "SunMonTueWedThuFriSat";
constexpr std::string_view kLongDayNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};
constexpr std::string_view kMonthNames = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct CivilDate {
  std::int64_t year = 0;
  unsigned month = 0;  // 1 .. 12
  unsigned day = 0;    // 1 .. 31
};

// Days since 1970-01-01 in the proleptic Gregorian calendar, by counting years from March so that
// the leap day is the last of its year.
constexpr std::int64_t days_from_civil(CivilDate date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const unsigned month_from_march = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

constexpr CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto month_from_march = static_cast<unsigned>((5 * day_of_year + 2) / 153);
  const auto day = static_cast<unsigned>(day_of_year) - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0), .month = month, .day = day};
}
static_assert(days_from_civil({.year = 1970, .month = 1, .day = 1}) == 0);
static_assert(days_from_civil({.year = 0, .month = 1, .day = 1}) * kSecondsPerDay == kFirstSecond);
static_assert((days_from_civil({.year = 10000, .month = 1, .day = 1})) * kSecondsPerDay ==
              kLastSecond + 1);

void put_two(char* out, unsigned value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}

// Takes fixed text and numbers off the front; once something did not fit it stays failed.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  void expect(std::string_view literal) {
    ok_ = ok_ && text_.starts_with(literal);
    text_.remove_prefix(ok_ ? literal.size() : 0);
  }

  unsigned number(std::size_t digits) {
    ok_ = ok_ && text_.size() >= digits;
    unsigned value = 0;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      ok_ = is_digit(text_[i]);
      value = value * 10 + static_cast<unsigned>(text_[i] - '0');
    }
    text_.remove_prefix(ok_ ? digits : 0);
    return value;
  }

  // asctime pads the day with a space.
  unsigned padded_number() {
    if (text_.starts_with(' ')) {
      expect(" ");
      return number(1);
    }
    return number(2);
  }

  // Index of a three-letter name in `names`.
  unsigned name(std::string_view names) {
    for (std::size_t i = 0; ok_ && i < names.size(); i += 3) {
      if (text_.starts_with(names.substr(i, 3))) {
        text_.remove_prefix(3);
        return static_cast<unsigned>(i / 3);
      }
    }
    ok_ = false;
    return 0;
  }

  [[nodiscard]] bool is_at_end() const { return ok_ && text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

struct Moment {
  CivilDate date;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

void read_clock(DateReader& reader, Moment& moment) {
  moment.hour = reader.number(2);
  reader.expect(":");
  moment.minute = reader.number(2);
  reader.expect(":");
  moment.second = reader.number(2);
}

Moment read_imf(DateReader& reader) {
  Moment moment;
  reader.name(kDayNames);
  reader.expect(", ");
  moment.date.day = reader.number(2);
  reader.expect(" ");
  moment.date.month = reader.name(kMonthNames) + 1;
  reader.expect(" ");
  moment.date.year = reader.number(4);
  reader.expect(" ");
  read_clock(reader, moment);
  reader.expect(" GMT");
  return moment;
}

Moment read_rfc850(DateReader& reader, std::size_t day_name_size) {
  Moment moment;
  reader.expect(kLongDayNames[day_name_size]);
  reader.expect(", ");
  moment.date.day = reader.number(2);
  reader.expect("-");
  moment.date.month = reader.name(kMonthNames) + 1;
  reader.expect("-");
  const unsigned year = reader.number(2);
  moment.date.year = year < 70 ? 2000 + year : 1900 + year;
  reader.expect(" ");
  read_clock(reader, moment);
  reader.expect(" GMT");
  return moment;
}

Moment read_asctime(DateReader& reader) {
  Moment moment;
  reader.name(kDayNames);
  reader.expect(" ");
  moment.date.month = reader.name(kMonthNames) + 1;
  reader.expect(" ");
  moment.date.day = reader.padded_number();
  reader.expect(" ");
  read_clock(reader, moment);
  reader.expect(" ");
  moment.date.year = reader.number(4);
  return moment;
}

Moment read_any(DateReader& reader, std::string_view text) {
  for (std::size_t day = 0; day < std::size(kLongDayNames); ++day) {
    if (text.starts_with(kLongDayNames[day])) {
      return read_rfc850(reader, day);
    }
  }
  return text.size() > 3 && text[3] == ',' ? read_imf(reader) : read_asctime(reader);
}

// A leap second counts as the second after it.
std::optional<std::int64_t> to_seconds(const Moment& moment) {
  if (moment.date.day == 0 || moment.hour > 23 || moment.minute > 59 || moment.second > 60) {
    return std::nullopt;
  }
  const std::int64_t days = days_from_civil(moment.date);
  const CivilDate same = civil_from_days(days);
  if (same.month != moment.date.month || same.day != moment.date.day) {
    return std::nullopt;
  }
  const unsigned clock = moment.hour * 3600 + moment.minute * 60 + moment.second;
  return days * kSecondsPerDay + clock;
}

}  // namespace

void format_date(std::int64_t seconds, std::span<char, kDateSize> out) {
  const std::int64_t moment = std::clamp(seconds, kFirstSecond, kLastSecond);
  std::int64_t days = moment / kSecondsPerDay;
  std::int64_t rest = moment % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  const CivilDate date = civil_from_days(days);
  // 1970-01-01 was a Thursday.
  const auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);
  const auto clock = static_cast<unsigned>(rest);
  const auto year = static_cast<unsigned>(date.year);
  char* const text = out.data();
  std::memcpy(text, "Sun, 00 Jan 0000 00:00:00 GMT", kDateSize);
  std::memcpy(text, kDayNames.data() + 3 * weekday, 3);
  put_two(text + 5, date.day);
  std::memcpy(text + 8, kMonthNames.data() + std::size_t{3} * (date.month - 1), 3);
  put_two(text + 12, year / 100);
  put_two(text + 14, year % 100);
  put_two(text + 17, clock / 3600);
  put_two(text + 20, clock / 60 % 60);
  put_two(text + 23, clock % 60);
}

DateText format_date(std::int64_t seconds) {
  DateText text;
  format_date(seconds, text);
  return text;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  DateReader reader(text);
  const Moment moment = read_any(reader, text);
  return reader.is_at_end() ? to_seconds(moment) : std::nullopt;
}

}  // namespace seabag::http
