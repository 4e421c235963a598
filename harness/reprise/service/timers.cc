#include <algorithm>
#include <string>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/service/fake_service.h"

namespace reprise {

using internal::Timer;
using internal::TimerKind;

std::optional<TimestampMs> FakeService::next_due() const {
  if (state_.timers.empty()) return std::nullopt;
  return state_.timers.front().due_ms;
}

void FakeService::advance_to(TimestampMs to_ms) {
  while (!state_.timers.empty() && state_.timers.front().due_ms <= to_ms) {
    const Timer timer = state_.timers.pop_front();
    state_.now_ms = std::max(state_.now_ms, timer.due_ms);
    fire(timer);
  }
  state_.now_ms = std::max(state_.now_ms, to_ms);
}

// Timers that fall together fire in the order in which their operations were created
// (PROTOCOL 13.2.7).
void FakeService::arm_operation_timer(Index index, Index position, TimerKind kind,
                                      TimestampMs due_ms, std::int64_t period_ms) {
  state_.timers.arm({.due_ms = due_ms,
                     .sequence = at(index).book.notes[position].sequence,
                     .period_ms = period_ms,
                     .execution = index,
                     .operation = position,
                     .kind = kind});
}

void FakeService::fire(const Timer& timer) {
  const Index index = timer.execution;
  switch (timer.kind) {
    case TimerKind::kExecutionTimeout:
      time_out_execution(index);
      return;
    case TimerKind::kCallbackTimeout:
      time_out_callback(index, timer.operation,
                        make_error("Callback.Timeout", "Callback timed out"));
      return;
    case TimerKind::kHeartbeatTimeout:
      time_out_callback(index, timer.operation,
                        make_error("Callback.Heartbeat", "Callback timed out on heartbeat"));
      return;
    case TimerKind::kWait:
      complete(index, timer.operation,
               {.status = OperationStatus::kSucceeded, .event = EventType::kWaitSucceeded});
      return;
    case TimerKind::kStepRetry:
      make_step_ready(index, timer.operation);
      return;
    case TimerKind::kInvocationRetry:
      make_ready(index);
      return;
    case TimerKind::kPlainCall:
      release_plain_call(timer.sequence);
      return;
    case TimerKind::kCallbackAnswer:
      deliver_answer(timer.sequence);
      return;
  }
}

// F-7: no event.
void FakeService::make_step_ready(Index index, Index position) {
  Execution& execution = at(index);
  auto record = make_operation(*execution.operations[position]);
  record->status = OperationStatus::kReady;
  if (!REPRISE_FAULT(ready_step_keeps_its_time)) record->next_attempt_ms.reset();
  replace_record(execution, position, std::move(record));
  wake(index);
}

// PROTOCOL 10.4
void FakeService::time_out_execution(Index index) {
  ErrorObject error;
  const std::int64_t seconds = (state_.now_ms - at(index).start_ms) / 1000;
  error.message = "Execution timed out after " + std::to_string(seconds) + " seconds.";
  close(index, ExecutionStatus::kTimedOut, {}, std::make_shared<const ErrorObject>(error));
}

}  // namespace reprise
