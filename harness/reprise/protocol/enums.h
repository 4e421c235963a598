#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise {

/// PROTOCOL 2.1.
enum class OperationType : std::uint8_t {
  kExecution,
  kContext,
  kStep,
  kWait,
  kCallback,
  kChainedInvoke
};
enum class OperationAction : std::uint8_t { kStart, kSucceed, kFail, kRetry, kCancel };
enum class OperationStatus : std::uint8_t {
  kStarted,
  kPending,
  kReady,
  kSucceeded,
  kFailed,
  kCancelled,
  kTimedOut,
  kStopped
};

/// PROTOCOL 1.2.
enum class ExecutionStatus : std::uint8_t { kRunning, kSucceeded, kFailed, kTimedOut, kStopped };

/// PROTOCOL 1.4.
enum class InvocationStatus : std::uint8_t { kSucceeded, kFailed, kPending };

/// PROTOCOL 9.2.
enum class EventType : std::uint8_t {
  kExecutionStarted,
  kExecutionSucceeded,
  kExecutionFailed,
  kExecutionTimedOut,
  kExecutionStopped,
  kContextStarted,
  kContextSucceeded,
  kContextFailed,
  kWaitStarted,
  kWaitSucceeded,
  kWaitCancelled,
  kStepStarted,
  kStepSucceeded,
  kStepFailed,
  kChainedInvokeStarted,
  kChainedInvokeSucceeded,
  kChainedInvokeFailed,
  kChainedInvokeTimedOut,
  kChainedInvokeStopped,
  kCallbackStarted,
  kCallbackSucceeded,
  kCallbackFailed,
  kCallbackTimedOut,
  kInvocationCompleted
};
inline constexpr int kEventTypeCount = 24;

/// The names on the wire: "CHAINED_INVOKE", "TIMED_OUT", "StepStarted".
std::string_view to_string(OperationType);
std::string_view to_string(OperationAction);
std::string_view to_string(OperationStatus);
std::string_view to_string(ExecutionStatus);
std::string_view to_string(InvocationStatus);
std::string_view to_string(EventType);

/// The value of a wire name; nullopt for any other text (case counts).
std::optional<OperationType> operation_type_from(std::string_view);
std::optional<OperationAction> operation_action_from(std::string_view);
std::optional<OperationStatus> operation_status_from(std::string_view);
std::optional<ExecutionStatus> execution_status_from(std::string_view);
std::optional<InvocationStatus> invocation_status_from(std::string_view);
std::optional<EventType> event_type_from(std::string_view);

/// PROTOCOL 2.1: a terminal record never changes again (F-4).
constexpr bool is_terminal(OperationStatus status) { return status >= OperationStatus::kSucceeded; }
constexpr bool is_closed(ExecutionStatus status) { return status != ExecutionStatus::kRunning; }

/// Conventional SubType values (PROTOCOL 2.1).
namespace sub_type {
inline constexpr std::string_view kStep = "Step";
inline constexpr std::string_view kWaitForCondition = "WaitForCondition";
inline constexpr std::string_view kWait = "Wait";
inline constexpr std::string_view kCallback = "Callback";
inline constexpr std::string_view kChainedInvoke = "ChainedInvoke";
inline constexpr std::string_view kRunInChildContext = "RunInChildContext";
inline constexpr std::string_view kWaitForCallback = "WaitForCallback";
inline constexpr std::string_view kMap = "Map";
inline constexpr std::string_view kMapIteration = "MapIteration";
inline constexpr std::string_view kParallel = "Parallel";
inline constexpr std::string_view kParallelBranch = "ParallelBranch";
}  // namespace sub_type

}  // namespace reprise
