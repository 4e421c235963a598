#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reprise/protocol/error_object.h"
#include "reprise/protocol/shared_text.h"

namespace reprise::internal {

/// Appends a payload as a JSON value: JSON as it is, so that others can read it, any other text
/// wrapped, no payload as null.
void append_embedded(const SharedText& payload, std::string& text);
/// The payload that a JSON value stands for.
SharedText embedded(const nlohmann::ordered_json& value);

nlohmann::ordered_json stored_error(const ErrorObject& error);
ErrorObject error_from_stored(const nlohmann::ordered_json& json);

/// Throws SerdesError.
nlohmann::ordered_json parse_stored(const SharedText& payload);

}  // namespace reprise::internal
