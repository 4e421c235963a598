// Plain functions that something outside invokes, and executions that they start.
#include "reprise/world/event_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Has one thing to do, and tries again after a minute as long as that fails.
class Bell final : public EventSource {
 public:
  explicit Bell(int tries) : tries_left_(tries) {}

  std::string source_name() const override { return "bell"; }
  std::string function_name() const override { return "porter"; }
  std::optional<TimestampMs> next_due(TimestampMs) const override {
    return waits_ && tries_left_ > 0 ? std::optional(due_ms_) : std::nullopt;
  }
  std::optional<SharedText> take(TimestampMs) override {
    waits_ = false;
    --tries_left_;
    return SharedText("\"guest-1\"");
  }
  void finish(const PlainOutcome& outcome, TimestampMs now) override {
    errors_.push_back(outcome.error ? outcome.error->type.value_or("") : "");
    if (!outcome.error) return;
    waits_ = true;
    due_ms_ = now + 60'000;
  }
  const std::vector<std::string>& errors() const { return errors_; }
  bool operator==(const Bell&) const = default;

 private:
  bool waits_ = true;
  int tries_left_;
  TimestampMs due_ms_ = 0;
  std::vector<std::string> errors_;
};

/// Guests who have a room.
struct House {
  std::set<std::string> guests;
  bool operator==(const House&) const = default;
};

class EventSourceTest : public testing::Test {
 protected:
  EventSourceTest() : scenario_("house") {
    scenario_
        .durable_function(
            "let",
            [this](DurableContext ctx, std::string guest) -> Task<std::string> {
              co_await ctx.step("room", [&] {
                effect({.target = "house", .action = "let", .arguments = guest, .key = guest},
                       [&](EffectOutcome& outcome) {
                         if (!house_.guests.insert(guest).second) outcome.unchanged();
                       });
              });
              co_await ctx.wait("stay", absl::Hours(8));
              co_return guest;
            })
        .world(house_, bell_)
        .event_source(bell_);
  }
  /// `name` is that of the execution; "": none.
  void add_porter(const std::string& name) {
    scenario_.function("porter", [name](const std::string& guest) {
      effect({.target = "service", .action = "start", .arguments = guest, .key = name},
             [&](EffectOutcome& outcome) {
               StartRequest request;
               request.function_name = "let:$LATEST";
               request.payload = SharedText("\"" + guest + "\"");
               if (!name.empty()) request.execution_name = name;
               const ApiResult<StartResponse> started =
                   EffectSink::current()->service_for_callers()->start(request);
               if (!started.ok() || started->existing) outcome.unchanged();
             });
    });
  }
  static ScheduleEvent crash(Moment moment, int attempt) {
    ScheduleEvent event;
    event.kind = ScheduleEvent::Kind::kCrash;
    event.place.kind = PointKind::kEffect;
    event.place.moment = moment;
    event.place.operation = "bell/porter";
    event.place.attempt = attempt;
    event.place.effect = 1;
    return event;
  }

  House house_;
  Bell bell_{3};
  Scenario scenario_;
};

TEST_F(EventSourceTest, InvokesAFunctionWhichStartsAnExecution) {
  add_porter("guest-1");
  const RunRecord record = run(scenario_);
  ASSERT_THAT(record.outcomes, SizeIs(1));
  EXPECT_EQ(record.outcomes.front().name, "guest-1");
  EXPECT_EQ(record.outcomes.front().result, "\"guest-1\"");
  ASSERT_THAT(record.ledger, SizeIs(2));
  EXPECT_EQ(record.ledger.front().operation, "bell/porter");
  EXPECT_EQ(record.ledger.front().attempt, 1);
  EXPECT_TRUE(record.ledger.front().owned);
  EXPECT_THAT(bell_.errors(), ElementsAre(""));
  EXPECT_EQ(record.invocations, 3);
}

TEST_F(EventSourceTest, IsToldWhenTheFunctionThrows) {
  int calls = 0;
  scenario_.function("porter", [&calls](const std::string&) {
    if (++calls < 3) throw ApplicationError("Asleep", "come again");
  });
  const RunRecord record = run(scenario_);
  EXPECT_THAT(bell_.errors(), ElementsAre("Asleep", "Asleep", ""));
  EXPECT_EQ(record.virtual_ms, 120'000);
  EXPECT_EQ(record.end, RunEnd::kCompleted);
}

TEST_F(EventSourceTest, IsToldWhenTheProcessDies) {
  add_porter("guest-1");
  const RunRecord record = run(scenario_, Schedule{{crash(Moment::kAfter, 1)}});
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_THAT(bell_.errors(), ElementsAre("Runtime.ExitError", ""));
  EXPECT_THAT(house_.guests, SizeIs(1));
  EXPECT_THAT(record.outcomes, SizeIs(1));
}

TEST_F(EventSourceTest, DiesTheSameWayWhenItIsResumedFromACopy) {
  add_porter("guest-1");
  const Exploration exploration = explore(scenario_);
  EXPECT_TRUE(exploration.sound());
  EXPECT_TRUE(exploration.certificate.closed);
  EXPECT_THAT(exploration.certificate.text(), HasSubstr("any number of crashes"));
  EXPECT_TRUE(sweep(scenario_, 2).sound());
}

TEST_F(EventSourceTest, AStartWithoutANameIsRepeatedByACrash) {
  add_porter("");
  EXPECT_FINDS(scenario_, Verdict::kDuplicateEffect, 1);
}

TEST_F(EventSourceTest, SaysWhichPlacesAreStale) {
  add_porter("guest-1");
  const RunRecord record = run(scenario_, Schedule{{crash(Moment::kAfter, 2)}});
  EXPECT_THAT(record.unreached, SizeIs(1));
}

TEST_F(EventSourceTest, HasItsInvocationsOnTheTimeline) {
  add_porter("guest-1");
  const RunRecord record = run(scenario_, Schedule{{crash(Moment::kBefore, 1)}});
  std::vector<std::string> marks;
  for (const TimelineMark& mark : record.timeline) {
    if (mark.invocation <= 2) marks.push_back(mark.label);
  }
  EXPECT_THAT(marks, ElementsAre("bell", "porter", testing::StartsWith("before effect 1"), "bell",
                                 "porter", "service.start", "return"));
}

TEST_F(EventSourceTest, LeavesNothingToCloseWhenItsFunctionDoesNothing) {
  scenario_.function("porter", [](const std::string&) {});
  const Exploration exploration = explore(scenario_);
  EXPECT_TRUE(exploration.sound());
  EXPECT_THAT(exploration.certificate.text(),
              testing::StartsWith("closed: 0 states, any number of crashes"));
}

TEST_F(EventSourceTest, ThatIsNeverDoneIsARunaway) {
  Bell restless(1 << 30);
  Scenario scenario("house");
  scenario.function("porter", [](const std::string&) { throw ApplicationError("Deaf", "what?"); })
      .event_source(restless)
      .world(restless);
  RunLimits limits;
  limits.invocations_max = 10;
  scenario.run_limits(limits);
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.end, RunEnd::kRunaway);
  EXPECT_EQ(record.end_reason, "bell has invoked porter 10 times, and still has work");
}

TEST_F(EventSourceTest, GetsTheErrorOfTheServiceForADurableFunctionThatMayTakeLong) {
  FunctionConfig config;
  config.execution_timeout_seconds = 901;
  scenario_.durable_function(
      "porter", [](DurableContext, std::string) -> Task<> { co_return; }, config);
  const RunRecord record = run(scenario_);
  EXPECT_THAT(record.outcomes, IsEmpty());
  EXPECT_THAT(bell_.errors(), testing::Each("InvalidParameterValueException"));
  EXPECT_THAT(bell_.errors(), SizeIs(3));
}

TEST_F(EventSourceTest, WaitsForNoDurableFunction) {
  scenario_.durable_function("porter", [](DurableContext, std::string) -> Task<> { co_return; });
  EXPECT_THROW(run(scenario_), ProgramError);
}

TEST(ServiceForCallers, IsThereInRunsOnly) {
  EXPECT_EQ(EffectSink::current(), nullptr);
  Scenario scenario("empty", [](DurableContext ctx) -> Task<bool> {
    bool there = co_await ctx.step(
        "look", [] { return EffectSink::current()->service_for_callers() != nullptr; });
    co_return there;
  });
  EXPECT_EQ(run(scenario).outcomes.front().result, "true");
  EXPECT_EQ(EffectSink::current(), nullptr);
}

}  // namespace
}  // namespace reprise
