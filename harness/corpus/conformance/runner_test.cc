#include "conformance/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "conformance/crash_histories.h"
#include "conformance/handler_tools.h"

namespace reprise::corpus {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Verdict = RequirementResult::Verdict;
using UnderCrashes = RequirementResult::UnderCrashes;

/// `text` lacks its Input and gets none.
Requirement requirement(const std::string& text) {
  absl::StatusOr<Requirement> read = parse_requirement("Input:\n" + text, "x.yaml");
  EXPECT_TRUE(read.ok()) << read.status();
  if (!read.ok()) return {};
  read->id = "1-1";
  return *std::move(read);
}

template <class H>
RequirementResult run(const std::string& text, H handler) {
  const ConformanceHandler covering = covers("1-1", std::move(handler));
  return run_requirement(requirement(text), &covering);
}

/// An expected event without details.
std::string event(int id, const std::string& type) {
  return "  - {EventId: " + std::to_string(id) + ", EventType: " + type + "}\n";
}

std::string history(const std::vector<std::string>& types) {
  std::string text = "ExpectedExecutionHistory:\n";
  int id = 1;
  for (const std::string& type : types) text += event(++id, type);
  return text;
}

const char* const kSucceeds = "ExpectedResult: {ExecutionStatus: SUCCEEDED}\n";

Task<std::string> answer(DurableContext ctx) {
  std::string text = co_await ctx.step("think", [] { return std::string("42"); });
  co_return text;
}

TEST(ConformanceRunner, PassesWhatFits) {
  const RequirementResult result =
      run("ExpectedResult: {ExecutionStatus: SUCCEEDED, Result: '42'}\n" +
              history({"StepStarted", "StepSucceeded", "InvocationCompleted"}),
          answer);
  EXPECT_THAT(result.reasons, IsEmpty());
  EXPECT_EQ(result.verdict, Verdict::kPassed);
  EXPECT_EQ(result.under_crashes, UnderCrashes::kHeld) << result.crash_text;
  EXPECT_THAT(result.crash_text, HasSubstr("closed"));
}

TEST(ConformanceRunner, ChecksHistoryThenResultThenLogs) {
  const std::string logs = "ExpectedLogs: [{match: {message: never}}]\n";
  const std::string wrong_result = "ExpectedResult: {ExecutionStatus: SUCCEEDED, Result: '43'}\n";
  EXPECT_THAT(run(logs + wrong_result + history({"WaitStarted"}), answer).reasons,
              ElementsAre(HasSubstr("event 2/EventType")));
  EXPECT_THAT(run(logs + wrong_result + history({"StepStarted"}), answer).reasons,
              ElementsAre(HasSubstr("result: expected \"43\"")));
  const RequirementResult result = run(logs + kSucceeds + history({"StepStarted"}), answer);
  EXPECT_THAT(result.reasons, ElementsAre(HasSubstr("log 1")));
  EXPECT_EQ(result.verdict, Verdict::kFailed);
  EXPECT_EQ(result.under_crashes, UnderCrashes::kExcluded);
}

TEST(ConformanceRunner, CountsWhatHasNoHandlerAsUncovered) {
  const RequirementResult result = run_requirement(requirement(history({"StepStarted"})), nullptr);
  EXPECT_EQ(result.verdict, Verdict::kUncovered);
  EXPECT_EQ(result.under_crashes, UnderCrashes::kExcluded);
}

TEST(ConformanceRunner, SendsTheInputWithItsVariables) {
  Requirement wanted = requirement(
      "Variables: {A: '${GEN_STR:4}'}\n"
      "ExpectedResult: {ExecutionStatus: SUCCEEDED, Result: ['${A}', 'x${A}', 1]}\n" +
      history({"InvocationCompleted"}));
  wanted.input = Json({"${A}", "x${A}", 1});
  const ConformanceHandler echo =
      covers("1-1", [](DurableContext, Json event) -> Task<Json> { co_return event; });
  EXPECT_THAT(run_requirement(wanted, &echo).reasons, IsEmpty());
}

TEST(ConformanceRunner, CollectsTheLogOfTheExecution) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    ctx.logger().info("once");
    ctx.logger().with_replay().warning("each time");
    const auto body = [](StepContext step) { step.logger().error("in the step"); };
    co_await ctx.step("s", body);
    co_await ctx.wait("w", absl::Seconds(1));
  };
  const RequirementResult result = run(
      "ExpectedLogs:\n"
      "  - {match: {message: once, level: INFO}, count: 1, before: {message: in the step}}\n"
      "  - {match: {message: each time}, count: 2}\n"
      "  - {match: {message: in the step, operation: s#1}, count: 1, after: {message: once}}\n" +
          std::string(kSucceeds) + history({"StepStarted"}),
      handler);
  EXPECT_THAT(result.reasons, IsEmpty());
}

const char* const kCallbackHistory[] = {"CallbackStarted", "InvocationCompleted",
                                        "CallbackSucceeded", "InvocationCompleted",
                                        "ExecutionSucceeded"};

std::string callback_history() {
  return history({std::begin(kCallbackHistory), std::end(kCallbackHistory)});
}

Task<std::string> approval(DurableContext ctx) {
  auto callback = co_await ctx.create_callback("approval");
  std::string text = co_await callback.result();
  co_return text;
}

std::string actions(const std::string& list) {
  return "AsyncInvoke: true\n" + std::string(kSucceeds) + "CallbackActions: [" + list + "]\n";
}

TEST(CallbackActions, AnswerOnceTheExecutionIsSuspended) {
  for (const char* name : {"approval", "'*'", "'${/^app/}'"}) {
    const RequirementResult result = run(actions("{CallbackName: " + std::string(name) +
                                                 ", Operation: success, Payload: {a: [1]}}") +
                                             callback_history(),
                                         approval);
    EXPECT_THAT(result.reasons, IsEmpty()) << name;
    EXPECT_EQ(result.under_crashes, UnderCrashes::kHeld) << result.crash_text;
  }
}

TEST(CallbackActions, SendJsonWithSpaces) {
  const RequirementResult result =
      run("AsyncInvoke: true\n"
          "ExpectedResult: {ExecutionStatus: SUCCEEDED, Result: '{\"a\": [1, 2]}'}\n"
          "CallbackActions: [{CallbackName: '*', Operation: success, Payload: {a: [1, 2]}}]\n" +
              callback_history(),
          approval);
  // The handler's result is a text that holds JSON.
  EXPECT_THAT(result.reasons, IsEmpty());
}

TEST(CallbackActions, ThatFitNoCallbackAreAnError) {
  const RequirementResult result =
      run(actions("{CallbackName: other, Operation: success}") + history({"CallbackStarted"}),
          approval);
  EXPECT_THAT(result.reasons, Contains(HasSubstr("no action is left that fits")));
}

TEST(CallbackActions, MayBeLeftOver) {
  const std::string action = "{CallbackName: approval, Operation: success}";
  EXPECT_THAT(run(actions(action + ", " + action) + callback_history(), approval).reasons,
              IsEmpty());
}

TEST(CallbackActions, AreNotServedInSynchronousMode) {
  const RequirementResult result =
      run(std::string(kSucceeds) + "CallbackActions: [{CallbackName: '*', Operation: success}]\n" +
              callback_history(),
          approval);
  EXPECT_EQ(result.verdict, Verdict::kFailed);
}

TEST(CallbackActions, FailWithTheErrorGiven) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    auto callback = co_await ctx.create_callback("approval");
    Outcome<std::string> outcome = co_await callback.try_result();
    const ErrorObject error = outcome.ok() ? ErrorObject() : outcome.error().error();
    co_return error.type.value_or("-") + "/" + error.message.value_or("-") + "/" +
        error.data.value_or("-") + "/" +
        std::to_string(error.stack_trace.value_or(std::vector<std::string>()).size());
  };
  const RequirementResult result =
      run("AsyncInvoke: true\n"
          "ExpectedResult: {ExecutionStatus: SUCCEEDED, Result: T/M/D/2}\n"
          "CallbackActions: [{CallbackName: '*', Operation: failure, Payload: {ErrorType: T,"
          " ErrorMessage: M, ErrorData: D, StackTrace: [a, b], Other: 1}}]\n" +
              history({"CallbackStarted", "InvocationCompleted", "CallbackFailed"}),
          handler);
  EXPECT_THAT(result.reasons, IsEmpty());
}

Task<std::string> two_heartbeats(DurableContext ctx) {
  CallbackOptions options;
  options.heartbeat_timeout(absl::Seconds(4));
  auto callback = co_await ctx.create_callback("job", options);
  std::string text = co_await callback.result();
  co_return text;
}

TEST(CallbackActions, LeaveACallbackOpenAfterAHeartbeat) {
  const std::string heartbeat = "{CallbackName: job, Operation: heartbeat, Delay: 1}, ";
  const std::string success = "{CallbackName: job, Operation: success, Payload: done, Delay: 1}";
  EXPECT_THAT(
      run(actions(heartbeat + heartbeat + success) + callback_history(), two_heartbeats).reasons,
      IsEmpty());
  const std::string late = "{CallbackName: job, Operation: success, Payload: done, Delay: 5}";
  EXPECT_THAT(run(actions(late) + history({"CallbackStarted"}), two_heartbeats).reasons,
              Contains(HasSubstr("closed already")));
}

TEST(CallbackActions, AreDeliveredOneAfterTheOther) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    auto first = co_await ctx.create_callback("a");
    auto second = co_await ctx.create_callback("b");
    co_await second.result();
    co_await first.result();
  };
  const std::string same_time =
      "{CallbackName: a, Operation: success}, {CallbackName: b, Operation: success}";
  const RequirementResult result = run(
      actions(same_time) + history({"CallbackStarted", "CallbackStarted", "InvocationCompleted",
                                    "CallbackSucceeded", "InvocationCompleted", "CallbackSucceeded",
                                    "InvocationCompleted", "ExecutionSucceeded"}),
      handler);
  EXPECT_THAT(result.reasons, IsEmpty());
}

TEST(CallbackActions, CallAnInnerCallbackByTheNameOfItsContext) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const auto submit = [](const std::string&) {};
    std::string text = co_await ctx.wait_for_callback("outer", submit);
    co_return text;
  };
  const RequirementResult result =
      run(actions("{CallbackName: outer, Operation: success, Payload: x}") +
              history({"ContextStarted", "CallbackStarted"}),
          handler);
  EXPECT_THAT(result.reasons, IsEmpty());
}

TEST(CallbackActions, AreLeftOutWhenThereAreNone) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    CallbackOptions options;
    options.timeout(absl::Seconds(3));
    auto callback = co_await ctx.create_callback("approval", options);
    Outcome<std::string> outcome = co_await callback.try_result();
    co_return outcome.ok() ? *outcome : "too late";
  };
  EXPECT_THAT(run("AsyncInvoke: true\nExpectedResult: {ExecutionStatus: SUCCEEDED, Result: too late"
                  "}\n" +
                      history({"CallbackStarted", "InvocationCompleted", "CallbackTimedOut"}),
                  handler)
                  .reasons,
              IsEmpty());
}

TEST(AsynchronousMode, WithoutResultNeedsNoEnd) {
  const RequirementResult result =
      run("AsyncInvoke: true\n" + history({"CallbackStarted", "InvocationCompleted"}), approval);
  EXPECT_THAT(result.reasons, IsEmpty());
  EXPECT_EQ(result.under_crashes, UnderCrashes::kExcluded);
  EXPECT_EQ(result.crash_text, "its execution does not end");
}

TEST(AsynchronousMode, GivesUpWhenNothingHappens) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    co_await ctx.wait("w", absl::Minutes(1));
  };
  const std::string text = std::string(kSucceeds) + history({"WaitStarted"});
  EXPECT_THAT(run("AsyncInvoke: true\n" + text, handler).reasons,
              ElementsAre(HasSubstr("no new event for 60 s after event 3")));
  EXPECT_THAT(
      run("AsyncInvoke: true\nAsyncConfig: {NoProgressTimeoutSeconds: 60}\n" + text, handler)
          .reasons,
      IsEmpty());
  EXPECT_THAT(run(text, handler).reasons, IsEmpty());
}

TEST(ConformanceUnderCrashes, ReportsAHandlerThatDiverges) {
  int runs = 0;
  const auto handler = [&runs](DurableContext ctx) -> Task<int> {
    ++runs;
    int value = co_await ctx.step("s", [] { return 1; });
    co_return value + runs;
  };
  const RequirementResult result = run(std::string(kSucceeds) + history({"StepStarted"}), handler);
  EXPECT_EQ(result.verdict, Verdict::kPassed);
  EXPECT_EQ(result.under_crashes, UnderCrashes::kBroken);
}

TEST(ConformanceUnderCrashes, LeavesOutWhatSaysWhy) {
  ConformanceHandler handler = covers("1-1", answer);
  handler.not_under_crashes = "it draws lots";
  const RequirementResult result =
      run_requirement(requirement(std::string(kSucceeds) + history({"StepStarted"})), &handler);
  EXPECT_EQ(result.under_crashes, UnderCrashes::kExcluded);
  EXPECT_EQ(result.crash_text, "it draws lots");
}

TEST(CrashOfARequirement, FallsWhereItSays) {
  ConformanceHandler handler = covers("1-1", answer);
  handler.crashes = dies_in_step("think#1");
  const Requirement wanted = requirement(
      std::string(kSucceeds) + history({"StepStarted", "InvocationCompleted", "StepSucceeded"}));
  EXPECT_THAT(run_requirement(wanted, &handler).reasons, IsEmpty());
  handler.crashes = dies_in_step("dream#1");
  EXPECT_THAT(run_requirement(wanted, &handler).reasons, Contains(HasSubstr("never reached")));
}

TEST(ConformanceHandlers, HaveIdsOfTheirOwn) {
  const std::vector<ConformanceHandler>& all = conformance_handlers();
  ASSERT_FALSE(all.empty());
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].id, all[i].id);
  EXPECT_EQ(find_conformance_handler(all.front().id), &all.front());
  EXPECT_EQ(find_conformance_handler("0-0"), nullptr);
}

Event made(std::int64_t id, EventType type, const char* operation = nullptr) {
  Event event;
  event.event_id = id;
  event.type = type;
  if (operation != nullptr) event.id = operation;
  return event;
}

Event step_failed(std::int64_t id, std::int64_t attempt, bool another) {
  Event event = made(id, EventType::kStepFailed, "s");
  RetryDetails& retry = event.details.retry_details.emplace();
  retry.current_attempt = attempt;
  if (another) retry.next_attempt_delay_seconds = 1;
  return event;
}

TEST(IllegalHistory, IsSeen) {
  const Event start = made(1, EventType::kExecutionStarted);
  const Event step = made(2, EventType::kStepStarted, "s");
  const Event again = made(4, EventType::kStepStarted, "s");
  EXPECT_THAT(
      illegal_history({start, step, step_failed(3, 1, true), again, step_failed(5, 2, false)}),
      IsEmpty());
  // The start of the second attempt was lost.
  EXPECT_THAT(illegal_history({start, step, step_failed(3, 1, true), step_failed(4, 2, false)}),
              IsEmpty());
  EXPECT_THAT(illegal_history({start, step, made(3, EventType::kStepStarted, "s")}),
              ElementsAre(HasSubstr("started already")));
  EXPECT_THAT(illegal_history({start, step, step_failed(3, 2, false)}),
              ElementsAre(HasSubstr("expected attempt 1, found 2")));
  EXPECT_THAT(illegal_history({start, step, step_failed(3, 1, false), again}),
              Contains(HasSubstr("has ended before")));
  EXPECT_THAT(illegal_history({start, made(2, EventType::kWaitStarted, "w"),
                               made(3, EventType::kWaitStarted, "w")}),
              ElementsAre(HasSubstr("started already")));
  EXPECT_THAT(illegal_history({start, made(3, EventType::kWaitStarted, "w")}),
              ElementsAre(HasSubstr("EventId")));
}

}  // namespace
}  // namespace reprise::corpus
