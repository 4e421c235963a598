// M7: static variables, and what a process has run before.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "reprise/explore/internal/child_process.h"
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

TEST(Environments, AFreshProcessIsOneEventAndItsFixtureShowsItAgain) {
  auto order = [](DurableContext ctx) -> Task<int> {
    // Sound in a process that runs nothing else: from its second execution on it does more.
    static int executions = 0;
    if (!ctx.is_replaying()) ++executions;
    if (executions > 1) co_await ctx.step("again", [] {});
    const int number = co_await ctx.step("number", [] { return 7; });
    co_await ctx.wait("pause", absl::Hours(1));
    co_return number;
  };
  Scenario scenario("order", order);
  internal::Nursery witness([&](const std::string& text) {
    const absl::StatusOr<Fixture> fixture = parse_fixture(text, "fixture");
    return fixture.ok() ? std::string(to_string(replay_fixture(scenario, *fixture).outcome))
                        : std::string(fixture.status().message());
  });
  const Exploration exploration = explore(scenario);
  ASSERT_EQ(exploration.findings.size(), 1U);
  const ReportedFinding& reported = exploration.findings.front();
  EXPECT_EQ(reported.finding.verdict, Verdict::kDivergentOp);
  ASSERT_EQ(reported.schedule.size(), 1U);
  EXPECT_EQ(reported.schedule.events.front().kind, ScheduleEvent::Kind::kEnvironment);
  EXPECT_EQ(reported.schedule.events.front().environment, Environment::kFresh);
  const std::string fixture = write_fixture(fixture_of(scenario.program(), reported));
  EXPECT_EQ(witness.ask(fixture).text, to_string(FixtureOutcome::kReproduces));
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
