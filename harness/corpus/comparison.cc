#include "comparison.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "handler_support.h"
#include "lanes.h"
#include "reprise/protocol/enums.h"

namespace reprise::corpus {
namespace {

constexpr const char* kMasked = "(masked)";

bool is_callback_error(std::string_view type) {
  return type == to_string(DurableErrorKind::kCallbackExternal) ||
         type == to_string(DurableErrorKind::kCallbackTimeout) ||
         type == to_string(DurableErrorKind::kCallbackSubmitter);
}

// --- payloads

template <class J>
void mask_members(J& json, const std::vector<std::string>& members);

// A text that is an object or array itself: the raw answer of a callback inside a result.
template <class J>
void mask_text(J& json, const std::vector<std::string>& members) {
  const std::string& text = json.template get_ref<const std::string&>();
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return;
  J inner = J::parse(text, nullptr, /*allow_exceptions=*/false);
  if (inner.is_discarded()) return;
  mask_members(inner, members);
  json = inner.dump();
}

template <class J>
void mask_members(J& json, const std::vector<std::string>& members) {
  if (members.empty()) return;
  if (json.is_string()) mask_text(json, members);
  if (!json.is_structured()) return;
  for (auto item = json.begin(); item != json.end(); ++item) {
    const bool masked =
        json.is_object() && std::find(members.begin(), members.end(), item.key()) != members.end();
    if (masked) {
      *item = kMasked;
    } else {
      mask_members(*item, members);
    }
  }
}

std::string payload_text(const std::string& payload, const Masks& masks) {
  Json json = Json::parse(payload, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return payload;
  mask_members(json, masks.members);
  return json.dump();
}

// The error of a failed item is opaque: what the origin wrote there changed from one generation to
// the next.
template <class J>
void mask_item_errors(J& result) {
  if (!result.is_object() || !result.contains("completionReason")) return;
  for (J& item : result["all"]) {
    if (item.is_object() && item.contains("error")) item["error"] = kMasked;
  }
}

// Whether a batch counts an item that ends together with the one that decides is left to chance.
void mask_undecided_items(nlohmann::json& result, const std::set<std::size_t>& indexes) {
  if (!result.is_object() || !result.contains("completionReason")) return;
  for (nlohmann::json& item : result["all"]) {
    const std::size_t index = item.value("index", std::size_t{0});
    if (indexes.count(index) > 0) item = {{"index", index}};
  }
}

std::string context_result_text(const std::string& payload, const Masks& masks) {
  Json json = Json::parse(payload, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return payload;
  mask_members(json, masks.members);
  mask_item_errors(json);
  return json.dump();
}

// --- events

bool is_execution_end(EventType type) {
  return type == EventType::kExecutionFailed || type == EventType::kExecutionStopped ||
         type == EventType::kExecutionTimedOut || type == EventType::kExecutionSucceeded;
}

// Counts the attempts of steps and checks what a history says of them.
class Attempts {
 public:
  explicit Attempts(bool is_recording) : is_recording_(is_recording) {}

  // The number of the attempt that ended with `event`; what was written when it does not fit.
  Json number(const Event& event) {
    const std::int64_t number = ++ended_[event.id.value_or("")];
    const auto& details = event.details.retry_details;
    const std::int64_t written = details ? details->current_attempt.value_or(0) : 0;
    const bool failed = event.type == EventType::kStepFailed;
    const std::int64_t as_recorded = failed ? std::max<std::int64_t>(1, number - 1) : number - 1;
    const bool fits = written == number || (is_recording_ && written == as_recorded);
    return fits ? Json(number) : Json("CurrentAttempt " + std::to_string(written));
  }

 private:
  bool is_recording_;
  std::map<std::string, std::int64_t> ended_;
};

void put(Json& json, const char* name, const std::optional<std::string>& text) {
  if (text) json[name] = *text;
}

void put_number(Json& json, const char* name, const std::optional<std::int64_t>& number) {
  if (number.value_or(0) != 0) json[name] = *number;
}

void put_error(Json& json, const EventDetails& details) {
  if (!details.error || !details.error->payload) return;
  const ErrorObject& error = *details.error->payload;
  Json spelled = Json::object();
  put(spelled, "ErrorType", error.type);
  put(spelled, "ErrorMessage", error.message);
  put(spelled, "ErrorData", error.data);
  if (error.stack_trace) spelled["StackTrace"] = *error.stack_trace;
  if (!spelled.empty()) json["Error"] = std::move(spelled);
}

Json spell(const Event& event, const Masks& masks, Attempts& attempts) {
  Json json = Json::object();
  json["EventType"] = to_string(event.type);
  const bool of_operation = event.type != EventType::kExecutionStarted &&
                            event.type != EventType::kInvocationCompleted &&
                            !is_execution_end(event.type);
  if (of_operation) put(json, "Id", event.id);
  put(json, "SubType", event.sub_type);
  put(json, "Name", event.name);
  put(json, "ParentId", event.parent_id);
  const EventDetails& details = event.details;
  if (details.input && event.type != EventType::kCallbackStarted && details.input->payload) {
    json["Input"] = payload_text(*details.input->payload, masks);
  }
  if (details.result && details.result->payload) {
    const bool of_context = event.type == EventType::kContextSucceeded;
    json["Result"] = of_context ? context_result_text(*details.result->payload, masks)
                                : payload_text(*details.result->payload, masks);
  }
  put_error(json, details);
  if (event.type == EventType::kStepSucceeded || event.type == EventType::kStepFailed) {
    json["Attempt"] = attempts.number(event);
    if (details.retry_details) {
      put_number(json, "NextAttemptDelaySeconds",
                 details.retry_details->next_attempt_delay_seconds);
    }
  }
  put_number(json, "Duration", details.duration);
  put_number(json, "Timeout", details.timeout);
  put_number(json, "HeartbeatTimeout", details.heartbeat_timeout);
  put(json, "FunctionName", details.function_name);
  put(json, "TenantId", details.tenant_id);
  return json;
}

std::vector<Json> spell_all(const History& history, const Masks& masks, bool is_recording) {
  std::vector<Json> spelled;
  Attempts attempts(is_recording);
  for (const Event& event : history.events) {
    if (masks.last_event && event.event_id > *masks.last_event) break;
    spelled.push_back(spell(event, masks, attempts));
  }
  return spelled;
}

bool leaves_handler(const Json& event) {
  return event["EventType"] == to_string(EventType::kExecutionFailed) ||
         event["EventType"] == to_string(EventType::kInvocationCompleted);
}

// Gives what ours names in another way the recording's name.
void adopt_names(const Json& recorded, Json& produced, const Masks& masks) {
  if (recorded["EventType"] == to_string(EventType::kChainedInvokeStarted)) {
    for (const char* name : {"FunctionName", "Input"}) {
      if (recorded.value(name, std::string()).empty() && recorded.contains(name)) {
        produced[name] = recorded[name];
      }
    }
  }
  if (!recorded.contains("Error") || !produced.contains("Error")) return;
  const Json& wanted = recorded["Error"];
  Json& error = produced["Error"];
  const std::string type = error.value("ErrorType", "");
  if (recorded["EventType"] == to_string(EventType::kCallbackTimedOut)) {
    if (!wanted.contains("ErrorType") && type.rfind("Callback.", 0) == 0) error.erase("ErrorType");
    return;
  }
  const bool leaves = leaves_handler(recorded);
  const std::string wanted_type = wanted.value("ErrorType", "");
  if (error_type_became(wanted_type, type, leaves)) error["ErrorType"] = wanted_type;
  if (masks.final_message && leaves) error["ErrorMessage"] = wanted.value("ErrorMessage", "");
}

std::string shorten(const Json& json) {
  constexpr std::size_t kShown = 400;
  std::string text = json.dump();
  if (text.size() <= kShown) return text;
  return text.substr(0, kShown) + "... (" + std::to_string(text.size()) + " characters)";
}

// Objects compare by content here: `ErrorType` may stand before or behind `ErrorMessage`.
bool same(const Json& a, const Json& b) { return nlohmann::json(a) == nlohmann::json(b); }

using Positions = std::vector<std::size_t>;

struct PlacedEvent {
  std::int64_t event_id;
  Json* spelled;
};
using Events = std::vector<PlacedEvent>;

Events choose(std::vector<Json>& spelled, const Positions& positions,
              const std::set<std::size_t>& left_out) {
  Events chosen;
  for (const std::size_t position : positions) {
    if (position >= spelled.size() || left_out.count(position) > 0) continue;
    chosen.push_back({static_cast<std::int64_t>(position) + 1, &spelled[position]});
  }
  return chosen;
}

std::optional<HistoryDifference> compare_in_order(const Events& wanted, const Events& found,
                                                  const Masks& masks) {
  for (std::size_t i = 0; i < std::max(wanted.size(), found.size()); ++i) {
    if (i < wanted.size() && i < found.size()) {
      adopt_names(*wanted[i].spelled, *found[i].spelled, masks);
      if (same(*wanted[i].spelled, *found[i].spelled)) continue;
    }
    HistoryDifference difference;
    difference.event_id = i < wanted.size() ? wanted[i].event_id
                          : wanted.empty()  ? 1
                                            : wanted.back().event_id + 1;
    difference.recorded = i < wanted.size() ? shorten(*wanted[i].spelled) : "no event";
    difference.produced = i < found.size() ? shorten(*found[i].spelled) : "no event";
    return difference;
  }
  return std::nullopt;
}

std::string spell(const Lanes::Concurrency& concurrency) {
  return shorten(Json{{"starts", concurrency.starts},
                      {"open at a time", concurrency.widths},
                      {"suspended side by side", concurrency.suspended}});
}

std::optional<HistoryDifference> compare_concurrency(const Lanes::Concurrency& wanted,
                                                     const Lanes::Concurrency& found) {
  if (wanted == found) return std::nullopt;
  HistoryDifference difference;
  difference.event_id = 1;
  difference.recorded = spell(wanted);
  difference.produced = spell(found);
  return difference;
}

std::string context_key(const nlohmann::json& name) {
  return "context " + (name.is_string() ? name.get<std::string>() : "");
}
std::string context_key(const std::optional<std::string>& name) {
  return "context " + name.value_or("");
}

}  // namespace

bool error_type_became(std::string_view recorded, std::string_view current, bool leaves_handler) {
  if (recorded == "CallbackError") return is_callback_error(current);
  if (recorded == "ChildContextError" && leaves_handler) {
    return is_callback_error(current) || current == "CallbackError";
  }
  return recorded == "Error" && current == "ContextUsageError";
}

std::optional<HistoryDifference> compare_histories(const History& recorded, const History& produced,
                                                   const Masks& masks) {
  std::vector<Json> wanted = spell_all(recorded, masks, /*is_recording=*/true);
  std::vector<Json> found = spell_all(produced, masks, /*is_recording=*/false);
  const Lanes lanes(recorded);
  const std::set<std::size_t> left_out = lanes.behind_decision(recorded, produced);
  const std::vector<Positions> wanted_views = lanes.views(recorded);
  const std::vector<Positions> found_views = lanes.views(produced);
  std::optional<HistoryDifference> first;
  for (std::size_t view = 0; view < wanted_views.size(); ++view) {
    const Events wanted_events = choose(wanted, wanted_views[view], left_out);
    const Events found_events = choose(found, found_views[view], {});
    std::optional<HistoryDifference> difference =
        compare_in_order(wanted_events, found_events, masks);
    if (!difference) continue;
    if (!first || difference->event_id < first->event_id) first = std::move(difference);
  }
  if (first) return first;
  return compare_concurrency(lanes.concurrency(recorded), lanes.concurrency(produced));
}

ReplayOptions replay_options(const History& recorded, const Masks& masks) {
  // The recorded error types by context name; those of the execution under "".
  std::map<std::string, std::set<std::string>> recorded_types;
  std::map<std::string, std::set<std::size_t>> undecided;  // items, by context name
  for (const Event& event : recorded.events) {
    const std::set<std::size_t> items = undecided_items_that_ended(recorded, event);
    undecided[context_key(event.name)].insert(items.begin(), items.end());
    const bool final_error = event.type == EventType::kExecutionFailed;
    if (!final_error && event.type != EventType::kContextFailed) continue;
    if (!event.details.error || !event.details.error->payload) continue;
    const std::string key = final_error ? "" : context_key(event.name);
    recorded_types[key].insert(event.details.error->payload->type.value_or(""));
  }
  ReplayOptions options;
  options.normalise = [recorded_types = std::move(recorded_types), undecided = std::move(undecided),
                       masks](nlohmann::json end) {
    const bool of_context = end.contains("Context");
    if (!of_context && masks.last_event) return nlohmann::json();
    std::string key;
    if (of_context) key = context_key(end["Context"]);
    if (end.contains("Result")) {
      mask_members(end["Result"], masks.members);
      mask_members(end["Result"], masks.members_of_replay);
      if (of_context) mask_item_errors(end["Result"]);
      const auto items = undecided.find(key);
      if (items != undecided.end()) mask_undecided_items(end["Result"], items->second);
    }
    if (!end.contains("Error")) return end;
    nlohmann::json& error = end["Error"];
    if (!of_context && masks.final_message) error.erase("ErrorMessage");
    const auto wanted = recorded_types.find(key);
    if (wanted == recorded_types.end()) return end;
    const std::string type = error.value("ErrorType", "");
    for (const std::string& recorded_type : wanted->second) {
      if (error_type_became(recorded_type, type, !of_context)) error["ErrorType"] = recorded_type;
    }
    return end;
  };
  return options;
}

std::string unknown_sub_types(const History& recorded) {
  static constexpr std::string_view kKnown[] = {sub_type::kStep,
                                                sub_type::kWait,
                                                sub_type::kWaitForCondition,
                                                sub_type::kCallback,
                                                sub_type::kChainedInvoke,
                                                sub_type::kRunInChildContext,
                                                sub_type::kMap,
                                                sub_type::kMapIteration,
                                                sub_type::kParallel,
                                                sub_type::kWaitForCallback,
                                                sub_type::kParallelBranch};
  std::set<std::string> unknown;
  for (const Event& event : recorded.events) {
    if (!event.sub_type) continue;
    const bool known =
        std::find(std::begin(kKnown), std::end(kKnown), *event.sub_type) != std::end(kKnown);
    if (!known) unknown.insert(*event.sub_type);
  }
  return absl::StrJoin(unknown, ", ");
}

bool joins_by_a_step(const History& recorded) {
  constexpr std::size_t kInputsMin = 3;
  std::set<std::string> open;
  for (const Event& event : recorded.events) {
    if (!event.id) continue;
    const bool starts = event.type == EventType::kStepStarted ||
                        event.type == EventType::kWaitStarted ||
                        event.type == EventType::kCallbackStarted;
    const bool is_join = event.type == EventType::kStepStarted && open.count(*event.id) == 0 &&
                         open.size() >= kInputsMin;
    if (is_join) return true;
    if (starts) {
      open.insert(*event.id);
    } else {
      open.erase(*event.id);
    }
  }
  return false;
}

}  // namespace reprise::corpus
