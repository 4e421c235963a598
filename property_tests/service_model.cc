#include "property_tests/service_model.h"

#include <algorithm>
#include <sstream>
#include <tuple>

namespace reprise::properties {
namespace {

using namespace model;  // NOLINT(google-build-using-namespace)

constexpr std::int64_t kMsPerDay = std::int64_t{24} * 3600 * kMsPerSecond;

// 2.5 and the pending ones of F-1.
bool is_pending(const ModelOperation& operation) {
  if (operation.type == OperationType::kStep) {
    return operation.status == OperationStatus::kPending;
  }
  return operation.type != OperationType::kContext && operation.status == OperationStatus::kStarted;
}

void note_end(ServiceModel::Execution& execution) {
  static const std::map<ExecutionStatus, const char*> kEvents = {
      {ExecutionStatus::kSucceeded, "ExecutionSucceeded"},
      {ExecutionStatus::kFailed, "ExecutionFailed"},
      {ExecutionStatus::kTimedOut, "ExecutionTimedOut"},
      {ExecutionStatus::kStopped, "ExecutionStopped"}};
  execution.events.push_back(kEvents.at(execution.status));
}

// 4.7
bool is_retried_at_once(const std::string& type) {
  return type == "Runtime.ExitError";  // the only one of its kind that commands make
}

std::string shown(const std::optional<std::string>& text) { return text ? *text : "-"; }

}  // namespace

std::string ModelOperation::line() const {
  std::ostringstream line;
  line << id << " " << to_string(type) << " " << to_string(status) << ", in " << shown(parent)
       << ", called " << shown(name) << ", sub type " << shown(sub_type) << ", attempt " << attempt
       << ", result " << shown(result) << ", error " << shown(error);
  if (due_ms) line << ", due " << *due_ms;
  if (replay_children) line << ", replays children";
  return line.str();
}

const std::vector<ServiceModel::Function>& ServiceModel::functions() {
  static const std::vector<Function> kFunctions = {
      {.name = "order"},
      {.name = "brief", .timeout_seconds = 40, .give_up_after = 3},
      {.name = "tenants", .per_tenant = true, .timeout_seconds = 1000},
      {.name = "plain", .durable = false, .latency_ms = 3000},
      {.name = "instant", .durable = false},
  };
  return kFunctions;
}

Limits ServiceModel::limits() {
  Limits limits;
  limits.max_checkpoint_updates = 4;
  limits.step_payload_limit = 8;
  limits.error_limit = 60;
  limits.invoke_input_limit = 12;
  limits.callback_payload_limit = 10;
  limits.execution_result_limit = 20;
  limits.max_operations = 9;
  limits.max_data = 220;
  limits.state_page_size_default = 3;
  limits.state_page_size_max = 5;
  return limits;
}

const ModelOperation* ServiceModel::Execution::find(const std::string& id) const {
  for (const ModelOperation& operation : operations) {
    if (operation.id == id) return &operation;
  }
  return nullptr;
}
ModelOperation* ServiceModel::Execution::find(const std::string& id) {
  return const_cast<ModelOperation*>(std::as_const(*this).find(id));
}

bool ServiceModel::expired(const Execution& execution) const {
  return execution.end_ms && now_ms_ >= *execution.end_ms + kRetentionDays * kMsPerDay;
}

// --- functions and executions: 6.4, 10 ---

Answer<const ServiceModel::Function*> ServiceModel::resolve(const std::string& reference,
                                                            bool has_tenant) const {
  const std::size_t colon = reference.find(':');
  const std::string name = reference.substr(0, colon);
  const std::string version = colon == std::string::npos ? "" : reference.substr(colon + 1);
  for (const Function& function : functions()) {
    if (function.name != name || (!version.empty() && version != "$LATEST")) continue;
    if (function.durable && version.empty()) return std::vector<Refusal>{{kInvalid, ""}};
    if (function.per_tenant && !has_tenant) return std::vector<Refusal>{{kInvalid, ""}};
    return &function;
  }
  return std::vector<Refusal>{{"ResourceNotFoundException", ""}};
}

std::size_t ServiceModel::create(const Function& function, std::string name, std::string payload,
                                 std::optional<Call> caller) {
  const std::size_t index = executions_.size();
  Execution execution;
  execution.function = &function;
  execution.name = std::move(name);
  execution.data = static_cast<std::int64_t>(payload.size());
  execution.payload = std::move(payload);
  execution.start_ms = now_ms_;
  execution.caller = std::move(caller);
  execution.events.push_back("ExecutionStarted");
  executions_.push_back(std::move(execution));
  ready_.push_back(index);
  if (function.timeout_seconds) {
    arm(*function.timeout_seconds * kMsPerSecond, ++created_, TimerKind::kExecutionTimeout, index);
  }
  return index;
}

Answer<ServiceModel::Started> ServiceModel::start(const StartRequest& request) {
  const auto target = resolve(request.function_name, request.tenant_id.has_value());
  if (target.index() == 1) return std::get<1>(target);
  const Function& function = *std::get<0>(target);
  const bool waits = request.type == InvocationType::kRequestResponse;
  std::vector<Refusal> refusals;
  if (!function.durable) refusals.push_back({kInvalid, ""});
  if (request.execution_name && !is_id(*request.execution_name)) refusals.push_back({kShape, ""});
  const Limits bounds = limits();
  if (static_cast<std::int64_t>(request.payload.size()) >
      (waits ? bounds.execution_result_limit : bounds.invoke_input_limit)) {
    refusals.push_back({"RequestTooLargeException", ""});
  }
  if (waits && function.timeout_seconds.value_or(0) > bounds.sync_invoke_limit_seconds) {
    refusals.push_back({kInvalid, ""});
  }
  if (!refusals.empty()) return refusals;
  if (request.execution_name) {  // 10.2
    for (std::size_t i = executions_.size(); i-- > 0;) {
      const Execution& execution = executions_[i];
      if (execution.function != &function || execution.name != *request.execution_name) continue;
      if (expired(execution)) break;
      if (request.payload == execution.payload) return Started{i, true};
      return std::vector<Refusal>{{"DurableExecutionAlreadyStartedException", ""}};
    }
  }
  return Started{
      create(function, request.execution_name.value_or(""), request.payload.str(), std::nullopt),
      false};
}

Answer<ServiceModel::Done> ServiceModel::stop(std::size_t index, const ErrorPtr& error) {
  const Execution& execution = executions_[index];
  if (expired(execution)) return std::vector<Refusal>{{"ResourceNotFoundException", ""}};
  if (!execution.running()) return Done{};
  if (size_of(error) > limits().error_limit) return std::vector<Refusal>{{kInvalid, ""}};
  close(index, ExecutionStatus::kStopped, std::nullopt, error ? type_of(error) : "(no type)");
  return Done{};
}

void ServiceModel::close(std::size_t index, ExecutionStatus status,
                         std::optional<std::string> result, std::optional<std::string> error) {
  Execution& execution = executions_[index];
  if (!execution.running()) return;
  execution.status = status;
  execution.end_ms = now_ms_;
  execution.result = result;
  execution.error = error;
  std::erase_if(timers_, [&](const Timer& timer) {  // 10.5; what it has invoked goes on (6.4)
    return timer.execution == index && timer.kind != TimerKind::kCall;
  });
  std::erase(ready_, index);
  if (execution.phase == Phase::kInFlight) {
    execution.last_event_due = true;
  } else {
    execution.phase = Phase::kIdle;
    note_end(execution);
  }
  if (!execution.caller) return;  // 6.4
  const auto [caller, id] = *execution.caller;
  switch (status) {
    case ExecutionStatus::kSucceeded:
      complete(caller, id, OperationStatus::kSucceeded, "ChainedInvokeSucceeded", result, {});
      break;
    case ExecutionStatus::kTimedOut:
      complete(caller, id, OperationStatus::kTimedOut, "ChainedInvokeTimedOut", {},
               "ChainedInvoke.Timeout");
      break;
    case ExecutionStatus::kStopped:
      complete(caller, id, OperationStatus::kStopped, "ChainedInvokeStopped", {}, error);
      break;
    default:
      complete(caller, id, OperationStatus::kFailed, "ChainedInvokeFailed", {}, error);
      break;
  }
}

// --- invocations: 1.3 to 1.5, 4.7, 4.9 ---

std::vector<std::string> ServiceModel::state_of(const Execution& execution) {
  std::vector<std::string> lines = {"EXECUTION"};
  std::set<std::string> without_children;
  for (const ModelOperation& operation : execution.operations) {
    const bool left_out = operation.parent && without_children.contains(*operation.parent);
    if (left_out || (operation.type == OperationType::kContext && is_terminal(operation.status) &&
                     !operation.replay_children)) {
      without_children.insert(operation.id);
    }
    if (!left_out) lines.push_back(operation.line());
  }
  return lines;
}

ServiceModel::Begun ServiceModel::begin(std::size_t index) {
  Execution& execution = executions_[index];
  std::erase(ready_, index);
  std::erase(in_flight_, index);
  disarm(TimerKind::kInvocation, index);
  in_flight_.push_back(index);
  execution.phase = Phase::kInFlight;
  execution.wake_again = false;
  execution.untold.clear();
  execution.token = token_owners_.size();
  token_owners_.push_back(index);
  ++execution.invocations;
  Begun begun;
  begun.records = state_of(execution);
  for (const ModelOperation& operation : execution.operations) {
    if (execution.updated.contains(operation.id)) begun.updated.push_back(operation.id);
  }
  return begun;
}

void ServiceModel::end(std::size_t index, const InvocationEnd& end) {
  Execution& execution = executions_[index];
  if (execution.phase != Phase::kInFlight) return;
  std::erase(in_flight_, index);
  execution.phase = Phase::kIdle;
  execution.token.reset();
  execution.events.push_back("InvocationCompleted");
  if (!execution.running()) {
    if (std::exchange(execution.last_event_due, false)) note_end(execution);  // H-5
    return;
  }
  if (end.kind != InvocationEnd::Kind::kResponse) {
    const std::string type = end.kind == InvocationEnd::Kind::kProcessExit ? "Runtime.ExitError"
                             : end.kind == InvocationEnd::Kind::kTimeout
                                 ? "Sandbox.Timedout"
                                 : type_of(end.error).value_or("Error");
    execution.refused_in_a_row = 0;
    const auto give_up = execution.function->give_up_after;
    if (give_up && ++execution.failed_in_a_row >= *give_up) {  // F-13
      close(index, ExecutionStatus::kFailed, std::nullopt, type);
      return;
    }
    if (is_retried_at_once(type) && execution.retried_at_once < 3) {
      ++execution.retried_at_once;
      execution.phase = Phase::kReady;
      ready_.push_back(index);
      return;
    }
    if (!is_retried_at_once(type)) execution.retried_at_once = 0;
    std::int64_t delay = kMsPerSecond;
    for (int i = 0; i < execution.retried_later; ++i)
      delay = std::min(2 * delay, 300 * kMsPerSecond);
    ++execution.retried_later;
    execution.phase = Phase::kRetryWait;
    arm(delay, ++created_, TimerKind::kInvocation, index);
    return;
  }
  const InvocationOutput& output = end.output;
  const bool pends =
      std::any_of(execution.operations.begin(), execution.operations.end(), is_pending);
  const bool refused =
      (output.status == InvocationStatus::kSucceeded && output.error) ||
      (output.status == InvocationStatus::kFailed && output.result) ||
      (output.status == InvocationStatus::kPending && !pends && execution.untold.empty());
  if (refused) {  // 1.5, F-3
    if (++execution.refused_in_a_row >= limits().pending_rejections_to_fail) {
      close(index, ExecutionStatus::kFailed, std::nullopt, kInvalid);
      return;
    }
    execution.phase = Phase::kReady;
    ready_.push_back(index);
    return;
  }
  execution.refused_in_a_row = execution.failed_in_a_row = 0;
  execution.retried_at_once = execution.retried_later = 0;
  if (output.status == InvocationStatus::kSucceeded) {
    close(index, ExecutionStatus::kSucceeded, text_of(output.result), std::nullopt);
  } else if (output.status == InvocationStatus::kFailed) {
    close(index, ExecutionStatus::kFailed, std::nullopt, type_of(output.error));
  } else {
    execution.updated = execution.untold;
    if (execution.wake_again || !execution.untold.empty()) {  // F-2, F-17
      execution.phase = Phase::kReady;
      ready_.push_back(index);
    }
  }
}

void ServiceModel::wake(std::size_t index) {
  Execution& execution = executions_[index];
  if (!execution.running()) return;
  if (execution.phase == Phase::kInFlight) execution.wake_again = true;
  if (execution.phase != Phase::kIdle) return;
  execution.phase = Phase::kReady;
  ready_.push_back(index);
}

void ServiceModel::restart() {
  kept_answers_.clear();  // F-18: with the tokens
  for (Execution& execution : executions_) execution.events.clear();
  std::vector<std::size_t> ready;
  for (const std::size_t index : in_flight_) {
    Execution& execution = executions_[index];
    execution.last_event_due = false;
    execution.token.reset();
    execution.phase = execution.running() ? Phase::kReady : Phase::kIdle;
    if (execution.running()) ready.push_back(index);
  }
  in_flight_.clear();
  ready_.insert(ready_.begin(), ready.begin(), ready.end());
  std::vector<Call> again;
  for (auto& [call, running] : calls_taken_) {
    if (std::exchange(running, false)) again.push_back(call);
  }
  callable_.insert(callable_.begin(), again.begin(), again.end());
}

// --- what ends without the handler: 6.3, 6.4, timers ---

void ServiceModel::complete(std::size_t index, const std::string& id, OperationStatus status,
                            const char* event, std::optional<std::string> result,
                            std::optional<std::string> error, bool wakes) {
  Execution& execution = executions_[index];
  ModelOperation* operation = execution.find(id);
  if (!execution.running() || operation == nullptr || is_terminal(operation->status)) return;
  operation->status = status;
  execution.data += static_cast<std::int64_t>(result.value_or("").size());
  operation->result = std::move(result);
  operation->error = std::move(error);
  execution.events.push_back(std::string(event) + " " + id);
  change(execution, id);
  if (wakes) wake(index);
}

Answer<ServiceModel::Done> ServiceModel::answer_callback(std::size_t index, const std::string& id,
                                                         const CallbackAnswer& answer) {
  const Execution& execution = executions_[index];
  const ModelOperation* operation = execution.find(id);
  if (expired(execution) || operation == nullptr || operation->type != OperationType::kCallback) {
    return std::vector<Refusal>{{kInvalid, "Invalid callback id"}};
  }
  if (!execution.running() || is_terminal(operation->status)) {
    return std::vector<Refusal>{{"CallbackTimeoutException", ""}};
  }
  if (static_cast<std::int64_t>(answer.payload.size()) > limits().callback_payload_limit ||
      size_of(answer.error) > limits().error_limit) {
    return std::vector<Refusal>{{kInvalid, ""}};
  }
  if (answer.kind == CallbackAnswer::Kind::kHeartbeat) {
    if (operation->heartbeat_seconds > 0) {
      disarm(TimerKind::kHeartbeat, index, id);
      arm(operation->heartbeat_seconds * kMsPerSecond, operation->created, TimerKind::kHeartbeat,
          index, id);
    }
    return Done{};
  }
  disarm(TimerKind::kCallbackTimeout, index, id);
  disarm(TimerKind::kHeartbeat, index, id);
  if (answer.kind == CallbackAnswer::Kind::kSuccess) {
    complete(index, id, OperationStatus::kSucceeded, "CallbackSucceeded", text_of(answer.payload),
             {});
  } else {
    complete(index, id, OperationStatus::kFailed, "CallbackFailed", {}, type_of(answer.error));
  }
  return Done{};
}

std::optional<std::pair<std::size_t, std::string>> ServiceModel::take_call() {
  if (callable_.empty()) return std::nullopt;
  const Call call = callable_.front();
  callable_.erase(callable_.begin());
  calls_taken_.emplace_back(call, true);
  return call;
}

void ServiceModel::finish_call(std::size_t taken, const PlainOutcome& outcome) {
  const Call call = calls_taken_[taken].first;
  // A call counts once, however often it was taken.
  const auto running = std::find(calls_taken_.begin(), calls_taken_.end(), std::pair(call, true));
  if (running == calls_taken_.end()) return;
  running->second = false;
  if (outcome.error) {
    complete(call.first, call.second, OperationStatus::kFailed, "ChainedInvokeFailed", {},
             type_of(outcome.error));
  } else {
    complete(call.first, call.second, OperationStatus::kSucceeded, "ChainedInvokeSucceeded",
             text_of(outcome.result), {});
  }
}

void ServiceModel::arm(std::int64_t delay_ms, std::uint64_t created, TimerKind kind,
                       std::size_t execution, std::string operation) {
  timers_.push_back({now_ms_ + delay_ms, created, kind, execution, std::move(operation)});
}

void ServiceModel::disarm(TimerKind kind, std::size_t execution, const std::string& operation) {
  std::erase_if(timers_, [&](const Timer& timer) {
    return timer.kind == kind && timer.execution == execution && timer.operation == operation;
  });
}

// 13.2.7.  Of a timeout and a heartbeat that fall together the timeout comes first.
void ServiceModel::advance(std::int64_t ms) {
  const TimestampMs end_ms = now_ms_ + ms;
  while (true) {
    const auto first =
        std::min_element(timers_.begin(), timers_.end(), [](const Timer& a, const Timer& b) {
          return std::tie(a.due_ms, a.created, a.kind) < std::tie(b.due_ms, b.created, b.kind);
        });
    if (first == timers_.end() || first->due_ms > end_ms) break;
    const Timer timer = *first;
    timers_.erase(first);
    now_ms_ = timer.due_ms;
    fire(timer);
  }
  now_ms_ = end_ms;
}

void ServiceModel::fire(const Timer& timer) {
  Execution& execution = executions_[timer.execution];
  switch (timer.kind) {
    case TimerKind::kExecutionTimeout:
      close(timer.execution, ExecutionStatus::kTimedOut, std::nullopt, "(no type)");
      return;
    case TimerKind::kInvocation:
      execution.phase = Phase::kReady;
      ready_.push_back(timer.execution);
      return;
    case TimerKind::kCall:
      callable_.emplace_back(timer.execution, timer.operation);
      return;
    case TimerKind::kWait:
      complete(timer.execution, timer.operation, OperationStatus::kSucceeded, "WaitSucceeded", {},
               {});
      return;
    case TimerKind::kRetry: {  // F-7
      ModelOperation& operation = *execution.find(timer.operation);
      operation.status = OperationStatus::kReady;
      operation.due_ms.reset();
      change(execution, timer.operation);
      wake(timer.execution);
      return;
    }
    case TimerKind::kCallbackTimeout:
    case TimerKind::kHeartbeat: {
      const bool timeout = timer.kind == TimerKind::kCallbackTimeout;
      disarm(TimerKind::kCallbackTimeout, timer.execution, timer.operation);
      disarm(TimerKind::kHeartbeat, timer.execution, timer.operation);
      complete(timer.execution, timer.operation, OperationStatus::kTimedOut, "CallbackTimedOut", {},
               timeout ? "Callback.Timeout" : "Callback.Heartbeat");
      return;
    }
  }
}

std::vector<std::string> ServiceModel::lines() const {
  std::vector<std::string> lines;
  lines.push_back("now " + std::to_string(now_ms_));
  std::optional<TimestampMs> due;
  for (const Timer& timer : timers_) due = std::min(due.value_or(timer.due_ms), timer.due_ms);
  lines.push_back("next due " + (due ? std::to_string(*due) : "never"));
  lines.push_back("next ready " + (ready_.empty() ? "none" : std::to_string(ready_.front())));
  for (std::size_t i = 0; i < executions_.size(); ++i) {
    const Execution& execution = executions_[i];
    const std::string head = "execution " + std::to_string(i) + " of " + execution.function->name;
    if (expired(execution)) {
      lines.push_back(head + " is forgotten");
      continue;
    }
    lines.push_back(head + " " + std::string(to_string(execution.status)) + ", result " +
                    shown(execution.result) + ", error " + shown(execution.error));
    for (const ModelOperation& operation : execution.operations) {
      lines.push_back("  " + operation.line());
    }
    for (const std::string& event : execution.events) lines.push_back("  event " + event);
  }
  return lines;
}

}  // namespace reprise::properties
