#include "reprise/sdk/internal/observer_tee.h"

#include "reprise/sdk/internal/handler_code.h"

namespace reprise::internal {
namespace {

ObservedOperation observed(const OperationCall& call) {
  ObservedOperation made;
  made.path = call.path();
  made.id = call.id.view();
  made.name = call.name.view();
  made.type = call.type;
  made.sub_type = call.sub_type;
  made.parent_id = call.parent_id.view();
  return made;
}

}  // namespace

ObserverTee::ObserverTee(const Observers& observers, InvocationObserver* next,
                         const InvocationInput& input)
    : observers_(observers), next_(next) {
  invocation_.durable_execution_arn = input.durable_execution_arn;
  invocation_.first = input.operations.size() <= 1 && input.next_marker.empty();
  updated_.insert(input.updated_operation_ids.begin(), input.updated_operation_ids.end());
}

template <class F>
void ObserverTee::tell(F&& hook) const {
  const HandlerCode observer_code(false);
  for (const std::shared_ptr<HandlerObserver>& observer : observers_) {
    try {
      hook(*observer);
    } catch (...) {  // PROTOCOL 6.9: whatever it is
    }
  }
}

void ObserverTee::started() {
  if (invocation_.first) tell([&](HandlerObserver& o) { o.execution_started(invocation_); });
  tell([&](HandlerObserver& o) { o.invocation_started(invocation_); });
}

void ObserverTee::ended(const InvocationResult& result) {
  const InvocationStatus status = result.output.status;
  tell([&](HandlerObserver& o) { o.invocation_ended(invocation_, status, result.responded); });
  if (!result.responded || status == InvocationStatus::kPending) return;
  tell([&](HandlerObserver& o) { o.execution_ended(invocation_, status); });
}

ObservedOperation ObserverTee::describe(const Operation& record) const {
  ObservedOperation made;
  const auto path = paths_.find(record.id.view());
  if (path != paths_.end()) made.path = path->second;
  made.id = record.id.view();
  made.name = record.name.view();
  made.type = record.type;
  made.sub_type = record.sub_type.view();
  made.parent_id = record.parent_id.view();
  return made;
}

void ObserverTee::operation_called(const OperationCall& call, const Operation* record) {
  const ObservedOperation operation = observed(call);
  paths_[std::string(operation.id)] = operation.path;
  tell([&](HandlerObserver& o) { o.operation_started(operation, record != nullptr); });
  // What has happened while nothing ran.
  if (record != nullptr && updated_.erase(std::string(operation.id)) > 0) record_changed(*record);
  if (next_) next_->operation_called(call, record);
}

void ObserverTee::record_changed(const Operation& record) {
  const ObservedOperation operation = describe(record);
  tell([&](HandlerObserver& o) { o.operation_changed(operation, record.status); });
  if (is_terminal(record.status)) {
    tell([&](HandlerObserver& o) { o.operation_ended(operation, record.status); });
  }
  if (next_) next_->record_changed(record);
}

void ObserverTee::body_started(const OperationCall& call, int attempt) {
  if (next_) next_->body_started(call, attempt);
  attempt_ = attempt;
  tell([&](HandlerObserver& o) { o.attempt_started(observed(call), attempt); });
}

void ObserverTee::body_ended(const OperationCall& call, bool succeeded) {
  tell([&](HandlerObserver& o) { o.attempt_ended(observed(call), attempt_, succeeded); });
  if (next_) next_->body_ended(call, succeeded);
}

void ObserverTee::operation_diverged(const OperationCall& call, const Operation& record,
                                     const std::string& message) {
  if (next_) next_->operation_diverged(call, record, message);
}
void ObserverTee::checkpoint_starting(const OperationCall* call) {
  if (next_) next_->checkpoint_starting(call);
}
void ObserverTee::misused(Misuse misuse, const std::string& message,
                          const std::source_location& location, const OperationCall* call) {
  if (next_) next_->misused(misuse, message, location, call);
}
void ObserverTee::records_unvisited(const std::vector<OperationPtr>& records) {
  if (next_) next_->records_unvisited(records);
}
void ObserverTee::payload_refused(std::string_view operation_id, const SharedText& payload,
                                  const std::string& message) {
  if (next_) next_->payload_refused(operation_id, payload, message);
}
void ObserverTee::payload_read(std::string_view operation_id, const SharedText& payload,
                               const SharedText& again) {
  if (next_) next_->payload_read(operation_id, payload, again);
}
void ObserverTee::logged(LogLevel level, std::string_view message, std::string_view path) {
  if (next_) next_->logged(level, message, path);
}
void ObserverTee::teardown_started(TeardownReason reason) {
  if (next_) next_->teardown_started(reason);
}
void ObserverTee::teardown_ended() {
  if (next_) next_->teardown_ended();
}

}  // namespace reprise::internal
