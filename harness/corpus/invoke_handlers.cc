#include <optional>
#include <string>
#include <vector>

#include "handler_lists.h"
#include "handler_support.h"
#include "shared_handlers.h"

namespace reprise::corpus {
namespace {

using When = CallbackResponder::When;

Task<Json> invoke_simple(DurableContext ctx, Json event) {
  const std::string target = event.at("functionName").get<std::string>() + ":$LATEST";
  std::optional<Json> payload;
  if (event.contains("payload")) payload = event.at("payload");
  Json result = co_await ctx.invoke<Json>(unnamed, target, payload);
  co_return result;
}

// A plain function: what it throws is recorded with its stack, as the origin's runtime does.
SharedText non_durable(const SharedText& payload) {
  const Json event = Serdes<Json>::decode(payload);
  if (event.is_object() && event.value("failure", false)) {
    ErrorObject stack;
    stack.stack_trace = {"Error: This is a failure", "    at handler"};
    throw ApplicationError("Error", "This is a failure", stack);
  }
  const Json message = {{"message", "Hello from Lambda!"}};
  const Json answer = {{"status", 200}, {"body", message.dump()}};
  return SharedText(answer.dump());
}

template <class H>
Function durable(std::string name, H handler) {
  Function function;
  function.config.name = std::move(name);
  function.handler = make_handler(std::move(handler));
  return function;
}

Function plain(bool answers_at_once) {
  Function function;
  function.config.name = "non-durable";
  function.config.durable = false;
  function.config.latency_ms = 1000;
  function.config.answers_at_once = answers_at_once;
  function.plain = non_durable;
  return function;
}

CorpusHandler invoking(std::string id, Function target) {
  CorpusHandler handler = entry(std::move(id), invoke_simple);
  handler.functions.push_back(std::move(target));
  return handler;
}

// The retry helper: one waitForCallback an attempt, a wait between them.
class ApprovalAttempts {
 public:
  explicit ApprovalAttempts(int attempts_max) : attempts_max_(attempts_max) {}

  Task<std::string> operator()(DurableContext child) const {
    const CallbackOptions options = CallbackOptions().timeout(absl::Seconds(30));
    for (int attempt = 1;; ++attempt) {
      const std::string number = std::to_string(attempt);
      Outcome<std::string> outcome =
          co_await child.try_wait_for_callback("approval-" + number, submit, options);
      if (outcome.ok()) co_return *outcome;
      if (attempt >= attempts_max_) raise(outcome.error());
      co_await child.wait("approval-backoff-" + number, absl::Seconds(1));
    }
  }

 private:
  static void submit(const std::string& /*callback_id*/) {}
  int attempts_max_;
};

Task<Json> with_retry_callback(DurableContext ctx, Json event) {
  const int attempts_max = event.at("maxAttempts").get<int>();
  ApprovalAttempts attempts(attempts_max);
  std::string result = co_await ctx.run_in_child_context("approval", attempts);
  // The origin counts attempts in a variable that a replay would not fill; in the recording it is
  // the maximum.
  co_return Json{{"result", result}, {"attempts", attempts_max}};
}

ErrorPtr rejected(int attempt) {
  return make_error("RetryableError", "Attempt " + std::to_string(attempt) + " rejected");
}

}  // namespace

std::vector<CorpusHandler> invoke_handlers() {
  std::vector<CorpusHandler> list = {
      invoking("invoke-simple-basic-wait", durable("wait-named", wait_named)),
      invoking("invoke-simple-step-payload", durable("step-named", step_named)),
      invoking("invoke-simple-child-failure", durable("handler-error", handler_error)),
      invoking("invoke-simple-non-durable-success", plain(/*answers_at_once=*/false)),
      invoking("invoke-simple-non-durable-failure", plain(/*answers_at_once=*/true)),
  };
  CorpusHandler approval = entry("with-retry-callback", with_retry_callback);
  approval.responders = {
      fails("approval-1", When::kSubmitted, 0, rejected(1)),
      fails("approval-2", When::kSubmitted, 0, rejected(2)),
      succeeds("approval-3", When::kSubmitted, 0, R"({"approved":true})"),
  };
  list.push_back(std::move(approval));
  return list;
}

}  // namespace reprise::corpus
