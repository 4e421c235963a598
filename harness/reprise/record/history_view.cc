#include "reprise/record/history_view.h"

#include <map>
#include <string_view>
#include <utility>

#include "reprise/protocol/json.h"

namespace reprise {
namespace {

/// "StepSucceeded" is "Step" and "Succeeded".
struct EventName {
  std::string_view type;
  std::string_view state;
};

EventName split(EventType type) {
  const std::string_view name = to_string(type);
  for (const std::string_view state :
       {"Started", "Succeeded", "Failed", "TimedOut", "Stopped", "Cancelled", "Completed"}) {
    if (name.size() > state.size() && name.substr(name.size() - state.size()) == state) {
      return {name.substr(0, name.size() - state.size()), state};
    }
  }
  return {name, ""};
}

bool is_retry(const Event& event) {
  return event.details.retry_details &&
         event.details.retry_details->next_attempt_delay_seconds.has_value();
}

std::string shown(const EventPayload& payload) {
  return payload.payload                     ? *payload.payload
         : payload.truncated.value_or(false) ? "(cut off)"
                                             : "(none)";
}

std::string seconds(std::int64_t count) { return std::to_string(count) + " s"; }

/// What two runs that do the same have in common.
std::string details_text(const EventDetails& details) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? ": " : ", ") + part; };
  if (details.input) add("input " + shown(*details.input));
  if (details.function_name) add("function " + *details.function_name);
  if (details.tenant_id) add("tenant " + *details.tenant_id);
  if (details.duration) add(seconds(*details.duration));
  if (details.timeout) add("timeout " + seconds(*details.timeout));
  if (details.heartbeat_timeout) add("heartbeat timeout " + seconds(*details.heartbeat_timeout));
  if (details.execution_timeout) add("execution timeout " + seconds(*details.execution_timeout));
  if (details.result) add("result " + shown(*details.result));
  if (details.error) {
    ErrorObject error = details.error->payload.value_or(ErrorObject());
    error.stack_trace.reset();  // belongs to the build
    add("error " +
        error_to_json(error).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  if (details.retry_details) {
    if (details.retry_details->current_attempt) {
      add("attempt " + std::to_string(*details.retry_details->current_attempt));
    }
    if (details.retry_details->next_attempt_delay_seconds) {
      add("next after " + seconds(*details.retry_details->next_attempt_delay_seconds));
    }
  }
  return text;
}

/// Collects the operations of a history, event by event.
class Viewer {
 public:
  void add(const Event& event) {
    const EventName name = split(event.type);
    if (view_.lines.empty()) view_.start_ms = event.timestamp.ms;
    view_.end_ms = event.timestamp.ms;
    if (event.type == EventType::kInvocationCompleted) {
      view_.invocation_ends.push_back(event.event_id);
      view_.lines.emplace_back("the invocation ends" + details_text(event.details));
      return;
    }
    std::string subject = "the execution";
    if (event.id && name.type != "Execution") {
      OperationSpan& span = span_of(event, name);
      span.last_event = event.event_id;
      span.end_ms = event.timestamp.ms;
      span.events.push_back(event.event_id);
      if (name.type == "Step" && name.state != "Started") ++span.attempts;
      if (name.state != "Started" && !is_retry(event)) span.end = std::string(name.state);
      subject = span.path;
    } else if (name.type == "Execution" && name.state != "Started") {
      view_.end = std::string(name.state);
    }
    view_.lines.push_back(subject + " " + std::string(to_string(event.type)) +
                          details_text(event.details));
  }

  HistoryView take() { return std::move(view_); }

 private:
  OperationSpan& span_of(const Event& event, const EventName& name) {
    const auto known = spans_.find(*event.id);
    if (known != spans_.end()) return view_.operations[known->second];
    const std::string kind = event.sub_type.value_or(std::string(name.type));
    const std::string own = event.name.value_or(kind);
    const std::string parent = event.parent_id.value_or("");
    const int number = ++counts_[{parent, own}];
    OperationSpan span;
    const auto around = spans_.find(parent);
    if (around != spans_.end()) {
      span.path = view_.operations[around->second].path + "/";
      span.depth = view_.operations[around->second].depth + 1;
    }
    span.path += own + "#" + std::to_string(number);
    span.name = own;
    span.kind = kind;
    span.first_event = event.event_id;
    span.start_ms = event.timestamp.ms;
    spans_[*event.id] = view_.operations.size();
    return view_.operations.emplace_back(std::move(span));
  }

  HistoryView view_;
  std::map<std::string, std::size_t> spans_;                   // by id
  std::map<std::pair<std::string, std::string>, int> counts_;  // by parent and name
};

}  // namespace

HistoryView view_history(const std::vector<Event>& events) {
  Viewer viewer;
  for (const Event& event : events) viewer.add(event);
  return viewer.take();
}

}  // namespace reprise
