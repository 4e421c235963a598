#include <algorithm>
#include <nlohmann/json.hpp>

#include "property_tests/service_model.h"

namespace reprise::properties {

namespace model {

std::optional<std::string> text_of(const SharedText& text) {
  return text ? std::optional(text.str()) : std::nullopt;
}

// A message is an approximation, its type is not.
std::optional<std::string> type_of(const ErrorPtr& error) {
  if (!error) return std::nullopt;
  return error->type.value_or("(no type)");
}

std::int64_t size_of(const ErrorPtr& error) {
  if (!error) return 0;
  nlohmann::json object = nlohmann::json::object();
  if (error->type) object["ErrorType"] = *error->type;
  if (error->message) object["ErrorMessage"] = *error->message;
  return static_cast<std::int64_t>(object.dump().size());
}

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_';
         });
}

}  // namespace model

namespace {

using namespace model;  // NOLINT(google-build-using-namespace)

// The texts of 2.6.
struct StateRule {
  std::set<std::optional<OperationStatus>> from;  // nullopt: no record
  const char* text = "";
};

// 2.4 and 2.5; null: an illegal pair.
const StateRule* state_rule(OperationType type, OperationAction action) {
  using A = OperationAction;
  using S = OperationStatus;
  using T = OperationType;
  static const std::map<std::pair<T, A>, StateRule> kRules = {
      {{T::kStep, A::kStart}, {{std::nullopt, S::kReady}, "Invalid current STEP state to start."}},
      {{T::kStep, A::kSucceed},
       {{std::nullopt, S::kStarted, S::kReady}, "Invalid current STEP state to close."}},
      {{T::kStep, A::kFail},
       {{std::nullopt, S::kStarted, S::kReady}, "Invalid current STEP state to close."}},
      {{T::kStep, A::kRetry},
       {{std::nullopt, S::kStarted, S::kReady}, "Invalid current STEP state to re-attempt."}},
      {{T::kContext, A::kStart}, {{std::nullopt}, "Cannot start a CONTEXT that already exists."}},
      {{T::kContext, A::kSucceed},
       {{std::nullopt, S::kStarted}, "Invalid current CONTEXT state to close."}},
      {{T::kContext, A::kFail},
       {{std::nullopt, S::kStarted}, "Invalid current CONTEXT state to close."}},
      {{T::kWait, A::kStart}, {{std::nullopt}, "Cannot start a WAIT that already exists."}},
      {{T::kWait, A::kCancel},
       {{S::kStarted}, "Cannot cancel a WAIT that does not exist or has already completed."}},
      {{T::kCallback, A::kStart}, {{std::nullopt}, "Cannot start a CALLBACK that already exists."}},
      {{T::kChainedInvoke, A::kStart},
       {{std::nullopt}, "Cannot start a CHAINED_INVOKE that already exists."}},
      {{T::kExecution, A::kSucceed}, {{std::nullopt}, ""}},
      {{T::kExecution, A::kFail}, {{std::nullopt}, ""}},
  };
  const auto found = kRules.find({type, action});
  return found == kRules.end() ? nullptr : &found->second;
}

}  // namespace

std::vector<Refusal> ServiceModel::token_mistakes(std::size_t index, std::size_t token) const {
  if (token_owners_[token] != index) {
    return {{kInvalid, "Checkpoint token is not valid for the durable execution ARN"}};
  }
  const Execution& execution = executions_[index];
  if (execution.running() && execution.phase == Phase::kInFlight && execution.token == token) {
    return {};
  }
  return {{kInvalid, "Invalid checkpoint token"}};
}

Answer<std::vector<std::string>> ServiceModel::state(std::size_t index, std::size_t token,
                                                     int page_size) const {
  if (auto refusals = token_mistakes(index, token); !refusals.empty()) return refusals;
  if (page_size > limits().state_page_size_max) return std::vector<Refusal>{{kShape, ""}};
  return state_of(executions_[index]);
}

Answer<ServiceModel::Checkpointed> ServiceModel::checkpoint(
    std::size_t index, std::size_t token, const std::vector<OperationUpdate>& updates,
    const std::string& client_token) {
  if (client_token.size() > 64) return std::vector<Refusal>{{kShape, ""}};
  if (!client_token.empty()) {  // 4.3.6
    const auto kept = kept_answers_.find(index);
    if (kept != kept_answers_.end() && kept->second.token == token &&
        kept->second.client_token == client_token &&
        now_ms_ - kept->second.at_ms <= limits().client_token_window_seconds * kMsPerSecond) {
      return kept->second.answer;
    }
  }
  if (auto refusals = token_mistakes(index, token); !refusals.empty()) return refusals;
  if (auto refusals = mistakes(executions_[index], updates); !refusals.empty()) return refusals;
  for (const OperationUpdate& update : updates) apply(index, update);
  Execution& execution = executions_[index];
  Checkpointed answer;
  for (const ModelOperation& operation : execution.operations) {
    if (execution.untold.contains(operation.id)) answer.records.push_back(operation.line());
  }
  execution.untold.clear();
  if (execution.running()) {
    execution.token = answer.token = token_owners_.size();
    token_owners_.push_back(index);
    if (!client_token.empty()) kept_answers_[index] = {client_token, token, now_ms_, answer};
  }
  return answer;
}

std::vector<Refusal> ServiceModel::mistakes(const Execution& execution,
                                            const std::vector<OperationUpdate>& updates) const {
  std::vector<Refusal> found;
  const Limits bounds = limits();
  if (static_cast<std::int64_t>(updates.size()) > bounds.max_checkpoint_updates) {
    found.push_back({kShape, ""});
  }
  std::int64_t metered = execution.metered;
  std::int64_t data = execution.data;
  std::set<std::string> made;
  for (std::size_t i = 0; i < updates.size(); ++i) {
    mistakes_of_one(execution, updates, i, found);
    const std::string id = updates[i].id.str();
    if (updates[i].type != OperationType::kExecution && execution.find(id) == nullptr &&
        made.insert(id).second) {
      ++metered;
    }
    if (updates[i].action == OperationAction::kRetry) ++metered;
    data += static_cast<std::int64_t>(updates[i].payload.size()) + size_of(updates[i].error);
  }
  if (metered > bounds.max_operations || data > bounds.max_data) found.push_back({kInvalid, ""});
  return found;
}

void ServiceModel::mistakes_of_one(const Execution& execution,
                                   const std::vector<OperationUpdate>& updates, std::size_t i,
                                   std::vector<Refusal>& found) const {
  const OperationUpdate& update = updates[i];
  const std::string id = update.id.str();
  const Limits bounds = limits();
  const auto wrong = [&](bool is_wrong, const char* text, const char* code = kInvalid) {
    if (is_wrong) found.push_back({code, text});
  };
  const auto size = static_cast<std::int64_t>(update.payload.size());
  wrong(size > bounds.execution_result_limit, "", kShape);
  wrong(size_of(update.error) > bounds.error_limit, "");
  wrong(!is_id(id), "", kShape);
  wrong(update.parent_id && !is_id(update.parent_id.str()), "", kShape);
  wrong(update.name && (update.name.size() == 0 || update.name.size() > 256), "", kShape);
  wrong(update.sub_type && (update.sub_type.size() == 0 || update.sub_type.size() > 32), "",
        kShape);
  const StateRule* rule = state_rule(update.type, update.action);
  wrong(rule == nullptr, "Invalid action for the given operation type.");
  wrong(update.action == OperationAction::kFail && update.payload.has_value(),
        "Cannot provide a Payload for FAIL action.");
  wrong(update.action == OperationAction::kSucceed && update.error != nullptr,
        "Cannot provide an Error for SUCCEED action.");
  if (update.action == OperationAction::kRetry) {
    wrong(!update.next_attempt_delay_seconds, "Invalid StepOptions for the given action.");
    wrong(update.error != nullptr && update.payload.has_value(),
          "Cannot provide both error and payload to RETRY a STEP.");
    const std::int64_t delay = update.next_attempt_delay_seconds.value_or(1);
    wrong(delay < 1 || delay > bounds.max_seconds, "", kShape);
  }
  wrong(update.type == OperationType::kStep && size > bounds.step_payload_limit, "");
  if (update.action == OperationAction::kStart && update.type == OperationType::kWait) {
    wrong(!update.wait_seconds, "Update for WAIT operation requires WaitOptions.");
    const std::int64_t seconds = update.wait_seconds.value_or(1);
    wrong(seconds < 1 || seconds > bounds.max_seconds, "", kShape);
  }
  if (update.type == OperationType::kCallback && update.callback_options) {
    for (const auto& seconds : {update.callback_options->timeout_seconds,
                                update.callback_options->heartbeat_timeout_seconds}) {
      wrong(seconds.value_or(0) < 0 || seconds.value_or(0) > 99999999, "", kShape);
    }
  }
  if (update.type == OperationType::kChainedInvoke) {
    wrong(size > bounds.invoke_input_limit, "");
    wrong(!update.chained_invoke_options,
          "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.");
    if (update.chained_invoke_options) {
      const std::string target = update.chained_invoke_options->function_name.str();
      wrong(target.empty(), "", kShape);
      wrong(target.find(":999999999999:") != std::string::npos,
            "Cannot start a CHAINED_INVOKE on a function in another account.");
    }
  }
  if (update.type == OperationType::kExecution) {
    const auto others = std::count_if(updates.begin(), updates.end(), [](const auto& other) {
      return other.type == OperationType::kExecution;
    });
    wrong(others > 1, "Cannot checkpoint multiple EXECUTION updates.");
    wrong(i + 1 != updates.size(), "EXECUTION checkpoint must be the last update.");
    return;
  }
  const ModelOperation* record = execution.find(id);
  if (rule != nullptr) {
    wrong(!rule->from.contains(record == nullptr ? std::nullopt : std::optional(record->status)),
          rule->text);
  }
  if (record != nullptr) {
    wrong(record->type != update.type, "Inconsistent operation type.");
    wrong(update.sub_type && update.sub_type.str() != record->sub_type,
          "Inconsistent operation subtype.");
    wrong(update.name && update.name.str() != record->name, "Inconsistent operation name.");
    wrong(update.parent_id && update.parent_id.str() != record->parent,
          "Inconsistent parent operation id.");
  }
  bool parent_starts = false;  // earlier in the batch
  for (std::size_t k = 0; k < i; ++k) {
    const OperationUpdate& earlier = updates[k];
    if (update.parent_id && earlier.id == update.parent_id &&
        earlier.type == OperationType::kContext && earlier.action == OperationAction::kStart) {
      parent_starts = true;
    }
    if (!(earlier.id == update.id) || earlier.type == OperationType::kExecution) continue;
    const bool pair =
        earlier.action == OperationAction::kStart &&  // 4.4.2
        update.action != OperationAction::kStart &&
        (update.type == OperationType::kStep || update.type == OperationType::kContext);
    wrong(!pair, "Cannot update the same operation twice in a single request.");
    wrong(earlier.type != update.type, "Inconsistent operation type.");
  }
  if (update.parent_id && !parent_starts) {
    const ModelOperation* parent = execution.find(update.parent_id.str());
    wrong(parent == nullptr || parent->type != OperationType::kContext,
          "Invalid parent operation id.");
  }
}

void ServiceModel::change(Execution& execution, const std::string& id) {
  execution.untold.insert(id);
  execution.updated.insert(id);
}

// 2.7
void ServiceModel::apply(std::size_t index, const OperationUpdate& update) {
  const std::string id = update.id.str();
  {
    Execution& execution = executions_[index];
    execution.data += static_cast<std::int64_t>(update.payload.size()) + size_of(update.error);
    if (update.action == OperationAction::kRetry) ++execution.metered;
    if (update.type == OperationType::kExecution) {
      const bool good = update.action == OperationAction::kSucceed;
      close(index, good ? ExecutionStatus::kSucceeded : ExecutionStatus::kFailed,
            text_of(update.payload), type_of(update.error));
      return;
    }
    if (execution.find(id) == nullptr) {
      ++execution.metered;
      ModelOperation made;
      made.id = id;
      made.parent = text_of(update.parent_id);
      made.name = text_of(update.name);
      made.sub_type = text_of(update.sub_type);
      made.type = update.type;
      made.created = ++created_;
      execution.operations.push_back(made);
    }
    change(execution, id);
  }
  Execution& execution = executions_[index];
  ModelOperation& operation = *execution.find(id);
  const std::map<OperationType, std::string> event_of = {
      {OperationType::kContext, "Context"},
      {OperationType::kStep, "Step"},
      {OperationType::kWait, "Wait"},
      {OperationType::kCallback, "Callback"},
      {OperationType::kChainedInvoke, "ChainedInvoke"}};
  const auto note = [&](const char* what) {
    execution.events.push_back(event_of.at(update.type) + what + " " + id);
  };
  if (update.action != OperationAction::kStart && update.action != OperationAction::kCancel) {
    if (update.type == OperationType::kStep) ++operation.attempt;
    operation.result = text_of(update.payload);
    operation.error = type_of(update.error);
  }
  switch (update.action) {
    case OperationAction::kStart:
      operation.status = OperationStatus::kStarted;
      note("Started");
      if (update.type == OperationType::kWait) {
        operation.due_ms = now_ms_ + *update.wait_seconds * kMsPerSecond;
        arm(*update.wait_seconds * kMsPerSecond, operation.created, TimerKind::kWait, index, id);
      }
      if (update.type == OperationType::kCallback && update.callback_options) {
        const std::int64_t timeout = update.callback_options->timeout_seconds.value_or(0);
        const std::int64_t beat = update.callback_options->heartbeat_timeout_seconds.value_or(0);
        operation.heartbeat_seconds = beat;
        if (timeout > 0) {
          arm(timeout * kMsPerSecond, operation.created, TimerKind::kCallbackTimeout, index, id);
        }
        if (beat > 0) {
          arm(beat * kMsPerSecond, operation.created, TimerKind::kHeartbeat, index, id);
        }
      }
      if (update.type == OperationType::kChainedInvoke) start_target(index, update);
      return;
    case OperationAction::kSucceed:
      operation.status = OperationStatus::kSucceeded;
      operation.replay_children =
          update.type == OperationType::kContext && update.replay_children.value_or(false);
      note("Succeeded");
      return;
    case OperationAction::kFail:
      operation.status = OperationStatus::kFailed;
      note("Failed");
      return;
    case OperationAction::kRetry:
      operation.status = OperationStatus::kPending;
      operation.due_ms = now_ms_ + *update.next_attempt_delay_seconds * kMsPerSecond;
      arm(*update.next_attempt_delay_seconds * kMsPerSecond, operation.created, TimerKind::kRetry,
          index, id);
      note(update.error ? "Failed" : "Succeeded");
      return;
    case OperationAction::kCancel:
      operation.status = OperationStatus::kCancelled;
      disarm(TimerKind::kWait, index, id);
      note("Cancelled");
      return;
  }
}

// 6.4
void ServiceModel::start_target(std::size_t index, const OperationUpdate& update) {
  const std::string id = update.id.str();
  const auto& options = *update.chained_invoke_options;
  const auto target = resolve(options.function_name.str(), options.tenant_id.has_value());
  if (target.index() == 1) {
    complete(index, id, OperationStatus::kFailed, "ChainedInvokeFailed", std::nullopt,
             std::get<1>(target).front().code, false);
    return;
  }
  const Function& function = *std::get<0>(target);
  if (function.durable) {
    create(function, "", update.payload.str(), Call{index, id});
  } else if (function.latency_ms > 0) {
    arm(function.latency_ms, ++created_, TimerKind::kCall, index, id);
  } else {
    callable_.emplace_back(index, id);
  }
}

}  // namespace reprise::properties
