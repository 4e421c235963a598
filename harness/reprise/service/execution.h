#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/protocol/event.h"
#include "reprise/protocol/operation.h"
#include "reprise/service/internal/execution_book.h"
#include "reprise/service/internal/timer_queue.h"

namespace reprise {

/// 128 bits: equal digests are taken for equal records.
struct StateDigest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const StateDigest&, const StateDigest&) = default;
  friend auto operator<=>(const StateDigest&, const StateDigest&) = default;
};

struct ExecutionSummary {
  std::string durable_execution_arn;
  std::string durable_execution_name;
  std::string function_arn;
  ExecutionStatus status = ExecutionStatus::kRunning;
  TimestampMs start_ms = 0;
  std::optional<TimestampMs> end_ms;
};

/// PROTOCOL 10.8.
struct ExecutionDescription : ExecutionSummary {
  SharedText input_payload;
  SharedText result;
  ErrorPtr error;
  std::string version;
};

/// Members of an event that its record does not have.
struct HistoryExtra {
  SharedText payload;  ///< Execution* and ChainedInvokeStarted events: input or result
  ErrorPtr error;
  std::optional<std::int64_t> timeout;  ///< ExecutionTimeout, or the callback's Timeout
  std::optional<std::int64_t> heartbeat_timeout;
  TimestampMs invocation_start_ms = 0;
  std::string request_id;
  SharedText function_name;
  SharedText tenant_id;
  std::string executed_version;
  std::string child_arn;
};

/// An event before it is spelled out: cheap to record.
struct HistoryEntry {
  EventType type = EventType::kExecutionStarted;
  TimestampMs at_ms = 0;
  OperationPtr record;  ///< as it was right after the event; null for execution-level events
  std::shared_ptr<const HistoryExtra> extra;
};

/// The operation that waits for the end of an execution (PROTOCOL 6.4).
struct ParentLink {
  std::size_t execution = 0;  ///< index of the caller
  SharedText operation_id;    ///< its CHAINED_INVOKE operation
};

/// One durable execution as the service knows it.
///
/// Read it through FakeService::execution(); the service alone changes it.
struct Execution {
  SharedText arn;
  SharedText name;
  SharedText id;  ///< last segment of the ARN, and the Id of the EXECUTION operation
  SharedText function_name;
  SharedText version;
  SharedText tenant_id;  ///< no text: started without a tenant
  ExecutionStatus status = ExecutionStatus::kRunning;
  SharedText input_payload;
  SharedText result;
  ErrorPtr error;
  TimestampMs start_ms = 0;
  std::optional<TimestampMs> end_ms;     ///< only when closed
  std::vector<OperationPtr> operations;  ///< in start order, without the EXECUTION operation
  std::vector<HistoryEntry> history;     ///< empty after FakeService::restore()
  std::optional<ParentLink> parent;      ///< only children of a chained invoke
  int invocations = 0;                   ///< begun so far
  bool forgotten = false;                ///< its retention has passed; nothing but its name is left

  /// The record of an operation; null when there is none.  The pointer is valid until the next call
  /// that changes the execution.
  const OperationPtr* find(std::string_view operation_id) const;

  /// The service's own notes.
  internal::ExecutionBook book;
};

/// A call of a plain function, waiting to be run by whoever drives the service.
struct PlainCall {
  std::size_t caller = 0;  ///< index of the calling execution
  SharedText operation_id;
  std::string function_name;
  SharedText payload;
  SharedText tenant_id;
};

/// What someone outside says to a callback (PROTOCOL 6.3.4).
struct CallbackAnswer {
  enum class Kind : std::uint8_t { kSuccess, kFailure, kHeartbeat };
  Kind kind = Kind::kSuccess;
  SharedText payload = {};   ///< kSuccess; absent: no result
  ErrorPtr error = nullptr;  ///< kFailure; null: no error object
};

/// Everything durable, as FakeService::save() hands it out.
///
/// A value: copies are cheap (they share the executions, which nobody changes any more) and outlive
/// the service they came from.
struct ServiceState {
  /// A call of a plain function; `sequence` names its timer while the latency has not passed.
  struct QueuedCall {
    std::uint64_t sequence = 0;
    PlainCall call;
  };
  /// An answer under way to a callback.
  struct ScheduledAnswer {
    std::uint64_t sequence = 0;
    SharedText callback_id;
    CallbackAnswer answer;
  };

  TimestampMs now_ms = 1767225600000;  ///< 2026-01-01T00:00:00Z
  std::vector<std::shared_ptr<Execution>> executions;
  std::vector<std::uint32_t> ready;      ///< first come first served
  std::vector<std::uint32_t> in_flight;  ///< in the order in which their invocations began
  internal::TimerQueue timers;
  std::vector<QueuedCall> delayed_calls;  ///< each has a timer
  std::vector<PlainCall> callable;        ///< may be taken
  std::vector<PlainCall> running_calls;   ///< taken, not finished
  std::vector<ScheduledAnswer> answers;   ///< each has a timer
  std::uint64_t next_sequence = 1;        ///< creation order of operations and timers
  std::uint64_t names_generated = 0;
};

}  // namespace reprise
