#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "reprise/protocol/enums.h"
#include "reprise/protocol/error_object.h"
#include "reprise/protocol/operation.h"

namespace reprise {

/// A time stamp of an event, with the form it had on the wire: the service's REST answers carry
/// epoch seconds (a number, maybe fractional), the local runners ISO-8601 texts.  Kept so that a
/// history is written as it was read.
struct EventTime {
  enum class Form : std::uint8_t { kEpochSeconds, kIso8601 };
  TimestampMs ms = 0;
  Form form = Form::kEpochSeconds;
  /// The text (or number) as read, when writing `ms` in `form` would not give it back.
  std::optional<nlohmann::json> verbatim;

  friend bool operator==(const EventTime&, const EventTime&) = default;
};

/// `{Payload?, Truncated?}`: a result or an input.
struct EventPayload {
  std::optional<std::string> payload;
  std::optional<bool> truncated;
  friend bool operator==(const EventPayload&, const EventPayload&) = default;
};

/// `{Payload?: ErrorObject, Truncated?}`.
struct EventError {
  std::optional<ErrorObject> payload;
  std::optional<bool> truncated;
  friend bool operator==(const EventError&, const EventError&) = default;
};

struct RetryDetails {
  std::optional<std::int64_t> current_attempt;
  std::optional<std::int64_t> next_attempt_delay_seconds;
  friend bool operator==(const RetryDetails&, const RetryDetails&) = default;
};

/// The `<EventType>Details` object, flat (PROTOCOL 9.2): which members an event type may have is a
/// table in event.cc.
struct EventDetails {
  std::optional<EventPayload> input;
  std::optional<EventPayload> result;
  std::optional<EventError> error;
  std::optional<RetryDetails> retry_details;
  std::optional<std::int64_t> execution_timeout;  ///< seconds
  std::optional<std::int64_t> duration;           ///< seconds
  std::optional<std::int64_t> timeout;            ///< seconds
  std::optional<std::int64_t> heartbeat_timeout;  ///< seconds
  std::optional<EventTime> scheduled_end;
  std::optional<EventTime> start;
  std::optional<EventTime> end;
  std::optional<std::string> function_name;
  std::optional<std::string> tenant_id;
  std::optional<std::string> executed_version;
  std::optional<std::string> durable_execution_arn;
  std::optional<std::string> callback_id;
  std::optional<std::string> request_id;
  /// Members that this version does not know, kept as read; an object or null.
  nlohmann::json extra;

  friend bool operator==(const EventDetails&, const EventDetails&) = default;
};

/// An entry of an execution's history (PROTOCOL 9).
struct Event {
  EventType type = EventType::kExecutionStarted;
  std::int64_t event_id = 0;
  EventTime timestamp;
  std::optional<std::string> id;
  std::optional<std::string> name;
  std::optional<std::string> sub_type;
  std::optional<std::string> parent_id;
  EventDetails details;
  nlohmann::json extra;  ///< unknown members of the event itself, kept as read; an object or null

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace reprise
