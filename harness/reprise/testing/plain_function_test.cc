#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "reprise/explore/explorer.h"
#include "reprise/report/text_report.h"
#include "reprise/testing/testing.h"

namespace reprise {
namespace {

// The process of a plain function may die like any other.  Nobody calls it again: its caller gets
// an error, and what the function did by then stays done.

struct Counter {
  int count = 0;
  void add(const std::string& key = "") {
    effect({.target = "counter", .action = "add", .arguments = {}, .key = key},
           [&](EffectOutcome& outcome) {
             if (!key.empty() && count > 0) return outcome.unchanged();
             ++count;
           });
  }
  bool operator==(const Counter&) const = default;
};

ScheduleEvent crash_after_effect(int effect, const std::string& operation) {
  ScheduleEvent crash;
  crash.place.kind = PointKind::kEffect;
  crash.place.moment = Moment::kAfter;
  crash.place.operation = operation;
  crash.place.effect = effect;
  return crash;
}

TEST(PlainFunction, ThatDiesFailsTheInvoke) {
  Counter counter;
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    const Outcome<void> done = co_await ctx.try_invoke<void>("work", "worker", 1);
    if (done.ok()) co_return "done";
    co_return std::string(done.error().cause_type());
  };
  Scenario scenario("order", handler);
  scenario.world(counter).function("worker", [&](int) { counter.add(); });
  const RunRecord record = run(scenario, Schedule{{crash_after_effect(1, "order/work#1/worker")}});
  EXPECT_TRUE(record.unreached.empty());
  EXPECT_EQ(record.outcomes.front().result.view(), R"("Runtime.ExitError")");
  EXPECT_EQ(counter.count, 1);
}

TEST(PlainFunction, MayDieAndMayHaveActed) {
  // The handler gives up: whether the effect happened is unknown to it, and either is allowed.
  Counter counter;
  auto handler = [&](DurableContext ctx) -> Task<void> {
    co_await ctx.step("before", [] {});
    co_await ctx.invoke<void>("work", "worker", 1);
    co_await ctx.step("after", [] {});
  };
  Scenario scenario("order", handler);
  scenario.world(counter).function("worker", [&](int) { counter.add(); });
  EXPECT_DURABLE(scenario);
  EXPECT_TRUE(sweep(scenario, 3).sound());
}

TEST(PlainFunction, ThatIsCalledAgainMustBeIdempotent) {
  const auto exploration_of = [](const std::string& key) {
    Counter counter;
    auto handler = [&](DurableContext ctx) -> Task<void> {
      Outcome<void> done = co_await ctx.try_invoke<void>("work", "worker", 1);
      if (!done.ok()) co_await ctx.invoke<void>("work", "worker", 1);
    };
    Scenario scenario("order", handler);
    scenario.world(counter).function("worker", [&](int) { counter.add(key); });
    scenario.at_end("it happened once at most", [&] { return counter.count <= 1; });
    return explore(scenario);
  };
  EXPECT_TRUE(exploration_of("work/1").sound());
  const Exploration without_key = exploration_of("");
  ASSERT_EQ(without_key.findings.size(), 1U);
  EXPECT_EQ(without_key.findings.front().finding.verdict, Verdict::kInvariant);
  EXPECT_EQ(without_key.findings.front().schedule.size(), 1U);
}

TEST(PlainFunction, MayNeedACompensationThatUndoesTwoThings) {
  // No run without faults compensates; two different undos of one operation are no duplicate.
  struct Ledger {
    std::string entries;
    void add(const std::string& entry) {
      effect({.target = "ledger", .action = "add", .arguments = entry, .key = {}},
             [&](EffectOutcome& outcome) {
               if (entries.find(entry) != std::string::npos) return outcome.unchanged();
               entries += entry;
             });
    }
    bool operator==(const Ledger&) const = default;
  };
  Ledger ledger;
  auto handler = [&](DurableContext ctx) -> Task<void> {
    const Outcome<void> done = co_await ctx.try_invoke<void>("work", "worker", 1);
    if (!done.ok()) {
      co_await ctx.step("undo", [&] {
        ledger.add("-a");
        ledger.add("-b");
      });
    }
  };
  Scenario scenario("order", handler);
  scenario.world(ledger).function("worker", [&](int) { ledger.add("+ab"); });
  EXPECT_DURABLE(scenario);
}

TEST(PlainFunction, ThatIsTooSlowTimesOutWithItsEffectsDone) {
  Counter counter;
  auto handler = [&](DurableContext ctx) -> Task<std::string> {
    const Outcome<void> done = co_await ctx.try_invoke<void>("work", "worker", 1);
    if (done.ok()) co_return "done";
    co_return std::string(done.error().cause_type()) + ": " + done.error().what();
  };
  FunctionConfig slow;
  slow.function_timeout_seconds = 3;
  slow.latency_ms = 3001;
  Scenario scenario("order", handler);
  scenario.world(counter).function(
      "worker", [&](int) { counter.add(); }, slow);
  const RunRecord record = run(scenario);
  EXPECT_THAT(record.outcomes.front().result.str(),
              testing::AllOf(testing::HasSubstr("Sandbox.Timedout"),
                             testing::HasSubstr("Task timed out after 3.00 seconds")));
  EXPECT_EQ(counter.count, 1);
}

TEST(Timeline, ShowsWhoGoesOnAfterAnOverlap) {
  Counter counter;
  auto handler = [&](DurableContext ctx) -> Task<void> {
    co_await ctx.step("add", [&] { counter.add(); });
  };
  Scenario scenario("orders");
  scenario.durable_function("order", handler).start("one", "order", 1).start("two", "order", 2);
  scenario.world(counter);
  ScheduleEvent overlap = crash_after_effect(1, "one/add#1");
  overlap.kind = ScheduleEvent::Kind::kOverlap;
  overlap.place.attempt = 1;
  overlap.subject = "two";
  const RunRecord record = run(scenario, Schedule{{overlap}});
  EXPECT_THAT(timeline(record), testing::ElementsAre("inv 1 one  add(  counter.add!",
                                                     "inv 2 two  add(  counter.add!  )=  return",
                                                     "inv 1 goes on  add=  return"));
}

}  // namespace
}  // namespace reprise
