#include "reprise/protocol/event.h"

#include <array>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "reprise/protocol/internal/iso_time.h"
#include "reprise/protocol/internal/json_reader.h"
#include "reprise/protocol/json.h"

namespace reprise {
namespace {

using internal::JsonReader;
using internal::ObjectReader;
using Json = nlohmann::json;

// A member of a Details object: its name on the wire and its place in EventDetails.
struct Member {
  template <typename T>
  using Field = std::optional<T> EventDetails::*;

  std::string_view name;
  std::variant<Field<EventPayload>, Field<EventError>, Field<RetryDetails>, Field<std::int64_t>,
               Field<EventTime>, Field<std::string>>
      field;
};

constexpr Member kInput = {"Input", &EventDetails::input};
constexpr Member kResult = {"Result", &EventDetails::result};
constexpr Member kError = {"Error", &EventDetails::error};
constexpr Member kRetryDetails = {"RetryDetails", &EventDetails::retry_details};
constexpr Member kExecutionTimeout = {"ExecutionTimeout", &EventDetails::execution_timeout};
constexpr Member kDuration = {"Duration", &EventDetails::duration};
constexpr Member kTimeout = {"Timeout", &EventDetails::timeout};
constexpr Member kHeartbeatTimeout = {"HeartbeatTimeout", &EventDetails::heartbeat_timeout};
constexpr Member kScheduledEnd = {"ScheduledEndTimestamp", &EventDetails::scheduled_end};
constexpr Member kStart = {"StartTimestamp", &EventDetails::start};
constexpr Member kEnd = {"EndTimestamp", &EventDetails::end};
constexpr Member kFunctionName = {"FunctionName", &EventDetails::function_name};
constexpr Member kTenantId = {"TenantId", &EventDetails::tenant_id};
constexpr Member kExecutedVersion = {"ExecutedVersion", &EventDetails::executed_version};
constexpr Member kArn = {"DurableExecutionArn", &EventDetails::durable_execution_arn};
constexpr Member kCallbackId = {"CallbackId", &EventDetails::callback_id};
constexpr Member kRequestId = {"RequestId", &EventDetails::request_id};

// PROTOCOL 9.2, in the order of the enumerators.  Recordings of local runners have other members
// too (CallbackStarted Input, ExecutionFailed Result); those are kept in EventDetails::extra.
struct DetailsRow {
  constexpr DetailsRow(EventType row_type, std::string_view row_key,
                       std::initializer_list<const Member*> row_members)
      : type(row_type), key(row_key) {
    std::size_t i = 0;
    for (const Member* member : row_members) members[i++] = member;
  }

  EventType type;
  std::string_view key;
  std::array<const Member*, 5> members{};  // the rest is null
};

constexpr std::array<DetailsRow, kEventTypeCount> kDetails = {{
    {EventType::kExecutionStarted, "ExecutionStartedDetails", {&kInput, &kExecutionTimeout}},
    {EventType::kExecutionSucceeded, "ExecutionSucceededDetails", {&kResult}},
    {EventType::kExecutionFailed, "ExecutionFailedDetails", {&kError}},
    {EventType::kExecutionTimedOut, "ExecutionTimedOutDetails", {&kError}},
    {EventType::kExecutionStopped, "ExecutionStoppedDetails", {&kError}},
    {EventType::kContextStarted, "ContextStartedDetails", {}},
    {EventType::kContextSucceeded, "ContextSucceededDetails", {&kResult}},
    {EventType::kContextFailed, "ContextFailedDetails", {&kError}},
    {EventType::kWaitStarted, "WaitStartedDetails", {&kDuration, &kScheduledEnd}},
    {EventType::kWaitSucceeded, "WaitSucceededDetails", {&kDuration}},
    {EventType::kWaitCancelled, "WaitCancelledDetails", {&kError}},
    {EventType::kStepStarted, "StepStartedDetails", {}},
    {EventType::kStepSucceeded, "StepSucceededDetails", {&kResult, &kRetryDetails}},
    {EventType::kStepFailed, "StepFailedDetails", {&kError, &kRetryDetails}},
    {EventType::kChainedInvokeStarted,
     "ChainedInvokeStartedDetails",
     {&kFunctionName, &kTenantId, &kInput, &kExecutedVersion, &kArn}},
    {EventType::kChainedInvokeSucceeded, "ChainedInvokeSucceededDetails", {&kResult}},
    {EventType::kChainedInvokeFailed, "ChainedInvokeFailedDetails", {&kError}},
    {EventType::kChainedInvokeTimedOut, "ChainedInvokeTimedOutDetails", {&kError}},
    {EventType::kChainedInvokeStopped, "ChainedInvokeStoppedDetails", {&kError}},
    {EventType::kCallbackStarted,
     "CallbackStartedDetails",
     {&kCallbackId, &kHeartbeatTimeout, &kTimeout}},
    {EventType::kCallbackSucceeded, "CallbackSucceededDetails", {&kResult}},
    {EventType::kCallbackFailed, "CallbackFailedDetails", {&kError}},
    {EventType::kCallbackTimedOut, "CallbackTimedOutDetails", {&kError}},
    {EventType::kInvocationCompleted,
     "InvocationCompletedDetails",
     {&kStart, &kEnd, &kRequestId, &kError}},
}};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kDetails.size(); ++i) {
    if (static_cast<std::size_t>(kDetails[i].type) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

const DetailsRow& row_of(EventType type) { return kDetails.at(static_cast<std::size_t>(type)); }

// Reading.  Each function leaves the unknown members of its object in `unknown`: null, or an object
// of the same shape as what was read that holds nothing else.

void keep(Json& unknown, std::string_view key, Json part) {
  if (!part.is_null()) unknown[std::string(key)] = std::move(part);
}

void read_value(JsonReader at, Json& unknown, EventPayload& payload) {
  ObjectReader object(at);
  payload.payload = object.find_text("Payload");
  payload.truncated = object.find_boolean("Truncated");
  unknown = object.unknown();
}

void read_value(JsonReader at, Json& unknown, EventError& error) {
  ObjectReader object(at);
  Json unknown_of_payload;
  if (const auto payload = object.find("Payload")) {
    error.payload = internal::read_error(*payload, &unknown_of_payload);
  }
  error.truncated = object.find_boolean("Truncated");
  unknown = object.unknown();
  keep(unknown, "Payload", std::move(unknown_of_payload));
}

void read_value(JsonReader at, Json& unknown, RetryDetails& retry) {
  ObjectReader object(at);
  retry.current_attempt = object.find_integer("CurrentAttempt", 0);
  retry.next_attempt_delay_seconds = object.find_integer("NextAttemptDelaySeconds", 0);
  unknown = object.unknown();
}

void read_value(JsonReader at, Json&, std::int64_t& number) { number = at.integer(0); }

void read_value(JsonReader at, Json&, std::string& text) { text = at.text(); }

void read_value(JsonReader at, Json&, EventTime& time) {
  if (at.value().is_string()) {
    const auto ms = internal::parse_iso8601(at.text());
    if (!ms) at.fail("a date and time with a zone, such as \"2025-12-05T20:14:06.007Z\"");
    time = {.ms = *ms, .form = EventTime::Form::kIso8601, .verbatim = std::nullopt};
    if (internal::format_iso8601(*ms) != at.text()) time.verbatim = at.value();
    return;
  }
  if (!at.value().is_number()) at.fail("a time: epoch seconds or an ISO-8601 text");
  // Compared as texts: as values, 1 and 1.0 are equal.
  const std::int64_t ms = internal::read_epoch_seconds(at);
  time = {.ms = ms, .form = EventTime::Form::kEpochSeconds, .verbatim = std::nullopt};
  if (internal::epoch_seconds_to_json(ms).dump() != at.value().dump()) time.verbatim = at.value();
}

EventDetails read_details(JsonReader at, const DetailsRow& row) {
  ObjectReader object(at);
  EventDetails details;
  Json unknown_of_members;
  for (const Member* member : row.members) {
    if (member == nullptr) break;
    const auto found = object.find(member->name);
    if (!found) continue;
    Json unknown;
    std::visit([&](auto field) { read_value(*found, unknown, (details.*field).emplace()); },
               member->field);
    keep(unknown_of_members, member->name, std::move(unknown));
  }
  details.extra = object.unknown();
  if (!unknown_of_members.is_null()) details.extra.update(unknown_of_members);
  return details;
}

Event read_event(JsonReader at) {
  ObjectReader object(at);
  Event event;
  event.type = object.require("EventType")
                   .enumerator(event_type_from, "an event type such as \"StepStarted\"");
  event.event_id = object.require("EventId").integer(1);
  Json none;
  read_value(object.require("EventTimestamp"), none, event.timestamp);
  event.id = object.find_text("Id");
  event.name = object.find_text("Name");
  event.sub_type = object.find_text("SubType");
  event.parent_id = object.find_text("ParentId");
  event.details = read_details(object.require(row_of(event.type).key), row_of(event.type));
  for (const DetailsRow& row : kDetails) {
    if (row.type == event.type) continue;
    if (const auto other = object.find(row.key)) {
      other->fail("no Details but " + std::string(row_of(event.type).key));
    }
  }
  event.extra = object.unknown();
  return event;
}

// Writing.

template <typename T>
void put(Json& out, std::string_view key, const std::optional<T>& value) {
  if (value) out[std::string(key)] = *value;
}

Json value_to_json(const EventPayload& payload) {
  Json out = Json::object();
  put(out, "Payload", payload.payload);
  put(out, "Truncated", payload.truncated);
  return out;
}

Json value_to_json(const EventError& error) {
  Json out = Json::object();
  if (error.payload) out["Payload"] = error_to_json(*error.payload);
  put(out, "Truncated", error.truncated);
  return out;
}

Json value_to_json(const RetryDetails& retry) {
  Json out = Json::object();
  put(out, "CurrentAttempt", retry.current_attempt);
  put(out, "NextAttemptDelaySeconds", retry.next_attempt_delay_seconds);
  return out;
}

Json value_to_json(std::int64_t number) { return number; }
Json value_to_json(const std::string& text) { return text; }
Json value_to_json(const EventTime& time) { return event_time_to_json(time); }

// Adds to `out` what `extra` has and `out` lacks, at every depth where both are objects.
void add_extra(Json& out, const Json& extra) {
  if (!extra.is_object()) return;
  for (const auto& [key, value] : extra.items()) {
    const auto [mine, added] = out.emplace(key, value);
    if (!added && mine->is_object()) add_extra(*mine, value);
  }
}

Json details_to_json(const EventDetails& details, const DetailsRow& row) {
  Json out = Json::object();
  for (const Member* member : row.members) {
    if (member == nullptr) break;
    std::visit(
        [&](auto field) {
          if (details.*field) out[std::string(member->name)] = value_to_json(*(details.*field));
        },
        member->field);
  }
  add_extra(out, details.extra);
  return out;
}

}  // namespace

Json event_time_to_json(const EventTime& time) {
  if (time.verbatim) return *time.verbatim;
  if (time.form == EventTime::Form::kIso8601) return internal::format_iso8601(time.ms);
  return internal::epoch_seconds_to_json(time.ms);
}

absl::StatusOr<EventTime> event_time_from_json(const Json& json, std::string_view pointer) {
  return internal::status_or(json, pointer, [](JsonReader at) {
    EventTime time;
    Json none;
    read_value(at, none, time);
    return time;
  });
}

Json event_to_json(const Event& event) {
  const DetailsRow& row = row_of(event.type);
  Json out = Json::object();
  out["EventType"] = to_string(event.type);
  out["EventId"] = event.event_id;
  out["EventTimestamp"] = event_time_to_json(event.timestamp);
  put(out, "Id", event.id);
  put(out, "Name", event.name);
  put(out, "SubType", event.sub_type);
  put(out, "ParentId", event.parent_id);
  out[std::string(row.key)] = details_to_json(event.details, row);
  add_extra(out, event.extra);
  return out;
}

absl::StatusOr<Event> event_from_json(const Json& json, std::string_view pointer) {
  return internal::status_or(json, pointer, read_event);
}

}  // namespace reprise
