#include "reprise/explore/upgrade_pair.h"

#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/sdk/context.h"

namespace reprise {
namespace {

using testing::ElementsAre;

Task<int> order(DurableContext ctx) {
  StepOptions once;
  once.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
  Outcome<int> charged = co_await ctx.try_step(
      "charge", [&] { return 1; }, once);
  if (!charged.ok()) co_await ctx.step("ask", [&] {});
  co_await ctx.wait("cool-down", absl::Minutes(5));
  co_return 1;
}

std::vector<std::string> names(const RecordedHistories& recorded) {
  std::vector<std::string> names;
  for (const RecordedHistory& each : recorded.histories) names.push_back(each.named.name);
  return names;
}

TEST(RecordHistories, HoldsWhatOnlyACrashShows) {
  Scenario scenario("order", order);
  const RecordedHistories recorded = record_histories(scenario);
  EXPECT_THAT(
      names(recorded),
      ElementsAre("order",
                  "order (crash after the start of order/charge#1, attempt 1 is stored, its "
                  "answer lost)"));
  EXPECT_EQ(recorded.histories[0].function, "order");
  EXPECT_FALSE(recorded.bounded);
}

TEST(RecordHistories, SaysThatItsBoundWasReached) {
  Scenario scenario("order", order);
  HistoryBounds bounds;
  bounds.runs_max = 3;
  const RecordedHistories recorded = record_histories(scenario, bounds);
  EXPECT_TRUE(recorded.bounded);
  EXPECT_EQ(recorded.runs, 3);
}

TEST(UpgradePair, AVersionFitsItself) {
  Scenario before("order", order);
  Scenario after("order", order);
  const UpgradePairReport report = check_upgrade(before, after);
  EXPECT_TRUE(report.ok()) << describe(report);
  EXPECT_EQ(describe(report),
            "forward\nprefixes: 12/12 safe, of 2 histories\n"
            "rolled back\nprefixes: 12/12 safe, of 2 histories\n"
            "recorded in 24 runs\n");
}

/// Differs on the path that only a crash shows.
Task<int> edited(DurableContext ctx) {
  StepOptions once;
  once.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
  Outcome<int> charged = co_await ctx.try_step(
      "charge", [&] { return 1; }, once);
  if (!charged.ok()) co_await ctx.step("ask the bank", [&] {});
  co_await ctx.wait("cool-down", absl::Minutes(5));
  co_return 1;
}

TEST(UpgradePair, FindsWhatOnlyACrashShowsInBothDirections) {
  Scenario before("order", order);
  Scenario after("order", edited);
  const UpgradePairReport report = check_upgrade(before, after);
  EXPECT_TRUE(report.forward.histories[0].ok());
  ASSERT_EQ(report.forward.histories[1].breaks.size(), 1U);
  EXPECT_EQ(report.forward.histories[1].breaks[0].reason.what,
            "the new handler calls step \"ask the bank\" where the history holds step \"ask\"");
  ASSERT_EQ(report.roll_back.histories[1].breaks.size(), 1U);
  EXPECT_EQ(report.roll_back.histories[1].breaks[0].reason.what,
            "the old handler calls step \"ask\" where the history holds step \"ask the bank\"");
}

TEST(UpgradePair, AnAppendedOperationIsSafeForwardAndNotBack) {
  const auto longer = [](DurableContext ctx) -> Task<> {
    co_await ctx.step("charge", [&] { return 1; });
    co_await ctx.wait("settle", absl::Hours(1));
  };
  const auto shorter = [](DurableContext ctx) -> Task<> {
    co_await ctx.step("charge", [&] { return 1; });
  };
  Scenario before("order", shorter);
  Scenario after("order", longer);
  const UpgradePairReport report = check_upgrade(before, after);
  EXPECT_TRUE(report.forward.ok()) << describe(report.forward);
  EXPECT_FALSE(report.roll_back.ok());
  EXPECT_EQ(describe(report.roll_back),
            "order: safe before wait \"settle\"; breaks from wait \"settle\" on (suspended at wait "
            "\"settle\"), because the old handler returns without calling wait \"settle\", which "
            "the history holds\n"
            "prefixes: 3/5 safe, of 1 history\n");
}

TEST(UpgradePair, AFunctionThatIsGoneIsAnError) {
  Scenario before("order", order);
  Scenario after("purchase", order);
  const UpgradePairReport report = check_upgrade(before, after);
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(std::string(report.forward.histories[0].status.message()),
            "the other version has no durable function \"order\"");
}

TEST(UpgradePair, LeavesTheWorldsAlone) {
  int runs = 0;
  const auto counting = [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("charge", [&] { ++runs; });
  };
  Scenario before("order", counting);
  Scenario after("order", counting);
  static_cast<void>(record_histories(before));
  const int recorded = runs;
  static_cast<void>(check_upgrade(before, after));
  EXPECT_EQ(runs, 3 * recorded);  // two recordings, and no body in a replay
}

}  // namespace
}  // namespace reprise
