#include <absl/time/time.h>

#include <string>
#include <vector>

#include "handler_lists.h"
#include "handler_support.h"

namespace reprise::corpus {
namespace {

using When = CallbackResponder::When;

void submit_nothing(const std::string& /*callback_id*/) {}

[[noreturn]] void fail_to_submit(const std::string& /*callback_id*/) {
  throw Error("Submitter failed");
}

Task<std::string> wait_for_callback(DurableContext ctx, Json event) {
  const CallbackOptions options =
      CallbackOptions().timeout(absl::Seconds(event.value("timeoutSeconds", 5)));
  std::string result =
      co_await ctx.wait_for_callback("my callback function", submit_nothing, options);
  co_return result;
}

Task<Json> wait_for_callback_anonymous(DurableContext ctx) {
  std::string result = co_await ctx.wait_for_callback(unnamed, submit_nothing);
  co_return Json{{"callbackResult", result}, {"completed", true}};
}

Task<Json> child_with_callback(DurableContext child) {
  co_await child.wait("child-wait", absl::Seconds(1));
  std::string result = co_await child.wait_for_callback("child-callback-op", submit_nothing);
  co_return Json{{"childResult", result}, {"childProcessed", true}};
}

Task<Json> wait_for_callback_child_context(DurableContext ctx) {
  std::string parent = co_await ctx.wait_for_callback("parent-callback-op", submit_nothing);
  Json child =
      co_await ctx.run_in_child_context("child-context-with-callback", child_with_callback);
  co_return Json{{"parentResult", parent}, {"childContextResult", child}};
}

Json describe_error(const Outcome<std::string>& outcome) {
  const bool submitter =
      !outcome.ok() && outcome.error().kind() == DurableErrorKind::kCallbackSubmitter;
  return Json{{"isCallbackSubmitterError", submitter},
              {"errorName", outcome.ok() ? "" : to_string(outcome.error().kind())},
              {"errorMessage", outcome.ok() ? "" : outcome.error().what()}};
}

Task<Json> submitter_error(DurableContext ctx) {
  const CallbackOptions options = CallbackOptions().retry(retry::none());
  Outcome<std::string> outcome =
      co_await ctx.try_wait_for_callback("submitter-test", fail_to_submit, options);
  Json described = co_await ctx.step("check-error-type", [&] { return describe_error(outcome); });
  co_return described;
}

Task<Json> failing_submitter(DurableContext ctx) {
  const CallbackOptions options = CallbackOptions().retry(retry_until(3, [](int) { return 1; }));
  Outcome<std::string> outcome =
      co_await ctx.try_wait_for_callback("failing-submitter-callback", fail_to_submit, options);
  if (outcome.ok()) co_return Json{{"success", true}};
  co_return Json{{"success", false}, {"error", outcome.error().what()}};
}

Task<Json> multiple_invocations(DurableContext ctx) {
  co_await ctx.wait("wait-invocation-1", absl::Seconds(1));
  std::string first = co_await ctx.wait_for_callback("first-callback", submit_nothing);
  const auto process = [] { return Json{{"processed", true}, {"step", 1}}; };
  Json processed = co_await ctx.step("process-callback-data", process);
  co_await ctx.wait("wait-invocation-2", absl::Seconds(1));
  std::string second = co_await ctx.wait_for_callback("second-callback", submit_nothing);
  co_return Json{{"firstCallback", first},
                 {"secondCallback", second},
                 {"stepResult", processed},
                 {"invocationCount", "multiple"}};
}

// What the deserializer makes of a callback's text: a date that is one, and a reference to itself.
class Message {
 public:
  explicit Message(const std::string& text) : json_(Json::parse(text)) {
    absl::ParseTime(absl::RFC3339_full, json_.at("timestamp").get<std::string>(), &timestamp_,
                    nullptr);
    json_["metadata"]["processed"] = true;
  }
  // What it refers to is itself, so a copy does not refer to its origin.
  Message(const Message& other) : json_(other.json_), timestamp_(other.timestamp_) {}
  Message& operator=(const Message&) = delete;

  bool processed() const { return json_.at("metadata").at("processed").get<bool>(); }
  bool has_date() const { return timestamp_ != absl::InfinitePast(); }
  bool refers_to_itself() const { return self_ == this; }
  Json to_json() const {
    Json json = json_;
    json["timestamp"] = absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", timestamp_, absl::UTCTimeZone());
    return json;
  }

 private:
  Json json_;
  absl::Time timestamp_ = absl::InfinitePast();
  const Message* self_ = this;
};

Task<Json> wait_for_callback_serdes(DurableContext ctx) {
  const CallbackOptions options = CallbackOptions().timeout(absl::Minutes(5));
  std::string text =
      co_await ctx.wait_for_callback("custom-serdes-callback", submit_nothing, options);
  const Message message(text);
  bool processed = co_await ctx.step(unnamed, [&] { return message.processed(); });
  bool is_date = co_await ctx.step(unnamed, [&] { return message.has_date(); });
  co_await ctx.wait(unnamed, absl::Seconds(1));
  co_return Json{{"receivedData", message.to_json()},
                 {"hasCircularReference", message.refers_to_itself()},
                 {"isDateAfterReplay", message.has_date()},
                 {"isDateBeforeReplay", is_date},
                 {"isSerdesProcessedBefore", processed},
                 {"isSerdesProcessedAfter", message.processed()}};
}

Task<std::string> wait_for_callback_timeout(DurableContext ctx) {
  const CallbackOptions options = CallbackOptions().timeout(absl::Seconds(1));
  std::string result = co_await ctx.wait_for_callback(unnamed, submit_nothing, options);
  co_return result;
}

CorpusHandler with(CorpusHandler handler, std::vector<CallbackResponder> responders) {
  handler.responders = std::move(responders);
  return handler;
}

CallbackResponder answers(std::string operation, const char* text) {
  return succeeds(std::move(operation), When::kSubmitted, 0, text);
}

ErrorPtr message_only(std::string message) {
  ErrorObject error;
  error.message = std::move(message);
  return std::make_shared<const ErrorObject>(std::move(error));
}

constexpr const char* kSerdesText =
    R"({"id":42,"message":"Hello Custom Serdes","timestamp":"2025-06-15T12:30:45Z",)"
    R"("metadata":{"version":"2.0.0","processed":false}})";

}  // namespace

std::vector<CorpusHandler> wait_for_callback_handlers() {
  std::vector<CorpusHandler> list = {
      with(entry("wait-for-callback-success", wait_for_callback),
           {answers("my callback function", "succeeded")}),
      with(entry("wait-for-callback-failure", wait_for_callback),
           {fails("my callback function", When::kSubmitted, 0, message_only("ERROR"))}),
      entry("wait-for-callback-timed-out", wait_for_callback),
      with(entry("wait-for-callback-anonymous", wait_for_callback_anonymous),
           {answers("WaitForCallback", R"({"data":"callback_completed"})")}),
      with(entry("wait-for-callback-child-context", wait_for_callback_child_context),
           {answers("parent-callback-op", R"({"parentData":"parent-completed"})"),
            answers("child-callback-op", R"({"childData":42})")}),
      entry("error-instance-submitter-submitter", submitter_error),
      entry("wait-for-callback-failing-submitter", failing_submitter),
      entry("wait-for-callback-submitter-failure-catchable", failing_submitter),
      with(entry("wait-for-callback-multiple-invocations", multiple_invocations),
           {answers("first-callback", R"({"step":1})"),
            answers("second-callback", R"({"step":2})")}),
      with(entry("wait-for-callback-serdes", wait_for_callback_serdes),
           {answers("custom-serdes-callback", kSerdesText)}),
  };
  // Its last two events were edited by hand: a failed execution with a result.
  CorpusHandler timeout = entry("wait-for-callback-timeout", wait_for_callback_timeout);
  timeout.masks.last_event = 8;
  list.push_back(std::move(timeout));
  return list;
}

}  // namespace reprise::corpus
