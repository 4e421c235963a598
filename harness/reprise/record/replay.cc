#include "reprise/record/replay.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "reprise/protocol/json.h"
#include "reprise/record/finding.h"
#include "reprise/record/internal/operation_log.h"
#include "reprise/record/internal/operation_words.h"
#include "reprise/record/internal/payload_difference.h"
#include "reprise/sdk/durable_service.h"
#include "reprise/sdk/internal/engine.h"
#include "reprise/sdk/observer.h"

namespace reprise {
namespace {

using internal::is_operation_event;
using internal::operation_identity;
using internal::OperationLog;
using internal::shorten;
using Json = nlohmann::json;
using Kind = ReplayDifference::Kind;

constexpr const char* kNothing = "nothing";

Json end_of(bool succeeded, const SharedText& result, const ErrorPtr& error) {
  Json end = Json::object();
  if (!succeeded) {
    ErrorObject shown = error ? *error : ErrorObject();
    shown.stack_trace.reset();  // where it was thrown may change
    end["Error"] = error_to_json(shown);
  } else if (result) {
    end["Result"] = internal::payload_value(result);
  }
  return end;
}

std::string spell(const Json& end) {
  if (end.is_object() && end.size() == 1 && end.contains("Result")) {
    return "the result " + shorten(end["Result"].dump());
  }
  if (end.is_object() && end.size() == 1 && end.contains("Error")) {
    return "the error " + shorten(end["Error"].dump());
  }
  return end.is_object() && end.empty() ? "no result" : shorten(end.dump());
}

// How the whole history ended.
struct HistoryEnd {
  enum class Kind : std::uint8_t {
    kOpen,       // it goes on, or was cut off from outside: the handler may do more than it holds
    kByHandler,  // the handler returned or threw
  };
  Kind kind = Kind::kOpen;
  bool succeeded = false;
  SharedText result;
  ErrorPtr error;
};

// F-3, F-13: errors with which the service gives an execution up.
bool given_up_by_service(const ErrorObject& error) {
  const std::string type = error.type.value_or("");
  return type.rfind("Runtime.", 0) == 0 || type.rfind("Sandbox.", 0) == 0 ||
         type.rfind("Extension.", 0) == 0 || type == "InvalidParameterValueException";
}

HistoryEnd end_of_history(const History& history) {
  HistoryEnd end;
  const Event& last = history.events.back();
  if (last.type == EventType::kExecutionSucceeded) {
    end.kind = HistoryEnd::Kind::kByHandler;
    end.succeeded = true;
    if (last.details.result && last.details.result->payload) {
      end.result = SharedText(*last.details.result->payload);
    }
  } else if (last.type == EventType::kExecutionFailed) {
    ErrorObject error;
    if (last.details.error && last.details.error->payload) error = *last.details.error->payload;
    if (!given_up_by_service(error)) end.kind = HistoryEnd::Kind::kByHandler;
    end.error = std::make_shared<const ErrorObject>(std::move(error));
  }
  return end;
}

/// One run of the handler over the log after some event.  It is the service of that run, which
/// refuses every checkpoint, and watches it.
class PrefixRun final : private DurableService, private InvocationObserver {
 public:
  /// `now`: the log that the handler is given; `whole`: that of the whole history.
  PrefixRun(const OperationLog& now, const OperationLog& whole, const HistoryEnd& end,
            const ReplayOptions& options)
      : now_(now), whole_(whole), end_(end), options_(options) {}

  std::optional<ReplayDifference> run(const HandlerFunction& handler, bool is_last) {
    InvocationInput input;
    input.durable_execution_arn = options_.durable_execution_arn;
    input.checkpoint_token = "replay";
    input.operations = now_.state();
    InvocationOptions invocation_options;
    invocation_options.observer = this;
    const InvocationResult result = handler(input, *this, invocation_options);
    if (difference_ || !result.responded) return std::move(difference_);
    judge_end(result.output, is_last);
    return std::move(difference_);
  }

 private:
  struct CallSite {
    std::string path;
    std::string raw_id;
    std::source_location location;
  };

  bool closed() const { return end_.kind == HistoryEnd::Kind::kByHandler; }

  // --- DurableService
  ApiResult<CheckpointResponse> checkpoint(const CheckpointRequest& request) override {
    for (const OperationUpdate& update : request.updates) {
      if (!difference_) examine(update);
    }
    return CheckpointResponse();  // no token: PROTOCOL 4.3.4, the invocation ends here
  }
  ApiResult<StateResponse> get_state(const StateRequest&) override { return StateResponse(); }

  // --- InvocationObserver
  void operation_called(const OperationCall& call, const Operation* record) override {
    if (record == nullptr || !is_terminal(record->status)) remember(call);
  }
  void operation_diverged(const OperationCall& call, const Operation& record,
                          const std::string&) override {
    if (difference_) return;
    remember(call);
    OperationUpdate current;
    current.id = call.id;
    current.parent_id = call.parent_id;
    current.name = call.name;
    current.sub_type = SharedText(call.sub_type);
    current.type = call.type;
    compare_identity(current, record);
  }
  void records_unvisited(const std::vector<OperationPtr>& records) override {
    if (difference_ || records.empty()) return;
    ReplayDifference& difference = report_recorded(Kind::kUnvisited, *records.front());
    difference.current = kNothing;
  }

  void remember(const OperationCall& call) {
    CallSite& site = sites_[call.id.str()];
    site.path = call.path();
    site.location = call.location;
    site.raw_id = call.context->node->raw();
    if (!site.raw_id.empty()) site.raw_id += "-";
    site.raw_id += std::to_string(call.number);
  }

  ReplayDifference& report(Kind kind, const SharedText& id) {
    ReplayDifference& difference = difference_.emplace();
    difference.kind = kind;
    difference.id = id.str();
    const auto site = sites_.find(id.view());
    if (site == sites_.end()) return difference;
    difference.operation = site->second.path;
    difference.raw_id = site->second.raw_id;
    difference.location = site->second.location;
    return difference;
  }

  ReplayDifference& report_recorded(Kind kind, const Operation& record) {
    ReplayDifference& difference = report(kind, record.id);
    difference.recorded = operation_identity(record.type, record.sub_type.view(), record.name);
    if (difference.operation.empty()) {
      difference.operation = whole_.path(record);
      difference.raw_id = whole_.raw_id(record);
    }
    return difference;
  }

  // An update of a new operation, or the end of a context.
  void examine(const OperationUpdate& update) {
    if (update.type == OperationType::kExecution) {  // a result too large for the response
      large_end_ = end_of(update.action == OperationAction::kSucceed, update.payload, update.error);
      return;
    }
    const Operation* record = whole_.find(update.id.view());
    if (record == nullptr) {
      if (!closed()) return;
      ReplayDifference& difference = report(Kind::kNotRecorded, update.id);
      difference.recorded = kNothing;
      difference.current = operation_identity(update.type, update.sub_type.view(), update.name);
      return;
    }
    if (!compare_identity(update, *record)) return;
    if (update.type == OperationType::kContext && update.action != OperationAction::kStart) {
      compare_context_end(update, *record);
    }
  }

  // S-10, for the call of an operation that need not have a record yet.
  bool compare_identity(const OperationUpdate& current, const Operation& record) {
    const bool same = current.type == record.type && current.sub_type == record.sub_type &&
                      current.name == record.name && current.parent_id == record.parent_id;
    if (same) return true;
    ReplayDifference& difference = report_recorded(Kind::kIdentity, record);
    difference.current = operation_identity(current.type, current.sub_type.view(), current.name);
    if (difference.current == difference.recorded) {  // then it is the parent
      difference.recorded += parent_of(record.parent_id);
      difference.current += parent_of(current.parent_id);
    }
    return false;
  }

  std::string parent_of(const SharedText& id) const {
    const Operation* parent = id ? whole_.find(id.view()) : nullptr;
    if (parent != nullptr) return " in " + whole_.path(*parent);
    return id ? " in " + id.str() : std::string(" outside of every context");
  }

  void compare_context_end(const OperationUpdate& update, const Operation& record) {
    if (!is_terminal(record.status)) {
      if (!closed()) return;
      ReplayDifference& difference = report(Kind::kNotRecorded, update.id);
      difference.recorded = "a context that is still open";
      difference.current = "the end of the context";
      return;
    }
    const bool rebuilt = update.replay_children.value_or(false) || record.replay_children;
    const bool succeeded = record.status == OperationStatus::kSucceeded;
    const bool succeeds = update.action == OperationAction::kSucceed;
    if (rebuilt && succeeded == succeeds) return;  // neither side holds the value
    Json recorded = end_of(succeeded, record.result, record.error);
    Json current = end_of(succeeds, update.payload, update.error);
    const Json name = record.name ? Json(record.name.str()) : Json();
    recorded["Context"] = name;
    current["Context"] = name;
    compare_ends(Kind::kContextResult, record.id, std::move(recorded), std::move(current));
  }

  void compare_ends(Kind kind, const SharedText& id, Json recorded, Json current) {
    if (options_.normalise) {
      recorded = options_.normalise(std::move(recorded));
      current = options_.normalise(std::move(current));
    }
    if (recorded == current) return;
    ReplayDifference& difference = report(kind, id);
    for (Json* end : {&recorded, &current}) {
      if (end->is_object()) end->erase("Context");
    }
    difference.recorded = spell(recorded);
    difference.current = spell(current);
  }

  void judge_end(const InvocationOutput& output, bool is_last) {
    const bool ends = output.status != InvocationStatus::kPending;
    Json current = large_end_.value_or(
        end_of(output.status == InvocationStatus::kSucceeded, output.result, output.error));
    if (ends && !is_last) {
      // Whatever starts later was started by the handler; it would not have ended.
      const std::vector<OperationPtr>& operations = whole_.operations();
      if (operations.size() == now_.operations().size()) return;
      const Operation& next = *operations[now_.operations().size()];
      ReplayDifference& difference = report_recorded(Kind::kEndsEarly, next);
      difference.current = "the end of the execution with " + spell(current);
      return;
    }
    if (!is_last || !closed()) return;
    const Json recorded = end_of(end_.succeeded, end_.result, end_.error);
    if (ends) {
      compare_ends(Kind::kOutcome, {}, recorded, std::move(current));
      return;
    }
    if (!end_.succeeded && body_was_running()) return;  // it may have come out of that body
    report_waiting(recorded);
  }

  bool body_was_running() const {
    const std::vector<OperationPtr>& operations = now_.operations();
    return std::any_of(operations.begin(), operations.end(), [](const OperationPtr& each) {
      return each->type == OperationType::kStep && each->status == OperationStatus::kStarted;
    });
  }

  void report_waiting(const Json& recorded) {
    const std::vector<OperationPtr> state = now_.state();
    const auto open = std::find_if(state.begin() + 1, state.end(), [](const OperationPtr& each) {
      return each->type != OperationType::kContext && !is_terminal(each->status);
    });
    ReplayDifference& difference =
        report(Kind::kNeverEnds, open == state.end() ? SharedText() : (*open)->id);
    difference.recorded = "the end of the execution with " + spell(recorded);
    difference.current = open == state.end() ? "a handler that waits for nothing that is recorded"
                                             : "a handler that waits";
  }

  const OperationLog& now_;
  const OperationLog& whole_;
  const HistoryEnd& end_;
  const ReplayOptions& options_;
  std::map<std::string, CallSite, std::less<>> sites_;
  std::optional<Json> large_end_;
  std::optional<ReplayDifference> difference_;
};

}  // namespace

bool operator==(const ReplayDifference& a, const ReplayDifference& b) {
  return a.kind == b.kind && a.operation == b.operation && a.raw_id == b.raw_id && a.id == b.id &&
         a.recorded == b.recorded && a.current == b.current && a.event_id == b.event_id &&
         a.location.line() == b.location.line() &&
         std::string_view(a.location.file_name()) == b.location.file_name();
}

std::string_view to_string(ReplayDifference::Kind kind) {
  switch (kind) {
    case Kind::kIdentity:
      return "another operation";
    case Kind::kNotRecorded:
      return "not recorded";
    case Kind::kUnvisited:
      return "never asked for";
    case Kind::kEndsEarly:
      return "ends early";
    case Kind::kNeverEnds:
      return "never ends";
    case Kind::kContextResult:
      return "another end of a context";
    case Kind::kOutcome:
      return "another end of the execution";
  }
  std::abort();
}

std::string describe(const ReplayDifference& difference) {
  std::string text = difference.operation.empty() ? "the execution" : difference.operation;
  if (!difference.raw_id.empty()) text += " (" + difference.raw_id + ", id " + difference.id + ")";
  text.append(": ").append(to_string(difference.kind));
  text += ", with the history up to event " + std::to_string(difference.event_id);
  text +=
      ": the history holds " + difference.recorded + ", the handler gives " + difference.current;
  if (difference.location.line() != 0) {
    text += ", called at " + short_location(difference.location);
  }
  return text;
}

ReplayResult replay_history(const HandlerFunction& handler, const History& history,
                            const ReplayOptions& options) {
  ReplayResult result;
  result.status = check_history(history);
  if (!result.status.ok()) return result;
  OperationLog whole;
  std::size_t last = 0;
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    result.status = whole.apply(history.events[i]);
    if (!result.status.ok()) return result;
    if (is_operation_event(history.events[i])) last = i;
  }
  const HistoryEnd end = end_of_history(history);
  OperationLog now;
  for (std::size_t i = 0; i <= last; ++i) {
    const Event& event = history.events[i];
    result.status = now.apply(event);
    if (!result.status.ok()) return result;
    if (i != 0 && !is_operation_event(event)) continue;  // the log is the same as before
    ++result.prefixes;
    result.difference = PrefixRun(now, whole, end, options).run(handler, i == last);
    if (!result.difference) continue;
    result.difference->event_id = event.event_id;
    return result;
  }
  return result;
}

absl::StatusOr<ReplayResult> replay_history(const HandlerFunction& handler, const std::string& path,
                                            const ReplayOptions& options) {
  const absl::StatusOr<History> history = load_history(path);
  if (!history.ok()) return history.status();
  ReplayResult result = replay_history(handler, *history, options);
  if (result.status.ok()) return result;
  return absl::Status(result.status.code(), path + ": " + std::string(result.status.message()));
}

}  // namespace reprise
