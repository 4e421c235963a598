// What the laws found in this library, as the smallest programs that showed it; see
// docs/what-the-laws-found.md.

#include <gtest/gtest.h>

#include <string>

#include "property_tests/exploration_support.h"
#include "reprise/sdk/context.h"
#include "reprise/testing/scenario.h"
#include "reprise/world/effect.h"
#include "reprise/world/host.h"

namespace reprise::properties {
namespace {

// A durable function that is invoked takes a turn of its own, so behind a crash the caller may come
// to another turn when it is resumed than from the start, and read another environment.
TEST(Regression, AnEnvironmentThatDecidesIsNotCalledUnrepeatableAsWell) {
  Host host;
  host.set_env("REGION", "old", "new");
  const auto inside = [](DurableContext, int) -> Task<int> { co_return 0; };
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const std::string name = "in-" + host.env("REGION");
    co_await ctx.step(name, [] {});
    const int value = co_await ctx.invoke<int>("call", "inside:$LATEST", 0);
    co_return value;
  };
  Scenario scenario("program", handler);
  scenario.durable_function("inside", inside);
  scenario.world(host);
  const Exploration exploration = closure_of(scenario.program());
  ASSERT_EQ(exploration.findings.size(), 1U) << show(exploration);
  EXPECT_EQ(exploration.findings[0].finding.verdict, Verdict::kDivergentOp) << show(exploration);
}

// What a crash in an at-most-once body allows is seen in a run with that crash alone.  In that run
// the caller diverges, so it says nothing.
TEST(Regression, AnEnvironmentThatDecidesHidesNotWhatAnInterruptionAllows) {
  Host host;
  host.set_env("REGION", "old", "new");
  const auto inside = [](DurableContext ctx, int) -> Task<int> {
    co_await ctx.step(
        "once", [] {},
        StepOptions().semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none()));
    co_return 0;
  };
  const auto handler = [&](DurableContext ctx) -> Task<int> {
    const std::string name = "in-" + host.env("REGION");
    co_await ctx.step(name, [] {});
    const auto outcome = co_await ctx.try_invoke<int>("call", "inside:$LATEST", 0);
    co_return outcome.ok() ? *outcome : -1;
  };
  Scenario scenario("program", handler);
  scenario.durable_function("inside", inside);
  scenario.world(host);
  const Exploration exploration = closure_of(scenario.program());
  ASSERT_EQ(exploration.findings.size(), 1U) << show(exploration);
  EXPECT_EQ(exploration.findings[0].finding.verdict, Verdict::kDivergentOp) << show(exploration);
}

// When plain functions answer is free; that must not excuse what branches do to each other.
TEST(Regression, AFunctionThatIsRegisteredHidesNoRaceOfBranches) {
  int taken = 0;
  const auto branch = [&](DurableContext ctx) -> Task<int> {
    const bool free = co_await ctx.step("look", [&] {
      observed("shelf");
      return taken == 0;
    });
    if (free) {
      co_await ctx.step("take", [&] {
        effect({.target = "shelf", .action = "set", .repeatable = true},
               [&](EffectOutcome&) { taken = 1; });
      });
    }
    co_return free ? 1 : 0;
  };
  const auto handler = [&](DurableContext ctx) -> Task<std::size_t> {
    Branches<int> branches;
    branches.add("x", branch);
    branches.add("y", branch);
    const BatchResult<int> batch = co_await ctx.parallel("both", branches);
    std::size_t sum = 0;
    for (const int each : batch.results()) sum += static_cast<std::size_t>(each);
    co_return sum;
  };
  Scenario scenario("program", handler);
  scenario.world(taken);
  scenario.function("echo", [](int value) { return value; });
  const Exploration exploration = closure_of(scenario.program());
  ASSERT_EQ(exploration.findings.size(), 1U) << show(exploration);
  EXPECT_EQ(exploration.findings[0].finding.verdict, Verdict::kUnstableOutcome)
      << show(exploration);
}

}  // namespace
}  // namespace reprise::properties
