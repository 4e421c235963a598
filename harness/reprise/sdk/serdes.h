#pragma once

#include <absl/time/time.h>

#include <charconv>
#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "reprise/protocol/shared_text.h"
#include "reprise/sdk/errors.h"
#include "reprise/sdk/outcome.h"

namespace reprise {

namespace internal {

template <class T>
concept JsonValue = std::is_constructible_v<nlohmann::json, const T&> &&
    requires(const nlohmann::json& json) {
  { json.template get<T>() } -> std::convertible_to<T>;
};

}  // namespace internal

/// How values of type T become payloads and come back.  Specialise it to store a type in another
/// form than the JSON of nlohmann's `to_json`/`from_json`; one operation alone takes `.serdes(...)`
/// in its options.
///
/// `encode` may return an absent text ("no payload", as for void and nullopt).  Both may throw any
/// std::exception; the operation then fails with a SerdesError.  `decode(encode(v))` must equal v:
/// the live result goes through both, so that a live run and a replay see the same value
/// (PROTOCOL 5.6).
template <class T>
struct Serdes {
  static SharedText encode(const T& value) requires internal::JsonValue<T> {
    if constexpr (std::same_as<T, bool>) {
      return SharedText(value ? "true" : "false");
    } else if constexpr (std::integral<T>) {
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
      return SharedText(std::string_view(digits, end));
    } else {
      return SharedText(nlohmann::json(value).dump());
    }
  }

  static T decode(const SharedText& payload) requires internal::JsonValue<T> {
    if (!payload) throw SerdesError("there is no payload to decode");
    const std::string_view text = payload.view();
    if constexpr (std::same_as<T, bool>) {
      if (text == "true") return true;
      if (text == "false") return false;
      throw SerdesError("expected true or false, found " + std::string(text.substr(0, 40)));
    } else if constexpr (std::integral<T>) {
      T value{};
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error == std::errc() && end == text.data() + text.size()) return value;
      throw SerdesError("expected an integer of " + std::to_string(sizeof(T)) + " bytes, found " +
                        std::string(text.substr(0, 40)));
    } else {
      return nlohmann::json::parse(text).template get<T>();
    }
  }
};

template <>
struct Serdes<Unit> {
  static SharedText encode(const Unit&) { return {}; }
  static Unit decode(const SharedText&) { return {}; }
};

template <class T>
struct Serdes<std::optional<T>> {
  static SharedText encode(const std::optional<T>& value) {
    return value ? Serdes<T>::encode(*value) : SharedText();
  }
  static std::optional<T> decode(const SharedText& payload) {
    if (!payload || payload == "null") return std::nullopt;
    return Serdes<T>::decode(payload);
  }
};

/// A point in time as JSON text in UTC: "2026-01-01T00:00:00.25Z", "infinite-future",
/// "infinite-past".  Every value comes back exactly, to the quarter of a nanosecond that absl::Time
/// has.
template <>
struct Serdes<absl::Time> {
  static SharedText encode(const absl::Time& value);
  static absl::Time decode(const SharedText& payload);
};

/// A duration as JSON text, exact like a time: "72h3m0.5s", "inf", "-inf".
template <>
struct Serdes<absl::Duration> {
  static SharedText encode(const absl::Duration& value);
  static absl::Duration decode(const SharedText& payload);
};

/// What a custom serdes of one operation is told (PROTOCOL 5.6).
struct SerdesContext {
  std::string_view operation_id;
  std::string_view durable_execution_arn;
};

class AnySerdes {
 public:
  virtual ~AnySerdes() = default;
};

/// A serdes for one operation: derive, and pass a shared_ptr to the options' `.serdes(...)`.  T
/// must be the operation's result type.
template <class T>
class CustomSerdes : public AnySerdes {
 public:
  virtual SharedText encode(const T& value, const SerdesContext& context) const = 0;
  virtual T decode(const SharedText& payload, const SerdesContext& context) const = 0;
};

namespace internal {

template <class T>
struct IsView : std::false_type {};
template <class C, class Tr>
struct IsView<std::basic_string_view<C, Tr>> : std::true_type {};

/// Values that still mean something in the next process.
template <class T>
inline constexpr bool kSurvivesReplay = std::is_void_v<T> ||
                                        (!std::is_pointer_v<std::remove_cvref_t<T>> &&
                                         !std::is_reference_v<T> &&
                                         !IsView<std::remove_cvref_t<T>>::value);

template <class T>
concept HasSerdes = std::is_void_v<T> || requires(const T& value, const SharedText& payload) {
  { Serdes<T>::encode(value) } -> std::convertible_to<SharedText>;
  { Serdes<T>::decode(payload) } -> std::convertible_to<T>;
};

}  // namespace internal
}  // namespace reprise
