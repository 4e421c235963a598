#include <algorithm>
#include <string>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/service/fake_service.h"
#include "reprise/service/internal/batch.h"
#include "reprise/service/internal/hashing.h"
#include "reprise/service/internal/names.h"

namespace reprise {

namespace code = internal::code;
namespace message = internal::message;
using internal::Timer;
using internal::TimerKind;

namespace {

ApiError callback_closed() {
  return {std::string(code::kCallbackTimeout), 400, std::string(message::kCallbackClosed)};
}

}  // namespace

// PROTOCOL 6.3.4
ApiResult<FakeService::OpenCallback> FakeService::open_callback(
    std::string_view callback_id) const {
  const std::optional<internal::CallbackTarget> target = internal::parse_callback_id(callback_id);
  if (!target) return internal::invalid_parameter(message::kCallbackInvalid);
  const std::optional<std::size_t> index = find_execution(target->arn);
  if (!index) return internal::invalid_parameter(message::kCallbackInvalid);
  const Execution& execution = *state_.executions[*index];
  const std::uint32_t position = execution.book.index.find(
      target->operation_id, internal::hash_text(target->operation_id), execution.operations);
  if (position == internal::IdIndex::kNone ||
      execution.operations[position]->type != OperationType::kCallback) {
    return internal::invalid_parameter(message::kCallbackInvalid);
  }
  if (is_closed(execution.status) || is_terminal(execution.operations[position]->status)) {
    return callback_closed();
  }
  return OpenCallback{static_cast<Index>(*index), position};
}

ApiResult<Done> FakeService::answer_callback(std::string_view callback_id,
                                             const CallbackAnswer& answer) {
  const ApiResult<OpenCallback> open = open_callback(callback_id);
  if (!open.ok()) return open.error();
  const auto [index, position] = *open;
  switch (answer.kind) {
    case CallbackAnswer::Kind::kHeartbeat:
      renew_heartbeat(index, position);
      return Done{};
    case CallbackAnswer::Kind::kSuccess:
      if (static_cast<std::int64_t>(answer.payload.size()) > limits_.callback_payload_limit) {
        return internal::invalid_parameter("CALLBACK payload size must be less than or equal to " +
                                           std::to_string(limits_.callback_payload_limit) +
                                           " bytes.");
      }
      end_callback(index, position,
                   {.status = OperationStatus::kSucceeded,
                    .event = EventType::kCallbackSucceeded,
                    .result = answer.payload});
      return Done{};
    case CallbackAnswer::Kind::kFailure:
      if (auto refusal = internal::check_error_size(answer.error, limits_)) {
        return std::move(*refusal);
      }
      end_callback(index, position,
                   {.status = OperationStatus::kFailed,
                    .event = EventType::kCallbackFailed,
                    .error = answer.error});
      return Done{};
  }
  return Done{};
}

ApiResult<Done> FakeService::send_callback_success(std::string_view callback_id,
                                                   SharedText payload) {
  return answer_callback(
      callback_id,
      {.kind = CallbackAnswer::Kind::kSuccess, .payload = std::move(payload), .error = nullptr});
}

ApiResult<Done> FakeService::send_callback_failure(std::string_view callback_id, ErrorPtr error) {
  return answer_callback(
      callback_id,
      {.kind = CallbackAnswer::Kind::kFailure, .payload = {}, .error = std::move(error)});
}

ApiResult<Done> FakeService::send_callback_heartbeat(std::string_view callback_id) {
  return answer_callback(
      callback_id, {.kind = CallbackAnswer::Kind::kHeartbeat, .payload = {}, .error = nullptr});
}

void FakeService::schedule_callback_answer(std::string_view callback_id, std::int64_t delay_ms,
                                           CallbackAnswer answer) {
  if (delay_ms <= 0) {
    if (in_checkpoint_) {
      answers_at_once_.emplace_back(callback_id, std::move(answer));
    } else {
      (void)answer_callback(callback_id, answer);  // too late: dropped
    }
    return;
  }
  const ApiResult<OpenCallback> open = open_callback(callback_id);
  if (!open.ok()) return;  // nobody would ever see the answer
  const std::uint64_t sequence = next_sequence();
  state_.answers.push_back({sequence, SharedText(callback_id), std::move(answer)});
  state_.timers.arm({.due_ms = state_.now_ms + delay_ms,
                     .sequence = sequence,
                     .execution = open->execution,
                     .operation = open->position,
                     .kind = TimerKind::kCallbackAnswer});
}

std::optional<TimestampMs> FakeService::callback_deadline(std::string_view callback_id) const {
  const ApiResult<OpenCallback> open = open_callback(callback_id);
  if (!open.ok()) return std::nullopt;
  std::optional<TimestampMs> deadline;
  for (const TimerKind kind : {TimerKind::kCallbackTimeout, TimerKind::kHeartbeatTimeout}) {
    const Timer* timer = state_.timers.find(open->execution, open->position, kind);
    if (timer != nullptr) deadline = std::min(deadline.value_or(timer->due_ms), timer->due_ms);
  }
  return deadline;
}

// PROTOCOL 6.3.3: only the heartbeat timer starts again.  F-6: no event.
void FakeService::renew_heartbeat(Index index, Index position) {
  const Timer* armed = state_.timers.find(index, position, TimerKind::kHeartbeatTimeout);
  if (armed == nullptr) return;
  Timer renewed = *armed;
  renewed.due_ms =
      (REPRISE_FAULT(heartbeat_renews_from_its_due_time) ? renewed.due_ms : state_.now_ms) +
      renewed.period_ms;
  state_.timers.cancel(index, position, TimerKind::kHeartbeatTimeout);
  state_.timers.arm(renewed);
}

void FakeService::time_out_callback(Index index, Index position, ErrorPtr error) {
  end_callback(index, position,
               {.status = OperationStatus::kTimedOut,
                .event = EventType::kCallbackTimedOut,
                .error = std::move(error)});
}

// The first to end it wins; what else was on its way would come too late.
void FakeService::end_callback(Index index, Index position, Completion completion) {
  complete(index, position, std::move(completion));
  state_.timers.cancel_operation(index, position);
  drop_answers_without_timer();
}

void FakeService::deliver_answer(std::uint64_t sequence) {
  const auto due =
      std::find_if(state_.answers.begin(), state_.answers.end(),
                   [&](const auto& scheduled) { return scheduled.sequence == sequence; });
  if (due == state_.answers.end()) return;
  const ServiceState::ScheduledAnswer scheduled = std::move(*due);
  state_.answers.erase(due);
  (void)answer_callback(scheduled.callback_id.view(), scheduled.answer);  // too late: dropped
}

void FakeService::drop_answers_without_timer() {
  if (state_.answers.empty()) return;
  std::vector<std::uint64_t> armed;
  state_.timers.for_each([&](const Timer& timer) {
    if (timer.kind == TimerKind::kCallbackAnswer) armed.push_back(timer.sequence);
  });
  std::erase_if(state_.answers, [&](const auto& scheduled) {
    return std::find(armed.begin(), armed.end(), scheduled.sequence) == armed.end();
  });
}

}  // namespace reprise
