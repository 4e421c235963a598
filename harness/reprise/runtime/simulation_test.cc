#include "reprise/runtime/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/world/host.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A world of two counters that only add.
struct Till {
  int taken = 0;
  int printed = 0;

  int take(int cents) {
    return effect({.target = "till", .action = "take", .arguments = std::to_string(cents)},
                  [&](EffectOutcome&) { return taken += cents; });
  }
  void print() {
    effect({.target = "till", .action = "print"}, [&](EffectOutcome&) { ++printed; });
  }
  friend bool operator==(const Till&, const Till&) = default;
};

class SimulationTest : public testing::Test {
 protected:
  SimulationTest() { program_.name = "shop"; }

  template <class H>
  void handler(H code, const std::string& name = "shop", FunctionConfig config = {}) {
    config.name = name;
    program_.functions.push_back({config, make_handler(std::move(code)), nullptr});
    program_.starts.push_back({name + ":$LATEST", name, SharedText("1"), {}});
  }
  void plain(const std::string& name, PlainCode code, FunctionConfig config = {}) {
    config.name = name;
    config.durable = false;
    program_.functions.push_back({config, nullptr, std::move(code)});
  }
  static ScheduleEvent crash(Place place) {
    ScheduleEvent event;
    event.place = std::move(place);
    return event;
  }
  static Place effect_at(Moment moment, int number, const std::string& operation, int attempt = 1) {
    return {PointKind::kEffect, moment, operation, CheckpointAction::kOther, attempt, number, 0};
  }
  static Place checkpoint_at(Moment moment, CheckpointAction action, const std::string& operation,
                             int attempt = 1) {
    return {PointKind::kCheckpoint, moment, operation, action, attempt, 0, 0};
  }
  RunRecord run(const Schedule& schedule = {}) {
    Simulation simulation(program_);
    RunRecord record = simulation.run(schedule);
    EXPECT_EQ(internal::live_frames(), 0);
    end_ = till_;
    simulation.reset_world();
    return record;
  }
  static std::vector<std::string> events(const RunRecord& record,
                                         const std::string& name = "shop") {
    std::vector<std::string> names;
    for (const Event& event : record.histories.at(name)) names.emplace_back(to_string(event.type));
    return names;
  }

  Program program_;
  Till till_;
  Till end_;
};

Task<int> sell(DurableContext ctx, Till& till) {
  const int total = co_await ctx.step("sell", [&] {
    const int taken = till.take(100);
    till.print();
    return taken;
  });
  co_return total;
}

TEST_F(SimulationTest, RunsAHandlerToItsEndWithoutFaults) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) { return sell(ctx, till_); });
  const RunRecord record = run();
  EXPECT_EQ(record.end, RunEnd::kCompleted);
  ASSERT_THAT(record.outcomes, SizeIs(1));
  EXPECT_EQ(record.outcomes[0].result, "100");
  EXPECT_THAT(events(record), ElementsAre("ExecutionStarted", "StepStarted", "StepSucceeded",
                                          "InvocationCompleted", "ExecutionSucceeded"));
  EXPECT_EQ(end_, (Till{100, 1}));
  EXPECT_EQ(till_, Till()) << "the world is put back";
}

TEST_F(SimulationTest, CrashesBetweenTwoEffectsInsideOneBody) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) { return sell(ctx, till_); });
  const RunRecord record = run({{crash(effect_at(Moment::kAfter, 1, "shop/sell#1"))}});
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_EQ(record.crashes, 1);
  EXPECT_EQ(end_, (Till{200, 1})) << "taken twice, printed once: the crash fell between the two";
  EXPECT_THAT(events(record),
              ElementsAre("ExecutionStarted", "StepStarted", "InvocationCompleted", "StepSucceeded",
                          "InvocationCompleted", "ExecutionSucceeded"));
  const Event& died = record.histories.at("shop")[2];
  EXPECT_EQ(died.details.error->payload->type, "Runtime.ExitError");
}

TEST_F(SimulationTest, CrashesAfterACheckpointIsStoredAndBeforeItsAnswer) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) { return sell(ctx, till_); });
  const RunRecord lost =
      run({{crash(checkpoint_at(Moment::kStored, CheckpointAction::kSucceed, "shop/sell#1"))}});
  EXPECT_THAT(lost.unreached, IsEmpty());
  EXPECT_EQ(end_, (Till{100, 1})) << "the result was stored, so the body does not run again";
  EXPECT_EQ(lost.outcomes[0].result, "100");

  const RunRecord unsent =
      run({{crash(checkpoint_at(Moment::kBefore, CheckpointAction::kSucceed, "shop/sell#1"))}});
  EXPECT_THAT(unsent.unreached, IsEmpty());
  EXPECT_EQ(end_, (Till{200, 2})) << "the result was not stored";
}

TEST_F(SimulationTest, CountsNothingThatABodyDoesAfterItsCrash) {
  program_.world.add(till_);
  int swallowed = 0;
  handler([&](DurableContext ctx) -> Task<int> {
    const int total = co_await ctx.step("sell", [&] {
      try {
        till_.take(100);
      } catch (...) {
        ++swallowed;
      }
      return till_.taken;
    });
    co_return total;
  });
  const RunRecord record = run({{crash(effect_at(Moment::kBefore, 1, "shop/sell#1"))}});
  EXPECT_EQ(swallowed, 1);
  EXPECT_EQ(end_.taken, 100);
  EXPECT_EQ(record.outcomes[0].result, "100") << "what the dead body returned was not recorded";
}

TEST_F(SimulationTest, LetsDestructorsRunAtACrashWithoutEffect) {
  program_.world.add(till_);
  int destroyed = 0;
  struct Guard {
    Till& till;
    int& destroyed;
    ~Guard() {
      till.print();
      ++destroyed;
    }
  };
  handler([&](DurableContext ctx) -> Task<> {
    Guard guard{till_, destroyed};
    co_await ctx.step("sell", [&] { till_.take(100); });
    co_return;
  });
  const RunRecord record = run({{crash(effect_at(Moment::kBefore, 1, "shop/sell#1"))}});
  EXPECT_EQ(destroyed, 2);
  EXPECT_EQ(end_.printed, 1) << "only the destructor of the invocation that returned acts";
  EXPECT_THAT(record.incidents, IsEmpty());
}

TEST_F(SimulationTest, NotesEffectsWhileASuspensionDestroysFrames) {
  program_.world.add(till_);
  struct Guard {
    Till& till;
    ~Guard() { till.print(); }
  };
  handler([&](DurableContext ctx) -> Task<> {
    Guard guard{till_};
    co_await ctx.wait("w", absl::Seconds(1));
    co_return;
  });
  const RunRecord record = run();
  ASSERT_THAT(record.ledger, SizeIs(2));
  EXPECT_TRUE(record.ledger[0].in_teardown);
  EXPECT_FALSE(record.ledger[1].in_teardown);
  EXPECT_EQ(end_.printed, 1);
}

TEST_F(SimulationTest, PowersOffAndResumesFromACopyOfTheState) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) -> Task<int> {
    co_await ctx.step("first", [&] { till_.take(1); });
    co_await ctx.step("second", [&] { till_.take(10); });
    co_return till_.taken;
  });
  Simulation simulation(program_);
  ScheduleEvent off;
  off.kind = ScheduleEvent::Kind::kPowerOff;
  off.place = checkpoint_at(Moment::kStored, CheckpointAction::kSucceed, "shop/first#1");
  const RunRecord stopped = simulation.run(Schedule{{off}});
  EXPECT_EQ(stopped.end, RunEnd::kPoweredOff);
  EXPECT_EQ(till_.taken, 1);
  const DurableState state = simulation.save();

  BenignChoices benign;
  for (int again = 0; again < 2; ++again) {
    const RunRecord resumed = simulation.run(benign, RecordLevel::kFull, &state);
    EXPECT_EQ(resumed.end, RunEnd::kCompleted);
    EXPECT_EQ(resumed.outcomes[0].result, "11");
    EXPECT_THAT(resumed.ledger, SizeIs(1)) << "the first step is not run again";
  }
  simulation.reset_world();
}

TEST_F(SimulationTest, TakesEventsInTheOrderOfTheSchedule) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) { return sell(ctx, till_); });
  const Place place = effect_at(Moment::kAfter, 1, "shop/sell#1");
  const RunRecord record = run({{crash(place), crash(place)}});
  EXPECT_EQ(record.crashes, 2);
  EXPECT_EQ(end_, (Till{300, 1}));
}

TEST_F(SimulationTest, SaysWhichPlacesWereNeverReached) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) { return sell(ctx, till_); });
  const RunRecord record = run({{crash(effect_at(Moment::kAfter, 1, "shop/refund#1"))}});
  EXPECT_THAT(record.unreached, SizeIs(1));
  EXPECT_EQ(record.crashes, 0);
}

TEST_F(SimulationTest, EndsAStuckExecutionWithTheReason) {
  handler([](DurableContext ctx) -> Task<> {
    co_await ctx.wait_for_callback("approve", [](const std::string&) {});
    co_return;
  });
  const RunRecord record = run();
  EXPECT_EQ(record.end, RunEnd::kStuck);
  EXPECT_THAT(record.end_reason, HasSubstr("nothing will wake it"));
  EXPECT_THAT(record.end_reason, HasSubstr("CALLBACK"));
}

TEST_F(SimulationTest, EndsARunawayExecution) {
  program_.run_limits.invocations_max = 50;
  handler([](DurableContext ctx) -> Task<> {
    while (true) co_await ctx.wait("again", absl::Seconds(1));
  });
  const RunRecord record = run();
  EXPECT_EQ(record.end, RunEnd::kRunaway);
  EXPECT_THAT(record.end_reason, HasSubstr("50 times"));
}

TEST_F(SimulationTest, EndsABodyThatNeverStopsMakingEffects) {
  program_.world.add(till_);
  program_.run_limits.effects_max = 100;
  handler([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("loop", [&] {
      while (true) till_.take(1);
    });
    co_return;
  });
  const RunRecord record = run();
  EXPECT_EQ(record.end, RunEnd::kRunaway);
  EXPECT_THAT(record.end_reason, HasSubstr("loop#1"));
}

TEST_F(SimulationTest, CompletesACallbackAndAnInvokeInVirtualTime) {
  handler([](DurableContext ctx) -> Task<std::string> {
    const std::string answer = co_await ctx.wait_for_callback("approve", [](const std::string&) {});
    const int doubled = co_await ctx.invoke<int>("double", "twice", 21);
    co_await ctx.wait("year", absl::Hours(24 * 365));
    co_return answer + std::to_string(doubled);
  });
  plain("twice", [](const SharedText& payload) {
    return SharedText(std::to_string(2 * std::stoi(payload.str())));
  });
  CallbackResponder responder;
  responder.operation = "approve";
  responder.delay_ms = 3'600'000;
  responder.answer.payload = SharedText("yes");
  program_.responders.push_back(responder);
  const RunRecord record = run();
  EXPECT_EQ(record.outcomes[0].result, "\"yes42\"");
  EXPECT_GE(record.virtual_ms, 365LL * 24 * 3600 * 1000 + 3'600'000);
}

TEST_F(SimulationTest, NamesTheInvokedFunctionAsTheOwnerOfItsEffects) {
  program_.world.add(till_);
  handler([](DurableContext ctx) -> Task<> {
    co_await ctx.invoke("charge", "bank", 5);
    co_return;
  });
  plain("bank", [&](const SharedText&) {
    till_.take(5);
    return SharedText();
  });
  const RunRecord record = run();
  ASSERT_THAT(record.ledger, SizeIs(1));
  EXPECT_EQ(record.ledger[0].operation, "shop/charge#1/bank");
  EXPECT_TRUE(record.ledger[0].owned);
}

TEST_F(SimulationTest, KeepsHiddenInputsSteadyInStepBodiesOnly) {
  Host host;
  host.set_env("MODE", "old", "new");
  program_.world.add(host);
  std::vector<std::string> outside;
  std::vector<std::string> inside;
  handler([&](DurableContext ctx) -> Task<> {
    const auto read = [&] {
      return host.env("MODE") + "/" + std::to_string(host.hash_salt()) + "/" +
             absl::FormatTime(host.now(), absl::UTCTimeZone());
    };
    outside.push_back(read());
    co_await ctx.step("s", [&] { inside.push_back(read()); });
    co_return;
  });
  ScheduleEvent vary;
  vary.kind = ScheduleEvent::Kind::kVary;
  Schedule schedule;
  for (const HiddenInput input : kHiddenInputs) {
    vary.input = input;
    schedule.events.push_back(vary);
  }
  schedule.events.push_back(
      crash(checkpoint_at(Moment::kBefore, CheckpointAction::kSucceed, "shop/s#1")));
  (void)run(schedule);
  ASSERT_THAT(outside, SizeIs(2));
  ASSERT_THAT(inside, SizeIs(2));
  EXPECT_NE(outside[0], outside[1]);
  EXPECT_EQ(inside[0], inside[1]);
  EXPECT_THAT(outside[1], HasSubstr("new"));
}

TEST_F(SimulationTest, LetsAnotherStartComeBetweenTwoEffects) {
  program_.world.add(till_);
  const auto code = [&](DurableContext ctx) { return sell(ctx, till_); };
  handler(code, "a");
  handler(code, "b");
  ScheduleEvent overlap;
  overlap.kind = ScheduleEvent::Kind::kOverlap;
  overlap.subject = "b";
  overlap.place = effect_at(Moment::kAfter, 1, "a/sell#1");
  const RunRecord record = run({{overlap}});
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_EQ(end_, (Till{200, 2}));
  ASSERT_THAT(record.ledger, SizeIs(4));
  EXPECT_EQ(record.ledger[0].operation, "a/sell#1");
  EXPECT_EQ(record.ledger[1].operation, "b/sell#1");
  EXPECT_EQ(record.ledger[3].operation, "a/sell#1");
}

TEST_F(SimulationTest, NoticesArgumentsThatChangeOnReplay) {  // S-11
  int seconds = 0;
  handler([&](DurableContext ctx) -> Task<> {
    ++seconds;
    co_await ctx.wait("cool-down", absl::Seconds(seconds));
    co_return;
  });
  const RunRecord record = run();
  ASSERT_THAT(record.incidents, SizeIs(1));
  EXPECT_EQ(record.incidents[0].kind, Incident::Kind::kArguments);
  EXPECT_EQ(record.incidents[0].recorded, "seconds=1");
  EXPECT_EQ(record.incidents[0].current, "seconds=2");
}

TEST_F(SimulationTest, ChecksInvariantsAfterEveryEffect) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) { return sell(ctx, till_); });
  program_.invariants.push_back({Invariant::Kind::kAlways,
                                 "printed what was taken",
                                 "",
                                 [&] { return till_.taken == 100 * till_.printed; },
                                 {}});
  program_.invariants.push_back(
      {Invariant::Kind::kSometimes, "something is sold", "", [&] { return till_.taken > 0; }, {}});
  const RunRecord record = run();
  ASSERT_THAT(record.violations, SizeIs(1));
  EXPECT_THAT(record.violations[0].after, HasSubstr("till.take(100)"));
  EXPECT_TRUE(record.sometimes[1]);
}

// A handler may change what no fake tells of, and change it back before the next effect.
TEST_F(SimulationTest, ChecksInvariantsAfterEveryCheckpoint) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("lend", [&] { till_.taken -= 100; });
    co_await ctx.step("give back", [&] { till_.taken += 100; });
  });
  program_.invariants.push_back(
      {Invariant::Kind::kAlways, "nothing is lent", "", [&] { return till_.taken >= 0; }, {}});
  const RunRecord record = run();
  ASSERT_THAT(record.violations, SizeIs(1));
  EXPECT_EQ(record.violations[0].after, "after a checkpoint");
}

TEST_F(SimulationTest, LetsForeignExceptionsThrough) {
  struct Assertion {};
  handler([](DurableContext ctx) -> Task<> {
    co_await ctx.step("s", [] { throw Assertion(); });
    co_return;
  });
  Simulation simulation(program_);
  EXPECT_THROW((void)simulation.run(Schedule()), Assertion);
  EXPECT_EQ(internal::live_frames(), 0);
  EXPECT_EQ(EffectSink::current(), nullptr);
}

TEST_F(SimulationTest, RefusesAFunctionThatIsNotRegistered) {
  handler([](DurableContext) -> Task<> { co_return; });
  program_.starts[0].function = "other:$LATEST";
  Simulation simulation(program_);
  EXPECT_THROW((void)simulation.run(Schedule()), ProgramError);
}

TEST_F(SimulationTest, GivesEqualRecordsForEqualSchedules) {
  program_.world.add(till_);
  handler([&](DurableContext ctx) { return sell(ctx, till_); });
  const Schedule schedule{{crash(effect_at(Moment::kAfter, 2, "shop/sell#1"))}};
  const RunRecord first = run(schedule);
  const RunRecord second = run(schedule);
  EXPECT_EQ(first.outcomes, second.outcomes);
  EXPECT_EQ(first.histories, second.histories);
  EXPECT_EQ(first.places_passed, second.places_passed);
  EXPECT_EQ(first.virtual_ms, second.virtual_ms);
}

}  // namespace
}  // namespace reprise
