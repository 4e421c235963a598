#include <gmock/gmock.h>

#include <string>
#include <tuple>

#include "reprise/sdk/invocation_test_support.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using CombinatorTest = InvocationTest;

StepOptions once() { return StepOptions().retry(retry::none()); }

TEST_F(CombinatorTest, AllWaitsForEveryInput) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    auto number = ctx.step("number", [] { return 7; });
    auto text = ctx.step("text", [] { return std::string("seven"); });
    auto nothing = ctx.step("nothing", [] {});
    const auto joined = co_await ctx.all("both", number, text, nothing);
    const auto& [n, t, unit] = joined;
    co_return t + std::to_string(n);
  };
  EXPECT_EQ(invoke(handler).output.result, "\"seven7\"");
  EXPECT_THAT(
      spell(service_.updates),
      ElementsAre("START Step number", "START Step text", "START Step nothing",
                  "START RunInChildContext both", "SUCCEED Step number", "SUCCEED Step text",
                  "SUCCEED Step nothing", "SUCCEED RunInChildContext both"));
  EXPECT_EQ(service_.updates.back().payload, R"([7,"seven",null])");
  EXPECT_EQ(invoke(handler).output.result, "\"seven7\"");
  EXPECT_THAT(service_.updates, IsEmpty());
}

TEST_F(CombinatorTest, AllFailsWithTheFirstFailure) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const auto fail = [] { throw ApplicationError("Declined", "no funds"); };
    auto never = ctx.wait("ever", absl::Hours(1));
    auto broken = ctx.step("broken", fail, once());
    const auto outcome = co_await ctx.try_all(unnamed, never, broken);
    co_return std::string(to_string(outcome.error().kind())) + " " +
        std::string(outcome.error().cause_type()) + " " + outcome.error().what();
  };
  const std::string expected = "\"PromiseCombinatorError StepError no funds\"";
  EXPECT_EQ(invoke(handler).output.result, expected);
  EXPECT_EQ(invoke(handler).output.result, expected);
}

TEST_F(CombinatorTest, AllSettledGivesEveryOutcome) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const auto fail = []() -> int { throw ApplicationError("Declined", "no funds"); };
    auto good = ctx.step("good", [] { return 1; });
    auto broken = ctx.step("broken", fail, once());
    const auto joined = co_await ctx.all_settled("both", good, broken);
    const auto& [first, second] = joined;
    co_return std::to_string(first.value()) + " " + std::string(to_string(second.error().kind())) +
        " " + std::string(second.error().cause_type()) + " " + second.error().operation();
  };
  EXPECT_EQ(invoke(handler).output.result, "\"1 StepError Declined broken#1\"");
  EXPECT_EQ(invoke(handler).output.result, "\"1 StepError Declined broken#1\"");
}

TEST_F(CombinatorTest, TheWinnerOfARaceIsTheSameOnReplay) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    auto slow = ctx.create_callback("slow");
    auto quick = ctx.create_callback("quick");
    const Callback<> slow_callback = co_await slow;
    const Callback<> quick_callback = co_await quick;
    auto slow_answer = slow_callback.result();
    auto quick_answer = quick_callback.result();
    const std::string winner = co_await ctx.race("race", slow_answer, quick_answer);
    co_return winner;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kPending);
  const auto answer = [&](std::size_t index, const char* text) {
    service_.change(index, [&](Operation& record) {
      record.status = OperationStatus::kSucceeded;
      record.result = text;
    });
  };
  answer(1, "quick!");
  EXPECT_EQ(invoke(handler).output.result, "\"quick!\"");
  answer(0, "slow!");  // too late
  EXPECT_EQ(invoke(handler).output.result, "\"quick!\"");
  EXPECT_THAT(service_.updates, IsEmpty());
}

// PROTOCOL 6.7: the invocation dies after both inputs have ended and before the race is recorded.
TEST_F(CombinatorTest, AResumedRaceGoesToTheInputThatEndedFirst) {
  options_.inline_context_limit = 0;
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    auto deep = ctx.run_in_child_context("deep", [](DurableContext a) -> Task<std::string> {
      auto inner = [](DurableContext b) -> Task<std::string> {
        std::string text = co_await b.step("text", [] { return std::string("deep"); });
        co_return text;
      };
      std::string text = co_await a.run_in_child_context("inner", inner);
      co_return text;
    });
    auto flat = ctx.run_in_child_context(
        "flat", [](DurableContext) -> Task<std::string> { co_return "flat"; });
    const std::string winner = co_await ctx.race("race", deep, flat);
    (void)co_await deep;
    co_return winner;
  };
  EXPECT_EQ(invoke(handler).output.status, InvocationStatus::kSucceeded);
  const auto named = [&](const char* name) {
    std::size_t at = 0;
    while (!(service_.records[at]->name == SharedText(name))) ++at;
    return at;
  };
  for (const bool deep_is_first : {true, false}) {
    service_.records.erase(service_.records.begin() + static_cast<std::ptrdiff_t>(named("race")));
    const auto end = [&](const char* name, TimestampMs at) {
      service_.change(named(name), [&](Operation& record) { record.end_ms = at; });
    };
    end("deep", deep_is_first ? 10 : 20);
    end("flat", deep_is_first ? 20 : 10);
    EXPECT_EQ(invoke(handler).output.result.str(), deep_is_first ? "\"deep\"" : "\"flat\"")
        << deep_is_first;
  }
}

TEST_F(CombinatorTest, AnyTakesTheFirstSuccess) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    const auto fail = []() -> int { throw ApplicationError("Declined", "no funds"); };
    auto broken = ctx.step("broken", fail, once());
    auto good = ctx.step("good", [] { return 5; });
    const int value = co_await ctx.any("any", broken, good);
    co_return value;
  };
  EXPECT_EQ(invoke(handler).output.result, "5");
}

TEST_F(CombinatorTest, AnyFailsWhenAllHave) {
  const auto handler = [](DurableContext ctx) -> Task<std::string> {
    const auto fail = []() -> int { throw ApplicationError("Declined", "no funds"); };
    auto first = ctx.step("first", fail, once());
    auto second = ctx.step("second", fail, once());
    const auto outcome = co_await ctx.try_any(unnamed, first, second);
    co_return std::string(outcome.error().cause_type()) + ": " + outcome.error().what();
  };
  EXPECT_EQ(invoke(handler).output.result, "\"AggregateError: All promises were rejected\"");
}

TEST_F(CombinatorTest, LosersMayBeAwaitedLater) {
  const auto handler = [](DurableContext ctx) -> Task<int> {
    auto first = ctx.step("first", [] { return 1; });
    auto second = ctx.step("second", [] { return 2; });
    const int winner = co_await ctx.race("race", first, second);
    const int loser = co_await second;
    co_return winner * 10 + loser;
  };
  EXPECT_EQ(invoke(handler).output.result, "12");
  EXPECT_EQ(invoke(handler).output.result, "12");
}

TEST_F(CombinatorTest, ALargeAggregateIsRebuiltFromItsInputs) {
  options_.inline_context_limit = 30;
  const auto handler = [](DurableContext ctx) -> Task<std::size_t> {
    auto small = ctx.create_callback("small");
    const Callback<> callback = co_await small;
    auto waits = callback.result();
    auto large = ctx.step("large", [] { return std::string(100, 'x'); });
    const std::string winner = co_await ctx.race("race", waits, large);
    auto also = ctx.step("also", [] { return 1; });
    const auto joined = co_await ctx.all("all", large, also);
    const auto& [again, one] = joined;
    co_return winner.size() + again.size();
  };
  EXPECT_EQ(invoke(handler).output.result, "200");
  service_.change(0, [](Operation& record) {
    record.status = OperationStatus::kSucceeded;
    record.result = "late";
  });
  EXPECT_EQ(invoke(handler).output.result, "200");
  EXPECT_THAT(service_.updates, IsEmpty());
}

}  // namespace
}  // namespace reprise
