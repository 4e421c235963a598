#include "reprise/record/internal/prefix_replay.h"

#include <algorithm>
#include <memory>

#include "reprise/record/internal/operation_words.h"
#include "reprise/record/internal/payload_difference.h"

namespace reprise::internal {
namespace {

std::string identity(OperationType type, std::string_view sub_type, const SharedText& name,
                     const SharedText& parent_id) {
  const std::string text = operation_identity(type, sub_type, name);
  return parent_id ? text + " in " + parent_id.str() : text;
}

std::string spell(const ErrorPtr& error) {
  if (error == nullptr) return "an error";
  return shorten(error->type.value_or("an error") + ": \"" + error->message.value_or("") + "\"");
}

}  // namespace

void PrefixReplay::run(const HandlerFunction& handler, const std::string& durable_execution_arn) {
  InvocationInput input;
  input.durable_execution_arn = durable_execution_arn;
  input.checkpoint_token = "replay";
  input.operations = log_.state();
  InvocationOptions options;
  options.observer = this;
  options.replay_only = true;
  judge_end(handler(input, *this, options));
}

// --- DurableService

ApiResult<CheckpointResponse> PrefixReplay::checkpoint(const CheckpointRequest& request) {
  CheckpointResponse response;
  response.checkpoint_token = "replay";
  for (const OperationUpdate& update : request.updates) {
    // A result that is too large for the response: the execution has ended.
    if (update.type == OperationType::kExecution) return CheckpointResponse();
    response.operations.push_back(accept(update));
  }
  return response;
}

OperationPtr PrefixReplay::accept(const OperationUpdate& update) {
  OperationPtr& known = new_records_[update.id.str()];
  std::shared_ptr<Operation> record;
  if (known != nullptr) {
    record = make_operation(*known);
  } else if (const Operation* logged = log_.find(update.id.view())) {
    record = make_operation(*logged);
  } else {
    record = make_operation();
    record->id = update.id;
    record->parent_id = update.parent_id;
    record->name = update.name;
    record->sub_type = update.sub_type;
    record->type = update.type;
  }
  record->status = OperationStatus::kStarted;
  if (update.type == OperationType::kCallback) record->callback_id = "new-" + update.id.str();
  if (update.action == OperationAction::kSucceed || update.action == OperationAction::kFail) {
    const bool succeeds = update.action == OperationAction::kSucceed;
    record->status = succeeds ? OperationStatus::kSucceeded : OperationStatus::kFailed;
    record->result = update.payload;
    record->error = update.error;
    record->replay_children = update.replay_children.value_or(false);
  }
  known = std::move(record);
  return known;
}

// --- InvocationObserver

void PrefixReplay::operation_called(const OperationCall& call, const Operation* record) {
  if (record == nullptr) {
    if (continuation_.id == call.id) continues_ = true;
    return;
  }
  sites_[call.id.str()] = call.location;
  const std::optional<RecordedArguments::Difference> difference = arguments_.compare(call);
  if (!difference) return;
  UpgradeReason& reason =
      report(Verdict::kDivergentArg, call.id.view(),
             "calls " + words(*record) + " with " + shorten(difference->current) +
                 " where the history holds " + shorten(difference->recorded));
  reason.recorded = difference->recorded;
  reason.current = difference->current;
}

void PrefixReplay::operation_diverged(const OperationCall& call, const Operation& record,
                                      const std::string&) {
  if (diverged_) return;
  diverged_ = true;
  sites_[call.id.str()] = call.location;
  const std::string recorded =
      identity(record.type, record.sub_type.view(), record.name, record.parent_id);
  const std::string current = identity(call.type, call.sub_type, call.name, call.parent_id);
  std::string held = words(record);
  std::string called = operation_words(call.type, call.sub_type, call.path());
  if (held == called) {  // then it is the parent
    held = recorded;
    called = current;
  }
  UpgradeReason& reason = report(Verdict::kDivergentOp, call.id.view(),
                                 "calls " + called + " where the history holds " + held);
  reason.operation = log_.path(record);
  reason.recorded = recorded;
  reason.current = current;
}

void PrefixReplay::records_unvisited(const std::vector<OperationPtr>& records) {
  if (!records.empty()) unvisited_ = records.front();
}

void PrefixReplay::payload_refused(std::string_view operation_id, const SharedText& payload,
                                   const std::string& message) {
  // Of a batch that ends in this run, too: its items come from the log.
  if (!operation_id.empty() && log_.find(operation_id) == nullptr) return;
  if (!refused_.emplace(operation_id, payload.str()).second) return;
  const std::string held = payload ? shorten(payload.view()) : "no payload";
  UpgradeReason& reason = report(Verdict::kUndecodable, operation_id,
                                 "cannot decode " + payload_words(operation_id) + ": " + message);
  reason.what += "; the history holds " + held;
  reason.recorded = held;
  reason.current = message;
}

void PrefixReplay::payload_read(std::string_view operation_id, const SharedText& payload,
                                const SharedText& again) {
  if (!is_recorded(operation_id)) return;
  const std::string difference = payload_difference(payload, again);
  if (difference.empty()) return;
  std::string note = payload_words(operation_id) + " decodes, but " + difference;
  if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
    notes_.push_back(std::move(note));
  }
}

// --- the verdict

void PrefixReplay::judge_end(const InvocationResult& result) {
  if (diverged_) return;
  const bool failed = result.responded && result.output.status == InvocationStatus::kFailed;
  const bool undecodable = std::any_of(
      reasons_.begin(), reasons_.end(),
      [](const UpgradeReason& reason) { return reason.verdict == Verdict::kUndecodable; });
  if (failed && undecodable) return;  // that is why
  if (failed && unvisited_ == nullptr) {
    if (continuation_.words.empty() || continues_) return;
    UpgradeReason& reason = report(Verdict::kDivergentOp, continuation_.id.view(),
                                   "fails with " + spell(result.output.error) +
                                       " where the history holds " + continuation_.words);
    reason.operation = continuation_.operation;
    reason.recorded = continuation_.words;
    reason.current = spell(result.output.error);
    return;
  }
  // Who waits may call it later: what was started side by side, for instance, and now is not.
  if (unvisited_ == nullptr || result.output.status == InvocationStatus::kPending) return;
  const std::string what = failed ? "fails with " + spell(result.output.error) + " before it calls "
                                  : std::string("returns without calling ");
  UpgradeReason& reason = report(Verdict::kDivergentOp, unvisited_->id.view(),
                                 what + words(*unvisited_) + ", which the history holds");
  reason.recorded = identity(unvisited_->type, unvisited_->sub_type.view(), unvisited_->name,
                             unvisited_->parent_id);
  reason.current = "nothing";
}

std::string PrefixReplay::words(const Operation& record) const {
  return operation_words(record.type, record.sub_type.view(), log_.path(record));
}

UpgradeReason& PrefixReplay::report(Verdict verdict, std::string_view id, const std::string& what) {
  UpgradeReason& reason = reasons_.emplace_back();
  reason.verdict = verdict;
  reason.id = id;
  reason.what = handler_words_ + " " + what;
  if (const Operation* record = log_.find(id)) reason.operation = log_.path(*record);
  const auto site = sites_.find(id);
  if (site != sites_.end()) reason.location = site->second;
  return reason;
}

bool PrefixReplay::is_recorded(std::string_view operation_id) const {
  if (operation_id.empty()) return true;
  const Operation* record = log_.find(operation_id);
  return record != nullptr && new_records_.find(operation_id) == new_records_.end();
}

std::string PrefixReplay::payload_words(std::string_view operation_id) const {
  const Operation* record = log_.find(operation_id);
  if (record == nullptr) return "the event";
  const bool polled = record->type == OperationType::kStep && !is_terminal(record->status);
  return (polled ? "the state of " : "the result of ") + words(*record);
}

}  // namespace reprise::internal
