#include "reprise/protocol/json.h"

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "reprise/protocol/internal/iso_time.h"
#include "reprise/protocol/internal/json_reader.h"

namespace reprise {
namespace {

using internal::JsonReader;
using internal::ObjectReader;
using Json = nlohmann::json;

void put(Json& out, const char* key, const SharedText& text) {
  if (text.has_value()) out[key] = std::string(text.view());
}

template <typename T>
void put(Json& out, const char* key, const std::optional<T>& value) {
  if (value) out[key] = *value;
}

void put(Json& out, const char* key, const ErrorPtr& error) {
  if (error) out[key] = error_to_json(*error);
}

Json time_to_json(TimestampMs ms, TimeUnit unit) {
  if (unit == TimeUnit::kEpochMs) return ms;
  return internal::epoch_seconds_to_json(ms);
}

TimestampMs read_time(const JsonReader& at, TimeUnit unit) {
  if (unit == TimeUnit::kEpochMs) {
    return at.integer(internal::kFirstTimeMs, internal::kLastTimeMs);
  }
  const TimestampMs ms = internal::read_epoch_seconds(at);
  const bool kept = static_cast<double>(ms) / 1000.0 == at.value().get<double>();
  if (!kept) at.fail("epoch seconds with at most three decimals");
  return ms;
}

std::optional<TimestampMs> find_time(ObjectReader& object, std::string_view key, TimeUnit unit) {
  const auto found = object.find(key);
  if (!found) return std::nullopt;
  return read_time(*found, unit);
}

ErrorPtr find_error(ObjectReader& object, std::string_view key) {
  const auto found = object.find(key);
  if (!found) return nullptr;
  return std::make_shared<const ErrorObject>(internal::read_error(*found, nullptr));
}

OperationType read_operation_type(const JsonReader& at) {
  return at.enumerator(operation_type_from, "an operation type such as \"STEP\"");
}

const char* details_key(OperationType type) {
  switch (type) {
    case OperationType::kExecution:
      return "ExecutionDetails";
    case OperationType::kContext:
      return "ContextDetails";
    case OperationType::kStep:
      return "StepDetails";
    case OperationType::kWait:
      return "WaitDetails";
    case OperationType::kCallback:
      return "CallbackDetails";
    case OperationType::kChainedInvoke:
      return "ChainedInvokeDetails";
  }
  return "";
}

bool has_outcome(OperationType type) {
  return type != OperationType::kExecution && type != OperationType::kWait;
}

Json details_to_json(const Operation& operation, TimeUnit unit) {
  Json details = Json::object();
  switch (operation.type) {
    case OperationType::kExecution:
      put(details, "InputPayload", operation.input_payload);
      break;
    case OperationType::kContext:
      if (operation.replay_children) details["ReplayChildren"] = true;
      break;
    case OperationType::kStep:
      details["Attempt"] = operation.attempt;
      if (operation.next_attempt_ms) {
        details["NextAttemptTimestamp"] = time_to_json(*operation.next_attempt_ms, unit);
      }
      break;
    case OperationType::kWait:
      if (operation.scheduled_end_ms) {
        details["ScheduledEndTimestamp"] = time_to_json(*operation.scheduled_end_ms, unit);
      }
      break;
    case OperationType::kCallback:
      put(details, "CallbackId", operation.callback_id);
      break;
    case OperationType::kChainedInvoke:
      break;
  }
  if (has_outcome(operation.type)) {
    put(details, "Result", operation.result);
    put(details, "Error", operation.error);
  }
  return details;
}

void read_details(JsonReader at, TimeUnit unit, Operation& operation) {
  ObjectReader details(at);
  switch (operation.type) {
    case OperationType::kExecution:
      operation.input_payload = details.find_shared_text("InputPayload");
      break;
    case OperationType::kContext:
      operation.replay_children = details.find_boolean("ReplayChildren").value_or(false);
      break;
    case OperationType::kStep:
      if (const auto attempt = details.find("Attempt")) {
        operation.attempt = static_cast<int>(attempt->integer(0, std::numeric_limits<int>::max()));
      }
      operation.next_attempt_ms = find_time(details, "NextAttemptTimestamp", unit);
      break;
    case OperationType::kWait:
      operation.scheduled_end_ms = find_time(details, "ScheduledEndTimestamp", unit);
      break;
    case OperationType::kCallback:
      operation.callback_id = details.find_shared_text("CallbackId");
      break;
    case OperationType::kChainedInvoke:
      break;
  }
  if (has_outcome(operation.type)) {
    operation.result = details.find_shared_text("Result");
    operation.error = find_error(details, "Error");
  }
  details.refuse_unknown();
}

Operation read_operation(JsonReader at, TimeUnit unit) {
  ObjectReader object(at);
  Operation operation;
  operation.id = object.require("Id").shared_text();
  operation.parent_id = object.find_shared_text("ParentId");
  operation.name = object.find_shared_text("Name");
  operation.type = read_operation_type(object.require("Type"));
  operation.sub_type = object.find_shared_text("SubType");
  operation.status = object.require("Status").enumerator(operation_status_from,
                                                         "an operation status such as \"STARTED\"");
  operation.start_ms = read_time(object.require("StartTimestamp"), unit);
  operation.end_ms = find_time(object, "EndTimestamp", unit);
  if (const auto details = object.find(details_key(operation.type))) {
    read_details(*details, unit, operation);
  }
  object.refuse_unknown();
  return operation;
}

Json options_or_empty(const char* key, const auto& value) {
  Json options = Json::object();
  put(options, key, value);
  return options;
}

void put_options(Json& out, const OperationUpdate& update) {
  if (update.replay_children) {
    out["ContextOptions"] = options_or_empty("ReplayChildren", update.replay_children);
  }
  if (update.next_attempt_delay_seconds) {
    out["StepOptions"] =
        options_or_empty("NextAttemptDelaySeconds", update.next_attempt_delay_seconds);
  }
  if (update.wait_seconds) {
    out["WaitOptions"] = options_or_empty("WaitSeconds", update.wait_seconds);
  }
  if (update.callback_options) {
    Json& options = out["CallbackOptions"] = Json::object();
    put(options, "TimeoutSeconds", update.callback_options->timeout_seconds);
    put(options, "HeartbeatTimeoutSeconds", update.callback_options->heartbeat_timeout_seconds);
  }
  if (update.chained_invoke_options) {
    Json& options = out["ChainedInvokeOptions"] = Json::object();
    put(options, "FunctionName", update.chained_invoke_options->function_name);
    put(options, "TenantId", update.chained_invoke_options->tenant_id);
    put(options, "XAmznTraceId", update.chained_invoke_options->trace_id);
  }
}

// Reads the options object `key`, when there is one, with `read(ObjectReader&)`.
template <typename Read>
void find_options(ObjectReader& update, std::string_view key, Read read) {
  const auto found = update.find(key);
  if (!found) return;
  ObjectReader options(*found);
  read(options);
  options.refuse_unknown();
}

void read_options(ObjectReader& object, OperationUpdate& update) {
  find_options(object, "ContextOptions", [&](ObjectReader& options) {
    update.replay_children = options.find_boolean("ReplayChildren");
  });
  find_options(object, "StepOptions", [&](ObjectReader& options) {
    update.next_attempt_delay_seconds = options.find_integer("NextAttemptDelaySeconds");
  });
  find_options(object, "WaitOptions", [&](ObjectReader& options) {
    update.wait_seconds = options.find_integer("WaitSeconds");
  });
  find_options(object, "CallbackOptions", [&](ObjectReader& options) {
    OperationUpdate::CallbackOptions& read = update.callback_options.emplace();
    read.timeout_seconds = options.find_integer("TimeoutSeconds");
    read.heartbeat_timeout_seconds = options.find_integer("HeartbeatTimeoutSeconds");
  });
  find_options(object, "ChainedInvokeOptions", [&](ObjectReader& options) {
    OperationUpdate::ChainedInvokeOptions& read = update.chained_invoke_options.emplace();
    read.function_name = options.require("FunctionName").shared_text();
    read.tenant_id = options.find_shared_text("TenantId");
    read.trace_id = options.find_shared_text("XAmznTraceId");
  });
}

OperationUpdate read_update(JsonReader at) {
  ObjectReader object(at);
  OperationUpdate update;
  update.id = object.require("Id").shared_text();
  update.parent_id = object.find_shared_text("ParentId");
  update.name = object.find_shared_text("Name");
  update.type = read_operation_type(object.require("Type"));
  update.sub_type = object.find_shared_text("SubType");
  update.action = object.require("Action").enumerator(operation_action_from,
                                                      "an operation action such as \"START\"");
  update.payload = object.find_shared_text("Payload");
  update.error = find_error(object, "Error");
  read_options(object, update);
  object.refuse_unknown();
  return update;
}

void read_initial_state(JsonReader at, InvocationInput& input) {
  ObjectReader state(at);
  const JsonReader operations = state.require("Operations");
  const std::size_t count = operations.array_size();
  input.operations.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    input.operations.push_back(std::make_shared<const Operation>(
        read_operation(operations.element(i), TimeUnit::kEpochMs)));
  }
  input.next_marker = state.find_text("NextMarker").value_or("");
  state.refuse_unknown();
}

InvocationInput read_invocation_input(JsonReader at) {
  ObjectReader object(at);
  InvocationInput input;
  input.durable_execution_arn = object.require("DurableExecutionArn").text();
  input.checkpoint_token = object.require("CheckpointToken").text();
  read_initial_state(object.require("InitialExecutionState"), input);
  if (const auto ids = object.find("UpdatedOperationIds")) {
    input.updated_operation_ids = ids->texts();
  }
  object.refuse_unknown();
  return input;
}

InvocationOutput read_invocation_output(JsonReader at) {
  ObjectReader object(at);
  InvocationOutput output;
  output.status = object.require("Status").enumerator(
      invocation_status_from, "an invocation status: \"SUCCEEDED\", \"FAILED\" or \"PENDING\"");
  output.result = object.find_shared_text("Result");
  output.error = find_error(object, "Error");
  object.refuse_unknown();
  return output;
}

}  // namespace

Json error_to_json(const ErrorObject& error) {
  Json out = Json::object();
  put(out, "ErrorMessage", error.message);
  put(out, "ErrorType", error.type);
  put(out, "ErrorData", error.data);
  put(out, "StackTrace", error.stack_trace);
  return out;
}

absl::StatusOr<ErrorObject> error_from_json(const Json& json, std::string_view pointer) {
  return internal::status_or(json, pointer,
                             [](JsonReader at) { return internal::read_error(at, nullptr); });
}

Json operation_to_json(const Operation& operation, TimeUnit unit) {
  Json out = Json::object();
  put(out, "Id", operation.id);
  put(out, "ParentId", operation.parent_id);
  put(out, "Name", operation.name);
  put(out, "SubType", operation.sub_type);
  out["Type"] = to_string(operation.type);
  out["Status"] = to_string(operation.status);
  out["StartTimestamp"] = time_to_json(operation.start_ms, unit);
  if (operation.end_ms) out["EndTimestamp"] = time_to_json(*operation.end_ms, unit);
  out[details_key(operation.type)] = details_to_json(operation, unit);
  return out;
}

absl::StatusOr<Operation> operation_from_json(const Json& json, TimeUnit unit,
                                              std::string_view pointer) {
  return internal::status_or(json, pointer,
                             [unit](JsonReader at) { return read_operation(at, unit); });
}

Json update_to_json(const OperationUpdate& update) {
  Json out = Json::object();
  put(out, "Id", update.id);
  put(out, "ParentId", update.parent_id);
  put(out, "Name", update.name);
  put(out, "SubType", update.sub_type);
  out["Type"] = to_string(update.type);
  out["Action"] = to_string(update.action);
  put(out, "Payload", update.payload);
  put(out, "Error", update.error);
  put_options(out, update);
  return out;
}

absl::StatusOr<OperationUpdate> update_from_json(const Json& json, std::string_view pointer) {
  return internal::status_or(json, pointer, read_update);
}

Json invocation_input_to_json(const InvocationInput& input) {
  Json operations = Json::array();
  for (const OperationPtr& operation : input.operations) {
    operations.push_back(operation_to_json(*operation, TimeUnit::kEpochMs));
  }
  Json out = Json::object();
  out["DurableExecutionArn"] = input.durable_execution_arn;
  out["CheckpointToken"] = input.checkpoint_token;
  Json& state = out["InitialExecutionState"] = Json::object();
  state["Operations"] = std::move(operations);
  state["NextMarker"] = input.next_marker;
  if (!input.updated_operation_ids.empty()) {
    out["UpdatedOperationIds"] = input.updated_operation_ids;
  }
  return out;
}

absl::StatusOr<InvocationInput> invocation_input_from_json(const Json& json,
                                                           std::string_view pointer) {
  return internal::status_or(json, pointer, read_invocation_input);
}

Json invocation_output_to_json(const InvocationOutput& output) {
  Json out = Json::object();
  out["Status"] = to_string(output.status);
  put(out, "Result", output.result);
  put(out, "Error", output.error);
  return out;
}

absl::StatusOr<InvocationOutput> invocation_output_from_json(const Json& json,
                                                             std::string_view pointer) {
  return internal::status_or(json, pointer, read_invocation_output);
}

}  // namespace reprise
