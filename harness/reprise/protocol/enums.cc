#include "reprise/protocol/enums.h"

#include <array>
#include <cstddef>
#include <cstdlib>

namespace reprise {
namespace {

// The names in the order of the enumerators, so that a value is its index.
constexpr std::array<std::string_view, 6> kOperationTypes = {
    "EXECUTION", "CONTEXT", "STEP", "WAIT", "CALLBACK", "CHAINED_INVOKE"};

constexpr std::array<std::string_view, 5> kOperationActions = {"START", "SUCCEED", "FAIL", "RETRY",
                                                               "CANCEL"};

constexpr std::array<std::string_view, 8> kOperationStatuses = {
    "STARTED", "PENDING", "READY", "SUCCEEDED", "FAILED", "CANCELLED", "TIMED_OUT", "STOPPED"};

constexpr std::array<std::string_view, 5> kExecutionStatuses = {"RUNNING", "SUCCEEDED", "FAILED",
                                                                "TIMED_OUT", "STOPPED"};

constexpr std::array<std::string_view, 3> kInvocationStatuses = {"SUCCEEDED", "FAILED", "PENDING"};

constexpr std::array<std::string_view, kEventTypeCount> kEventTypes = {
    "ExecutionStarted",       "ExecutionSucceeded",  "ExecutionFailed",
    "ExecutionTimedOut",      "ExecutionStopped",    "ContextStarted",
    "ContextSucceeded",       "ContextFailed",       "WaitStarted",
    "WaitSucceeded",          "WaitCancelled",       "StepStarted",
    "StepSucceeded",          "StepFailed",          "ChainedInvokeStarted",
    "ChainedInvokeSucceeded", "ChainedInvokeFailed", "ChainedInvokeTimedOut",
    "ChainedInvokeStopped",   "CallbackStarted",     "CallbackSucceeded",
    "CallbackFailed",         "CallbackTimedOut",    "InvocationCompleted"};

template <typename Enum, std::size_t kSize>
std::string_view name_of(const std::array<std::string_view, kSize>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  if (index >= kSize) std::abort();  // a cast made a value that is no enumerator
  return names[index];
}

template <typename Enum, std::size_t kSize>
std::optional<Enum> value_of(const std::array<std::string_view, kSize>& names,
                             std::string_view text) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(OperationType value) { return name_of(kOperationTypes, value); }
std::string_view to_string(OperationAction value) { return name_of(kOperationActions, value); }
std::string_view to_string(OperationStatus value) { return name_of(kOperationStatuses, value); }
std::string_view to_string(ExecutionStatus value) { return name_of(kExecutionStatuses, value); }
std::string_view to_string(InvocationStatus value) { return name_of(kInvocationStatuses, value); }
std::string_view to_string(EventType value) { return name_of(kEventTypes, value); }

std::optional<OperationType> operation_type_from(std::string_view text) {
  return value_of<OperationType>(kOperationTypes, text);
}
std::optional<OperationAction> operation_action_from(std::string_view text) {
  return value_of<OperationAction>(kOperationActions, text);
}
std::optional<OperationStatus> operation_status_from(std::string_view text) {
  return value_of<OperationStatus>(kOperationStatuses, text);
}
std::optional<ExecutionStatus> execution_status_from(std::string_view text) {
  return value_of<ExecutionStatus>(kExecutionStatuses, text);
}
std::optional<InvocationStatus> invocation_status_from(std::string_view text) {
  return value_of<InvocationStatus>(kInvocationStatuses, text);
}
std::optional<EventType> event_type_from(std::string_view text) {
  return value_of<EventType>(kEventTypes, text);
}

}  // namespace reprise
