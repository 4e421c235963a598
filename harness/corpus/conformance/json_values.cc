#include "conformance/json_values.h"

#include <algorithm>

namespace reprise::corpus {
namespace {

/// A truth value is a number here.
bool is_numeric(const Json& value) { return value.is_number() || value.is_boolean(); }

Json as_number(const Json& value) {
  return value.is_boolean() ? Json(value.get<bool>() ? 1 : 0) : value;
}

std::string scalar_text(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace

bool equal_values(const Json& a, const Json& b) {
  if (is_numeric(a) && is_numeric(b)) return as_number(a) == as_number(b);
  if (a.is_object() && b.is_object()) {
    return a.size() == b.size() && std::all_of(a.items().begin(), a.items().end(), [&](auto item) {
             return b.contains(item.key()) && equal_values(item.value(), b.at(item.key()));
           });
  }
  if (a.is_array() && b.is_array()) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), equal_values);
  }
  return a == b;
}

std::string text_form(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

std::string spaced_json(const Json& value) {
  if (!value.is_structured()) return scalar_text(value);
  std::string text = value.is_object() ? "{" : "[";
  bool first = true;
  for (const auto& item : value.items()) {
    if (!first) text += ", ";
    first = false;
    if (value.is_object()) {
      text += scalar_text(Json(item.key()));
      text += ": ";
    }
    text += spaced_json(item.value());
  }
  text += value.is_object() ? '}' : ']';
  return text;
}

}  // namespace reprise::corpus
