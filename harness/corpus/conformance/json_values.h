#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace reprise::corpus {

/// JSON that keeps the order of members.
using Json = nlohmann::ordered_json;

/// Equality as requirements mean it: objects without regard to order; 1 equals 1.0 and true, and no
/// text equals a number.
bool equal_values(const Json& a, const Json& b);

/// A value as a text: a text as it is, a number in decimal, anything else as JSON.
std::string text_form(const Json& value);

/// JSON with a space behind ':' and ',' and everything beyond ASCII escaped: the form in which the
/// outside world sends payloads.
std::string spaced_json(const Json& value);

}  // namespace reprise::corpus
