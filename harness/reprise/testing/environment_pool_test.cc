// M7: environments of the world, which stay warm and serve whom the service likes.

#include "reprise/world/environment_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "reprise/service/fake_service.h"
#include "reprise/testing/explore_test_support.h"
#include "reprise/testing/testing.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Environments with a note each, by the execution that they served last.
class Notes final : public EnvironmentPool {
 public:
  std::vector<std::string> candidates(const ArrivingInvocation& invocation) const override {
    if (static_cast<int>(busy_.size()) >= seats) return {};
    std::vector<std::string> names;
    if (idle_.contains(invocation.execution)) names.push_back(invocation.execution);
    names.emplace_back("cold");
    for (const auto& [name, unused] : idle_) {
      if (name != invocation.execution) names.push_back(name);
    }
    return names;
  }
  void occupy(const ArrivingInvocation& invocation, const std::string& environment) override {
    busy_.push_back({invocation.execution, idle_[environment]});
    idle_.erase(environment);
  }
  void release(bool alive) override {
    if (alive) idle_[busy_.back().first] = busy_.back().second;
    busy_.pop_back();
  }
  void lose_busy() override { busy_.clear(); }
  void retire() override {
    idle_.clear();
    busy_.clear();
  }

  std::string& note() { return busy_.back().second; }
  int idle() const { return static_cast<int>(idle_.size()); }
  bool operator==(const Notes& other) const { return idle_ == other.idle_ && busy_ == other.busy_; }

  int seats = 100;

 private:
  std::map<std::string, std::string> idle_;
  std::vector<std::pair<std::string, std::string>> busy_;
};

/// Two steps with a pause between them; the second is built from `text`.
template <class Text>
auto two_steps(Text text) {
  return [text](DurableContext ctx, std::string who) -> Task<std::string> {
    co_await ctx.step("first", [&] { return text(who); });
    co_await ctx.wait("pause", absl::Hours(1));
    const std::string second = co_await ctx.step("second", [&] { return text(who); });
    co_return second;
  };
}

Scenario visits(Notes& notes, const std::function<std::string(const std::string&)>& text,
                const std::vector<std::string>& who) {
  Scenario scenario("visits");
  scenario.durable_function("visit", two_steps(text));
  for (const std::string& each : who) scenario.start(each, "visit", each);
  scenario.environments(notes);
  return scenario;
}

TEST(EnvironmentPool, ServesAnExecutionWhereItWasServedBeforeWithoutFaults) {
  Notes notes;
  const auto text = [&](const std::string& who) { return notes.note() += who; };
  Scenario scenario = visits(notes, text, {"a", "b"});
  scenario.at_end("one for each", [&] { return notes.idle() == 2; });
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.outcomes[0].result, "\"aa\"");
  EXPECT_EQ(record.outcomes[1].result, "\"bb\"");
  EXPECT_THAT(record.violations, IsEmpty());
  EXPECT_EQ(notes.idle(), 0) << "behind the run";
}

TEST(EnvironmentPool, ACrashTakesTheMemoryAlong) {
  Notes notes;
  const auto text = [&](const std::string& who) { return notes.note() += who; };
  Scenario scenario = visits(notes, text, {"a"});
  ScheduleEvent crash;
  crash.place.kind = PointKind::kResponse;
  crash.place.operation = "a";
  crash.place.invocation = 1;
  EXPECT_EQ(run(scenario, Schedule{{crash}}).outcomes.front().result, "\"a\"");
}

TEST(EnvironmentPool, WhatIsKeptForAnyoneIsFoundInOneEvent) {
  Notes notes;
  const auto first_come = [&](const std::string& who) {
    if (notes.note().empty()) notes.note() = who;
    return notes.note();
  };
  Scenario scenario = visits(notes, first_come, {"a", "b"});
  const Exploration exploration = explore(scenario);
  EXPECT_THAT(verdicts(exploration), ElementsAre("UNSTABLE_OUTCOME b 1", "UNSTABLE_OUTCOME a 1"));
  const Schedule& schedule = exploration.findings.front().schedule;
  EXPECT_EQ(describe(schedule), "1 event: invocation 1 of b runs in a");
  const Fixture fixture = fixture_of(scenario.program(), exploration.findings.front());
  const absl::StatusOr<Fixture> read = parse_fixture(write_fixture(fixture), "fixture");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(replay(scenario, *read).outcome, FixtureOutcome::kReproduces);
}

TEST(EnvironmentPool, WhatIsTakenForGrantedAfterAPauseIsFound) {
  Notes notes;
  const auto cached = [&](const std::string& who) {
    if (notes.note().empty()) notes.note() = "cold";  // but the first visit sets it
    return notes.note() == "cold" ? notes.note() = "warm" : who;
  };
  Scenario scenario = visits(notes, cached, {"a"});
  EXPECT_FINDS(scenario, Verdict::kUnstableOutcome, 1);
}

TEST(EnvironmentPool, AnyNumberOfCrashesAndEveryChoiceClose) {
  Notes notes;
  const auto keyed = [&](const std::string& who) {
    if (notes.note() != who) notes.note() = who;
    return notes.note();
  };
  Scenario scenario = visits(notes, keyed, {"a", "b"});
  const Exploration exploration = explore(scenario);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_THAT(exploration.certificate.text(),
              HasSubstr("any number of crashes, every choice of environments"));
  EXPECT_TRUE(exploration.certificate.closed);
  EXPECT_EQ(exploration.coverage.percent(), 100) << exploration.coverage.text();
}

// Two visits in turn: the first of a is cold; the first of b is cold or where a was; and so on for
// the second of each.  Those are the choices, each tried once.
TEST(EnvironmentPool, ChoicesCloseWithoutCrashesToo) {
  Notes notes;
  const auto keyed = [&](const std::string& who) { return notes.note() = who; };
  Scenario scenario = visits(notes, keyed, {"a", "b"});
  scenario.without(Mechanism::kCrashes);
  const Exploration exploration = explore(scenario);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_THAT(exploration.certificate.text(),
              HasSubstr("fault points 0/34, closed: 7 states, no crashes, every choice of env"));
}

TEST(EnvironmentPool, TheSweepTriesThemToo) {
  Notes notes;
  const auto first_come = [&](const std::string& who) {
    if (notes.note().empty()) notes.note() = who;
    return notes.note();
  };
  Scenario scenario = visits(notes, first_come, {"a", "b"});
  EXPECT_THAT(verdicts(sweep(scenario, 1)),
              ElementsAre("UNSTABLE_OUTCOME b 1", "UNSTABLE_OUTCOME a 1"));
}

TEST(EnvironmentPool, WithoutTheMechanismNothingIsChosen) {
  Notes notes;
  const auto first_come = [&](const std::string& who) {
    if (notes.note().empty()) notes.note() = who;
    return notes.note();
  };
  Scenario scenario = visits(notes, first_come, {"a", "b"});
  scenario.without(Mechanism::kEnvironments);
  EXPECT_THAT(verdicts(explore(scenario)), IsEmpty());
}

TEST(EnvironmentPool, AnInvocationThatFindsNoneIsTriedAgainLater) {
  Notes notes;
  notes.seats = 0;
  Scenario scenario = visits(notes, [](const std::string& who) { return who; }, {"a"});
  scenario.external_event(
      "room", [] { return true; }, [&] { notes.seats = 1; });
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.outcomes.front().result, "\"a\"");
  EXPECT_EQ(record.invocations, 3);
  EXPECT_GE(record.virtual_ms, 3601000);
}

TEST(EnvironmentPool, ATenantBelongsToAStart) {
  Scenario scenario("visits");
  EXPECT_THROW(scenario.tenant("acme"), ProgramError);
}

// What fakes that call the service reach it by.
TEST(ServiceForCallers, StartsExecutionsFromOutside) {
  bool asked = false;
  Scenario scenario("visits");
  scenario.durable_function("visit", two_steps([](const std::string& who) { return who; }));
  scenario.external_event(
      "ann asks", [] { return true; },
      [&] {
        FakeService* service = EffectSink::current()->service_for_callers();
        ASSERT_NE(service, nullptr);
        asked = service
                    ->start({.function_name = "visit:$LATEST",
                             .payload = SharedText("\"ann\""),
                             .execution_name = "ann"})
                    .ok();
      });
  const RunRecord record = run(scenario);
  EXPECT_TRUE(asked);
  ASSERT_EQ(record.outcomes.size(), 1U);
  EXPECT_EQ(record.outcomes.front().result, "\"ann\"");
  EXPECT_DURABLE(scenario);
}

// M17 looks into what is recorded, too.
TEST(Canaries, ARecordIsSearched) {
  std::string shared;
  Scenario scenario("visits");
  scenario.durable_function("visit", [&](DurableContext ctx, std::string who) -> Task<> {
    if (shared.empty()) shared = who;
    co_await ctx.step("remember", [&] { return shared; });
  });
  scenario.start("a", "visit", std::string("ann's")).start("b", "visit", std::string("bob's"));
  scenario.canary("a", "ann's").canary("b", "bob's");
  const RunRecord record = run(scenario);
  ASSERT_EQ(record.incidents.size(), 1U);
  EXPECT_EQ(record.incidents.front().operation, "b/remember#1");
  EXPECT_THAT(record.incidents.front().message, HasSubstr("turns up in its record"));
}

}  // namespace
}  // namespace reprise
