#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/service/fake_service.h"

namespace reprise {

inline OperationUpdate an_update(OperationType type, OperationAction action, const char* id) {
  OperationUpdate update;
  update.id = id;
  update.type = type;
  update.action = action;
  return update;
}

inline OperationUpdate step(OperationAction action, const char* id) {
  OperationUpdate update = an_update(OperationType::kStep, action, id);
  if (action == OperationAction::kSucceed) update.payload = "1";
  if (action == OperationAction::kFail) update.error = make_error("Broken", "no");
  if (action == OperationAction::kRetry) {
    update.error = make_error("Broken", "no");
    update.next_attempt_delay_seconds = 4;
  }
  return update;
}
inline OperationUpdate step_start(const char* id) { return step(OperationAction::kStart, id); }
inline OperationUpdate step_succeed(const char* id) { return step(OperationAction::kSucceed, id); }
inline OperationUpdate step_fail(const char* id) { return step(OperationAction::kFail, id); }
inline OperationUpdate step_retry(const char* id, std::int64_t seconds) {
  OperationUpdate update = step(OperationAction::kRetry, id);
  update.next_attempt_delay_seconds = seconds;
  return update;
}
inline OperationUpdate context(OperationAction action, const char* id) {
  return an_update(OperationType::kContext, action, id);
}
inline OperationUpdate wait_start(const char* id, std::int64_t seconds) {
  OperationUpdate update = an_update(OperationType::kWait, OperationAction::kStart, id);
  update.wait_seconds = seconds;
  return update;
}
inline OperationUpdate callback_start(const char* id, std::int64_t timeout = 0,
                                      std::int64_t heartbeat = 0) {
  OperationUpdate update = an_update(OperationType::kCallback, OperationAction::kStart, id);
  update.callback_options = OperationUpdate::CallbackOptions{
      .timeout_seconds = timeout, .heartbeat_timeout_seconds = heartbeat};
  return update;
}
inline OperationUpdate invoke_start(const char* id, const char* function) {
  OperationUpdate update = an_update(OperationType::kChainedInvoke, OperationAction::kStart, id);
  update.payload = "[1]";
  update.chained_invoke_options = OperationUpdate::ChainedInvokeOptions{
      .function_name = function, .tenant_id = {}, .trace_id = {}};
  return update;
}
inline OperationUpdate execution_update(OperationAction action, const char* payload = nullptr) {
  OperationUpdate update = an_update(OperationType::kExecution, action, "result");
  if (payload != nullptr) update.payload = payload;
  return update;
}
inline OperationUpdate inside(const char* parent, OperationUpdate update) {
  update.parent_id = parent;
  return update;
}

/// A service, and one execution of a function "order" driven by hand.
class ServiceTest : public testing::Test {
 protected:
  ServiceTest() {
    FunctionConfig order;
    order.name = "order";
    service_.register_function(order);
  }

  static FunctionConfig a_function(std::string name) {
    FunctionConfig function;
    function.name = std::move(name);
    return function;
  }

  static StartRequest a_start(std::string function, SharedText payload = "{}") {
    StartRequest request;
    request.function_name = std::move(function);
    request.payload = std::move(payload);
    return request;
  }

  /// Starts an execution; later verbs speak of it.
  void start(StartRequest request = a_start("order:$LATEST")) {
    const ApiResult<StartResponse> started = service_.start(request);
    ASSERT_TRUE(started.ok()) << started.error().message;
    arn_ = started->durable_execution_arn;
    execution_ = *service_.find_execution(arn_);
  }

  InvocationInput begin() {
    InvocationInput input = service_.begin_invocation(execution_);
    token_ = input.checkpoint_token;
    return input;
  }

  void start_and_begin(StartRequest request = a_start("order:$LATEST")) {
    start(std::move(request));
    begin();
  }

  ApiResult<CheckpointResponse> checkpoint(const std::vector<OperationUpdate>& updates,
                                           std::string_view client_token = {}) {
    CheckpointRequest request;
    request.durable_execution_arn = arn_;
    request.checkpoint_token = token_;
    request.updates = updates;
    request.client_token = client_token;
    ApiResult<CheckpointResponse> answer = service_.checkpoint(request);
    if (answer.ok() && answer->checkpoint_token) token_ = *answer->checkpoint_token;
    return answer;
  }

  void accept(const std::vector<OperationUpdate>& updates) {
    const auto answer = checkpoint(updates);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
  }

  /// The answer to a batch that must be refused.
  ApiError refuse(const std::vector<OperationUpdate>& updates) {
    const auto answer = checkpoint(updates);
    EXPECT_FALSE(answer.ok()) << "accepted";
    return answer.ok() ? ApiError{} : answer.error();
  }

  void end_pending() { service_.end_invocation(execution_, {}); }
  void end_succeeded(const char* result = "1") {
    InvocationEnd end;
    end.output.status = InvocationStatus::kSucceeded;
    end.output.result = result;
    service_.end_invocation(execution_, end);
  }
  void end_failed(ErrorPtr error) {
    InvocationEnd end;
    end.output.status = InvocationStatus::kFailed;
    end.output.error = std::move(error);
    service_.end_invocation(execution_, end);
  }
  void crash() {
    InvocationEnd end;
    end.kind = InvocationEnd::Kind::kProcessExit;
    service_.end_invocation(execution_, end);
  }

  bool ready() const { return service_.next_ready() == execution_; }
  const Execution& execution() const { return service_.execution(execution_); }
  const Operation& record(std::string_view id) const { return **execution().find(id); }
  OperationStatus status(std::string_view id) const { return record(id).status; }
  void advance_seconds(std::int64_t seconds) {
    service_.advance_to(service_.now() + seconds * 1000);
  }

  std::vector<std::string> events() const { return events_of(execution_); }
  /// "StepStarted a", "InvocationCompleted", ...
  std::vector<std::string> events_of(std::size_t execution) const {
    std::vector<std::string> lines;
    for (const Event& event : service_.history(execution)) {
      std::string line(to_string(event.type));
      if (event.id) line += " " + *event.id;
      lines.push_back(std::move(line));
    }
    return lines;
  }
  Event last_event() const { return service_.history(execution_).back(); }

  FakeService service_;
  std::size_t execution_ = 0;
  std::string arn_;
  std::string token_;
};

MATCHER_P2(Answers, code, message, "") {
  *result_listener << arg.code << " " << arg.http_status << ": " << arg.message;
  return arg.code == code && arg.message == message;
}
MATCHER_P(RefusedWith, message, "") {
  *result_listener << arg.code << " " << arg.http_status << ": " << arg.message;
  return arg.code == "InvalidParameterValueException" && arg.http_status == 400 &&
         arg.message == message;
}

}  // namespace reprise
