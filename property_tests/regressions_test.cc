// What the laws found in this library, as the smallest programs that showed it.

#include <gtest/gtest.h>

#include <string>

#include "property_tests/exploration_support.h"
#include "reprise/sdk/context.h"
#include "reprise/testing/scenario.h"
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

}  // namespace
}  // namespace reprise::properties
