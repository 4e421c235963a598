#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "reprise/protocol/shared_text.h"

namespace reprise::internal {

/// The JSON value of a payload; no payload is null, a text that is no JSON stands for itself.
nlohmann::json payload_value(const SharedText& payload);

/// What a build that reads `recorded` and writes `again` makes of it: "`coupon` is lost, `total`
/// reads as 12 where the history holds 12.5".  "" when both are the same JSON value.
std::string payload_difference(const SharedText& recorded, const SharedText& again);

/// The text, cut off behind some hundred characters with its length.
std::string shorten(std::string_view text);

}  // namespace reprise::internal
