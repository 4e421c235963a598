#include "reprise/sdk/serdes.h"

namespace reprise {
namespace {

constexpr const char* kTimeFormat = "%Y-%m-%d%ET%H:%M:%E*SZ";

SharedText quoted(const std::string& text) { return SharedText("\"" + text + "\""); }

std::string unquoted(const SharedText& payload, const char* what) {
  const std::string_view text = payload.view();
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    throw SerdesError(std::string("expected ") + what + " in quotation marks, found " +
                      std::string(text.substr(0, 40)));
  }
  return std::string(text.substr(1, text.size() - 2));
}

}  // namespace

SharedText Serdes<absl::Time>::encode(const absl::Time& value) {
  return quoted(absl::FormatTime(kTimeFormat, value, absl::UTCTimeZone()));
}

absl::Time Serdes<absl::Time>::decode(const SharedText& payload) {
  const std::string text = unquoted(payload, "a time");
  absl::Time value;
  std::string error;
  if (absl::ParseTime(kTimeFormat, text, &value, &error)) return value;
  throw SerdesError("expected a time like 2026-01-01T00:00:00Z, found " + text.substr(0, 40) +
                    ": " + error);
}

SharedText Serdes<absl::Duration>::encode(const absl::Duration& value) {
  return quoted(absl::FormatDuration(value));
}

absl::Duration Serdes<absl::Duration>::decode(const SharedText& payload) {
  const std::string text = unquoted(payload, "a duration");
  absl::Duration value;
  if (absl::ParseDuration(text, &value)) return value;
  throw SerdesError("expected a duration like 1h30m, found " + text.substr(0, 40));
}

}  // namespace reprise
