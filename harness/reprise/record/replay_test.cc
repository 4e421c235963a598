#include "reprise/record/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reprise/protocol/ids.h"
#include "reprise/sdk/context.h"
#include "reprise/sdk/handler.h"

namespace reprise {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Kind = ReplayDifference::Kind;

/// Writes histories: operations go by their counter path, "1-2".
class HistoryBuilder {
 public:
  explicit HistoryBuilder(std::string input = "{}") {
    Event& event = add(EventType::kExecutionStarted);
    event.details.input = EventPayload{std::move(input), std::nullopt};
  }

  HistoryBuilder& step(const std::string& path, const char* name, const char* result) {
    return started(EventType::kStepStarted, "Step", path, name)
        .ended(EventType::kStepSucceeded, path, result);
  }
  HistoryBuilder& started(EventType type, const char* sub_type, const std::string& path,
                          const char* name) {
    Event& event = add(type);
    event.id = operation_id(path);
    event.sub_type = sub_type;
    if (name != nullptr) event.name = name;
    const std::size_t dash = path.rfind('-');
    if (dash != std::string::npos) event.parent_id = operation_id(path.substr(0, dash));
    if (type == EventType::kCallbackStarted) event.details.callback_id = "callback-" + path;
    return *this;
  }
  HistoryBuilder& ended(EventType type, const std::string& path, const char* result) {
    Event& event = add_end(type, path);
    event.details.result = EventPayload();
    if (result != nullptr) event.details.result->payload = result;
    return *this;
  }
  HistoryBuilder& failed(EventType type, const std::string& path, const char* error_type,
                         const char* message, std::optional<std::int64_t> retry_after = {}) {
    Event& event = add_end(type, path);
    event.details.error = EventError();
    event.details.error->payload = *make_error(error_type, message);
    if (retry_after) event.details.retry_details = RetryDetails{std::nullopt, retry_after};
    return *this;
  }
  HistoryBuilder& invocation() {
    add(EventType::kInvocationCompleted);
    return *this;
  }
  HistoryBuilder& succeeded(const char* result) {
    invocation();
    Event& event = add(EventType::kExecutionSucceeded);
    event.details.result = EventPayload();
    if (result != nullptr) event.details.result->payload = result;
    return *this;
  }
  HistoryBuilder& failed(const char* error_type, const char* message) {
    invocation();
    Event& event = add(EventType::kExecutionFailed);
    event.details.error = EventError();
    event.details.error->payload = *make_error(error_type, message);
    return *this;
  }
  HistoryBuilder& stopped() {
    add(EventType::kExecutionStopped);
    return *this;
  }

  Event& last() { return history_.events.back(); }
  const History& history() const { return history_; }

 private:
  Event& add(EventType type) {
    Event& event = history_.events.emplace_back();
    event.type = type;
    event.event_id = static_cast<std::int64_t>(history_.events.size());
    event.timestamp.ms = 1000 * event.event_id;
    return event;
  }
  Event& add_end(EventType type, const std::string& path) {
    const std::string id = operation_id(path);
    std::optional<Event> start;
    for (const Event& event : history_.events) {
      if (event.id == id && !start) start = event;
    }
    Event& event = add(type);
    event.id = id;
    if (!start) return event;
    event.sub_type = start->sub_type;
    event.name = start->name;
    event.parent_id = start->parent_id;
    return event;
  }

  History history_;
};

class ReplayHistory : public testing::Test {
 protected:
  template <class H>
  ReplayResult replay(const HistoryBuilder& builder, H handler, const ReplayOptions& options = {}) {
    return replay_history(make_handler(std::move(handler)), builder.history(), options);
  }
  template <class H>
  ReplayDifference difference(const HistoryBuilder& builder, H handler) {
    const ReplayResult result = replay(builder, std::move(handler));
    EXPECT_TRUE(result.status.ok()) << result.status;
    EXPECT_FALSE(result.compatible());
    return result.difference.value_or(ReplayDifference());
  }

  int bodies = 0;  // how many step bodies ran
};

HistoryBuilder two_steps() {
  HistoryBuilder builder;
  builder.step("1", "reserve", "1").step("2", "charge", "2").succeeded("3");
  return builder;
}

TEST_F(ReplayHistory, AcceptsTheHandlerThatMadeTheHistory) {
  const auto handler = [this](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [&] { return ++bodies; });
    int b = co_await ctx.step("charge", [&] { return ++bodies; });
    co_return a + b;
  };
  const ReplayResult result = replay(two_steps(), handler);
  EXPECT_TRUE(result.compatible()) << describe(result.difference.value_or(ReplayDifference()));
  EXPECT_EQ(result.prefixes, 5);  // the start, and four events of operations
  EXPECT_EQ(bodies, 0);
}

TEST_F(ReplayHistory, RunsNoBodyOfAStepThatWasInterruptedOrFailed) {
  HistoryBuilder builder;
  builder.started(EventType::kStepStarted, "Step", "1", "flaky")
      .failed(EventType::kStepFailed, "1", "Error", "no", 5)
      .invocation()
      .started(EventType::kStepStarted, "Step", "1", "flaky");
  for (const auto semantics :
       {StepSemantics::kAtLeastOncePerRetry, StepSemantics::kAtMostOncePerRetry}) {
    const auto handler = [this, semantics](DurableContext ctx) -> Task<int> {
      const StepOptions options = StepOptions().semantics(semantics);
      int value = co_await ctx.step(
          "flaky", [&] { return ++bodies; }, options);
      co_return value;
    };
    EXPECT_TRUE(replay(builder, handler).compatible());
  }
  EXPECT_EQ(bodies, 0);
}

TEST_F(ReplayHistory, ReplaysEveryKindOfOperation) {
  HistoryBuilder builder;
  builder.started(EventType::kWaitStarted, "Wait", "1", nullptr)
      .ended(EventType::kWaitSucceeded, "1", nullptr)
      .started(EventType::kChainedInvokeStarted, "ChainedInvoke", "2", "quote")
      .failed(EventType::kChainedInvokeTimedOut, "2", "ChainedInvoke.Timeout", "too slow")
      .started(EventType::kContextStarted, "RunInChildContext", "3", "block")
      .step("3-1", "inside", "7")
      .ended(EventType::kContextSucceeded, "3", "7")
      .started(EventType::kContextStarted, "WaitForCallback", "4", "approve")
      .started(EventType::kCallbackStarted, "Callback", "4-1", nullptr)
      .started(EventType::kStepStarted, "Step", "4-2", nullptr)
      .ended(EventType::kStepSucceeded, "4-2", nullptr)
      .ended(EventType::kCallbackSucceeded, "4-1", "yes")
      .ended(EventType::kContextSucceeded, "4", "\"yes\"")
      .succeeded("\"yes 7 too slow\"");
  const auto handler = [this](DurableContext ctx) -> Task<std::string> {
    co_await ctx.wait(unnamed, absl::Seconds(1));
    Outcome<int> quote = co_await ctx.try_invoke<int>("quote", "carrier:$LATEST", 1);
    const auto block = [this](DurableContext child) -> Task<int> {
      int value = co_await child.step("inside", [&] { return ++bodies; });
      co_return value;
    };
    int value = co_await ctx.run_in_child_context("block", block);
    std::string answer =
        co_await ctx.wait_for_callback("approve", [&](const std::string&) { ++bodies; });
    co_return answer + " " + std::to_string(value) + " " + quote.error().what();
  };
  const ReplayResult result = replay(builder, handler);
  EXPECT_TRUE(result.compatible()) << describe(result.difference.value_or(ReplayDifference()));
  EXPECT_EQ(bodies, 0);
}

TEST_F(ReplayHistory, ShowsAnOperationWithAnotherName) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [] { return 1; });
    int b = co_await ctx.step("bill", [] { return 2; });
    co_return a + b;
  };
  const ReplayDifference found = difference(two_steps(), handler);
  EXPECT_EQ(found.kind, Kind::kIdentity);
  EXPECT_EQ(found.operation, "bill#1");
  EXPECT_EQ(found.raw_id, "2");
  EXPECT_EQ(found.id, operation_id("2"));
  EXPECT_EQ(found.recorded, "STEP (Step) \"charge\"");
  EXPECT_EQ(found.current, "STEP (Step) \"bill\"");
  EXPECT_EQ(found.event_id, 3);  // as soon as the handler calls it
  EXPECT_THAT(found.location.file_name(), HasSubstr("replay_test.cc"));
  EXPECT_GT(found.location.line(), 0U);
  EXPECT_THAT(describe(found), HasSubstr("history up to event 3"));
}

TEST_F(ReplayHistory, ShowsAnOperationOfAnotherType) {
  const auto handler = [](DurableContext ctx) -> Task<void> {
    co_await ctx.wait("reserve", absl::Seconds(1));
  };
  const ReplayDifference found = difference(two_steps(), handler);
  EXPECT_EQ(found.kind, Kind::kIdentity);
  EXPECT_EQ(found.current, "WAIT (Wait) \"reserve\"");
  EXPECT_EQ(found.event_id, 1);
}

TEST_F(ReplayHistory, ShowsAnOperationWithAnotherParent) {
  HistoryBuilder builder;
  builder.started(EventType::kContextStarted, "RunInChildContext", "1", "block")
      .step("1-1", "inside", "7");
  const auto handler = [](DurableContext ctx) -> Task<int> {
    const auto block = [](DurableContext child) -> Task<int> {
      int value = co_await child.step("inside", [] { return 7; });
      co_return value;
    };
    int value =
        co_await ctx.run_in_child_context("block", block, ChildContextOptions().is_virtual(true));
    co_return value;
  };
  const ReplayDifference found = difference(builder, handler);
  EXPECT_EQ(found.kind, Kind::kIdentity);
  EXPECT_EQ(found.operation, "block#1/inside#1");
  EXPECT_EQ(found.raw_id, "1-1");
  EXPECT_THAT(found.recorded, HasSubstr("in block#1"));
  EXPECT_THAT(found.current, HasSubstr("outside of every context"));
}

TEST_F(ReplayHistory, ShowsAnOperationThatAClosedHistoryDoesNotHave) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [] { return 1; });
    int b = co_await ctx.step("charge", [] { return 2; });
    co_await ctx.wait("cool-down", absl::Seconds(1));
    co_return a + b;
  };
  const ReplayDifference found = difference(two_steps(), handler);
  EXPECT_EQ(found.kind, Kind::kNotRecorded);
  EXPECT_EQ(found.operation, "cool-down#1");
  EXPECT_EQ(found.event_id, 5);
}

TEST_F(ReplayHistory, AllowsMoreOperationsWhereTheHistoryGoesOn) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [] { return 1; });
    co_await ctx.wait("cool-down", absl::Seconds(1));
    co_return a;
  };
  HistoryBuilder running;
  running.step("1", "reserve", "1");
  EXPECT_TRUE(replay(running, handler).compatible());
  EXPECT_TRUE(replay(running.stopped(), handler).compatible());
}

TEST_F(ReplayHistory, ShowsTheFirstOperationOfWhichTheHandlerKnowsNothing) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [] { return 1; });
    co_return a + 2;
  };
  const ReplayDifference found = difference(two_steps(), handler);
  EXPECT_EQ(found.kind, Kind::kEndsEarly);
  EXPECT_EQ(found.operation, "charge#1");
  EXPECT_EQ(found.raw_id, "2");
  EXPECT_EQ(found.event_id, 3);
  EXPECT_EQ(found.current, "the end of the execution with the result 3");
}

TEST_F(ReplayHistory, ShowsARecordThatIsNeverAskedFor) {
  HistoryBuilder builder;
  builder.started(EventType::kWaitStarted, "Wait", "1", "first")
      .started(EventType::kWaitStarted, "Wait", "2", "second");
  const auto handler = [](DurableContext ctx) -> Task<void> {
    co_await ctx.wait("first", absl::Seconds(1));
  };
  const ReplayDifference found = difference(builder, handler);
  EXPECT_EQ(found.kind, Kind::kUnvisited);
  EXPECT_EQ(found.operation, "second#1");
  EXPECT_EQ(found.current, "nothing");
  EXPECT_EQ(found.event_id, 3);
}

TEST_F(ReplayHistory, ShowsAHandlerThatWaitsForever) {
  HistoryBuilder builder;
  builder.started(EventType::kCallbackStarted, "Callback", "1", "approve").succeeded("1");
  const auto handler = [](DurableContext ctx) -> Task<int> {
    auto callback = co_await ctx.create_callback("approve");
    co_await callback.result();
    co_return 1;
  };
  const ReplayDifference found = difference(builder, handler);
  EXPECT_EQ(found.kind, Kind::kNeverEnds);
  EXPECT_EQ(found.operation, "approve#1");
}

TEST_F(ReplayHistory, ShowsAnotherResult) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [] { return 1; });
    int b = co_await ctx.step("charge", [] { return 2; });
    co_return a* b;
  };
  const ReplayDifference found = difference(two_steps(), handler);
  EXPECT_EQ(found.kind, Kind::kOutcome);
  EXPECT_EQ(found.recorded, "the result 3");
  EXPECT_EQ(found.current, "the result 2");
}

TEST_F(ReplayHistory, ComparesResultsAsJson) {
  HistoryBuilder builder;
  builder.succeeded(R"({ "b": 2, "a": 1.0 })");
  const auto handler = [](DurableContext) -> Task<nlohmann::json> {
    co_return nlohmann::json{{"a", 1}, {"b", 2}};
  };
  EXPECT_TRUE(replay(builder, handler).compatible());
}

TEST_F(ReplayHistory, ComparesErrorsWithoutTheirStackTraces) {
  HistoryBuilder builder;
  builder.failed("CardDeclined", "no money");
  builder.last().details.error->payload->stack_trace = {"at charge"};
  const auto decline = [](std::string message) {
    return [message](DurableContext) -> Task<void> {
      throw ApplicationError("CardDeclined", message);
      co_return;
    };
  };
  EXPECT_TRUE(replay(builder, decline("no money")).compatible());
  EXPECT_EQ(difference(builder, decline("expired")).kind, Kind::kOutcome);
}

TEST_F(ReplayHistory, DoesNotExpectTheHandlerToFailAsTheServiceDid) {
  HistoryBuilder builder;
  builder.step("1", "reserve", "1").failed("Runtime.ExitError", "exit status 1");
  const auto handler = [](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [] { return 1; });
    co_return a;
  };
  EXPECT_TRUE(replay(builder, handler).compatible());
}

TEST_F(ReplayHistory, ShowsAnotherEndOfAContext) {
  HistoryBuilder builder;
  builder.started(EventType::kContextStarted, "RunInChildContext", "1", "block")
      .step("1-1", "inside", "7")
      .ended(EventType::kContextSucceeded, "1", "8")
      .succeeded("8");
  const auto with_sum = [](int more) {
    return [more](DurableContext ctx) -> Task<int> {
      const auto block = [more](DurableContext child) -> Task<int> {
        int value = co_await child.step("inside", [] { return 7; });
        co_return value + more;
      };
      int value = co_await ctx.run_in_child_context("block", block);
      co_return value;
    };
  };
  EXPECT_TRUE(replay(builder, with_sum(1)).compatible());
  const ReplayDifference found = difference(builder, with_sum(2));
  EXPECT_EQ(found.kind, Kind::kContextResult);
  EXPECT_EQ(found.operation, "block#1");
  EXPECT_EQ(found.recorded, "the result 8");
  EXPECT_EQ(found.current, "the result 9");
  EXPECT_EQ(found.event_id, 4);
}

TEST_F(ReplayHistory, RebuildsTheResultOfALargeContextFromItsChildren) {
  HistoryBuilder builder;
  builder.started(EventType::kContextStarted, "RunInChildContext", "1", "large")
      .step("1-1", "letter", "\"A\"")
      .ended(EventType::kContextSucceeded, "1", "")
      .started(EventType::kWaitStarted, "Wait", "2", nullptr)
      .ended(EventType::kWaitSucceeded, "2", nullptr)
      .succeeded("300000");
  const auto handler = [this](DurableContext ctx) -> Task<std::size_t> {
    const auto block = [this](DurableContext child) -> Task<std::string> {
      const auto letter = [this] {
        ++bodies;
        return std::string("A");
      };
      std::string value = co_await child.step("letter", letter);
      co_return std::string(300000, value.front());
    };
    std::string large = co_await ctx.run_in_child_context("large", block);
    co_await ctx.wait(unnamed, absl::Seconds(1));
    co_return large.size();
  };
  const ReplayResult result = replay(builder, handler);
  EXPECT_TRUE(result.compatible()) << describe(result.difference.value_or(ReplayDifference()));
  EXPECT_EQ(bodies, 0);
}

TEST_F(ReplayHistory, LeavesOutWhatTheNormaliserTakesAway) {
  HistoryBuilder builder;
  builder.succeeded(R"({"at":1})");
  const auto handler = [](DurableContext) -> Task<nlohmann::json> {
    co_return nlohmann::json{{"at", 2}};
  };
  EXPECT_FALSE(replay(builder, handler).compatible());
  ReplayOptions options;
  options.normalise = [](nlohmann::json end) {
    end["Result"].erase("at");
    return end;
  };
  EXPECT_TRUE(replay(builder, handler, options).compatible());
}

TEST_F(ReplayHistory, RefusesAHistoryThatNoLogLeadsTo) {
  const auto handler = [](DurableContext) -> Task<void> { co_return; };
  const auto refusal = [&](const HistoryBuilder& builder) {
    const ReplayResult result = replay(builder, handler);
    EXPECT_FALSE(result.compatible());
    EXPECT_FALSE(result.difference);
    return std::string(result.status.message());
  };
  HistoryBuilder twice;
  twice.step("1", "a", "1").ended(EventType::kStepSucceeded, "1", "1");
  EXPECT_THAT(refusal(twice), HasSubstr("event 4 (StepSucceeded): operation"));
  HistoryBuilder never_started;
  never_started.ended(EventType::kWaitSucceeded, "1", nullptr);
  EXPECT_THAT(refusal(never_started), HasSubstr("has not started"));
  HistoryBuilder orphan;
  orphan.step("1-1", "a", "1");
  EXPECT_THAT(refusal(orphan), HasSubstr("is no context that started before"));
  HistoryBuilder truncated;
  truncated.step("1", "a", "1").last().details.result->truncated = true;
  EXPECT_THAT(refusal(truncated), HasSubstr("truncated"));
  HistoryBuilder renamed;
  renamed.step("1", "a", "1").last().name = "b";
  EXPECT_THAT(refusal(renamed), HasSubstr("another name, sub type or parent"));
  HistoryBuilder no_callback_id;
  no_callback_id.started(EventType::kCallbackStarted, "Callback", "1", nullptr);
  no_callback_id.last().details.callback_id.reset();
  EXPECT_THAT(refusal(no_callback_id), HasSubstr("no CallbackId"));
}

TEST_F(ReplayHistory, ReadsAHistoryFile) {
  const HandlerFunction handler = make_handler([](DurableContext ctx) -> Task<int> {
    int a = co_await ctx.step("reserve", [] { return 1; });
    int b = co_await ctx.step("charge", [] { return 2; });
    co_return a + b;
  });
  const std::string path = testing::TempDir() + "replay_test_history.json";
  ASSERT_TRUE(save_history(path, two_steps().history()).ok());
  const absl::StatusOr<ReplayResult> result = replay_history(handler, path);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->compatible());
  std::remove(path.c_str());
  const absl::StatusOr<ReplayResult> missing = replay_history(handler, path);
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(std::string(missing.status().message()), StartsWith(path));
}

}  // namespace
}  // namespace reprise
