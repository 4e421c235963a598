#include "reprise/record/history_file.h"

#include <cstddef>
#include <utility>

#include "reprise/protocol/internal/json_reader.h"
#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/protocol/json.h"
#include "reprise/record/internal/prefixed_status.h"

namespace reprise {
namespace {

using Json = nlohmann::json;

constexpr const char* kEvents = "Events";
constexpr const char* kNextMarker = "NextMarker";

absl::Status error_at(std::string_view pointer, std::string_view message) {
  return absl::InvalidArgumentError(internal::located(pointer, message));
}

std::string events_pointer(History::Form form) {
  return form == History::Form::kArray ? "" : std::string("/") + kEvents;
}

std::string event_pointer(History::Form form, std::size_t index) {
  return events_pointer(form) + "/" + std::to_string(index);
}

bool ends_execution(EventType type) {
  return type == EventType::kExecutionSucceeded || type == EventType::kExecutionFailed ||
         type == EventType::kExecutionTimedOut || type == EventType::kExecutionStopped;
}

// Finds the array of events, and sets the form and the extra members.
absl::StatusOr<const Json*> find_events(const Json& json, History& history) {
  if (json.is_array()) {
    history.form = History::Form::kArray;
    return &json;
  }
  if (!json.is_object()) {
    return error_at("",
                    "expected a history: an array of events or an object with the member "
                    "\"Events\", found " +
                        internal::describe(json));
  }
  history.form = History::Form::kEventsMember;
  const auto events = json.find(kEvents);
  if (events == json.end()) return error_at("", "expected the member \"Events\", found none");
  const std::string pointer = events_pointer(history.form);
  if (!events->is_array()) {
    return error_at(pointer, "expected an array, found " + internal::describe(*events));
  }
  for (const auto& [key, value] : json.items()) {
    if (key != kEvents) history.extra[key] = value;
  }
  const auto marker = json.find(kNextMarker);
  if (marker != json.end() && !marker->is_null() && *marker != "") {
    return error_at("/NextMarker",
                    "expected a complete history, found a page of one: read the other pages and "
                    "join their events");
  }
  return &*events;
}

absl::StatusOr<History> read_history(const Json& json) {
  History history;
  const absl::StatusOr<const Json*> events = find_events(json, history);
  if (!events.ok()) return events.status();
  history.events.reserve((*events)->size());
  for (const Json& entry : **events) {
    const std::string pointer = event_pointer(history.form, history.events.size());
    absl::StatusOr<Event> event = event_from_json(entry, pointer);
    if (!event.ok()) return event.status();
    history.events.push_back(*std::move(event));
  }
  const absl::Status checked = check_history(history);
  if (!checked.ok()) return checked;
  return history;
}

Json history_to_json(const History& history) {
  Json events = Json::array();
  for (const Event& event : history.events) events.push_back(event_to_json(event));
  if (history.form == History::Form::kArray) return events;
  Json out = history.extra.is_object() ? history.extra : Json::object();
  out[kEvents] = std::move(events);
  return out;
}

std::string canonical_text(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

absl::Status check_event_id(const History& history, std::size_t index) {
  const std::int64_t found = history.events[index].event_id;
  const auto expected = static_cast<std::int64_t>(index) + 1;
  if (found == expected) return absl::OkStatus();
  std::string message =
      "expected " + std::to_string(expected) + ", found " + std::to_string(found) + ": ";
  if (found >= 1 && found < expected) {
    message += "event " + std::to_string(found) + " is there already";
  } else {
    message += "event " + std::to_string(expected) + " is missing";
  }
  return error_at(event_pointer(history.form, index) + "/EventId", message);
}

absl::Status check_event_type(const History& history, std::size_t index) {
  const std::string pointer = event_pointer(history.form, index) + "/EventType";
  const EventType type = history.events[index].type;
  const std::string found = ", found " + std::string(to_string(type));
  if (index == 0 && type != EventType::kExecutionStarted) {
    return error_at(pointer, "expected ExecutionStarted, with which every history begins" + found +
                                 " (read the history oldest event first)");
  }
  if (index != 0 && type == EventType::kExecutionStarted) {
    return error_at(pointer, "expected ExecutionStarted as the first event only" + found);
  }
  if (ends_execution(type) && index + 1 != history.events.size()) {
    return error_at(pointer, "expected no event behind the end of the execution" + found +
                                 " before the last event");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status check_history(const History& history) {
  if (history.events.empty()) {
    return error_at(events_pointer(history.form), "expected at least one event, found none");
  }
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    if (REPRISE_FAULT(last_event_not_checked) && i > 0 && i + 1 == history.events.size()) break;
    absl::Status status = check_event_type(history, i);
    if (!status.ok()) return status;
    status = check_event_id(history, i);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<History> history_from_json(const Json& value, std::string_view name) {
  absl::StatusOr<History> history = read_history(value);
  if (!history.ok()) return internal::prefixed(name, history.status());
  return history;
}

absl::StatusOr<History> load_history(const std::string& path, const JsonLimits& limits) {
  const absl::StatusOr<Json> json = read_json_file(path, limits);
  if (!json.ok()) return json.status();
  return history_from_json(*json, path);
}

absl::StatusOr<History> parse_history(std::string_view text, std::string_view name,
                                      const JsonLimits& limits) {
  const absl::StatusOr<Json> json = parse_json(text, name, limits);
  if (!json.ok()) return json.status();
  return history_from_json(*json, name);
}

std::string write_history(const History& history) {
  return canonical_text(history_to_json(history));
}

absl::Status save_history(const std::string& path, const History& history) {
  const absl::Status checked = check_history(history);
  if (!checked.ok()) return internal::prefixed(path, checked);
  const Json json = history_to_json(history);
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    const Json& event = (history.form == History::Form::kArray ? json : json[kEvents])[i];
    try {
      event.dump();
    } catch (const Json::type_error&) {  // nlohmann says so when a text is no UTF-8
      return internal::prefixed(path, error_at(event_pointer(history.form, i),
                                               "expected UTF-8, found a text with other bytes"));
    }
  }
  return write_text_file(path, canonical_text(json));
}

}  // namespace reprise
