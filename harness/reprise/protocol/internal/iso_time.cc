#include "reprise/protocol/internal/iso_time.h"

#include <array>
#include <cstddef>

namespace reprise::internal {
namespace {

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;

struct Date {
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
};

// Years begin in March here, so that the leap day is the last of its year, and 400 years are an era
// of equal length (the proleptic Gregorian calendar).
constexpr std::int64_t kDaysPerEra = 146097;
constexpr std::int64_t kDaysToUnixEpoch = 719468;  // from March 1 of the year 0

std::int64_t days_from_date(const Date& date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kDaysToUnixEpoch;
}

Date date_from_days(std::int64_t days) {
  days += kDaysToUnixEpoch;
  const std::int64_t era = (days >= 0 ? days : days - kDaysPerEra + 1) / kDaysPerEra;
  const std::int64_t day_of_era = days - era * kDaysPerEra;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (kDaysPerEra - 1)) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  Date date;
  date.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  date.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  date.year = era * 400 + year_of_era + (date.month <= 2 ? 1 : 0);
  return date;
}

std::int64_t days_in_month(const Date& date) {
  constexpr std::array<std::int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
  if (date.month == 2 && leap) return 29;
  return kDays[static_cast<std::size_t>(date.month - 1)];
}

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

// Takes a text apart from the left; the first mismatch makes all that follows fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool failed() const { return failed_; }
  bool done() const { return !failed_ && rest_.empty(); }

  // A number of exactly `width` digits, from `low` to `high`.
  std::int64_t number(std::size_t width, std::int64_t low, std::int64_t high) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = 10 * value + digit();
    if (value < low || value > high) failed_ = true;
    return value;
  }

  // The next character, which must be one of `allowed`.
  char one_of(std::string_view allowed) {
    if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) failed_ = true;
    if (failed_) return '\0';
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  bool next_is_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  bool next_is(char wanted) const { return !rest_.empty() && rest_.front() == wanted; }
  std::int64_t digit() {
    const char found = one_of("0123456789");
    return failed_ ? 0 : found - '0';
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// The digits after the point, to the nearest millisecond (1000 when .9995 or more).
std::int64_t scan_fraction_ms(Scanner& scanner) {
  std::int64_t ms = scanner.digit() * 100;
  if (scanner.next_is_digit()) ms += scanner.digit() * 10;
  if (scanner.next_is_digit()) ms += scanner.digit();
  if (scanner.next_is_digit() && scanner.digit() >= 5) ms += 1;
  while (scanner.next_is_digit()) scanner.digit();
  return ms;
}

std::int64_t scan_zone_ms(Scanner& scanner) {
  const char zone = scanner.one_of("Z+-");
  if (scanner.failed() || zone == 'Z') return 0;
  const std::int64_t hours = scanner.number(2, 0, 23);
  scanner.one_of(":");
  const std::int64_t minutes = scanner.number(2, 0, 59);
  const std::int64_t offset = hours * kMsPerHour + minutes * kMsPerMinute;
  return zone == '+' ? offset : -offset;
}

}  // namespace

std::string format_iso8601(std::int64_t ms) {
  std::int64_t days = ms / kMsPerDay;
  std::int64_t of_day = ms % kMsPerDay;
  if (of_day < 0) {
    of_day += kMsPerDay;
    days -= 1;
  }
  const Date date = date_from_days(days);
  std::string text;
  append_padded(text, date.year, 4);
  text += '-';
  append_padded(text, date.month, 2);
  text += '-';
  append_padded(text, date.day, 2);
  text += 'T';
  append_padded(text, of_day / kMsPerHour, 2);
  text += ':';
  append_padded(text, of_day / kMsPerMinute % 60, 2);
  text += ':';
  append_padded(text, of_day / kMsPerSecond % 60, 2);
  text += '.';
  append_padded(text, of_day % kMsPerSecond, 3);
  text += 'Z';
  return text;
}

std::optional<std::int64_t> parse_iso8601(std::string_view text) {
  Scanner scanner(text);
  Date date;
  date.year = scanner.number(4, 1, 9999);
  scanner.one_of("-");
  date.month = scanner.number(2, 1, 12);
  scanner.one_of("-");
  date.day = scanner.number(2, 1, 31);
  scanner.one_of("T ");
  std::int64_t ms = scanner.number(2, 0, 23) * kMsPerHour;
  scanner.one_of(":");
  ms += scanner.number(2, 0, 59) * kMsPerMinute;
  scanner.one_of(":");
  ms += scanner.number(2, 0, 59) * kMsPerSecond;
  if (scanner.next_is('.')) {
    scanner.one_of(".");
    ms += scan_fraction_ms(scanner);
  }
  ms -= scan_zone_ms(scanner);
  if (!scanner.done() || date.day > days_in_month(date)) return std::nullopt;
  ms += days_from_date(date) * kMsPerDay;
  if (ms < kFirstTimeMs || ms > kLastTimeMs) return std::nullopt;
  return ms;
}

}  // namespace reprise::internal
