#include <algorithm>
#include <cstdio>
#include <string>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/service/fake_service.h"
#include "reprise/service/internal/batch.h"
#include "reprise/service/internal/hashing.h"
#include "reprise/service/internal/names.h"

namespace reprise {

namespace code = internal::code;
using internal::Phase;
using internal::TimerKind;

namespace {

constexpr std::uint32_t kInvocationMask = (1U << 18U) - 1;
using internal::kSequenceMask;

// PROTOCOL 4.7: a function timeout counts as an error of the handler.
bool is_runtime_error(const ErrorPtr& error) {
  if (!error || !error->type || *error->type == "Sandbox.Timedout") return false;
  const std::string_view type = *error->type;
  return type.starts_with("Runtime.") || type.starts_with("Sandbox.") ||
         type.starts_with("Extension.");
}

std::int64_t backoff_ms(const InvocationRetryPolicy& policy, int retries_before) {
  const double max = static_cast<double>(policy.backoff_max_seconds) * 1000;
  double delay = static_cast<double>(policy.backoff_initial_seconds) * 1000;
  for (int i = 0; i < retries_before && delay < max; ++i) delay *= policy.backoff_factor;
  return static_cast<std::int64_t>(std::min(delay, max));
}

// PROTOCOL 1.3: the first page, which comes with the invocation, has a budget of bytes.
std::size_t inline_records(const Execution& execution) {
  constexpr std::int64_t kPageBytes = std::int64_t{5} * 1024 * 1024;
  if (execution.book.data_bytes <= kPageBytes) return execution.operations.size() + 1;
  std::int64_t bytes = 0;
  std::size_t count = 1;
  for (const OperationPtr& record : execution.operations) {
    bytes += static_cast<std::int64_t>(record->result.size());
    if (bytes > kPageBytes) break;
    ++count;
  }
  return count;
}

}  // namespace

std::optional<std::size_t> FakeService::next_ready() const {
  if (state_.ready.empty()) return std::nullopt;
  return state_.ready.front();
}

// F-17: wake-ups that come together lead to one invocation.
void FakeService::wake(Index index) {
  Execution& execution = at(index);
  if (is_closed(execution.status)) return;
  switch (execution.book.phase) {
    case Phase::kIdle:
      make_ready(index);
      return;
    case Phase::kInFlight:
      execution.book.wake_again = !REPRISE_FAULT(wake_up_while_invoked_lost);
      return;
    case Phase::kReady:
    case Phase::kRetryWait:
      return;  // the invocation that is to come will see it
  }
}

void FakeService::make_ready(Index index) {
  at(index).book.phase = Phase::kReady;
  state_.ready.push_back(index);
}

InvocationInput FakeService::begin_invocation(std::size_t index_of_execution) {
  const auto index = static_cast<Index>(index_of_execution);
  Execution& execution = at(index);
  internal::ExecutionBook& book = execution.book;
  std::erase(state_.ready, index);
  std::erase(state_.in_flight, index);
  if (book.phase == Phase::kRetryWait) {
    state_.timers.cancel(index, internal::Timer::kNoOperation, TimerKind::kInvocationRetry);
  }
  state_.in_flight.push_back(index);
  book.phase = Phase::kInFlight;
  book.wake_again = false;
  book.invocation_start_ms = state_.now_ms;
  ++execution.invocations;
  book.sequence = (book.sequence + 1) & kSequenceMask;
  book.token = internal::encode_token(
      {.execution = index,
       .invocation = static_cast<std::uint32_t>(execution.invocations) & kInvocationMask,
       .sequence = book.sequence});
  for (const Index position : book.delta) book.notes[position].in_delta = false;
  book.delta.clear();

  InvocationInput input;
  input.durable_execution_arn = execution.arn.str();
  input.checkpoint_token.assign(book.token.data(), book.token.size());
  StateResponse page =
      state_page(execution, 0, inline_page_size_.value_or(inline_records(execution)));
  input.operations = std::move(page.operations);
  input.next_marker = std::move(page.next_marker);
  if (execution.invocations > 1) {
    std::sort(book.updated.begin(), book.updated.end());
    for (const Index position : book.updated) {
      input.updated_operation_ids.push_back(execution.operations[position]->id.str());
    }
  }
  return input;
}

void FakeService::end_invocation(std::size_t index_of_execution, const InvocationEnd& end) {
  const auto index = static_cast<Index>(index_of_execution);
  Execution& execution = at(index);
  if (execution.book.phase != Phase::kInFlight) return;  // another one has taken its place
  std::erase(state_.in_flight, index);
  execution.book.phase = Phase::kIdle;
  if (is_closed(execution.status)) {
    record_invocation(execution, invocation_error(execution, end));
    if (execution.book.terminal_event_due) record_terminal_event(execution);
    return;
  }
  if (end.kind == InvocationEnd::Kind::kResponse) {
    finish_response(index, end.output);
  } else {
    finish_failure(index, invocation_error(execution, end));
  }
}

ErrorPtr FakeService::invocation_error(const Execution& execution, const InvocationEnd& end) const {
  switch (end.kind) {
    case InvocationEnd::Kind::kResponse:
      return end.output.status == InvocationStatus::kFailed ? end.output.error : nullptr;
    case InvocationEnd::Kind::kProcessExit:
      return make_error("Runtime.ExitError", "Runtime exited with error: exit status 1");
    case InvocationEnd::Kind::kTimeout: {
      const FunctionConfig* function = find_function(execution.function_name.view());
      const std::int64_t seconds = function != nullptr ? function->function_timeout_seconds
                                                       : limits_.function_timeout_seconds_max;
      return make_error("Sandbox.Timedout",
                        "Task timed out after " + std::to_string(seconds) + ".00 seconds");
    }
    case InvocationEnd::Kind::kError:
      return end.error ? end.error : make_error("Error", "");
  }
  return nullptr;
}

// PROTOCOL 1.5
std::optional<std::string_view> FakeService::response_violation(
    const Execution& execution, const InvocationOutput& output) const {
  switch (output.status) {
    case InvocationStatus::kSucceeded:
      if (output.error) return "Cannot provide an Error for SUCCEEDED status.";
      return std::nullopt;
    case InvocationStatus::kFailed:
      if (output.result) return "Cannot provide a Result for FAILED status.";
      return std::nullopt;
    case InvocationStatus::kPending:
      // F-2: the handler's view is merely old.
      if (execution.book.pending > 0 || !execution.book.delta.empty()) return std::nullopt;
      return "Cannot return PENDING status with no pending operations.";
  }
  return "Invalid Status in invocation output.";
}

void FakeService::finish_response(Index index, const InvocationOutput& output) {
  Execution& execution = at(index);
  internal::ExecutionBook& book = execution.book;
  if (const auto violation = response_violation(execution, output)) {  // F-3
    ErrorPtr error = make_error(std::string(code::kInvalidParameter), std::string(*violation));
    record_invocation(execution, error);
    if (++book.rejections >= limits_.pending_rejections_to_fail) {
      close(index, ExecutionStatus::kFailed, {}, std::move(error));
    } else {
      make_ready(index);
    }
    return;
  }
  book.rejections = 0;
  book.failures = 0;
  book.runtime_failures = 0;
  book.delayed_retries = 0;
  switch (output.status) {
    case InvocationStatus::kSucceeded:
      record_invocation(execution, nullptr);
      close(index, ExecutionStatus::kSucceeded, output.result, nullptr);
      return;
    case InvocationStatus::kFailed:
      record_invocation(execution, output.error);
      close(index, ExecutionStatus::kFailed, {}, output.error);
      return;
    case InvocationStatus::kPending:
      record_invocation(execution, nullptr);
      for (const Index position : book.updated) book.notes[position].updated = false;
      book.updated = book.delta;
      for (const Index position : book.updated) book.notes[position].updated = true;
      if (book.wake_again || !book.delta.empty()) make_ready(index);
      return;
  }
}

// F-12, F-13
void FakeService::finish_failure(Index index, const ErrorPtr& error) {
  Execution& execution = at(index);
  internal::ExecutionBook& book = execution.book;
  record_invocation(execution, error);
  const FunctionConfig* function = find_function(execution.function_name.view());
  const InvocationRetryPolicy policy =
      function != nullptr ? function->retry : InvocationRetryPolicy{};
  book.rejections = 0;
  ++book.failures;
  if (policy.give_up_after && book.failures >= *policy.give_up_after) {
    close(index, ExecutionStatus::kFailed, {}, error);
    return;
  }
  if (is_runtime_error(error) && (!policy.immediate_retries_runtime ||
                                  book.runtime_failures < *policy.immediate_retries_runtime)) {
    ++book.runtime_failures;
    make_ready(index);
    return;
  }
  if (!is_runtime_error(error)) book.runtime_failures = 0;  // no longer in a row
  book.phase = Phase::kRetryWait;
  state_.timers.arm({.due_ms = state_.now_ms + backoff_ms(policy, book.delayed_retries++),
                     .sequence = next_sequence(),
                     .execution = index,
                     .kind = TimerKind::kInvocationRetry});
}

// H-3, H-9
void FakeService::record_invocation(Execution& execution, ErrorPtr error) {
  auto extra = std::make_shared<HistoryExtra>();
  extra->error = std::move(error);
  extra->invocation_start_ms = execution.book.invocation_start_ms;
  extra->request_id = internal::uuid_from(internal::hash_text(execution.arn.view()) +
                                          static_cast<std::uint64_t>(execution.invocations));
  execution.history.push_back(
      {EventType::kInvocationCompleted, state_.now_ms, nullptr, std::move(extra)});
}

}  // namespace reprise
