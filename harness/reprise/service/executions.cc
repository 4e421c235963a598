#include <algorithm>
#include <string>

#include "reprise/service/fake_service.h"
#include "reprise/service/internal/batch.h"
#include "reprise/service/internal/hashing.h"
#include "reprise/service/internal/names.h"

namespace reprise {

namespace code = internal::code;
using internal::Phase;
using internal::TimerKind;

namespace {

using internal::kMsPerSecond;
constexpr std::int64_t kMsPerDay = kMsPerSecond * 3600 * 24;
constexpr std::size_t kListPageMax = 1000;
constexpr std::size_t kRecordsExpected = 24;

std::string name_key(std::string_view function, std::string_view name) {
  std::string key;
  key.reserve(function.size() + name.size() + 1);
  return key.append(function).append("\n").append(name);
}

ApiError not_found(std::string message) {
  return {std::string(code::kNotFound), 404, std::move(message)};
}

ApiError unknown_execution(std::string_view arn) {
  return not_found("Durable execution not found: " + std::string(arn));
}

std::string function_arn(const Execution& execution) {
  std::string arn(internal::kFunctionArnPrefix);
  return arn.append(execution.function_name.view()).append(":").append(execution.version.view());
}

void summarize(const Execution& execution, ExecutionSummary& summary) {
  summary.durable_execution_arn = execution.arn.str();
  summary.durable_execution_name = execution.name.str();
  summary.function_arn = function_arn(execution);
  summary.status = execution.status;
  summary.start_ms = execution.start_ms;
  summary.end_ms = execution.end_ms;
}

bool matches(const Execution& execution, const ListRequest& request,
             const internal::FunctionReference& function) {
  const std::string_view version = function.qualifier.empty() ? "$LATEST" : function.qualifier;
  if (!(execution.function_name == function.name) || !(execution.version == version)) return false;
  if (request.execution_name && !(execution.name == *request.execution_name)) return false;
  if (request.started_after_ms && execution.start_ms < *request.started_after_ms) return false;
  if (request.started_before_ms && execution.start_ms > *request.started_before_ms) return false;
  return request.statuses.empty() || std::find(request.statuses.begin(), request.statuses.end(),
                                               execution.status) != request.statuses.end();
}

}  // namespace

void FakeService::index_names() const {
  if (names_known_) return;
  names_.clear();
  for (Index i = 0; i < state_.executions.size(); ++i) {
    const Execution& execution = *state_.executions[i];
    names_[name_key(execution.function_name.view(), execution.name.view())] = i;
  }
  names_known_ = true;
}

// The newest execution of that name, whatever has become of it.
std::optional<std::uint32_t> FakeService::find_named(std::string_view function,
                                                     std::string_view name) const {
  index_names();
  const auto found = names_.find(name_key(function, name));
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

// PROTOCOL 10.6
bool FakeService::expired(const Execution& execution) const {
  if (execution.forgotten) return true;
  if (!execution.end_ms) return false;
  const FunctionConfig* function = find_function(execution.function_name.view());
  const std::int64_t days =
      function != nullptr ? function->retention_days : limits_.retention_days_default;
  return state_.now_ms >= *execution.end_ms + days * kMsPerDay;
}

std::optional<std::size_t> FakeService::find_execution(std::string_view arn) const {
  const std::optional<internal::ExecutionArnParts> parts = internal::parse_execution_arn(arn);
  if (!parts) return std::nullopt;
  const std::optional<Index> index = find_named(parts->function, parts->name);
  if (!index) return std::nullopt;
  const Execution& execution = *state_.executions[*index];
  if (!(execution.arn == arn) || expired(execution)) return std::nullopt;
  return *index;
}

std::uint32_t FakeService::create_execution(const FunctionConfig& function, SharedText name,
                                            SharedText payload, SharedText tenant,
                                            std::optional<ParentLink> parent) {
  const auto index = static_cast<Index>(state_.executions.size());
  const std::optional<Index> predecessor = find_named(function.name, name.view());
  auto made = std::make_shared<Execution>();
  Execution& execution = *made;
  const std::uint64_t seed = internal::hash_text(function.name) * 3 +
                             internal::hash_text(name.view()) +
                             (predecessor ? *predecessor + 1 : 0);
  execution.id = SharedText(internal::uuid_from(seed));
  execution.name = std::move(name);
  execution.function_name = SharedText(function.name);
  execution.version = SharedText(function.version);
  execution.arn = SharedText(internal::execution_arn(function.name, function.version,
                                                     execution.name.view(), execution.id.view()));
  execution.tenant_id = std::move(tenant);
  execution.input_payload = std::move(payload);
  execution.start_ms = state_.now_ms;
  execution.parent = std::move(parent);
  execution.book.data_bytes = static_cast<std::int64_t>(execution.input_payload.size());

  auto record = make_operation();  // PROTOCOL 1.3
  record->id = execution.id;
  record->name = execution.name;
  record->type = OperationType::kExecution;
  record->start_ms = state_.now_ms;
  record->input_payload = execution.input_payload;
  execution.book.execution_record = std::move(record);

  execution.history.reserve(3 * kRecordsExpected);
  auto extra = std::make_shared<HistoryExtra>();
  extra->payload = execution.input_payload;
  extra->timeout = function.execution_timeout_seconds;
  execution.history.push_back(
      {EventType::kExecutionStarted, state_.now_ms, nullptr, std::move(extra)});

  execution.operations.reserve(kRecordsExpected);
  execution.book.notes.reserve(kRecordsExpected);
  execution.book.updated.reserve(kRecordsExpected);
  execution.book.undigested.reserve(kRecordsExpected);
  execution.book.index.reserve(kRecordsExpected);
  names_[name_key(function.name, execution.name.view())] = index;
  state_.executions.push_back(std::move(made));
  if (function.execution_timeout_seconds) {
    state_.timers.arm({.due_ms = state_.now_ms + *function.execution_timeout_seconds * kMsPerSecond,
                       .sequence = next_sequence(),
                       .execution = index,
                       .kind = TimerKind::kExecutionTimeout});
  }
  make_ready(index);
  return index;
}

ApiResult<StartResponse> FakeService::start(const StartRequest& request) {
  const Target target = resolve(request.function_name, request.tenant_id.has_value());
  if (target.function == nullptr) return target.error;
  const FunctionConfig& function = *target.function;
  if (!function.durable) {
    return internal::invalid_parameter("The function is not a durable function: " + function.name);
  }
  if (request.execution_name && !internal::is_identifier(*request.execution_name)) {
    return internal::shape_error(
        "durableExecutionName", *request.execution_name,
        "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+ and have length between "
        "1 and 64");
  }
  const bool sync = request.type == InvocationType::kRequestResponse;
  const std::int64_t limit = sync ? limits_.execution_result_limit : limits_.invoke_input_limit;
  if (static_cast<std::int64_t>(request.payload.size()) > limit) {
    return ApiError{std::string(code::kTooLarge), 413,
                    std::to_string(request.payload.size()) + " byte payload is too large for the " +
                        (sync ? "RequestResponse" : "Event") + " invocation type (limit " +
                        std::to_string(limit) + " bytes)"};
  }
  // PROTOCOL 10.3
  if (sync && function.execution_timeout_seconds.value_or(0) > limits_.sync_invoke_limit_seconds) {
    return internal::invalid_parameter(
        "You cannot synchronously invoke a durable function with an executionTimeout greater than "
        "15 minutes.");
  }
  if (request.execution_name) {  // PROTOCOL 10.2
    const std::optional<Index> existing = find_named(function.name, *request.execution_name);
    if (existing && !expired(at(*existing))) {
      const Execution& execution = at(*existing);
      if (execution.input_payload == request.payload) {
        return StartResponse{execution.arn.str(), true};
      }
      return ApiError{std::string(code::kAlreadyStarted), 409,
                      "Execution already started: " + execution.arn.str()};
    }
  }
  const std::string name =
      request.execution_name
          ? *request.execution_name
          : internal::uuid_from(internal::hash_text(function.name) + state_.names_generated++);
  const Index index = create_execution(
      function, SharedText(name), request.payload,
      request.tenant_id ? SharedText(*request.tenant_id) : SharedText(), std::nullopt);
  return StartResponse{at(index).arn.str(), false};
}

// PROTOCOL 10.5
ApiResult<TimestampMs> FakeService::stop(std::string_view arn, ErrorPtr error) {
  const std::optional<std::size_t> index = find_execution(arn);
  if (!index) return unknown_execution(arn);
  Execution& execution = *state_.executions[*index];
  if (is_closed(execution.status)) return *execution.end_ms;
  if (auto refusal = internal::check_error_size(error, limits_)) return std::move(*refusal);
  if (!error) {
    ErrorObject stopped;
    stopped.message = "Execution stopped by user request";
    error = std::make_shared<const ErrorObject>(std::move(stopped));
  }
  close(static_cast<Index>(*index), ExecutionStatus::kStopped, {}, std::move(error));
  return *execution.end_ms;
}

ApiResult<ExecutionDescription> FakeService::get_execution(std::string_view arn) const {
  const std::optional<std::size_t> index = find_execution(arn);
  if (!index) return unknown_execution(arn);
  const Execution& execution = *state_.executions[*index];
  ExecutionDescription description;
  summarize(execution, description);
  description.input_payload = execution.input_payload;
  description.result = execution.result;
  description.error = execution.error;
  description.version = execution.version.str();
  return description;
}

ApiResult<ListResponse> FakeService::list_executions(const ListRequest& request) const {
  const internal::FunctionReference function =
      internal::parse_function_reference(request.function_name);
  if (find_function(function.name) == nullptr) {
    return not_found("Function not found: " + request.function_name);
  }
  const std::optional<std::uint64_t> skip =
      request.marker.empty() ? 0 : internal::decode_marker(request.marker);
  if (!skip) return internal::invalid_parameter("Invalid marker");
  const std::size_t total = state_.executions.size();
  const std::size_t page = request.max_items > 0
                               ? std::min(static_cast<std::size_t>(request.max_items), kListPageMax)
                               : static_cast<std::size_t>(limits_.state_page_size_default);
  ListResponse response;
  for (std::size_t i = *skip; i < total; ++i) {
    const Execution& execution = *state_.executions[request.oldest_first ? i : total - 1 - i];
    if (expired(execution) || !matches(execution, request, function)) continue;
    if (response.executions.size() == page) {
      response.next_marker = internal::encode_marker(i);
      break;
    }
    summarize(execution, response.executions.emplace_back());
  }
  return response;
}

void FakeService::sweep_retention() {
  for (std::shared_ptr<Execution>& slot : state_.executions) {
    if (slot->forgotten || !expired(*slot) || slot->book.phase == Phase::kInFlight) continue;
    auto empty = std::make_shared<Execution>();  // a successor of that name gets another id
    empty->arn = slot->arn;
    empty->function_name = slot->function_name;
    empty->name = slot->name;
    empty->status = slot->status;
    empty->end_ms = slot->end_ms;
    empty->forgotten = true;
    slot = std::move(empty);
  }
}

void FakeService::close(Index index, ExecutionStatus status, SharedText result, ErrorPtr error) {
  Execution& execution = at(index);
  if (is_closed(execution.status)) return;
  execution.status = status;
  execution.end_ms = state_.now_ms;
  execution.result = std::move(result);
  execution.error = std::move(error);
  execution.book.base_digested = false;
  state_.timers.cancel_execution(index);
  drop_answers_without_timer();
  if (execution.book.phase == Phase::kInFlight) {
    execution.book.terminal_event_due = true;
  } else {
    if (execution.book.phase == Phase::kReady) std::erase(state_.ready, index);
    execution.book.phase = Phase::kIdle;
    record_terminal_event(execution);
  }
  if (execution.parent) complete_parent(execution);
}

// H-5: the last event, after the last InvocationCompleted.
void FakeService::record_terminal_event(Execution& execution) {
  execution.book.terminal_event_due = false;
  EventType type = EventType::kExecutionSucceeded;
  if (execution.status == ExecutionStatus::kFailed) type = EventType::kExecutionFailed;
  if (execution.status == ExecutionStatus::kTimedOut) type = EventType::kExecutionTimedOut;
  if (execution.status == ExecutionStatus::kStopped) type = EventType::kExecutionStopped;
  auto extra = std::make_shared<HistoryExtra>();
  extra->payload = execution.result;
  extra->error = execution.error;
  execution.history.push_back({type, state_.now_ms, nullptr, std::move(extra)});
}

}  // namespace reprise
