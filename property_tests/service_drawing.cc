#include "property_tests/service_drawing.h"

#include <rapidcheck.h>

#include <sstream>

namespace reprise::properties {
namespace {

using A = OperationAction;
using S = OperationStatus;
using T = OperationType;

std::string draw_of(const std::vector<std::string>& texts) {
  return texts[draw_below(texts.size())];
}

std::string draw_id() { return draw_of({"a", "b", "c", "d", "e", "f"}); }

// Within all limits, at them, and beyond one after the other.
SharedText draw_payload() {
  const std::vector<std::size_t> sizes = {1, 1, 1, 1, 0, 8, 9, 12, 13, 20, 21};
  return SharedText(std::string(sizes[one_in(3) ? draw_below(sizes.size()) : 0], 'x'));
}

SharedText draw_few_bytes() { return one_in(4) ? draw_payload() : SharedText("x"); }

std::int64_t draw_seconds() {
  const std::vector<std::int64_t> seconds = {1, 2, 3, 4, 7, 20, 31622400};
  const std::vector<std::int64_t> wrong = {0, -1, 31622401};
  return one_in(20) ? wrong[draw_below(wrong.size())] : seconds[draw_below(seconds.size())];
}

// The arguments that go with the action, mostly.
void draw_arguments(OperationUpdate& update) {
  switch (update.action) {
    case A::kSucceed:
      if (!one_in(5)) update.payload = draw_few_bytes();
      if (update.type == T::kContext && one_in(3)) update.replay_children = !one_in(4);
      break;
    case A::kFail:
      if (!one_in(5)) update.error = draw_error();
      break;
    case A::kRetry:
      if (!one_in(12)) update.next_attempt_delay_seconds = draw_seconds();
      if (one_in(2)) {
        update.error = draw_error();
      } else {
        update.payload = draw_few_bytes();
      }
      break;
    case A::kStart:
      if (update.type == T::kWait && !one_in(12)) update.wait_seconds = draw_seconds();
      if (update.type == T::kCallback && !one_in(4)) {
        const std::vector<std::int64_t> seconds = {0, 3, 5, 7, 100000000};
        update.callback_options = OperationUpdate::CallbackOptions{};
        if (one_in(2)) {
          update.callback_options->timeout_seconds = seconds[draw_below(one_in(9) ? 5 : 4)];
        }
        if (one_in(2)) {
          update.callback_options->heartbeat_timeout_seconds = seconds[draw_below(4)];
        }
      }
      if (update.type == T::kChainedInvoke && !one_in(12)) {
        update.payload = draw_few_bytes();
        update.chained_invoke_options = OperationUpdate::ChainedInvokeOptions{
            .function_name = draw_of({"order:$LATEST", "brief:$LATEST", "tenants:$LATEST", "plain",
                                      "instant", "plain:$LATEST", "order", "nowhere:$LATEST"}),
            .tenant_id = one_in(3) ? SharedText("ann") : SharedText(),
            .trace_id = {}};
        if (one_in(20)) {
          update.chained_invoke_options->function_name =
              "arn:aws:lambda:us-east-1:999999999999:function:order:$LATEST";
        }
      }
      break;
    case A::kCancel:
      break;
  }
}

OperationUpdate draw_anything() {
  OperationUpdate update;
  update.id = one_in(20) ? draw_of({"", "with space", std::string(65, 'i')}) : draw_id();
  update.type = static_cast<T>(draw_below(6));
  update.action = static_cast<A>(draw_below(5));
  draw_arguments(update);
  return update;
}

OperationUpdate draw_new(const ServiceModel::Execution& execution,
                         const std::vector<OperationUpdate>& batch) {
  OperationUpdate update;
  update.id = draw_id();
  update.type = static_cast<T>(1 + draw_below(5));
  update.action = A::kStart;
  if (one_in(8) && (update.type == T::kStep || update.type == T::kContext)) {
    update.action = static_cast<A>(1 + draw_below(2));  // the START may be left out
  }
  if (one_in(3)) update.name = draw_of({"ship", "mail", "ship", std::string(257, 'n')});
  if (one_in(3)) update.sub_type = draw_of({"Step", "Own", "Own", std::string(33, 's')});
  std::vector<std::string> parents;
  for (const ModelOperation& operation : execution.operations) {
    if (operation.type == T::kContext || one_in(9)) parents.push_back(operation.id);
  }
  for (const OperationUpdate& earlier : batch) {
    if (earlier.type == T::kContext) parents.push_back(earlier.id.str());
  }
  if (!parents.empty() && one_in(2)) update.parent_id = draw_of(parents);
  draw_arguments(update);
  return update;
}

OperationUpdate draw_next(const ModelOperation& operation) {
  OperationUpdate update;
  update.id = operation.id;
  update.type = operation.type;
  if (operation.type == T::kWait) {
    update.action = A::kCancel;
  } else if (operation.status == S::kReady && one_in(2)) {
    update.action = A::kStart;
  } else {
    update.action = static_cast<A>(1 + draw_below(operation.type == T::kStep ? 3 : 2));
  }
  if (one_in(4) && operation.name) update.name = one_in(4) ? "other" : operation.name->c_str();
  if (one_in(4) && operation.parent) update.parent_id = *operation.parent;
  if (one_in(12)) update.parent_id = draw_id();
  if (one_in(12)) update.sub_type = "Own";
  draw_arguments(update);
  return update;
}

OperationUpdate draw_update(const ServiceModel::Execution& execution,
                            const std::vector<OperationUpdate>& batch) {
  if (one_in(8)) return draw_anything();
  if (!batch.empty() && batch.back().action == A::kStart && one_in(2)) {
    OperationUpdate update;  // one more for the same operation
    update.id = batch.back().id;
    update.type = batch.back().type;
    update.parent_id = one_in(2) ? batch.back().parent_id : SharedText();
    update.action = static_cast<A>(1 + draw_below(3));
    draw_arguments(update);
    return update;
  }
  if (one_in(25)) {
    OperationUpdate update;
    update.id = "result";
    update.type = T::kExecution;
    update.action = static_cast<A>(1 + draw_below(2));
    draw_arguments(update);
    return update;
  }
  std::vector<const ModelOperation*> open;
  for (const ModelOperation& operation : execution.operations) {
    if (!is_terminal(operation.status) || one_in(12)) open.push_back(&operation);
  }
  if (!open.empty() && !one_in(3)) return draw_next(*open[draw_below(open.size())]);
  return draw_new(execution, batch);
}

}  // namespace

std::size_t draw_below(std::size_t count) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, count));
}

bool one_in(std::size_t count) { return draw_below(count) + 1 == count; }

StartRequest draw_start() {
  StartRequest request;
  request.function_name = draw_of({"order:$LATEST", "order:$LATEST", "brief:$LATEST",
                                   "tenants:$LATEST", "order", "plain", "nowhere:$LATEST"});
  request.payload = draw_few_bytes();
  if (one_in(3)) request.execution_name = one_in(9) ? "no name" : draw_of({"one", "two"});
  if (one_in(3)) request.tenant_id = "ann";
  if (one_in(5)) request.type = InvocationType::kRequestResponse;
  return request;
}

// The first ones most of the time: something is to become of them.
std::size_t draw_execution(const ServiceModel& model) {
  const std::size_t count = model.executions().size();
  const std::size_t first = draw_below(count);
  return one_in(3) ? first : std::min(first, draw_below(count));
}

std::vector<OperationUpdate> draw_updates(const ServiceModel::Execution& execution) {
  std::vector<OperationUpdate> batch;
  const std::size_t count = one_in(12) ? draw_below(6) : draw_below(4);
  while (batch.size() < count) batch.push_back(draw_update(execution, batch));
  return batch;
}

std::string draw_client_token() {
  if (!one_in(6)) return "";
  return one_in(9) ? std::string(65, 't') : draw_of({"first", "second"});
}

ErrorPtr draw_error() {
  return make_error(draw_of({"Broken", "Refused"}), one_in(15) ? std::string(40, 'm') : "no");
}

InvocationEnd draw_end() {
  InvocationEnd end;
  switch (draw_below(12)) {
    case 0:
      end.output.status = InvocationStatus::kSucceeded;
      if (!one_in(3)) end.output.result = "x";
      if (one_in(3)) end.output.error = draw_error();
      break;
    case 1:
      end.output.status = InvocationStatus::kFailed;
      if (one_in(3)) end.output.result = "x";
      if (!one_in(3)) end.output.error = draw_error();
      break;
    case 2:
    case 3:
    case 4:
      end.kind = InvocationEnd::Kind::kProcessExit;
      break;
    case 5:
      end.kind = InvocationEnd::Kind::kTimeout;
      break;
    case 6:
      end.kind = InvocationEnd::Kind::kError;
      end.error = draw_error();
      break;
    default:
      break;  // PENDING
  }
  return end;
}

PlainOutcome draw_outcome() {
  PlainOutcome outcome;
  if (one_in(2)) outcome.result = "x";
  if (one_in(3)) outcome.error = draw_error();
  return outcome;
}

std::pair<std::string, CallbackAnswer> draw_callback_answer(
    const ServiceModel::Execution& execution) {
  std::vector<std::string> callbacks;
  for (const ModelOperation& operation : execution.operations) {
    if (operation.type == T::kCallback) callbacks.push_back(operation.id);
  }
  CallbackAnswer answer;
  switch (draw_below(3)) {
    case 0:
      answer.kind = CallbackAnswer::Kind::kHeartbeat;
      break;
    case 1:
      answer.kind = CallbackAnswer::Kind::kFailure;
      if (!one_in(3)) answer.error = draw_error();
      break;
    default:
      if (!one_in(4)) answer.payload = draw_payload();
      break;
  }
  return {callbacks.empty() || one_in(9) ? draw_id() : draw_of(callbacks), answer};
}

std::int64_t draw_ms() {
  const std::vector<std::int64_t> times = {1000, 0,     1,      2000,   2999,    3000,
                                           5000, 40000, 900000, 900001, 86400000};
  return one_in(6) ? times[draw_below(times.size())] : times[draw_below(7)];
}

std::string shown_update(const OperationUpdate& update) {
  std::ostringstream text;
  text << to_string(update.type) << " " << to_string(update.action) << " '" << update.id.view()
       << "'";
  if (update.parent_id) text << " in " << update.parent_id.view();
  if (update.name) text << ", called " << update.name.view();
  if (update.sub_type) text << ", sub type " << update.sub_type.view();
  if (update.payload) text << ", payload '" << update.payload.view() << "'";
  if (update.error) {
    text << ", error " << update.error->type.value_or("") << ": "
         << update.error->message.value_or("");
  }
  if (update.replay_children) text << (*update.replay_children ? ", replays children" : "");
  if (update.next_attempt_delay_seconds) {
    text << ", again in " << *update.next_attempt_delay_seconds << " s";
  }
  if (update.wait_seconds) text << ", for " << *update.wait_seconds << " s";
  if (update.callback_options) {
    text << ", timeout " << update.callback_options->timeout_seconds.value_or(0) << " s, heartbeat "
         << update.callback_options->heartbeat_timeout_seconds.value_or(0) << " s";
  }
  if (update.chained_invoke_options) {
    text << ", target " << update.chained_invoke_options->function_name.view();
    if (update.chained_invoke_options->tenant_id) text << " for a tenant";
  }
  return text.str();
}

}  // namespace reprise::properties
