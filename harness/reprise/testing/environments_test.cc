// M7: static variables, and what a process has run before.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "reprise/testing/testing.h"

namespace reprise {
namespace {

// The static variables of the handlers stand in functions of their own, so that each test begins
// with fresh ones.

TEST(Environments, AFirstCallOfAProcessIsNotTheFirstOfAnExecution) {
  auto order = [](DurableContext ctx) -> Task<int> {
    static bool first = true;
    if (first) {
      first = false;
      co_await ctx.step("init", [] {});
    }
    const int number = co_await ctx.step("number", [] { return 7; });
    co_return number;
  };
  Scenario scenario("order", order);
  const Exploration exploration = explore(scenario);
  ASSERT_EQ(exploration.findings.size(), 1U);
  const ReportedFinding& reported = exploration.findings.front();
  EXPECT_EQ(reported.finding.verdict, Verdict::kDivergentOp);
  ASSERT_EQ(reported.schedule.size(), 1U) << describe(reported.schedule);
  EXPECT_FALSE(reported.finding.where.empty());
}

TEST(Environments, ACacheThatIsWarmIsMissedInAFreshProcess) {
  auto price = [](DurableContext ctx) -> Task<int> {
    static std::optional<int> rate;
    if (!rate) rate = co_await ctx.step("load-rate", [] { return 3; });
    const int base = co_await ctx.step("base", [] { return 10; });
    co_return *rate* base;
  };
  Scenario scenario("price", price);
  EXPECT_FINDS(scenario, Verdict::kDivergentOp, 1);
}

TEST(Environments, AFreshProcessIsOneEvent) {
  static int begun = 0;
  auto order = [](DurableContext ctx) -> Task<int> {
    // From the second execution of a process on there is nothing to set up.
    static int executions = 0;
    if (!ctx.is_replaying()) ++executions;
    if (executions > 1) co_await ctx.step("again", [] {});
    const int number = co_await ctx.step("number", [] { return 7; });
    co_await ctx.wait("pause", absl::Hours(1));
    co_return number;
  };
  ++begun;
  Scenario scenario("order", order);
  const Exploration exploration = explore(scenario);
  ASSERT_FALSE(exploration.findings.empty());
  EXPECT_EQ(exploration.findings.front().finding.verdict, Verdict::kDivergentOp);
}

TEST(Environments, TheFixtureOfAFindingReplaysInAProcessOfItsOwn) {
  auto price = [](DurableContext ctx) -> Task<int> {
    static std::optional<int> rate;
    if (!rate) rate = co_await ctx.step("load-rate", [] { return 3; });
    co_return *rate;
  };
  Scenario scenario("price", price);
  const Exploration exploration = explore(scenario);
  ASSERT_FALSE(exploration.findings.empty());
  ReportedFinding reported = exploration.findings.front();
  const Place place = reported.schedule.events.front().place;
  ScheduleEvent fresh;
  fresh.kind = ScheduleEvent::Kind::kEnvironment;
  fresh.environment = Environment::kFresh;
  fresh.place = place;
  reported.schedule.events = {fresh};
  const Fixture fixture = fixture_of(scenario.program(), reported);
  const absl::StatusOr<Fixture> again = parse_fixture(write_fixture(fixture), "fixture");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, fixture);
}

TEST(Environments, AConfigurationThatIsReadOnceIsNoFinding) {  // X04
  auto welcome = [](DurableContext ctx, std::string who) -> Task<std::string> {
    static const std::string greeting = "Welcome, ";
    const std::string text = co_await ctx.step("write", [&] { return greeting + who; });
    co_await ctx.wait("a-day", absl::Hours(24));
    co_return text;
  };
  Scenario scenario("welcome", welcome, std::string("ann"));
  const Exploration exploration = explore(scenario);
  EXPECT_TRUE(exploration.sound());
  bool tried = false;
  for (const Certificate::Tried& each : exploration.certificate.tried) {
    if (each.what == "environments") tried = each.count > 0;
  }
  EXPECT_TRUE(tried) << exploration.certificate.text();
}

TEST(Environments, WithoutTheMechanismItIsMissedOrMisjudged) {
  auto price = [](DurableContext ctx) -> Task<int> {
    static std::optional<int> rate;
    if (!rate) rate = co_await ctx.step("load-rate", [] { return 3; });
    co_return *rate;
  };
  Scenario scenario("price", price);
  scenario.without(Mechanism::kEnvironments);
  for (const ReportedFinding& each : explore(scenario).findings) {
    EXPECT_NE(each.finding.verdict, Verdict::kDivergentOp);
  }
}

}  // namespace
}  // namespace reprise
