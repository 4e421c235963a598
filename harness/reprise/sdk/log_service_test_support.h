#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reprise/sdk/durable_service.h"
#include "reprise/sdk/handler.h"

namespace reprise {

/// A service without rules: it stores what it is sent and answers with the records, so that tests
/// see exactly what the SDK does.  Waits, callbacks and invokes stay open until the test closes
/// them.
class LogService final : public DurableService {
 public:
  ApiResult<CheckpointResponse> checkpoint(const CheckpointRequest& request) override {
    ++calls;
    if (fail_call == calls) return *error;
    CheckpointResponse response;
    for (const OperationUpdate& update : request.updates) {
      updates.push_back(update);
      if (update.type != OperationType::kExecution) response.operations.push_back(store(update));
    }
    if (omit_token_at_call != calls) response.checkpoint_token = "token-" + std::to_string(calls);
    return response;
  }
  ApiResult<StateResponse> get_state(const StateRequest& request) override {
    pages_read.emplace_back(request.marker);
    const std::size_t page = std::stoul(std::string(request.marker));
    StateResponse response;
    response.operations.push_back(records[page]);
    if (page + 1 < records.size()) response.next_marker = std::to_string(page + 1);
    return response;
  }

  /// What the next invocation starts from; `paged`: only the EXECUTION operation is on the first
  /// page.
  InvocationInput input(const std::string& payload = "null", bool paged = false) const {
    InvocationInput input;
    input.durable_execution_arn = "arn";
    input.checkpoint_token = "token-0";
    Operation execution;
    execution.id = "execution";
    execution.type = OperationType::kExecution;
    execution.input_payload = SharedText(payload);
    input.operations.push_back(std::make_shared<const Operation>(execution));
    if (paged && !records.empty()) {
      input.next_marker = "0";
    } else {
      input.operations.insert(input.operations.end(), records.begin(), records.end());
    }
    return input;
  }

  void change(std::size_t index, const std::function<void(Operation&)>& edit) {
    Operation operation = *records[index];
    edit(operation);
    records[index] = std::make_shared<const Operation>(operation);
  }

  std::vector<OperationPtr> records;
  std::vector<OperationUpdate> updates;
  std::vector<std::string> pages_read;
  int calls = 0;
  int fail_call = 0;
  std::optional<ApiError> error;
  int omit_token_at_call = 0;

 private:
  OperationPtr store(const OperationUpdate& update) {
    std::size_t at = 0;
    while (at < records.size() && !(records[at]->id == update.id)) ++at;
    Operation record;
    if (at < records.size()) {
      record = *records[at];
    } else {
      record.id = update.id;
      record.parent_id = update.parent_id;
      record.name = update.name;
      record.sub_type = update.sub_type;
      record.type = update.type;
      records.emplace_back();
    }
    switch (update.action) {
      case OperationAction::kStart:
        record.status = OperationStatus::kStarted;
        if (update.type == OperationType::kCallback)
          record.callback_id = "callback-" + record.id.str();
        break;
      case OperationAction::kSucceed:
        record.status = OperationStatus::kSucceeded;
        record.result = update.payload;
        record.replay_children = update.replay_children.value_or(false);
        ++record.attempt;
        break;
      case OperationAction::kFail:
        record.status = OperationStatus::kFailed;
        record.error = update.error;
        ++record.attempt;
        break;
      case OperationAction::kRetry:
        record.status = OperationStatus::kPending;
        record.result = update.payload;
        record.error = update.error;
        ++record.attempt;
        break;
      case OperationAction::kCancel:
        record.status = OperationStatus::kCancelled;
        break;
    }
    records[at] = std::make_shared<const Operation>(std::move(record));
    return records[at];
  }
};

/// "START Step a" of each update, in order.
inline std::vector<std::string> spell(const std::vector<OperationUpdate>& updates) {
  std::vector<std::string> lines;
  for (const OperationUpdate& update : updates) {
    lines.push_back(std::string(to_string(update.action)) + " " + update.sub_type.str() +
                    (update.name ? " " + update.name.str() : ""));
  }
  return lines;
}

}  // namespace reprise
