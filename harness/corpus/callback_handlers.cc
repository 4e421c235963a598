#include <absl/strings/str_join.h>

#include <optional>
#include <string>
#include <vector>

#include "handler_lists.h"
#include "handler_support.h"

namespace reprise::corpus {
namespace {

using When = CallbackResponder::When;
using MaybeText = std::optional<std::string>;

Task<MaybeText> create_callback(DurableContext ctx) {
  auto callback = co_await ctx.create_callback<MaybeText>(unnamed);
  MaybeText result = co_await callback.result();
  co_return result;
}

Json describe_failure(const DurableError& failure) {
  const ErrorObject& error = failure.error();
  const bool external = failure.kind() == DurableErrorKind::kCallbackExternal;
  const bool timed_out = failure.kind() == DurableErrorKind::kCallbackTimeout;
  const std::string stack =
      absl::StrJoin(error.stack_trace.value_or(std::vector<std::string>()), "\n");
  const Json cause = {
      {"name", failure.cause_type()}, {"message", error.message.value_or("")}, {"stack", stack}};
  return Json{{"settled", false},
              {"errorType", to_string(failure.kind())},
              {"message", failure.what()},
              {"errorData", error.data.value_or("")},
              {"isCallbackError", external || timed_out},
              {"isExternalError", external},
              {"cause", cause}};
}

Task<Json> create_callback_failure_details(DurableContext ctx) {
  const CallbackOptions options = CallbackOptions().timeout(absl::Minutes(5));
  auto callback = co_await ctx.create_callback("charge-payment", options);
  const auto dispatch = [&] { return Json{{"dispatched", true}, {"callbackId", callback.id()}}; };
  co_await ctx.step("dispatch-to-processor", dispatch);
  Outcome<std::string> outcome = co_await callback.try_result();
  if (outcome.ok()) co_return Json{{"settled", true}, {"result", *outcome}};
  co_return describe_failure(outcome.error());
}

Task<Json> create_callback_heartbeat(DurableContext ctx, Json event) {
  const bool cloud = event.value("isCloud", false);
  const CallbackOptions options =
      CallbackOptions().heartbeat_timeout(absl::Seconds(cloud ? 30 : 1));
  auto callback = co_await ctx.create_callback("long-running-task", options);
  std::string result = co_await callback.result();
  co_return Json{{"longTaskResult", result}};
}

Task<Json> create_callback_mixed_ops(DurableContext ctx) {
  const auto fetch = [] { return Json{{"userId", 123}, {"name", "John Doe"}}; };
  Json fetched = co_await ctx.step("fetch-data", fetch);
  const CallbackOptions options = CallbackOptions().timeout(absl::Minutes(5));
  auto callback = co_await ctx.create_callback("process-user", options);
  co_await ctx.wait("initial-wait", absl::Seconds(1));
  std::string answer = co_await callback.result();
  co_return Json{{"stepResult", fetched}, {"callbackResult", answer}, {"completed", true}};
}

Task<std::string> create_callback_timeout(DurableContext ctx, Json event) {
  CallbackOptions options;
  if (event.value("timeoutType", "general") == "heartbeat") {
    options.heartbeat_timeout(absl::Seconds(1));
  } else {
    options.timeout(absl::Seconds(1));
  }
  auto callback = co_await ctx.create_callback("long-running-task", options);
  std::string result = co_await callback.result();
  co_return result;
}

CorpusHandler with(CorpusHandler handler, std::vector<CallbackResponder> responders) {
  handler.responders = std::move(responders);
  return handler;
}

ErrorPtr message_only(std::string message) {
  ErrorObject error;
  error.message = std::move(message);
  return std::make_shared<const ErrorObject>(std::move(error));
}

ErrorPtr card_declined() {
  ErrorObject error;
  error.type = "PaymentDeclinedException";
  error.message = "Card declined by issuer";
  error.data = R"({"code":"insufficient_funds","retryable":false})";
  error.stack_trace = {"PaymentDeclinedException: Card declined by issuer",
                       "    at chargeCard (payments.js:42:11)",
                       "    at processPayment (payments.js:18:5)"};
  return std::make_shared<const ErrorObject>(std::move(error));
}

}  // namespace

// An unnamed operation goes by its sub type.
std::vector<CorpusHandler> callback_handlers() {
  std::vector<CorpusHandler> list = {
      with(entry("create-callback-success", create_callback),
           {succeeds("Callback", When::kCreated, 0, "successful")}),
      with(entry("create-callback-failure", create_callback),
           {fails("Callback", When::kCreated, 0, message_only("ERROR"))}),
      with(entry("create-callback-success-undefined", create_callback),
           {succeeds("Callback", When::kCreated, 0, {})}),
      with(entry("create-callback-failure-undefined", create_callback),
           {fails("Callback", When::kCreated, 0, nullptr)}),
      with(entry("create-callback-heartbeat", create_callback_heartbeat),
           {responder("long-running-task", When::kCreated, 600, CallbackAnswer::Kind::kHeartbeat),
            succeeds("long-running-task", When::kCreated, 1200,
                     R"({"processed":1000,"status":"completed"})")}),
      entry("create-callback-timeout", create_callback_timeout),
  };
  CorpusHandler details =
      entry("create-callback-failure-error-details-detailed", create_callback_failure_details);
  details.responders = {fails("charge-payment", When::kCreated, 0, card_declined())};
  details.masks.members = {"callbackId"};
  list.push_back(std::move(details));

  CorpusHandler mixed = entry("create-callback-mixed-ops", create_callback_mixed_ops);
  mixed.responders = {
      succeeds("process-user", When::kCreated, 100, R"({"processed":true,"timestamp":0})")};
  mixed.masks.members = {"timestamp"};
  list.push_back(std::move(mixed));
  return list;
}

}  // namespace reprise::corpus
