#include "conformance/callback_plan.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace reprise::corpus {
namespace {

/// A delivery without delay still finds the execution suspended.
constexpr std::int64_t kDelayMinMs = 1;

bool ends_execution(EventType type) {
  return type == EventType::kExecutionSucceeded || type == EventType::kExecutionFailed ||
         type == EventType::kExecutionTimedOut || type == EventType::kExecutionStopped;
}

bool ends_callback(EventType type) {
  return type == EventType::kCallbackSucceeded || type == EventType::kCallbackFailed ||
         type == EventType::kCallbackTimedOut;
}

/// Without a name of its own, that of the waitForCallback around it.
std::string name_of(const Event& callback, const std::vector<Event>& history) {
  if (callback.name) return *callback.name;
  for (const Event& event : history) {
    if (event.type == EventType::kContextStarted && event.id == callback.parent_id &&
        event.sub_type == "WaitForCallback") {
      return event.name.value_or("");
    }
  }
  return "";
}

std::optional<std::string> text_member(const Json& object, const char* key) {
  if (!object.contains(key) || object.at(key).is_null()) return std::nullopt;
  return text_form(object.at(key));
}

ErrorPtr error_of(const Json& payload) {
  if (!payload.is_object()) return nullptr;
  ErrorObject error;
  error.type = text_member(payload, "ErrorType");
  error.message = text_member(payload, "ErrorMessage");
  error.data = text_member(payload, "ErrorData");
  if (payload.contains("StackTrace") && payload.at("StackTrace").is_array()) {
    std::vector<std::string>& lines = error.stack_trace.emplace();
    for (const Json& line : payload.at("StackTrace")) lines.push_back(text_form(line));
  }
  return std::make_shared<const ErrorObject>(std::move(error));
}

}  // namespace

/// A callback that waits for its next action.
struct CallbackPlan::Open {
  const Event* started = nullptr;
  std::string callback_id;
  std::int64_t noticed_ms = 0;
};

std::optional<CallbackPlan::Open> CallbackPlan::next_callback(
    const std::vector<Event>& history) const {
  std::optional<Open> next;
  std::optional<std::int64_t> closed_ms;
  for (const Event& event : history) {
    if (ends_execution(event.type)) closed_ms = event.timestamp.ms;
    if (event.type != EventType::kCallbackStarted) continue;
    Open open{&event, event.details.callback_id.value_or(""), event.timestamp.ms};
    bool served =
        std::find(unserved_.begin(), unserved_.end(), open.callback_id) != unserved_.end();
    for (const Delivery& delivery : deliveries_) {
      if (delivery.callback_id != open.callback_id) continue;
      served = served || delivery.operation != CallbackAction::Operation::kHeartbeat;
      open.noticed_ms = delivery.sent_ms + requirement_.poll_interval_ms;
    }
    if (!served && (!next || open.noticed_ms < next->noticed_ms)) next = open;
  }
  const bool too_late = next && closed_ms && *closed_ms <= next->noticed_ms;
  return too_late ? std::nullopt : next;
}

const CallbackAction* CallbackPlan::take_action(const std::string& callback_name) {
  used_.resize(requirement_.actions.size(), false);
  for (std::size_t i = 0; i < used_.size(); ++i) {
    const CallbackAction& action = requirement_.actions[i];
    if (used_[i]) continue;
    const std::optional<std::string> pattern = placeholder_pattern(action.callback_name);
    const SearchResult searched =
        pattern ? search(*pattern, callback_name) : SearchResult{false, ""};
    if (!searched.error.empty()) problems_.push_back(searched.error);
    if (action.callback_name != "*" && !searched.found &&
        (pattern || bindings_.replace(action.callback_name) != callback_name)) {
      continue;
    }
    used_[i] = true;
    return &action;
  }
  return nullptr;
}

CallbackAnswer CallbackPlan::answer_of(const CallbackAction& action) const {
  const Json payload = bindings_.substitute(action.payload);
  CallbackAnswer answer;
  switch (action.operation) {
    case CallbackAction::Operation::kSuccess:
      answer.kind = CallbackAnswer::Kind::kSuccess;
      if (!payload.is_null()) answer.payload = SharedText(spaced_json(payload));
      break;
    case CallbackAction::Operation::kFailure:
      answer.kind = CallbackAnswer::Kind::kFailure;
      answer.error = error_of(payload);
      break;
    case CallbackAction::Operation::kHeartbeat:
      answer.kind = CallbackAnswer::Kind::kHeartbeat;
      break;
  }
  return answer;
}

bool CallbackPlan::plan_next(const std::vector<Event>& history, const PathOf& path_of) {
  if (requirement_.actions.empty()) return false;
  const std::optional<Open> open = next_callback(history);
  if (!open) return false;
  const std::string name = name_of(*open->started, history);
  const CallbackAction* action = take_action(name);
  if (action == nullptr) {
    unserved_.push_back(open->callback_id);
    problems_.push_back(absl::StrCat("callback \"", name, "\": no action is left that fits it"));
    return true;
  }
  const std::int64_t free_ms = deliveries_.empty() ? 0 : deliveries_.back().sent_ms;
  Delivery delivery;
  delivery.callback_id = open->callback_id;
  delivery.operation_id = open->started->id.value_or("");
  delivery.name = name;
  delivery.operation = action->operation;
  delivery.sent_ms = std::max(open->noticed_ms, free_ms) + std::max(action->delay_ms, kDelayMinMs);
  CallbackResponder responder;
  responder.operation = path_of(delivery.operation_id);
  responder.delay_ms = delivery.sent_ms - open->started->timestamp.ms;
  responder.answer = answer_of(*action);
  responders_.push_back(std::move(responder));
  deliveries_.push_back(std::move(delivery));
  return true;
}

std::vector<std::string> CallbackPlan::problems(const std::vector<Event>& history) const {
  std::vector<std::string> problems = problems_;
  for (const Delivery& delivery : deliveries_) {
    const bool heartbeat = delivery.operation == CallbackAction::Operation::kHeartbeat;
    bool answered = heartbeat;
    for (const Event& event : history) {
      if (!ends_callback(event.type) || event.id != delivery.operation_id) continue;
      const bool expected = event.type == (delivery.operation == CallbackAction::Operation::kSuccess
                                               ? EventType::kCallbackSucceeded
                                               : EventType::kCallbackFailed);
      answered = heartbeat ? event.timestamp.ms > delivery.sent_ms
                           : expected && event.timestamp.ms == delivery.sent_ms;
    }
    if (!answered) {
      problems.push_back(absl::StrCat("callback \"", delivery.name,
                                      "\": the answer came when it was closed already"));
    }
  }
  return problems;
}

}  // namespace reprise::corpus
