#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace reprise::fakes::internal {

/// `1250` as "12.50".
std::string money_text(std::int64_t cents);

/// The text itself while it is short; otherwise its beginning, its length and a checksum, so that
/// two long texts that differ still read differently.
std::string short_text(std::string text);

/// Compact JSON, shortened like any text.  Never throws for what a text may not hold.
std::string short_text(const nlohmann::json& json);

/// A text in quotation marks, shortened.
std::string quoted_text(std::string_view text);

}  // namespace reprise::fakes::internal
