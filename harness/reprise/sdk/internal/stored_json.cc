#include "reprise/sdk/internal/stored_json.h"

#include "reprise/sdk/errors.h"

namespace reprise::internal {
namespace {

constexpr const char* kText = "$text";

}  // namespace

void append_embedded(const SharedText& payload, std::string& text) {
  if (!payload) {
    text += "null";
  } else if (nlohmann::json::accept(payload.view())) {
    text += payload.view();
  } else {
    text += nlohmann::ordered_json({{kText, payload.view()}}).dump();
  }
}

SharedText embedded(const nlohmann::ordered_json& value) {
  if (value.is_null()) return {};
  const bool wrapped =
      value.is_object() && value.size() == 1 && value.contains(kText) && value[kText].is_string();
  return wrapped ? SharedText(value[kText].get<std::string>()) : SharedText(value.dump());
}

nlohmann::ordered_json stored_error(const ErrorObject& error) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (error.type) json["ErrorType"] = *error.type;
  if (error.message) json["ErrorMessage"] = *error.message;
  if (error.data) json["ErrorData"] = *error.data;
  return json;
}

ErrorObject error_from_stored(const nlohmann::ordered_json& json) {
  const auto member = [&](const char* name) -> std::optional<std::string> {
    if (!json.is_object() || !json.contains(name)) return std::nullopt;
    return json[name].get<std::string>();
  };
  ErrorObject error;
  error.type = member("ErrorType");
  error.message = member("ErrorMessage");
  error.data = member("ErrorData");
  return error;
}

nlohmann::ordered_json parse_stored(const SharedText& payload) {
  try {
    return nlohmann::ordered_json::parse(payload.view());
  } catch (const nlohmann::json::exception& error) {
    throw SerdesError(std::string("a recorded result cannot be decoded: ") + error.what());
  }
}

}  // namespace reprise::internal
