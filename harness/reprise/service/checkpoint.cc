#include <algorithm>
#include <string>

#include "reprise/protocol/internal/planted_fault.h"
#include "reprise/service/fake_service.h"
#include "reprise/service/internal/batch.h"
#include "reprise/service/internal/names.h"

namespace reprise {

namespace message = internal::message;
using internal::PlannedUpdate;
using internal::TimerKind;

namespace {

using internal::kMsPerSecond;
using internal::kSequenceMask;

std::string_view text_of(const std::array<char, internal::kTokenSize>& token) {
  return {token.data(), token.size()};
}

// Options of 0 seconds switch a timer off.
std::optional<std::int64_t> positive(const std::optional<std::int64_t>& seconds) {
  return seconds && *seconds > 0 ? seconds : std::nullopt;
}

// A flag that falls again when the scope ends, also by an exception of the test's hook.
class Raised {
 public:
  explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }
  ~Raised() { flag_ = false; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  bool& flag_;
};

void rotate_token(internal::ExecutionBook& book) {
  book.sequence = (book.sequence + 1) & kSequenceMask;
  internal::set_token_sequence(book.token, book.sequence);
}

}  // namespace

// F-8: the execution whose running invocation holds this token.
std::optional<std::uint32_t> FakeService::bearer(std::string_view arn,
                                                 std::string_view token) const {
  const std::size_t count = state_.executions.size();
  const auto holds = [&](Index index) {
    return index < count && text_of(state_.executions[index]->book.token) == token;
  };
  Index index = last_bearer_;  // mostly the one that called last
  if (!holds(index)) {
    const std::optional<Index> named = internal::token_execution(token);
    if (!named || !holds(*named)) return std::nullopt;
    index = *named;
  }
  const Execution& execution = *state_.executions[index];
  if (is_closed(execution.status) || execution.book.phase != internal::Phase::kInFlight ||
      !(execution.arn == arn)) {
    return std::nullopt;
  }
  last_bearer_ = index;
  return index;
}

ApiError FakeService::token_error(std::string_view arn, std::string_view token) const {
  const std::optional<Index> index = internal::token_execution(token);
  if (index && *index < state_.executions.size() && !(state_.executions[*index]->arn == arn)) {
    return internal::invalid_parameter(message::kForeignToken);
  }
  return internal::invalid_parameter(message::kInvalidToken);
}

// PROTOCOL 4.3.6: checked before the token.
std::optional<CheckpointResponse> FakeService::stored_answer(
    const CheckpointRequest& request) const {
  const std::optional<Index> index = internal::token_execution(request.checkpoint_token);
  if (!index || *index >= state_.executions.size()) return std::nullopt;
  const Execution& execution = *state_.executions[*index];
  const auto& slot = execution.book.client_slot;
  if (!slot || !(execution.arn == request.durable_execution_arn) ||
      slot->client_token != request.client_token ||
      slot->checkpoint_token != request.checkpoint_token ||
      state_.now_ms - slot->at_ms > limits_.client_token_window_seconds * kMsPerSecond) {
    return std::nullopt;
  }
  CheckpointResponse answer;
  answer.checkpoint_token = slot->answer_token;
  answer.operations = slot->answer_operations;
  return answer;
}

void FakeService::store_answer(Index index, const CheckpointRequest& request,
                               const CheckpointResponse& answer) {
  auto slot = std::make_shared<internal::ClientTokenSlot>();
  slot->client_token = std::string(request.client_token);
  slot->checkpoint_token = std::string(request.checkpoint_token);
  slot->at_ms = state_.now_ms;
  slot->answer_token = *answer.checkpoint_token;
  slot->answer_operations = answer.operations;
  at(index).book.client_slot = std::move(slot);
}

ApiResult<CheckpointResponse> FakeService::checkpoint(const CheckpointRequest& request) {
  if (!request.client_token.empty()) {
    if (request.client_token.size() > 64) {
      return internal::shape_error("clientToken", request.client_token,
                                   "Member must have length between 1 and 64");
    }
    if (auto answer = stored_answer(request)) return std::move(*answer);
  }
  const std::optional<Index> index =
      bearer(request.durable_execution_arn, request.checkpoint_token);
  if (!index) return token_error(request.durable_execution_arn, request.checkpoint_token);

  // F-5: nothing happens before the whole batch is known to be good.
  if (auto refusal = internal::plan_batch(at(*index), request.updates, limits_, *plan_)) {
    return std::move(*refusal);
  }
  return accept(*index, request);
}

// Applies the planned batch.  The answer is built where the caller gets it.
ApiResult<CheckpointResponse> FakeService::accept(Index index, const CheckpointRequest& request) {
  ApiResult<CheckpointResponse> answer{std::in_place};
  Execution& execution = at(index);
  execution.book.metered += plan_->metered;
  execution.book.data_bytes += plan_->data_bytes;
  // F-10.  Long before it is read: the text is written digit by digit.
  const bool rotates = !REPRISE_FAULT(empty_checkpoint_keeps_token) || !request.updates.empty();
  if (!plan_->closes && rotates) rotate_token(execution.book);
  for (std::size_t i = 0; i < plan_->updates.size(); ++i) {
    if (plan_->updates[i].rule != nullptr) {
      apply(index, request.updates[i], plan_->updates[i]);
    } else {
      apply_closing(index, request.updates[i]);
    }
  }
  take_delta(execution, *answer);
  if (!plan_->closes) {
    answer->checkpoint_token.emplace(text_of(execution.book.token));
    if (!request.client_token.empty()) store_answer(index, request, *answer);
  }
  if (record_hook_) {
    std::vector<Index> changed;
    for (const PlannedUpdate& planned : plan_->updates) {
      if (planned.rule == nullptr) continue;
      if (std::find(changed.begin(), changed.end(), planned.record) == changed.end()) {
        changed.push_back(planned.record);
      }
    }
    after_answer(index, changed);
  }
  return answer;
}

// The answer to the handler is fixed; what happens now is news for its next call.
void FakeService::after_answer(Index index, const std::vector<Index>& changed) {
  {
    const Raised in_checkpoint(in_checkpoint_);
    for (const Index position : changed) {
      const OperationPtr record = at(index).operations[position];
      record_hook_(index, *record);
    }
  }
  const auto answers = std::move(answers_at_once_);
  answers_at_once_.clear();
  for (const auto& [callback_id, answer] : answers) {
    (void)answer_callback(callback_id.view(), answer);  // too late: dropped
  }
}

// PROTOCOL 2.7
void FakeService::apply(Index index, const OperationUpdate& update, const PlannedUpdate& planned) {
  Execution& execution = at(index);
  const internal::TransitionRule& rule = *planned.rule;
  const Index position = planned.record;
  const bool exists = position < execution.operations.size();
  std::shared_ptr<Operation> record;
  if (exists) {
    record = make_operation(*execution.operations[position]);
  } else {
    record = make_operation();
    record->id = update.id;
    record->parent_id = update.parent_id;
    record->name = update.name;
    record->sub_type = update.sub_type;
    record->type = update.type;
    record->start_ms = state_.now_ms;
  }
  record->status = rule.to;
  if (is_terminal(rule.to)) record->end_ms = state_.now_ms;
  if (rule.finishes_attempt) ++record->attempt;

  Started started;
  switch (update.action) {
    case OperationAction::kStart:
      started = apply_start(index, update, *record, position);
      break;
    case OperationAction::kRetry:
      record->next_attempt_ms = state_.now_ms + *update.next_attempt_delay_seconds * kMsPerSecond;
      [[fallthrough]];
    case OperationAction::kSucceed:
    case OperationAction::kFail:
      record->result = update.payload;
      record->error = update.error;
      record->replay_children = update.type == OperationType::kContext &&
                                update.action == OperationAction::kSucceed &&
                                update.replay_children.value_or(false);
      break;
    case OperationAction::kCancel:
      state_.timers.cancel(index, position, TimerKind::kWait);
      break;
  }

  execution.history.push_back({update.error ? rule.event_with_error : rule.event, state_.now_ms,
                               record, std::move(started.extra)});
  const std::optional<TimestampMs> next_attempt_ms = record->next_attempt_ms;
  if (exists) {
    replace_record(execution, position, std::move(record));
  } else {
    add_record(execution, std::move(record), planned.id_hash, planned.parent);
  }
  if (next_attempt_ms) {
    arm_operation_timer(index, position, TimerKind::kStepRetry, *next_attempt_ms);
  }
  if (update.action != OperationAction::kStart) return;
  arm_start_timers(index, update, position);
  if (started.failure) {  // PROTOCOL 6.4: a bad target shows in the same answer
    complete(index, position,
             {.status = OperationStatus::kFailed,
              .event = EventType::kChainedInvokeFailed,
              .error = std::move(started.failure),
              .wakes = false});
  }
}

// What a START puts into the record and into its event.
FakeService::Started FakeService::apply_start(Index index, const OperationUpdate& update,
                                              Operation& record, Index position) {
  Started started;
  switch (update.type) {
    case OperationType::kWait:
      record.scheduled_end_ms = state_.now_ms + *update.wait_seconds * kMsPerSecond;
      break;
    case OperationType::kCallback: {
      record.callback_id = internal::callback_id(at(index).arn.view(), update.id.view());
      if (!update.callback_options) break;
      auto extra = std::make_shared<HistoryExtra>();
      extra->timeout = positive(update.callback_options->timeout_seconds);
      extra->heartbeat_timeout = positive(update.callback_options->heartbeat_timeout_seconds);
      started.extra = std::move(extra);
      break;
    }
    case OperationType::kChainedInvoke:
      started = start_chained_invoke(index, update, position);
      break;
    default:
      break;
  }
  return started;
}

void FakeService::arm_start_timers(Index index, const OperationUpdate& update, Index position) {
  const TimestampMs now = state_.now_ms;
  if (update.type == OperationType::kWait) {
    arm_operation_timer(index, position, TimerKind::kWait,
                        now + *update.wait_seconds * kMsPerSecond);
  }
  if (update.type != OperationType::kCallback || !update.callback_options) return;
  const auto& options = *update.callback_options;  // PROTOCOL 6.3.3
  if (const auto seconds = positive(options.timeout_seconds)) {
    arm_operation_timer(index, position, TimerKind::kCallbackTimeout,
                        now + *seconds * kMsPerSecond);
  }
  if (const auto seconds = positive(options.heartbeat_timeout_seconds)) {
    arm_operation_timer(index, position, TimerKind::kHeartbeatTimeout,
                        now + *seconds * kMsPerSecond, *seconds * kMsPerSecond);
  }
}

// PROTOCOL 2.7: no record; the execution closes.
void FakeService::apply_closing(Index index, const OperationUpdate& update) {
  const ExecutionStatus status = update.action == OperationAction::kSucceed
                                     ? ExecutionStatus::kSucceeded
                                     : ExecutionStatus::kFailed;
  close(index, status, update.payload, update.error);
}

ApiResult<StateResponse> FakeService::get_state(const StateRequest& request) {
  const std::optional<Index> index =
      bearer(request.durable_execution_arn, request.checkpoint_token);
  if (!index) return token_error(request.durable_execution_arn, request.checkpoint_token);
  if (request.max_items < 0 || request.max_items > limits_.state_page_size_max) {
    return internal::shape_error(
        "maxItems", std::to_string(request.max_items),
        "Member must have value between 0 and " + std::to_string(limits_.state_page_size_max));
  }
  const std::optional<std::uint64_t> first =
      request.marker.empty() ? 0 : internal::decode_marker(request.marker);
  if (!first) return internal::invalid_parameter("Invalid marker");
  const std::int64_t count =
      request.max_items > 0 ? request.max_items : limits_.state_page_size_default;
  return state_page(at(*index), static_cast<std::size_t>(*first), static_cast<std::size_t>(count));
}

}  // namespace reprise
