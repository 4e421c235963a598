#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/protocol/error_object.h"
#include "reprise/protocol/shared_text.h"

// Strict reading of JSON values, for the codecs of reprise/protocol/json.h.
//
// A mismatch is thrown as JsonFailure and becomes a Status in status_or(); it never leaves a public
// function.
namespace reprise::internal {

/// What went wrong, and where.
struct JsonFailure {
  std::string pointer;
  std::string message;
};

/// Appends "/key" with the escapes of JSON pointers (RFC 6901).  Control characters are escaped and
/// a long key is cut, so that a hostile key cannot spoil a report.
void append_pointer(std::string& pointer, std::string_view key);
void append_pointer(std::string& pointer, std::size_t index);

/// "POINTER: MESSAGE", with "(document)" for the empty pointer.
std::string located(std::string_view pointer, std::string_view message);

/// A value in words, short enough for a message: `the text "abc"`, `the number 7`, `an object`.
std::string describe(const nlohmann::json& value);

/// A value and its place.  The pointer's text is made only when an error needs it.
///
/// A child refers to the reader it came from, which must stay where it is while the child is used.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& value, std::string_view pointer)
      : value_(&value), key_(pointer) {}

  const nlohmann::json& value() const { return *value_; }
  std::string pointer() const;

  /// "expected EXPECTED, found ...".
  [[noreturn]] void fail(std::string_view expected) const;
  [[noreturn]] void fail_saying(std::string message) const;

  const std::string& text() const;
  SharedText shared_text() const { return SharedText(text()); }
  bool boolean() const;
  std::int64_t integer(std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;

  /// The enumerator of a text, by one of the `..._from` functions of enums.h.
  template <typename Enum>
  Enum enumerator(std::optional<Enum> (*from)(std::string_view), std::string_view expected) const {
    if (!value_->is_string()) fail(expected);
    const std::optional<Enum> found = from(value_->get_ref<const std::string&>());
    if (!found) fail(expected);
    return *found;
  }

  /// The number of elements; fails unless the value is an array.
  std::size_t array_size() const;
  JsonReader element(std::size_t index) const;
  std::vector<std::string> texts() const;

 private:
  friend class ObjectReader;
  static constexpr std::size_t kNoIndex = std::numeric_limits<std::size_t>::max();

  JsonReader(const nlohmann::json& value, const JsonReader* up, std::string_view key,
             std::size_t index)
      : value_(&value), up_(up), key_(key), index_(index) {}

  const nlohmann::json* value_;
  const JsonReader* up_ = nullptr;
  std::string_view key_;  // of the root: the pointer it was given
  std::size_t index_ = kNoIndex;
};

/// An object whose members are taken one by one; what nobody took is unknown.  Keys outlive the
/// reader.
class ObjectReader {
 public:
  /// Fails unless the value is an object.
  explicit ObjectReader(JsonReader at);
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  const JsonReader& at() const { return at_; }

  std::optional<JsonReader> find(std::string_view key);
  JsonReader require(std::string_view key);

  SharedText find_shared_text(std::string_view key);
  std::optional<std::string> find_text(std::string_view key);
  std::optional<bool> find_boolean(std::string_view key);
  std::optional<std::int64_t> find_integer(
      std::string_view key, std::int64_t low = std::numeric_limits<std::int64_t>::min());

  /// The members that nobody took, as an object; null when there are none.
  nlohmann::json unknown() const;
  /// Fails at the first member that nobody took.
  void refuse_unknown() const;

 private:
  bool taken(std::string_view key) const;

  JsonReader at_;
  std::vector<std::string_view> taken_;
};

/// Reads an ErrorObject.  Unknown members go to `unknown` (see ObjectReader::unknown), or are
/// refused when it is null.
ErrorObject read_error(JsonReader at, nlohmann::json* unknown);

/// `ms` as seconds: a whole number when it can be one, else the nearest fraction.
nlohmann::json epoch_seconds_to_json(std::int64_t ms);

/// The nearest millisecond of a number of seconds.  Fails when it is no number or outside the years
/// 1 to 9999.
std::int64_t read_epoch_seconds(const JsonReader& at);

/// The value, or its error as a failure of the reader around it.  The message begins with a
/// pointer into the same document.
template <typename T>
T value_or_fail(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  const std::string message(value.status().message());
  const std::size_t colon = message.find(": ");
  throw JsonFailure{message.substr(0, colon), message.substr(colon + 2)};
}

/// Runs `read` on the root's reader and turns a failure into an InvalidArgument error.
template <typename Read>
auto status_or(const nlohmann::json& json, std::string_view pointer, Read read)
    -> absl::StatusOr<decltype(read(JsonReader(json, pointer)))> {
  try {
    return read(JsonReader(json, pointer));
  } catch (const JsonFailure& failure) {
    return absl::InvalidArgumentError(located(failure.pointer, failure.message));
  }
}

}  // namespace reprise::internal
