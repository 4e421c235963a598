#include "reprise/record/internal/operation_log.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "reprise/protocol/ids.h"
#include "reprise/protocol/internal/planted_fault.h"

namespace reprise::internal {
namespace {

constexpr std::size_t kVirtualSearch = 100;  // counters tried on each of two levels

// What an event says about the operation: its type, and its status after the event.
struct Meaning {
  OperationType type;
  OperationStatus status;
};

// nullopt: an event of the execution or of an invocation.
std::optional<Meaning> meaning_of(EventType type) {
  using T = OperationType;
  using S = OperationStatus;
  switch (type) {
    case EventType::kContextStarted:
      return Meaning{T::kContext, S::kStarted};
    case EventType::kContextSucceeded:
      return Meaning{T::kContext, S::kSucceeded};
    case EventType::kContextFailed:
      return Meaning{T::kContext, S::kFailed};
    case EventType::kWaitStarted:
      return Meaning{T::kWait, S::kStarted};
    case EventType::kWaitSucceeded:
      return Meaning{T::kWait, S::kSucceeded};
    case EventType::kWaitCancelled:
      return Meaning{T::kWait, S::kCancelled};
    case EventType::kStepStarted:
      return Meaning{T::kStep, S::kStarted};
    case EventType::kStepSucceeded:
      return Meaning{T::kStep, S::kSucceeded};
    case EventType::kStepFailed:
      return Meaning{T::kStep, S::kFailed};
    case EventType::kChainedInvokeStarted:
      return Meaning{T::kChainedInvoke, S::kStarted};
    case EventType::kChainedInvokeSucceeded:
      return Meaning{T::kChainedInvoke, S::kSucceeded};
    case EventType::kChainedInvokeFailed:
      return Meaning{T::kChainedInvoke, S::kFailed};
    case EventType::kChainedInvokeTimedOut:
      return Meaning{T::kChainedInvoke, S::kTimedOut};
    case EventType::kChainedInvokeStopped:
      return Meaning{T::kChainedInvoke, S::kStopped};
    case EventType::kCallbackStarted:
      return Meaning{T::kCallback, S::kStarted};
    case EventType::kCallbackSucceeded:
      return Meaning{T::kCallback, S::kSucceeded};
    case EventType::kCallbackFailed:
      return Meaning{T::kCallback, S::kFailed};
    case EventType::kCallbackTimedOut:
      return Meaning{T::kCallback, S::kTimedOut};
    case EventType::kExecutionStarted:
    case EventType::kExecutionSucceeded:
    case EventType::kExecutionFailed:
    case EventType::kExecutionTimedOut:
    case EventType::kExecutionStopped:
    case EventType::kInvocationCompleted:
      return std::nullopt;
  }
  return std::nullopt;
}

absl::Status error_at(const Event& event, const std::string& message) {
  return absl::InvalidArgumentError("event " + std::to_string(event.event_id) + " (" +
                                    std::string(to_string(event.type)) + "): " + message);
}

SharedText shared(const std::optional<std::string>& text) {
  return text ? SharedText(*text) : SharedText();
}

bool is_cut_off(const EventDetails& details) {
  const auto cut = [](const auto& part) { return part && part->truncated.value_or(false); };
  return cut(details.input) || cut(details.result) || cut(details.error);
}

std::optional<std::int64_t> retry_delay(const Event& event) {
  const auto& retry = event.details.retry_details;
  return retry ? retry->next_attempt_delay_seconds : std::nullopt;
}

}  // namespace

bool is_operation_event(const Event& event) { return meaning_of(event.type).has_value(); }

absl::Status OperationLog::apply(const Event& event) {
  if (is_cut_off(event.details)) {
    return error_at(event,
                    "its payload is truncated: a history must hold the whole data to be replayed");
  }
  if (event.type == EventType::kExecutionStarted) return apply_execution_started(event);
  if (execution_ == nullptr) {
    return error_at(event, "no ExecutionStarted comes before it");
  }
  const std::optional<Meaning> meaning = meaning_of(event.type);
  if (!meaning) return absl::OkStatus();
  if (!event.id || event.id->empty()) return error_at(event, "it has no Id");
  if (meaning->status == OperationStatus::kStarted) return start(event, meaning->type);
  return end(event, meaning->type, meaning->status);
}

absl::Status OperationLog::apply_execution_started(const Event& event) {
  if (execution_ != nullptr) return error_at(event, "the execution has started before");
  auto execution = std::make_shared<Operation>();
  execution->id = shared(event.id);
  execution->type = OperationType::kExecution;
  execution->start_ms = event.timestamp.ms;
  if (event.details.input) execution->input_payload = shared(event.details.input->payload);
  execution_ = std::move(execution);
  return absl::OkStatus();
}

absl::Status OperationLog::check_identity(const Event& event, OperationType type,
                                          const Operation& known) const {
  if (known.type != type) {
    return error_at(event, "operation " + *event.id + " was a " +
                               std::string(to_string(known.type)) + " before");
  }
  const bool same = shared(event.name) == known.name && shared(event.sub_type) == known.sub_type &&
                    shared(event.parent_id) == known.parent_id;
  if (same) return absl::OkStatus();
  return error_at(event, "operation " + *event.id + " had another name, sub type or parent before");
}

absl::Status OperationLog::add(const Event& event, Operation record) {
  record.id = shared(event.id);
  record.name = shared(event.name);
  record.sub_type = shared(event.sub_type);
  record.parent_id = shared(event.parent_id);
  record.start_ms = event.timestamp.ms;
  if (record.parent_id) {
    const Operation* parent = find(record.parent_id.view());
    if (parent == nullptr || parent->type != OperationType::kContext) {
      return error_at(
          event, "its parent " + record.parent_id.str() + " is no context that started before");
    }
  }
  positions_.emplace(*event.id, operations_.size());
  first_events_.push_back(event.event_id);
  operations_.push_back(std::make_shared<const Operation>(std::move(record)));
  return absl::OkStatus();
}

absl::Status OperationLog::start(const Event& event, OperationType type) {
  const std::size_t found = position(*event.id);
  if (found == operations_.size()) {
    Operation record;
    record.type = type;
    if (event.details.scheduled_end) record.scheduled_end_ms = event.details.scheduled_end->ms;
    record.callback_id = shared(event.details.callback_id);
    if (type == OperationType::kCallback && !record.callback_id) {
      return error_at(event, "it has no CallbackId");
    }
    return add(event, std::move(record));
  }
  const Operation& known = *operations_[found];
  absl::Status identity = check_identity(event, type, known);
  if (!identity.ok()) return identity;
  // Only a step starts again, when its retry is due; READY has no event (F-7).
  if (type != OperationType::kStep || known.status != OperationStatus::kPending) {
    return error_at(event, "operation " + *event.id + " is " +
                               std::string(to_string(known.status)) + " and cannot start");
  }
  auto record = std::make_shared<Operation>(known);
  record->status = OperationStatus::kStarted;
  record->next_attempt_ms.reset();
  operations_[found] = std::move(record);
  return absl::OkStatus();
}

absl::Status OperationLog::end(const Event& event, OperationType type, OperationStatus status) {
  std::size_t found = position(*event.id);
  if (found == operations_.size()) {
    // PROTOCOL 2.5, H-7: the START of a step or a context may be missing.
    if (type != OperationType::kStep && type != OperationType::kContext) {
      return error_at(event, "operation " + *event.id + " has not started");
    }
    Operation record;
    record.type = type;
    absl::Status added = add(event, std::move(record));
    if (!added.ok()) return added;
    found = operations_.size() - 1;
  }
  const Operation& known = *operations_[found];
  absl::Status identity = check_identity(event, type, known);
  if (!identity.ok()) return identity;
  if (is_terminal(known.status)) {
    return error_at(event, "operation " + *event.id + " is " +
                               std::string(to_string(known.status)) +
                               " and cannot change any more (F-4)");
  }
  auto record = std::make_shared<Operation>(known);
  record->result = event.details.result ? shared(event.details.result->payload) : SharedText();
  record->error = nullptr;
  if (event.details.error && event.details.error->payload) {
    record->error = std::make_shared<const ErrorObject>(*event.details.error->payload);
  }
  const std::optional<std::int64_t> delay = retry_delay(event);
  const bool forgets = REPRISE_FAULT(retried_attempt_not_counted) && delay;
  if (type == OperationType::kStep && !forgets) ++record->attempt;
  if (type == OperationType::kStep && delay) {
    record->status = OperationStatus::kPending;
    record->next_attempt_ms = event.timestamp.ms + *delay * 1000;
  } else {
    record->status = status;
    record->next_attempt_ms.reset();
    record->end_ms = event.timestamp.ms;
  }
  // H-10: the result was too large to be kept, its body rebuilds it.
  record->replay_children = type == OperationType::kContext &&
                            status == OperationStatus::kSucceeded && record->result == "";
  operations_[found] = std::move(record);
  return absl::OkStatus();
}

std::size_t OperationLog::position(std::string_view id) const {
  const auto found = positions_.find(id);
  return found == positions_.end() ? operations_.size() : found->second;
}

const Operation* OperationLog::find(std::string_view id) const {
  const std::size_t found = position(id);
  return found == operations_.size() ? nullptr : operations_[found].get();
}

std::int64_t OperationLog::first_event(std::string_view id) const {
  const std::size_t found = position(id);
  return found == operations_.size() ? 0 : first_events_[found];
}

std::vector<OperationPtr> OperationLog::state() const {
  std::vector<OperationPtr> state;
  state.reserve(operations_.size() + 1);
  state.push_back(execution_);
  std::vector<bool> closed(operations_.size());  // what is inside is left out
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const OperationPtr& record = operations_[i];
    const bool left_out = record->parent_id && closed[position(record->parent_id.view())];
    closed[i] = left_out || (record->type == OperationType::kContext &&
                             is_terminal(record->status) && !record->replay_children);
    if (left_out) continue;
    if (record->type != OperationType::kStep || is_terminal(record->status)) {
      state.push_back(record);
      continue;
    }
    auto waiting = std::make_shared<Operation>(*record);
    waiting->status = OperationStatus::kPending;
    if (!waiting->next_attempt_ms) waiting->next_attempt_ms = waiting->start_ms;
    state.push_back(std::move(waiting));
  }
  return state;
}

std::string OperationLog::path(const Operation& operation) const {
  return path_among(operations_, operation);
}

std::string OperationLog::raw_id(const Operation& operation) const {
  std::string prefix;
  if (const Operation* parent = operation.parent_id ? find(operation.parent_id.view()) : nullptr) {
    prefix = raw_id(*parent);
    if (prefix.empty()) return "";
    prefix += "-";
  }
  const std::size_t last =
      operations_.size() + 1;  // one more counter than records: a virtual context
  for (std::size_t i = 1; i <= last; ++i) {
    std::string raw = prefix + std::to_string(i);
    if (operation.id == operation_id(raw)) return raw;
  }
  const std::size_t last_virtual = std::min(last, kVirtualSearch);  // PROTOCOL 6.5.4
  for (std::size_t i = 1; i <= last_virtual; ++i) {
    for (std::size_t j = 1; j <= last_virtual; ++j) {
      std::string raw = prefix + std::to_string(i) + "-" + std::to_string(j);
      if (operation.id == operation_id(raw)) return raw;
    }
  }
  return "";
}

}  // namespace reprise::internal
