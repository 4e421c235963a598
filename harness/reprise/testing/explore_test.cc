#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "reprise/testing/explore_test_support.h"
#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"
#include "reprise/world/host.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Account {
  int balance = 100;
  std::set<std::string> keys;
  std::vector<std::string> mails;

  void debit(int amount, const std::string& key = "") {
    effect({.target = "bank", .action = "debit", .arguments = std::to_string(amount), .key = key},
           [&](EffectOutcome& outcome) {
             if (!key.empty() && !keys.insert(key).second) {
               outcome.unchanged();
               return;
             }
             balance -= amount;
           });
  }
  void credit(int amount) {
    effect({.target = "bank", .action = "credit", .arguments = std::to_string(amount)},
           [&](EffectOutcome&) { balance += amount; });
  }
  void mail(const std::string& text) {
    effect({.target = "mail", .action = "send", .arguments = text},
           [&](EffectOutcome&) { mails.push_back(text); });
  }
  void set(int value) {
    effect(
        {.target = "bank", .action = "set", .arguments = std::to_string(value), .repeatable = true},
        [&](EffectOutcome&) { balance = value; });
  }
  friend bool operator==(const Account&, const Account&) = default;
};

class Explore : public testing::Test {
 protected:
  template <class H>
  Exploration explored(H handler) {
    Scenario scenario("order", std::move(handler));
    scenario.world(account_, host_);
    return explore(scenario);
  }

  Account account_;
  Host host_;
};

TEST_F(Explore, ClosesASoundHandlerUnderAnyNumberOfCrashes) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<int> {
    co_await ctx.step("debit", [&] { account_.debit(10, "order-debit"); });
    co_await ctx.wait("cool-down", absl::Hours(1));
    const int left = co_await ctx.step("read", [&] { return account_.balance; });
    co_return left;
  });
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
  EXPECT_THAT(exploration.certificate.text(), HasSubstr("any number of crashes"));
  EXPECT_EQ(exploration.benign.outcomes[0].result, "90");
  EXPECT_EQ(account_, Account());
}

TEST_F(Explore, FindsAnEffectThatACrashRepeats) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("debit", [&] { account_.debit(10); });
    co_return;
  });
  ASSERT_THAT(verdicts(exploration), ElementsAre("DUPLICATE_EFFECT order/debit#1 1"));
  EXPECT_FALSE(exploration.certificate.closed);
  EXPECT_EQ(exploration.findings[0].finding.what,
            "bank.debit(10) happened twice for order/debit#1 (no idempotency key)");
  EXPECT_THAT(exploration.findings[0].irrelevant,
              ElementsAre("clock", "environment", "entropy", "unordered order"));
}

TEST_F(Explore, DoesNotPruneInsideAnOperation) {
  // After the crash the records and the world are those the run before the body had seen: joining
  // there would lose the second mail.
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("set", [&] {
      account_.set(1);
      account_.mail("done");
      account_.set(2);
    });
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("DUPLICATE_EFFECT order/set#1 1"));
}

TEST_F(Explore, IsSilentAboutAnAbsoluteWriteThatIsRepeated) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("first", [&] { account_.set(1); });
    co_await ctx.step("second", [&] {
      account_.set(2);
      account_.set(3);
    });
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
}

TEST_F(Explore, FindsAKeyThatEachAttemptMints) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("debit", [&] {
      const std::string minted = "key-" + std::to_string(account_.keys.size());
      account_.debit(10, minted);
    });
    co_return;
  });
  ASSERT_THAT(verdicts(exploration), ElementsAre("DUPLICATE_EFFECT order/debit#1 1"));
  EXPECT_THAT(exploration.findings[0].finding.what, HasSubstr("2 different idempotency keys"));
}

TEST_F(Explore, FindsAnEffectOutsideAnyStep) {
  const Exploration with_wait = explored([&](DurableContext ctx) -> Task<> {
    account_.mail("welcome");
    co_await ctx.wait("w", absl::Seconds(1));
    co_return;
  });
  EXPECT_THAT(verdicts(with_wait), ElementsAre("DUPLICATE_EFFECT order 0"));
  const Exploration without = explored([&](DurableContext ctx) -> Task<> {
    account_.mail("welcome");
    co_await ctx.step("s", [] {});
    co_return;
  });
  EXPECT_THAT(verdicts(without), ElementsAre("DUPLICATE_EFFECT order 1"));
}

TEST_F(Explore, FindsAnEffectThatIsLost) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("pay", [&] {
      if (account_.keys.count("paid") > 0) return;
      account_.debit(0, "paid");
      account_.debit(10);
    });
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("LOST_EFFECT order/pay#1 1"));
}

TEST_F(Explore, FindsAResultThatDependsOnTheClock) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<std::string> {
    co_await ctx.step("s", [] {});
    co_return absl::FormatTime(host_.now(), absl::UTCTimeZone());
  });
  ASSERT_THAT(verdicts(exploration), ElementsAre("UNSTABLE_OUTCOME order 2"));
  const Schedule& schedule = exploration.findings[0].schedule;
  const auto varied =
      std::find_if(schedule.events.begin(), schedule.events.end(),
                   [](const auto& event) { return event.kind == ScheduleEvent::Kind::kVary; });
  ASSERT_NE(varied, schedule.events.end());
  EXPECT_EQ(varied->input, HiddenInput::kClock) << "the guilty switch, not all of them";
}

TEST_F(Explore, IsSilentAboutAClockThatIsReadInAStep) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<std::string> {
    const std::string at = co_await ctx.step(
        "stamp", [&] { return absl::FormatTime(host_.now(), absl::UTCTimeZone()); });
    co_return at;
  });
  EXPECT_THAT(verdicts(exploration), IsEmpty());
}

TEST_F(Explore, FindsOperationsThatFollowTheEnvironment) {
  host_.set_env("FLOW", "old", "new");
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    const std::string flow = host_.env("FLOW");
    co_await ctx.step(flow, [] {});
    co_return;
  });
  ASSERT_THAT(exploration.findings, SizeIs(1));
  EXPECT_EQ(exploration.findings[0].finding.verdict, Verdict::kDivergentOp);
  EXPECT_THAT(exploration.findings[0].finding.what,
              HasSubstr("\"new\" where the log holds Step \"old\""));
}

TEST_F(Explore, FindsAWriteToCapturedStateThatAReplayLoses) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<int> {
    int total = 0;
    co_await ctx.step("sum", [&] { total = 5; });
    co_return total;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("UNSTABLE_OUTCOME order 1"));
}

TEST_F(Explore, AllowsWhatAnInterruptedAtMostOnceStepMayLeave) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<std::string> {
    const StepOptions once =
        StepOptions().semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    Outcome<void> charged = co_await ctx.try_step(
        "charge", [&] { account_.debit(10); }, once);
    co_return charged.ok() ? "charged" : "unknown";
  });
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
}

TEST_F(Explore, FindsAnAtMostOnceStepThatItsRetryRepeats) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    const StepOptions twice = StepOptions()
                                  .semantics(StepSemantics::kAtMostOncePerRetry)
                                  .retry(retry::fixed(absl::Seconds(1), 3));
    co_await ctx.step(
        "charge", [&] { account_.debit(10); }, twice);
    co_return;
  });
  ASSERT_THAT(verdicts(exploration), ElementsAre("DUPLICATE_EFFECT order/charge#1 1"));
}

TEST_F(Explore, FindsOtherBugsBehindAnInterruptedAtMostOnceStep) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    const StepOptions once =
        StepOptions().semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    Outcome<void> charged = co_await ctx.try_step(
        "charge", [&] { account_.debit(10, "k"); }, once);
    if (!charged.ok()) {
      co_await ctx.step("apologise", [&] { account_.mail("sorry"); });
    }
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("DUPLICATE_EFFECT order/apologise#1 2"));
}

TEST_F(Explore, ReportsABrokenContractAndJudgesNoFurther) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("outer", [&] {
      account_.debit(10);
      auto inner = ctx.step("inner", [] {});
    });
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("BOUNDARY order/outer#1 0"));
  EXPECT_THAT(exploration.certificate.text(), HasSubstr("without faults already fails"));
}

TEST_F(Explore, FindsStuckExecutions) {
  const Exploration exploration = explored([](DurableContext ctx) -> Task<> {
    co_await ctx.wait_for_callback("approve", [](const std::string&) {});
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("STUCK order 0"));
}

TEST_F(Explore, FindsAttemptsWithoutEnd) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    const auto for_ever = [](const ErrorObject&, int) {
      return RetryDecision::after(absl::Seconds(1));
    };
    co_await ctx.step(
        "debit", [&] { account_.debit(10, "d"); }, StepOptions().retry(for_ever));
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("STUCK order/debit#1 1"));
}

TEST_F(Explore, CountsWhatARepeatedStartDoesAsDoneTwice) {
  Scenario scenario("order");
  scenario.durable_function("order", [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("debit",
                      [&] { account_.debit(10, std::string(ctx.durable_execution_arn())); });
  });
  scenario.start_without_name("o-1", "order", 0);
  scenario.world(account_);
  EXPECT_THAT(verdicts(explore(scenario)), ElementsAre("DUPLICATE_EFFECT o-1/debit#1 1"));
}

TEST_F(Explore, WhatComesLastOfAllComesForWhoLooksAgainAndAgain) {
  struct Answer {
    bool there = false;
    bool operator==(const Answer&) const = default;
  } answer;
  Scenario scenario("order", [&](DurableContext ctx) -> Task<> {
    const auto strategy = [](const bool& there, int) {
      return there ? WaitDecision::done() : WaitDecision::check_again_after(absl::Hours(1));
    };
    const ConditionOptions<bool> options(strategy);
    const auto look = [&](const bool&) { return answer.there; };
    co_await ctx.wait_for_condition("answer", false, look, options);
  });
  scenario.external_event(
      "the answer", [] { return true; }, [&] { answer.there = true; });
  scenario.world(answer);
  EXPECT_THAT(verdicts(explore(scenario)), IsEmpty());
}

TEST_F(Explore, FindsAnEffectWhileFramesAreDestroyed) {
  struct Guard {
    Account& account;
    ~Guard() { account.credit(1); }
  };
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    Guard guard{account_};
    co_await ctx.wait("w", absl::Seconds(1));
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("ORPHAN_EFFECT order 0"));
}

TEST_F(Explore, CompensationThatRunsTwiceNeedsTheFailureAndTheCrash) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    co_await ctx.step("debit", [&] { account_.debit(10, "d"); });
    Outcome<void> shipped = co_await ctx.try_step(
        "ship", [] { throw std::runtime_error("no carrier"); }, StepOptions().retry(retry::none()));
    if (!shipped.ok()) {
      co_await ctx.step("refund", [&] { account_.credit(10); });
    }
    co_return;
  });
  EXPECT_THAT(verdicts(exploration), ElementsAre("DUPLICATE_EFFECT order/refund#1 1"));
}

TEST_F(Explore, TurnsAFailedExpectationIntoAFindingOfItsRun) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<> {
    int runs = 0;
    co_await ctx.step("s", [&] { ++runs; });
    EXPECT_EQ(runs, 1) << "not on a replay";
    co_return;
  });
  ASSERT_THAT(exploration.findings, SizeIs(1));
  EXPECT_EQ(exploration.findings[0].finding.verdict, Verdict::kInvariant);
  EXPECT_THAT(exploration.findings[0].finding.what, HasSubstr("explore_test.cc:"));
  EXPECT_THAT(exploration.findings[0].finding.what, HasSubstr("not on a replay"));
  EXPECT_EQ(exploration.findings[0].schedule.size(), 1U);
}

TEST_F(Explore, NamesAGoalThatNoRunReached) {
  Scenario scenario("order", [](DurableContext ctx) -> Task<> {
    co_await ctx.step("s", [] {});
    co_return;
  });
  scenario.world(account_).sometimes("money moves", [&] { return account_.balance != 100; });
  const Exploration exploration = explore(scenario);
  ASSERT_THAT(exploration.findings, SizeIs(1));
  EXPECT_THAT(exploration.findings[0].finding.what, HasSubstr("held in none"));
}

TEST_F(Explore, SweepsWhenTheWorldCannotBeCompared) {
  Scenario scenario("order", [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("debit", [&] { account_.debit(10); });
    co_return;
  });
  scenario.uncopyable_world([&] { account_ = Account(); });
  const Exploration exploration = explore(scenario);
  EXPECT_THAT(verdicts(exploration), ElementsAre("DUPLICATE_EFFECT order/debit#1 1"));
  EXPECT_THAT(exploration.certificate.text(), HasSubstr("exhaustive to 2 crashes"));
}

TEST_F(Explore, SaysWhenARunDoesNotRepeat) {
  int runs = 0;  // outside the world: no copy brings it back
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<int> {
    co_await ctx.step("s", [] {});
    co_return ++runs;
  });
  ASSERT_FALSE(exploration.sound());
  EXPECT_EQ(exploration.findings[0].finding.verdict, Verdict::kUnstableOutcome);
}

TEST_F(Explore, OverlapsEveryFurtherStart) {
  Scenario scenario("shop");
  const auto take = [&](DurableContext ctx, int amount) -> Task<> {
    co_await ctx.step("take", [&] {
      const int before = account_.balance;
      account_.mail("taking");
      account_.set(before - amount);
    });
    co_return;
  };
  scenario.durable_function("shop", take).start("a", "shop", 1).start("b", "shop", 2);
  scenario.world(account_).at_end(
      "nothing is lost", [&] { return account_.balance == 97; }, "LOST_EFFECT");
  const Exploration exploration = explore(scenario);
  ASSERT_FALSE(exploration.sound());
  const auto lost =
      std::find_if(exploration.findings.begin(), exploration.findings.end(),
                   [](const auto& f) { return f.finding.verdict == Verdict::kLostEffect; });
  ASSERT_NE(lost, exploration.findings.end());
  EXPECT_EQ(lost->schedule.events[0].kind, ScheduleEvent::Kind::kOverlap);
  EXPECT_EQ(lost->schedule.size(), 1U);
}

TEST_F(Explore, ReplaysAFixtureThreeWays) {
  bool keyed = false;
  std::string name = "debit";
  const auto handler = [&](DurableContext ctx) -> Task<> {
    co_await ctx.step(name, [&] { account_.debit(10, keyed ? "k" : ""); });
    co_return;
  };
  Scenario scenario("order", handler);
  scenario.world(account_);
  const Exploration exploration = explore(scenario);
  ASSERT_THAT(exploration.findings, SizeIs(1));
  Fixture fixture;
  fixture.scenario = "order";
  fixture.schedule = exploration.findings[0].schedule;
  fixture.verdict = Verdict::kDuplicateEffect;
  fixture.operation = "order/debit#1";
  fixture.subject = "bank.debit";
  EXPECT_EQ(replay_fixture(scenario, fixture).outcome, FixtureOutcome::kReproduces);
  keyed = true;
  EXPECT_EQ(replay_fixture(scenario, fixture).outcome, FixtureOutcome::kNoLongerFails);
  fixture.input = 7;  // the event of another scenario
  const FixtureReplay other = replay_fixture(scenario, fixture);
  EXPECT_EQ(other.outcome, FixtureOutcome::kStale);
  EXPECT_THAT(other.report, HasSubstr("the input is not that of the fixture"));
  name = "pay";
  const FixtureReplay stale = replay_fixture(scenario, fixture);
  EXPECT_EQ(stale.outcome, FixtureOutcome::kStale);
  EXPECT_THAT(stale.report, HasSubstr("order/debit#1"));
}

/// Everything a finding is identified by.
std::set<std::tuple<std::string, std::string, std::string>> identities(
    const Exploration& exploration) {
  std::set<std::tuple<std::string, std::string, std::string>> set;
  for (const ReportedFinding& each : exploration.findings) {
    set.emplace(to_string(each.finding.verdict), each.finding.operation, each.finding.subject);
  }
  return set;
}

TEST_F(Explore, FindsByClosureWhatBruteForceFinds) {
  Scenario scenario("order", [&](DurableContext ctx) -> Task<> {
    co_await ctx.step("a", [&] { account_.debit(1); });
    co_await ctx.step("b", [&] { account_.debit(2, "b"); });
    co_await ctx.wait("w", absl::Seconds(5));
    co_await ctx.run_in_child_context("c", [&](DurableContext child) -> Task<> {
      co_await child.step("d", [&] { account_.mail("d"); });
      co_return;
    });
    co_return;
  });
  scenario.world(account_);
  EXPECT_EQ(identities(explore(scenario)), identities(sweep(scenario, 2)));
}

TEST_F(Explore, ResumesLinearlyInTheNumberOfSteps) {
  std::vector<std::int64_t> resumes;
  for (const int steps : {10, 20, 40}) {
    const Exploration exploration = explored([&, steps](DurableContext ctx) -> Task<> {
      for (int i = 0; i < steps; ++i) {
        co_await ctx.step("s", [&] { account_.debit(1, std::to_string(i)); });
      }
      co_return;
    });
    EXPECT_TRUE(exploration.certificate.closed);
    resumes.push_back(exploration.certificate.resumes);
  }
  EXPECT_EQ(resumes[1] - resumes[0], 10 * (resumes[2] - resumes[1]) / 20);
}

}  // namespace
}  // namespace reprise
