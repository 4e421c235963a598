// What the runtime tells an ambient guard.  This program is linked without one; `observe` stands
// for it.

#include "reprise/world/ambient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CodeRegion region() {
  EffectSink* sink = EffectSink::current();
  return sink == nullptr ? CodeRegion::kOutside : sink->ambient_scope().region;
}

void observe(AmbientKind kind, std::string_view location) {
  if (region() != CodeRegion::kHandler) return;
  EffectSink::current()->ambient_call({kind, "call", location, "symbol"});
}

struct Attempts {
  int attempts = 0;
  friend bool operator==(const Attempts&, const Attempts&) = default;
};

std::vector<std::string> locations(const RunRecord& record) {
  std::vector<std::string> found;
  for (const AmbientNote& note : record.ambient) found.push_back(note.location);
  return found;
}

TEST(AmbientScope, IsTheHandlersBetweenOperationsOnly) {
  std::vector<CodeRegion> regions = {region()};
  const auto child = [&](DurableContext ctx) -> Task<> {
    regions.push_back(region());
    co_await ctx.wait("w", absl::Seconds(1));
  };
  const auto handler = [&](DurableContext ctx) -> Task<> {
    regions.push_back(region());
    co_await ctx.step("s", [&] { regions.push_back(region()); });
    regions.push_back(region());
    co_await ctx.invoke<void>("f", "f", 0);
    co_await ctx.run_in_child_context("child", child);
  };
  Scenario scenario("order", handler);
  scenario.function("f", [&](int) { regions.push_back(region()); });
  scenario.at_end("done", [&] {
    regions.push_back(region());
    return true;
  });
  run(scenario, {});
  constexpr CodeRegion kHandler = CodeRegion::kHandler;
  constexpr CodeRegion kHarness = CodeRegion::kHarness;
  constexpr CodeRegion kOutside = CodeRegion::kOutside;
  // Three invocations: up to the invoke, up to the wait in the child, to the end.
  EXPECT_THAT(regions, ElementsAre(kOutside, kHandler, kHarness, kHandler, kHarness, kHandler,
                                   kHandler, kHandler, kHandler, kHandler, kHandler, kOutside));
}

TEST(AmbientScope, IsTheHarnesssWhileFramesAreDestroyed) {
  struct Guard {
    std::vector<CodeRegion>* regions;
    ~Guard() { regions->push_back(region()); }
  };
  std::vector<CodeRegion> regions;
  const auto handler = [&](DurableContext ctx) -> Task<> {
    const Guard guard{&regions};
    co_await ctx.wait("w", absl::Seconds(1));
  };
  Scenario scenario("order", handler);
  run(scenario, {});
  EXPECT_THAT(regions, ElementsAre(CodeRegion::kHarness, CodeRegion::kHandler))
      << "at the suspension, and at the end";
}

TEST(AmbientScope, KeepsWhatItsCodeDid) {
  std::vector<std::uint64_t> readings;
  const auto read = [&] {
    readings.push_back(++EffectSink::current()->ambient_scope().state->clock_readings);
  };
  const auto handler = [&](DurableContext ctx) -> Task<> {
    read();
    co_await ctx.step("a", [&] { read(), read(); });
    co_await ctx.step("b", [&] { read(); });
    read();
  };
  Scenario scenario("order", handler);
  run(scenario, {});
  EXPECT_THAT(readings, ElementsAre(1, 1, 2, 1, 2));
}

TEST(AmbientNotes, NameEachPlaceOnceARun) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    observe(AmbientKind::kClock, "order.cpp:1");
    co_await ctx.step("s", [] { observe(AmbientKind::kClock, "order.cpp:2"); });
    co_await ctx.wait("w", absl::Seconds(1));
    observe(AmbientKind::kClock, "order.cpp:3");
  };
  Scenario scenario("order", handler);
  const RunRecord record = run(scenario, {});
  ASSERT_THAT(locations(record), ElementsAre("order.cpp:1", "order.cpp:3"));
  EXPECT_EQ(record.ambient[0].execution, "order");
  EXPECT_EQ(record.ambient[0].invocation, 1);
  EXPECT_EQ(record.ambient[1].invocation, 2);
}

TEST(AmbientNotes, AreKeptByAnExploration) {
  const auto handler = [](DurableContext ctx) -> Task<> {
    observe(AmbientKind::kLocale, "order.cpp:1");
    co_await ctx.step("s", [] {});
  };
  Scenario scenario("order", handler);
  const Exploration exploration = explore(scenario);
  EXPECT_TRUE(exploration.sound());
  EXPECT_THAT(exploration.notes, ElementsAre("reads the locale: call called at order.cpp:1"));
}

// Only after a crash: the exploration looks at every run.
TEST(AmbientNotes, ASleepOnAPathThatOnlyACrashReachesIsFound) {
  Attempts world;
  const auto handler = [&](DurableContext ctx) -> Task<> {
    const int attempts = co_await ctx.step("try", [&] {
      return effect({.target = "world", .action = "try", .repeatable = true},
                    [&](EffectOutcome&) { return world.attempts = world.attempts == 0 ? 1 : 2; });
    });
    if (attempts == 2) observe(AmbientKind::kSleep, "order.cpp:1");
    co_return;
  };
  Scenario scenario("order", handler);
  scenario.world(world);
  bool found = false;
  for (const ReportedFinding& reported : explore(scenario).findings) {
    for (const AmbientNote& note : reported.record.ambient) {
      found = found || note.location == "order.cpp:1";
    }
  }
  EXPECT_TRUE(found);
}

TEST(StrictAmbientCalls, NeedTheGuard) {
  const auto handler = [](DurableContext ctx) -> Task<> { co_await ctx.step("s", [] {}); };
  Scenario scenario("order", handler);
  ExploreOptions options;
  options.strict_ambient_calls = true;
  scenario.options(options);
  EXPECT_FALSE(ambient_guard_linked());
  EXPECT_THROW(explore(scenario), ProgramError);
}

}  // namespace
}  // namespace reprise
