#include <algorithm>
#include <string>

#include "reprise/service/fake_service.h"
#include "reprise/service/internal/batch.h"
#include "reprise/service/internal/hashing.h"
#include "reprise/service/internal/names.h"

namespace reprise {

namespace code = internal::code;
namespace message = internal::message;
using internal::TimerKind;

namespace {

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

ErrorPtr as_error_object(const ApiError& error) { return make_error(error.code, error.message); }

}  // namespace

// PROTOCOL 6.4, 10.1, 10.7
FakeService::Target FakeService::resolve(std::string_view function_name, bool has_tenant) const {
  const internal::FunctionReference reference = internal::parse_function_reference(function_name);
  Target target;
  const bool elsewhere = (!reference.region.empty() && reference.region != internal::kRegion) ||
                         (!reference.account.empty() && reference.account != internal::kAccount);
  const FunctionConfig* function = elsewhere ? nullptr : find_function(reference.name);
  const bool other_version = function != nullptr && is_number(reference.qualifier) &&
                             reference.qualifier != function->version;
  if (function == nullptr || other_version) {
    target.error = {std::string(code::kNotFound), 404, "Function not found: "};
    target.error.message.append(internal::kFunctionArnPrefix).append(reference.name).append(":");
    target.error.message.append(reference.qualifier.empty() ? "$LATEST" : reference.qualifier);
    return target;
  }
  if (function->durable && reference.qualifier.empty()) {
    target.error = internal::invalid_parameter(message::kUnqualified);
    return target;
  }
  if (function->per_tenant && !has_tenant) {
    target.error = internal::invalid_parameter(message::kTenantMissing);
    return target;
  }
  target.function = function;
  return target;
}

FakeService::Started FakeService::start_chained_invoke(Index index, const OperationUpdate& update,
                                                       Index position) {
  const auto& options = *update.chained_invoke_options;
  auto extra = std::make_shared<HistoryExtra>();
  extra->payload = update.payload;
  extra->function_name = options.function_name;
  extra->tenant_id = options.tenant_id;
  Started started;
  const Target target = resolve(options.function_name.view(), options.tenant_id.has_value());
  if (target.function == nullptr) {
    started.failure = as_error_object(target.error);
    started.extra = std::move(extra);
    return started;
  }
  extra->executed_version = target.function->version;
  if (target.function->durable) {
    // A name of its own that does not depend on what else was started before it.
    const std::string name = internal::uuid_from(internal::hash_text(at(index).arn.view()) ^
                                                 internal::hash_text(update.id.view()));
    const Index child = create_execution(*target.function, SharedText(name), update.payload,
                                         options.tenant_id, ParentLink{index, update.id});
    extra->child_arn = at(child).arn.str();
  } else {
    queue_plain_call(*target.function,
                     {.caller = index,
                      .operation_id = update.id,
                      .function_name = target.function->name,
                      .payload = update.payload,
                      .tenant_id = options.tenant_id},
                     position);
  }
  started.extra = std::move(extra);
  return started;
}

void FakeService::queue_plain_call(const FunctionConfig& function, PlainCall call, Index position) {
  if (function.answers_at_once || function.latency_ms <= 0) {
    state_.callable.push_back(std::move(call));
    return;
  }
  const std::uint64_t sequence = next_sequence();
  state_.timers.arm({.due_ms = state_.now_ms + function.latency_ms,
                     .sequence = sequence,
                     .execution = static_cast<Index>(call.caller),
                     .operation = position,
                     .kind = TimerKind::kPlainCall});
  state_.delayed_calls.push_back({sequence, std::move(call)});
}

void FakeService::release_plain_call(std::uint64_t sequence) {
  const auto due = std::find_if(state_.delayed_calls.begin(), state_.delayed_calls.end(),
                                [&](const auto& queued) { return queued.sequence == sequence; });
  if (due == state_.delayed_calls.end()) return;
  state_.callable.push_back(std::move(due->call));
  state_.delayed_calls.erase(due);
}

std::optional<PlainCall> FakeService::take_plain_call() {
  if (state_.callable.empty()) return std::nullopt;
  PlainCall call = std::move(state_.callable.front());
  state_.callable.erase(state_.callable.begin());
  state_.running_calls.push_back(call);
  return call;
}

void FakeService::finish_plain_call(const PlainCall& call, PlainOutcome outcome) {
  const auto running = std::find_if(
      state_.running_calls.begin(), state_.running_calls.end(), [&](const PlainCall& taken) {
        return taken.caller == call.caller && taken.operation_id == call.operation_id;
      });
  if (running == state_.running_calls.end()) return;  // finished before
  state_.running_calls.erase(running);
  if (static_cast<std::int64_t>(outcome.result.size()) > limits_.execution_result_limit) {
    outcome.error = make_error("Function.ResponseSizeTooLarge",
                               "Response payload size exceeded maximum allowed payload size (" +
                                   std::to_string(limits_.execution_result_limit) + " bytes).");
  }
  const auto caller = static_cast<Index>(call.caller);
  const OperationPtr* record = at(caller).find(call.operation_id.view());
  if (record == nullptr) return;
  const auto position = static_cast<Index>(record - at(caller).operations.data());
  if (outcome.error) {
    complete(caller, position,
             {.status = OperationStatus::kFailed,
              .event = EventType::kChainedInvokeFailed,
              .error = std::move(outcome.error)});
  } else {
    complete(caller, position,
             {.status = OperationStatus::kSucceeded,
              .event = EventType::kChainedInvokeSucceeded,
              .result = std::move(outcome.result)});
  }
}

// PROTOCOL 6.4: the end of a child execution is the end of its caller's operation.
void FakeService::complete_parent(const Execution& child) {
  const auto caller = static_cast<Index>(child.parent->execution);
  const OperationPtr* record = at(caller).find(child.parent->operation_id.view());
  if (record == nullptr) return;  // the caller's retention has passed
  const auto position = static_cast<Index>(record - at(caller).operations.data());
  Completion completion;
  completion.result = child.result;
  completion.error = child.error;
  switch (child.status) {
    case ExecutionStatus::kSucceeded:
      completion.status = OperationStatus::kSucceeded;
      completion.event = EventType::kChainedInvokeSucceeded;
      break;
    case ExecutionStatus::kTimedOut: {
      const std::int64_t seconds = (*child.end_ms - child.start_ms) / 1000;
      completion.status = OperationStatus::kTimedOut;
      completion.event = EventType::kChainedInvokeTimedOut;
      completion.error =
          make_error("ChainedInvoke.Timeout",
                     "CHAINED_INVOKE timed out after " + std::to_string(seconds) + " seconds.");
      break;
    }
    case ExecutionStatus::kStopped:
      completion.status = OperationStatus::kStopped;
      completion.event = EventType::kChainedInvokeStopped;
      break;
    default:
      completion.status = OperationStatus::kFailed;
      completion.event = EventType::kChainedInvokeFailed;
      break;
  }
  complete(caller, position, std::move(completion));
}

}  // namespace reprise
