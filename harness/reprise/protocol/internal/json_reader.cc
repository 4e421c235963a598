#include "reprise/protocol/internal/json_reader.h"

#include <algorithm>
#include <cmath>

#include "reprise/protocol/internal/iso_time.h"

namespace reprise::internal {
namespace {

constexpr std::size_t kKeyBytesShown = 200;
constexpr std::size_t kTextBytesShown = 60;

// ASCII only: a cut in the middle of a character becomes a replacement character.
std::string quoted(std::string_view text, std::size_t limit) {
  using Json = nlohmann::json;
  std::string shown = Json(std::string(text.substr(0, limit)))
                          .dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  if (text.size() > limit) shown += "...";
  return shown;
}

}  // namespace

void append_pointer(std::string& pointer, std::string_view key) {
  constexpr std::string_view kHex = "0123456789abcdef";
  pointer += '/';
  for (const char c : key.substr(0, kKeyBytesShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else if (byte < 0x20 || byte == 0x7F) {
      pointer += "\\u00";
      pointer += kHex[byte >> 4];
      pointer += kHex[byte & 15U];
    } else {
      pointer += c;
    }
  }
  if (key.size() > kKeyBytesShown) pointer += "...";
}

void append_pointer(std::string& pointer, std::size_t index) {
  pointer += '/';
  pointer += std::to_string(index);
}

std::string located(std::string_view pointer, std::string_view message) {
  std::string text(pointer.empty() ? std::string_view("(document)") : pointer);
  text += ": ";
  text += message;
  return text;
}

std::string describe(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::null:
      return "null";
    case nlohmann::json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    case nlohmann::json::value_t::string:
      return "the text " + quoted(value.get_ref<const std::string&>(), kTextBytesShown);
    case nlohmann::json::value_t::number_integer:
    case nlohmann::json::value_t::number_unsigned:
    case nlohmann::json::value_t::number_float:
      return "the number " + value.dump();
    case nlohmann::json::value_t::array:
      return value.empty() ? "an empty array" : "an array";
    case nlohmann::json::value_t::object:
      return value.empty() ? "an empty object" : "an object";
    case nlohmann::json::value_t::binary:
    case nlohmann::json::value_t::discarded:
      break;
  }
  return "a value that JSON does not have";
}

std::string JsonReader::pointer() const {
  if (up_ == nullptr) return std::string(key_);
  std::string pointer = up_->pointer();
  if (index_ == kNoIndex) {
    append_pointer(pointer, key_);
  } else {
    append_pointer(pointer, index_);
  }
  return pointer;
}

void JsonReader::fail(std::string_view expected) const {
  fail_saying("expected " + std::string(expected) + ", found " + describe(*value_));
}

void JsonReader::fail_saying(std::string message) const {
  throw JsonFailure{pointer(), std::move(message)};
}

const std::string& JsonReader::text() const {
  if (!value_->is_string()) fail("a text");
  return value_->get_ref<const std::string&>();
}

bool JsonReader::boolean() const {
  if (!value_->is_boolean()) fail("true or false");
  return value_->get<bool>();
}

std::int64_t JsonReader::integer(std::int64_t low, std::int64_t high) const {
  const auto fits = [&] {
    if (!value_->is_number_integer()) return false;
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value_->is_number_unsigned() && value_->get<std::uint64_t>() > kMax) return false;
    return value_->get<std::int64_t>() >= low && value_->get<std::int64_t>() <= high;
  };
  if (!fits()) fail("a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return value_->get<std::int64_t>();
}

std::size_t JsonReader::array_size() const {
  if (!value_->is_array()) fail("an array");
  return value_->size();
}

JsonReader JsonReader::element(std::size_t index) const {
  return JsonReader((*value_)[index], this, "", index);
}

std::vector<std::string> JsonReader::texts() const {
  std::vector<std::string> texts;
  const std::size_t count = array_size();
  texts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) texts.push_back(element(i).text());
  return texts;
}

ObjectReader::ObjectReader(JsonReader at) : at_(at) {
  if (!at_.value().is_object()) at_.fail("an object");
}

std::optional<JsonReader> ObjectReader::find(std::string_view key) {
  taken_.push_back(key);
  const auto found = at_.value().find(key);
  if (found == at_.value().end()) return std::nullopt;
  return JsonReader(*found, &at_, key, JsonReader::kNoIndex);
}

JsonReader ObjectReader::require(std::string_view key) {
  std::optional<JsonReader> found = find(key);
  if (!found) {
    at_.fail_saying("expected the member \"" + std::string(key) + "\", found none");
  }
  return *found;
}

SharedText ObjectReader::find_shared_text(std::string_view key) {
  const std::optional<JsonReader> found = find(key);
  return found ? found->shared_text() : SharedText();
}

std::optional<std::string> ObjectReader::find_text(std::string_view key) {
  const std::optional<JsonReader> found = find(key);
  if (!found) return std::nullopt;
  return found->text();
}

std::optional<bool> ObjectReader::find_boolean(std::string_view key) {
  const std::optional<JsonReader> found = find(key);
  if (!found) return std::nullopt;
  return found->boolean();
}

std::optional<std::int64_t> ObjectReader::find_integer(std::string_view key, std::int64_t low) {
  const std::optional<JsonReader> found = find(key);
  if (!found) return std::nullopt;
  return found->integer(low);
}

nlohmann::json ObjectReader::unknown() const {
  nlohmann::json rest;
  for (const auto& [key, value] : at_.value().items()) {
    if (!taken(key)) rest[key] = value;
  }
  return rest;
}

void ObjectReader::refuse_unknown() const {
  for (const auto& [key, value] : at_.value().items()) {
    if (taken(key)) continue;
    JsonReader(value, &at_, key, JsonReader::kNoIndex)
        .fail_saying("expected no such member, found " + describe(value));
  }
}

bool ObjectReader::taken(std::string_view key) const {
  return std::find(taken_.begin(), taken_.end(), key) != taken_.end();
}

ErrorObject read_error(JsonReader at, nlohmann::json* unknown) {
  ObjectReader object(at);
  ErrorObject error;
  error.message = object.find_text("ErrorMessage");
  error.type = object.find_text("ErrorType");
  error.data = object.find_text("ErrorData");
  if (const auto trace = object.find("StackTrace")) error.stack_trace = trace->texts();
  if (unknown == nullptr) {
    object.refuse_unknown();
  } else {
    *unknown = object.unknown();
  }
  return error;
}

nlohmann::json epoch_seconds_to_json(std::int64_t ms) {
  if (ms % 1000 == 0) return ms / 1000;
  return static_cast<double>(ms) / 1000.0;
}

std::int64_t read_epoch_seconds(const JsonReader& at) {
  constexpr std::string_view kExpected = "epoch seconds within the years 1 to 9999";
  constexpr std::int64_t kFirst = kFirstTimeMs / 1000;
  constexpr std::int64_t kLast = kLastTimeMs / 1000;
  const nlohmann::json& value = at.value();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{kLast}) {
    at.fail(kExpected);
  }
  if (value.is_number_integer()) {
    const auto seconds = value.get<std::int64_t>();
    if (seconds < kFirst || seconds > kLast) at.fail(kExpected);
    return seconds * 1000;
  }
  if (!value.is_number_float()) at.fail(kExpected);
  const auto seconds = value.get<double>();
  // Written so that NaN fails too.
  if (!(seconds >= kFirst && seconds <= kLast + 1)) at.fail(kExpected);
  const std::int64_t ms = std::llround(seconds * 1000.0);
  if (ms > kLastTimeMs) at.fail(kExpected);
  return ms;
}

}  // namespace reprise::internal
