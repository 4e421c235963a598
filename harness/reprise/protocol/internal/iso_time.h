#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::internal {

/// The first and last millisecond of the years 1 to 9999, the ones ISO-8601 can write.
inline constexpr std::int64_t kFirstTimeMs = -62135596800000;
inline constexpr std::int64_t kLastTimeMs = 253402300799999;

/// "2025-12-05T20:14:06.007Z".  `ms` lies between kFirstTimeMs and kLastTimeMs.
std::string format_iso8601(std::int64_t ms);

/// Milliseconds since the Unix epoch, rounded to the nearest, of a date and time with a zone:
/// `YYYY-MM-DD(T| )hh:mm:ss[.f...](Z|+hh:mm|-hh:mm)`.  nullopt for any other text, for a day that
/// the calendar does not have, and for leap seconds.
std::optional<std::int64_t> parse_iso8601(std::string_view text);

}  // namespace reprise::internal
