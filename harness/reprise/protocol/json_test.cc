#include "reprise/protocol/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace reprise {
namespace {

using Json = nlohmann::json;

ErrorObject full_error() {
  ErrorObject error;
  error.message = "no \"card\" \xC3\xA9";
  error.type = "CardError";
  error.data = "{}";
  error.stack_trace = {{"at a", "", "at b"}};
  return error;
}

// One record of each type, with every member that the type uses.
std::vector<Operation> full_operations() {
  const auto common = [](OperationType type) {
    Operation operation;
    operation.id = "c4ca4238a0b92382";
    operation.parent_id = "ea66c06c1e1c05fa";
    operation.name = "charge";
    operation.sub_type = sub_type::kStep;
    operation.type = type;
    operation.status = OperationStatus::kFailed;
    operation.start_ms = 1764547200123;
    operation.end_ms = 1764547201000;
    return operation;
  };
  const auto with_outcome = [&](OperationType type) {
    Operation operation = common(type);
    operation.result = "";
    operation.error = std::make_shared<const ErrorObject>(full_error());
    return operation;
  };
  Operation execution = common(OperationType::kExecution);
  execution.input_payload = R"({"k":1})";
  Operation context = with_outcome(OperationType::kContext);
  context.replay_children = true;
  Operation step = with_outcome(OperationType::kStep);
  step.attempt = 3;
  step.next_attempt_ms = 1764547205001;
  Operation wait = common(OperationType::kWait);
  wait.scheduled_end_ms = 1764547260000;
  Operation callback = with_outcome(OperationType::kCallback);
  callback.callback_id = "abc=";
  return {execution, context, step, wait, callback, with_outcome(OperationType::kChainedInvoke)};
}

OperationUpdate full_update() {
  OperationUpdate update;
  update.id = "id";
  update.parent_id = "parent";
  update.name = "name";
  update.sub_type = sub_type::kChainedInvoke;
  update.type = OperationType::kChainedInvoke;
  update.action = OperationAction::kFail;
  update.payload = "payload";
  update.error = std::make_shared<const ErrorObject>(full_error());
  update.replay_children = false;
  update.next_attempt_delay_seconds = 5;
  update.wait_seconds = 31622400;
  update.callback_options = {.timeout_seconds = 10, .heartbeat_timeout_seconds = 0};
  update.chained_invoke_options = {.function_name = "f", .tenant_id = "t", .trace_id = "x"};
  return update;
}

TEST(ErrorJson, HoldsEveryMember) {
  const Json json = error_to_json(full_error());
  EXPECT_EQ(json, Json::parse(R"({"ErrorMessage": "no \"card\" é", "ErrorType": "CardError",
                                  "ErrorData": "{}", "StackTrace": ["at a", "", "at b"]})"));
  const auto read = error_from_json(json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, full_error());
}

TEST(ErrorJson, OfAnEmptyErrorIsAnEmptyObject) {
  EXPECT_EQ(error_to_json({}), Json::object());
  EXPECT_EQ(*error_from_json(Json::object()), ErrorObject());
}

TEST(ErrorJson, TellsAnEmptyTraceFromNone) {
  ErrorObject error;
  error.stack_trace.emplace();
  EXPECT_EQ(error_to_json(error).dump(), R"({"StackTrace":[]})");
  EXPECT_EQ(*error_from_json(error_to_json(error)), error);
}

TEST(OperationJson, OfEachTypeComesBackInBothUnits) {
  for (const Operation& operation : full_operations()) {
    for (const TimeUnit unit : {TimeUnit::kEpochMs, TimeUnit::kEpochSeconds}) {
      const Json json = operation_to_json(operation, unit);
      const auto read = operation_from_json(Json::parse(json.dump()), unit);
      ASSERT_TRUE(read.ok()) << json << read.status();
      EXPECT_EQ(*read, operation) << json;
    }
  }
}

TEST(OperationJson, OfEachTypeComesBackWithoutOptionalMembers) {
  for (const Operation& full : full_operations()) {
    Operation operation;
    operation.id = "id";
    operation.type = full.type;
    const Json json = operation_to_json(operation, TimeUnit::kEpochMs);
    const auto read = operation_from_json(json, TimeUnit::kEpochMs);
    ASSERT_TRUE(read.ok()) << json << read.status();
    EXPECT_EQ(*read, operation) << json;
  }
}

TEST(OperationJson, HasTheShapeOfTheProtocol) {
  const Operation step = full_operations()[2];
  EXPECT_EQ(operation_to_json(step, TimeUnit::kEpochMs), Json::parse(R"({
    "Id": "c4ca4238a0b92382", "ParentId": "ea66c06c1e1c05fa", "Name": "charge", "SubType": "Step",
    "Type": "STEP", "Status": "FAILED",
    "StartTimestamp": 1764547200123, "EndTimestamp": 1764547201000,
    "StepDetails": {
      "Attempt": 3, "NextAttemptTimestamp": 1764547205001, "Result": "",
      "Error": {"ErrorMessage": "no \"card\" é", "ErrorType": "CardError", "ErrorData": "{}",
                "StackTrace": ["at a", "", "at b"]}}})"));
}

TEST(OperationJson, WritesSecondsAsWholeNumbersWhereItCan) {
  const Json json = operation_to_json(full_operations()[2], TimeUnit::kEpochSeconds);
  EXPECT_EQ(json["StartTimestamp"].dump(), "1764547200.123");
  EXPECT_EQ(json["EndTimestamp"].dump(), "1764547201");
  EXPECT_EQ(json["StepDetails"]["NextAttemptTimestamp"].dump(), "1764547205.001");
}

TEST(OperationJson, KeepsEveryMillisecondOfASecond) {
  Operation operation;
  operation.id = "id";
  for (TimestampMs ms = 1764547200000; ms <= 1764547201000; ++ms) {
    operation.start_ms = ms;
    const Json json = operation_to_json(operation, TimeUnit::kEpochSeconds);
    const auto read = operation_from_json(Json::parse(json.dump()), TimeUnit::kEpochSeconds);
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->start_ms, ms);
  }
}

TEST(OperationJson, TellsAnEmptyTextFromNone) {
  Operation operation = full_operations()[1];
  operation.name = "";
  operation.result = SharedText();
  const Json json = operation_to_json(operation, TimeUnit::kEpochMs);
  EXPECT_EQ(json["Name"], "");
  EXPECT_FALSE(json["ContextDetails"].contains("Result"));
  EXPECT_EQ(*operation_from_json(json, TimeUnit::kEpochMs), operation);
}

TEST(OperationJson, MayLackItsDetails) {
  const Json json =
      Json::parse(R"({"Id": "1", "Type": "WAIT", "Status": "STARTED", "StartTimestamp": 0})");
  const auto read = operation_from_json(json, TimeUnit::kEpochMs);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->scheduled_end_ms, std::nullopt);
}

TEST(UpdateJson, HoldsEveryMember) {
  const Json json = update_to_json(full_update());
  EXPECT_EQ(json, Json::parse(R"({
    "Id": "id", "ParentId": "parent", "Name": "name", "SubType": "ChainedInvoke",
    "Type": "CHAINED_INVOKE", "Action": "FAIL", "Payload": "payload",
    "Error": {"ErrorMessage": "no \"card\" é", "ErrorType": "CardError", "ErrorData": "{}",
              "StackTrace": ["at a", "", "at b"]},
    "ContextOptions": {"ReplayChildren": false},
    "StepOptions": {"NextAttemptDelaySeconds": 5},
    "WaitOptions": {"WaitSeconds": 31622400},
    "CallbackOptions": {"TimeoutSeconds": 10, "HeartbeatTimeoutSeconds": 0},
    "ChainedInvokeOptions": {"FunctionName": "f", "TenantId": "t", "XAmznTraceId": "x"}})"));
  const auto read = update_from_json(json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, full_update());
}

TEST(UpdateJson, OfEachTypeAndActionComesBackWithoutOptionalMembers) {
  for (int type = 0; type < 6; ++type) {
    for (int action = 0; action < 5; ++action) {
      OperationUpdate update;
      update.id = "id";
      update.type = static_cast<OperationType>(type);
      update.action = static_cast<OperationAction>(action);
      const auto read = update_from_json(update_to_json(update));
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, update);
    }
  }
}

TEST(UpdateJson, LeavesRefusingANumberToTheService) {
  OperationUpdate update;
  update.id = "id";
  update.wait_seconds = -1;
  update.callback_options.emplace();
  const auto read = update_from_json(update_to_json(update));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, update);
}

TEST(InvocationInputJson, HoldsEveryMember) {
  InvocationInput input;
  input.durable_execution_arn =
      "arn:aws:lambda:us-east-1:1:function:f:$LATEST/durable-execution/N/I";
  input.checkpoint_token = "token";
  for (const Operation& operation : full_operations()) {
    input.operations.push_back(std::make_shared<const Operation>(operation));
  }
  input.next_marker = "more";
  input.updated_operation_ids = {"a", "b"};
  const Json json = invocation_input_to_json(input);
  EXPECT_EQ(json["InitialExecutionState"]["Operations"][0]["StartTimestamp"], 1764547200123);

  const auto read = invocation_input_from_json(json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->durable_execution_arn, input.durable_execution_arn);
  EXPECT_EQ(read->checkpoint_token, "token");
  EXPECT_EQ(read->next_marker, "more");
  EXPECT_EQ(read->updated_operation_ids, input.updated_operation_ids);
  ASSERT_EQ(read->operations.size(), input.operations.size());
  for (std::size_t i = 0; i < input.operations.size(); ++i) {
    EXPECT_EQ(*read->operations[i], *input.operations[i]);
  }
  EXPECT_EQ(invocation_input_to_json(*read), json);
}

TEST(InvocationInputJson, ReadsTheExampleOfTheProtocol) {
  const auto read = invocation_input_from_json(Json::parse(R"({
    "DurableExecutionArn": "arn", "CheckpointToken": "opaque",
    "InitialExecutionState": {
      "Operations": [{"Id": "ID", "Type": "EXECUTION", "Status": "STARTED", "Name": "NAME",
                      "StartTimestamp": 1764547200000,
                      "ExecutionDetails": {"InputPayload": "{\"k\":1}"}}]}})"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->operations.at(0)->input_payload, R"({"k":1})");
  EXPECT_EQ(read->next_marker, "");
  EXPECT_TRUE(read->updated_operation_ids.empty());
}

TEST(InvocationOutputJson, OfEachStatusComesBack) {
  InvocationOutput succeeded{InvocationStatus::kSucceeded, SharedText("\"r\""), nullptr};
  InvocationOutput failed{InvocationStatus::kFailed, SharedText(), make_error("T", "m")};
  for (const InvocationOutput& output : {succeeded, failed, InvocationOutput()}) {
    const auto read = invocation_output_from_json(invocation_output_to_json(output));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->status, output.status);
    EXPECT_EQ(read->result, output.result);
    EXPECT_TRUE(same_error(read->error, output.error));
  }
  EXPECT_EQ(invocation_output_to_json(InvocationOutput()).dump(), R"({"Status":"PENDING"})");
}

// Strictness: a document, the value to put at a place in it, and what the message must begin with.
// A value that is discarded removes the member.
struct Broken {
  const char* place;
  Json value;
  std::string message;
};

Json removed() { return Json(Json::value_t::discarded); }

void expect_refused(const Json& document, const std::vector<Broken>& table,
                    const std::function<absl::Status(const Json&)>& read) {
  ASSERT_TRUE(read(document).ok()) << read(document);
  for (const Broken& broken : table) {
    Json json = document;
    const Json::json_pointer place(broken.place);
    if (broken.value.is_discarded()) {
      json[place.parent_pointer()].erase(place.back());
    } else {
      json[place] = broken.value;
    }
    const absl::Status status = read(json);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << broken.place;
    EXPECT_EQ(std::string(status.message()).substr(0, broken.message.size()), broken.message);
  }
}

TEST(ErrorJson, IsReadStrictly) {
  const std::vector<Broken> table = {
      {"", Json::array(), "/E: expected an object, found an empty array"},
      {"/ErrorMessage", 1, "/E/ErrorMessage: expected a text, found the number 1"},
      {"/ErrorMessage", nullptr, "/E/ErrorMessage: expected a text, found null"},
      {"/StackTrace", "at", "/E/StackTrace: expected an array, found the text \"at\""},
      {"/StackTrace/1", true, "/E/StackTrace/1: expected a text, found true"},
      {"/Cause", Json::object(), "/E/Cause: expected no such member, found an empty object"},
      {"/a~1b~0", 1.5, "/E/a~1b~0: expected no such member, found the number 1.5"},
  };
  expect_refused(error_to_json(full_error()), table,
                 [](const Json& json) { return error_from_json(json, "/E").status(); });
}

TEST(OperationJson, IsReadStrictly) {
  const std::vector<Broken> table = {
      {"", "op", "(document): expected an object, found the text \"op\""},
      {"/Id", removed(), "(document): expected the member \"Id\", found none"},
      {"/Id", 1, "/Id: expected a text"},
      {"/Type", removed(), "(document): expected the member \"Type\""},
      {"/Type", "STEPS",
       "/Type: expected an operation type such as \"STEP\", found the text \"STEPS\""},
      {"/Status", "DONE", "/Status: expected an operation status such as \"STARTED\", found"},
      {"/Status", 3, "/Status: expected an operation status"},
      {"/StartTimestamp", removed(), "(document): expected the member \"StartTimestamp\""},
      {"/StartTimestamp", 1.5, "/StartTimestamp: expected a whole number from"},
      {"/StartTimestamp", "2025-12-05T20:14:06.007Z", "/StartTimestamp: expected a whole number"},
      {"/EndTimestamp", 18446744073709551615U, "/EndTimestamp: expected a whole number"},
      {"/EndTimestamp", nullptr, "/EndTimestamp: expected a whole number from"},
      {"/StepDetails", Json::array(), "/StepDetails: expected an object"},
      {"/StepDetails/Attempt", -1,
       "/StepDetails/Attempt: expected a whole number from 0 to 2147483647"},
      {"/StepDetails/Attempt", 2147483648, "/StepDetails/Attempt: expected a whole number"},
      {"/StepDetails/Attempt", 1.0, "/StepDetails/Attempt: expected a whole number"},
      {"/StepDetails/Result", Json::object(), "/StepDetails/Result: expected a text"},
      {"/StepDetails/Error/ErrorType", 7, "/StepDetails/Error/ErrorType: expected a text"},
      {"/StepDetails/CallbackId", "x", "/StepDetails/CallbackId: expected no such member"},
      {"/WaitDetails", Json::object(), "/WaitDetails: expected no such member"},
      {"/name", "x", "/name: expected no such member"},
  };
  const Json step = operation_to_json(full_operations()[2], TimeUnit::kEpochMs);
  expect_refused(step, table, [](const Json& json) {
    return operation_from_json(json, TimeUnit::kEpochMs).status();
  });
}

TEST(OperationJson, RefusesSecondsThatItCannotKeep) {
  const std::vector<Broken> table = {
      {"/StartTimestamp", 1764547200.1234, "/StartTimestamp: expected epoch seconds with at most"},
      {"/StartTimestamp", 1e300, "/StartTimestamp: expected epoch seconds within the years"},
      {"/StartTimestamp", -1e12, "/StartTimestamp: expected epoch seconds within the years"},
      {"/StartTimestamp", 253402300800, "/StartTimestamp: expected epoch seconds within"},
      {"/StartTimestamp", 18446744073709551615U, "/StartTimestamp: expected epoch seconds"},
      {"/StartTimestamp", std::nan(""), "/StartTimestamp: expected epoch seconds within"},
      {"/StartTimestamp", "1764547200", "/StartTimestamp: expected epoch seconds within"},
  };
  const Json step = operation_to_json(full_operations()[2], TimeUnit::kEpochSeconds);
  expect_refused(step, table, [](const Json& json) {
    return operation_from_json(json, TimeUnit::kEpochSeconds).status();
  });
}

TEST(UpdateJson, IsReadStrictly) {
  const std::vector<Broken> table = {
      {"/Id", removed(), "/Updates/0: expected the member \"Id\""},
      {"/Action", removed(), "/Updates/0: expected the member \"Action\""},
      {"/Action", "STOP", "/Updates/0/Action: expected an operation action such as \"START\""},
      {"/Type", "", "/Updates/0/Type: expected an operation type"},
      {"/Payload", Json::object(), "/Updates/0/Payload: expected a text, found an empty object"},
      {"/Error", "boom", "/Updates/0/Error: expected an object, found the text \"boom\""},
      {"/ContextOptions/ReplayChildren", 1,
       "/Updates/0/ContextOptions/ReplayChildren: expected true or false"},
      {"/StepOptions/NextAttemptDelaySeconds", "5",
       "/Updates/0/StepOptions/NextAttemptDelaySeconds: expected a whole number"},
      {"/WaitOptions/WaitSeconds", 1.5,
       "/Updates/0/WaitOptions/WaitSeconds: expected a whole number"},
      {"/WaitOptions/WaitSeconds", 9223372036854775808U,
       "/Updates/0/WaitOptions/WaitSeconds: expected a whole number"},
      {"/CallbackOptions/Timeout", 1,
       "/Updates/0/CallbackOptions/Timeout: expected no such member"},
      {"/ChainedInvokeOptions/FunctionName", removed(),
       "/Updates/0/ChainedInvokeOptions: expected the member \"FunctionName\""},
      {"/StartTimestamp", 0, "/Updates/0/StartTimestamp: expected no such member"},
  };
  expect_refused(update_to_json(full_update()), table,
                 [](const Json& json) { return update_from_json(json, "/Updates/0").status(); });
}

TEST(InvocationInputJson, IsReadStrictly) {
  const std::vector<Broken> table = {
      {"", nullptr, "(document): expected an object, found null"},
      {"/DurableExecutionArn", removed(),
       "(document): expected the member \"DurableExecutionArn\""},
      {"/CheckpointToken", removed(), "(document): expected the member \"CheckpointToken\""},
      {"/InitialExecutionState", removed(),
       "(document): expected the member \"InitialExecutionState\""},
      {"/InitialExecutionState/Operations", Json::object(),
       "/InitialExecutionState/Operations: expected an array"},
      {"/InitialExecutionState/Operations/0/Status", "GONE",
       "/InitialExecutionState/Operations/0/Status: expected an operation status"},
      {"/InitialExecutionState/Operations/0/ExecutionDetails/InputPayload", Json::object(),
       "/InitialExecutionState/Operations/0/ExecutionDetails/InputPayload: expected a text"},
      {"/InitialExecutionState/NextMarker", 5,
       "/InitialExecutionState/NextMarker: expected a text"},
      {"/UpdatedOperationIds", "a", "/UpdatedOperationIds: expected an array"},
      {"/UpdatedOperationIds", Json::array({1}), "/UpdatedOperationIds/0: expected a text"},
      {"/Payload", 1, "/Payload: expected no such member"},
  };
  InvocationInput input;
  input.operations.push_back(std::make_shared<const Operation>(full_operations()[0]));
  expect_refused(invocation_input_to_json(input), table,
                 [](const Json& json) { return invocation_input_from_json(json).status(); });
}

TEST(InvocationOutputJson, IsReadStrictly) {
  const std::vector<Broken> table = {
      {"/Status", removed(), "(document): expected the member \"Status\""},
      {"/Status", "STARTED", "/Status: expected an invocation status: \"SUCCEEDED\", "},
      {"/Result", 1, "/Result: expected a text"},
      {"/Error", nullptr, "/Error: expected an object, found null"},
      {"/Output", 1, "/Output: expected no such member"},
  };
  expect_refused(invocation_output_to_json(InvocationOutput()), table,
                 [](const Json& json) { return invocation_output_from_json(json).status(); });
}

TEST(JsonMessage, StaysShortAndPrintableWhateverItQuotes) {
  const Json hostile = {{"Status", std::string(100000, '\xFF')}};
  const auto by_value = invocation_output_from_json(hostile);
  EXPECT_LT(by_value.status().message().size(), 1000U);
  const Json member = {{"Status", "PENDING"}, {std::string(100000, '\n'), 1}};
  const auto by_key = invocation_output_from_json(member);
  EXPECT_LT(by_key.status().message().size(), 2000U);
  EXPECT_EQ(std::string(by_key.status().message()).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace reprise
