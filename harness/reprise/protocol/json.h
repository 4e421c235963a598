#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reprise/protocol/error_object.h"
#include "reprise/protocol/event.h"
#include "reprise/protocol/invocation.h"
#include "reprise/protocol/operation.h"

/// JSON of the protocol's records, in and out.
///
/// Writing makes a value from which reading gives back an equal record.  Members that are absent in
/// the record are absent in the JSON; nothing is written as null.
///
/// Reading is strict.  A wrong type, a missing required member, an unknown enum name, a number out
/// of range and, where the record has no place to keep it, an unknown member are InvalidArgument
/// errors.  Their message begins with the JSON pointer of the offending value and says what was
/// expected and found:
///
///     /Operations/2/Status: expected an operation status such as "STARTED", found the text "DONE"
///
/// A missing member is reported at the object that lacks it.
///
/// `pointer` is the place of the given value in its document, "" for the document itself, which
/// messages call "(document)".  The functions keep no reference to their arguments and throw
/// nothing but bad_alloc.
///
/// To read a file or a text that somebody else wrote, see reprise/record/json_file.h.
namespace reprise {

/// How the time stamps of an operation are written (PROTOCOL 1.3): the invocation input has whole
/// milliseconds, the answers of the service have seconds with a fraction.
enum class TimeUnit : std::uint8_t { kEpochSeconds, kEpochMs };

/// PROTOCOL 1.4: `{ErrorMessage?, ErrorType?, ErrorData?, StackTrace?}`.
nlohmann::json error_to_json(const ErrorObject& error);
absl::StatusOr<ErrorObject> error_from_json(const nlohmann::json& json,
                                            std::string_view pointer = "");

/// PROTOCOL 2.2.  The Details object of the operation's type is always written and may be missing
/// when read; the Details object of another type is an error.  Members of the record that its type
/// does not use are not written.  A time that is no whole millisecond is an error, as the record
/// could not keep it.
nlohmann::json operation_to_json(const Operation& operation, TimeUnit unit);
absl::StatusOr<Operation> operation_from_json(const nlohmann::json& json, TimeUnit unit,
                                              std::string_view pointer = "");

/// PROTOCOL 2.3.  Any number of seconds that fits is read, also one that the service will refuse:
/// refusing it is the service's part (PROTOCOL 2.6).
nlohmann::json update_to_json(const OperationUpdate& update);
absl::StatusOr<OperationUpdate> update_from_json(const nlohmann::json& json,
                                                 std::string_view pointer = "");

/// PROTOCOL 1.3, times in milliseconds.  Absent `NextMarker` and `UpdatedOperationIds` are empty.
nlohmann::json invocation_input_to_json(const InvocationInput& input);
absl::StatusOr<InvocationInput> invocation_input_from_json(const nlohmann::json& json,
                                                           std::string_view pointer = "");

/// PROTOCOL 1.4.  A Result beside an Error is read: judging it is the service's part
/// (PROTOCOL 1.5).
nlohmann::json invocation_output_to_json(const InvocationOutput& output);
absl::StatusOr<InvocationOutput> invocation_output_from_json(const nlohmann::json& json,
                                                             std::string_view pointer = "");

/// PROTOCOL 9.1, 9.2.  `EventType`, `EventId` (from 1), `EventTimestamp` and the Details object of
/// the type are required.  Reading keeps every unknown member, at any depth, in `extra`, so that
/// writing gives back what was read; the Details object of another event type is an error.  Where
/// `extra` holds a member that the event has itself, the event's own is written.
nlohmann::json event_to_json(const Event& event);
absl::StatusOr<Event> event_from_json(const nlohmann::json& json, std::string_view pointer = "");

/// The two forms of an event's time (see EventTime).  Any number of seconds and any ISO-8601 date
/// and time with a zone is read, from the year 1 to 9999; `ms` is the nearest millisecond.
nlohmann::json event_time_to_json(const EventTime& time);
absl::StatusOr<EventTime> event_time_from_json(const nlohmann::json& json,
                                               std::string_view pointer = "");

}  // namespace reprise
