#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <string>

#include "reprise/explore/explorer.h"
#include "reprise/testing/testing.h"
#include "reprise/world/host.h"

namespace reprise {
namespace {

// What a step reads from the clock is an input like any other: another time is no fault.

struct Store {
  int taken = 0;
  std::string last;
  void take(const std::string& by) {
    effect({.target = "store", .action = "take", .arguments = by, .key = {}}, [&](EffectOutcome&) {
      ++taken;
      last = by;
    });
  }
  bool operator==(const Store&) const = default;
};

std::string stamp(const Host& host) { return std::to_string(absl::ToUnixMillis(host.now())); }

TEST(StepClock, AnOverlapThatOnlyTakesTimeIsRight) {
  Host host;
  auto handler = [&](DurableContext ctx, int n) -> Task<std::string> {
    const int doubled = co_await ctx.invoke<int>("double", "double", n);
    const std::string stamped = co_await ctx.step("stamp", [&] { return stamp(host); });
    co_return stamped + "/" + std::to_string(doubled);
  };
  Scenario scenario("orders");
  scenario.durable_function("order", handler)
      .function("double",
                [](int n) {
                  effect({.target = "meter", .action = "count", .arguments = {}, .key = {}},
                         [](EffectOutcome&) {});
                  return 2 * n;
                })
      .start("order-1", "order", 1)
      .start("order-2", "order", 2)
      .world(host);
  EXPECT_DURABLE(scenario);
}

TEST(StepClock, AnInvocationThatIsRetriedLateIsRight) {
  Host host;
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    const std::string first = co_await ctx.step("first", [&] { return stamp(host); });
    co_return first;
  };
  Scenario scenario("order", handler);
  scenario.world(host);
  const Exploration exploration = sweep(scenario, 5);  // the fifth crash in a row meets a delay
  EXPECT_TRUE(exploration.sound()) << exploration.findings.front().finding.what;
}

TEST(StepClock, WhatDiffersBesidesTheTimeIsFound) {
  Host host;
  Store store;
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    co_await ctx.step("take", [&] { store.take(stamp(host)); });
    const std::string stamped = co_await ctx.step("stamp", [&] { return stamp(host); });
    co_return stamped;
  };
  Scenario scenario("order", handler);
  scenario.world(host, store);
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 1);
}

TEST(StepClock, AClockOutsideStepsIsFound) {
  Host host;
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    co_await ctx.wait("wait", absl::Seconds(1));
    co_return stamp(host);
  };
  Scenario scenario("order", handler);
  scenario.world(host);
  EXPECT_FINDS(scenario, Verdict::kUnstableOutcome, 1);
}

}  // namespace
}  // namespace reprise
