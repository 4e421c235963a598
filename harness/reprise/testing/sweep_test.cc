// What shows only behind crashes: explored by the closure, and by brute force.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

using testing::SizeIs;

/// Counts how often it is tried, which is no part of what it is.
struct Siren {
  int tries = 0;
  bool tested = false;
  int alarms = 0;

  void test() {
    effect({.target = "siren", .action = "test", .repeatable = true}, [&](EffectOutcome&) {
      ++tries;
      tested = true;
    });
  }
  void sound() {
    effect({.target = "siren", .action = "sound"}, [&](EffectOutcome&) { ++alarms; });
  }
  friend bool operator==(const Siren& a, const Siren& b) {
    return a.tested == b.tested && a.alarms == b.alarms;
  }
};

TEST(Goals, MayHoldBehindACrashOnly) {
  Siren siren;
  Scenario scenario("order", [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("test", [&] { siren.test(); });
  });
  scenario.world(siren).sometimes("it is tested twice", [&] { return siren.tries == 2; });
  ExploreOptions options = scenario.explore_options();
  options.try_variants = false;
  scenario.options(options);
  const Exploration exploration = explore(scenario);
  EXPECT_TRUE(exploration.sound()) << exploration.findings.front().finding.what;
}

TEST(Sweep, TriesTwoCrashesWhenItIsAskedTo) {
  Siren siren;
  Scenario scenario("order", [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("test", [&] {
      siren.test();
      if (siren.tries == 3) siren.sound();
    });
  });
  scenario.world(siren);
  EXPECT_TRUE(sweep(scenario, 1).sound());
  const Exploration exploration = sweep(scenario, 2);
  ASSERT_THAT(exploration.findings, SizeIs(1));
  EXPECT_EQ(exploration.findings[0].schedule.size(), 2U);
}

}  // namespace
}  // namespace reprise
