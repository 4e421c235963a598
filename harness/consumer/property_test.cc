// A project outside that draws the inputs of its handler.

#include <gtest/gtest.h>

#include "reprise/testing/rapidcheck.h"

namespace {

using reprise::DurableContext;
using reprise::Task;

REPRISE_PROP(PropertyConsumer, DrawsInputs, (int number)) {
  const auto twice = [](DurableContext ctx, int given) -> Task<long> {
    const long result = co_await ctx.step("twice", [&] { return 2L * given; });
    co_return result;
  };
  reprise::Scenario scenario("twice", twice, number);
  EXPECT_DURABLE_SAMPLED(scenario, 10);
  EXPECT_EQ(reprise::run(scenario).outcomes.front().result, std::to_string(2L * number));
}

}  // namespace
