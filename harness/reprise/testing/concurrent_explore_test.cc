#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reprise/testing/explore_test_support.h"
#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"
#include "reprise/world/host.h"

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Bookings by name; with an idempotency key a repeat is recognised.
struct Agency {
  std::map<std::string, int> bookings;
  std::set<std::string> keys;

  int book(const std::string& what, const std::string& key = "") {
    return effect({.target = "agency", .action = "book", .arguments = what, .key = key},
                  [&](EffectOutcome& outcome) {
                    if (!key.empty() && !keys.insert(key).second) {
                      outcome.unchanged();
                    } else {
                      ++bookings[what];
                    }
                    return bookings[what];
                  });
  }
  friend bool operator==(const Agency&, const Agency&) = default;
};

class ConcurrentExplore : public testing::Test {
 protected:
  template <class H>
  Exploration explored(H handler) {
    Scenario scenario("trip", std::move(handler));
    scenario.world(agency_, host_);
    return explore(scenario);
  }
  Task<int> book(DurableContext ctx, std::string what) {
    const std::string key = "trip-" + what;
    const int count = co_await ctx.step("book", [&] { return agency_.book(what, key); });
    co_await ctx.wait("settle", absl::Minutes(1));
    co_return count;
  }

  Agency agency_;
  Host host_;
};

TEST_F(ConcurrentExplore, ClosesASoundMap) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<std::vector<int>> {
    const std::vector<std::string> items = {"flight", "hotel", "car"};
    const auto body = [&](DurableContext item_ctx, const std::string& item) {
      return book(item_ctx, item);
    };
    const BatchResult<int> batch = co_await ctx.map("bookings", items, body);
    co_return batch.results();
  });
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
  EXPECT_EQ(exploration.benign.outcomes[0].result, "[1,1,1]");
}

TEST_F(ConcurrentExplore, FindsTheOneBranchWithoutAKey) {
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<int> {
    Branches<int> branches;
    branches.add("flight", [&](DurableContext branch) { return book(branch, "flight"); });
    branches.add("hotel", [&](DurableContext branch) -> Task<int> {
      const int count = co_await branch.step("book", [&] { return agency_.book("hotel"); });
      co_return count;
    });
    const BatchResult<int> batch = co_await ctx.parallel("bookings", branches);
    co_return static_cast<int>(batch.success_count());
  });
  EXPECT_THAT(verdicts(exploration),
              ElementsAre("DUPLICATE_EFFECT trip/bookings#1/hotel#1/book#1 1"));
}

TEST_F(ConcurrentExplore, FindsABranchThatDependsOnTheOrderOfTheOthers) {
  int seen = 0;
  const Exploration exploration = explored([&](DurableContext ctx) -> Task<std::vector<int>> {
    const std::vector<int> items = {1, 2};
    const auto body = [&](DurableContext item_ctx, int item) -> Task<int> {
      co_await item_ctx.step("note", [&] { seen += item; });  // lost on a replay
      co_return seen;
    };
    seen = 0;
    const BatchResult<int> batch = co_await ctx.map("m", items, body);
    co_return batch.results();
  });
  EXPECT_FALSE(exploration.certificate.closed);
  EXPECT_FALSE(exploration.findings.empty());
}

TEST_F(ConcurrentExplore, ClosesPollsRacesAndEarlyEnds) {
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    const auto check = [](int state) { return state + 1; };
    const ConditionOptions<int> options(
        PollUntil<int>([](const int& state) { return state == 3; }));
    const int polls = co_await ctx.wait_for_condition("poll", 0, check, options);
    auto quick = ctx.step("quick", [&] { return agency_.book("quick", "k1"); });
    auto slow = ctx.invoke<int>("slow", "slow", 0);
    const int winner = co_await ctx.race("race", quick, slow);
    Branches<int> branches;
    branches.add([&](DurableContext branch) { return book(branch, "a"); });
    branches.add([&](DurableContext branch) -> Task<int> {
      const int count = co_await branch.step("b", [&] { return agency_.book("b", "k2"); });
      co_return count;
    });
    BatchOptions first;
    first.completion(CompletionConfig().min_successful(1));
    const BatchResult<int> batch = co_await ctx.parallel("first", branches, first);
    const int late = co_await slow;
    co_return std::to_string(polls + winner + late) + std::string(to_string(batch.status()));
  };
  Scenario scenario("trip", handler);
  scenario.world(agency_, host_);
  scenario.function("slow", [](int) { return 10; });
  const Exploration exploration = explore(scenario);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
  EXPECT_EQ(exploration.benign.outcomes[0].result, "\"14SUCCEEDED\"");
}

TEST_F(ConcurrentExplore, BodiesTakeVirtualTimeSideBySide) {
  const auto handler = [&](DurableContext ctx) -> Task<std::string> {
    const auto body_of = [this](int seconds, const char* name) {
      host_.spend(absl::Seconds(seconds));
      return std::string(name);
    };
    auto slow = ctx.step("slow", [&] { return body_of(3, "slow"); });
    auto quick = ctx.step("quick", [&] { return body_of(1, "quick"); });
    auto timer = ctx.wait("timer", absl::Seconds(2));
    const std::string winner = co_await ctx.race("race", slow, quick);
    co_await timer;
    const std::string loser = co_await slow;
    co_return winner + " " + loser;
  };
  Scenario scenario("trip", handler);
  scenario.world(host_);
  Simulation simulation(scenario.program());
  const RunRecord record = simulation.run(Schedule());
  EXPECT_EQ(record.outcomes[0].result, "\"quick slow\"");
  EXPECT_EQ(record.invocations, 1);
  EXPECT_EQ(record.virtual_ms, 3000);
  const Exploration exploration = explore(scenario);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
}

// Its successor is told that the attempt was interrupted; whether it acts is not known.
TEST_F(ConcurrentExplore, AFrozenProcessMayStillDoWhatItsSuccessorGivesUp) {
  std::set<std::string> asked;
  Scenario scenario("trip", [&](DurableContext ctx) -> Task<std::string> {
    StepOptions once;
    once.semantics(StepSemantics::kAtMostOncePerRetry).retry(retry::none());
    Outcome<int> count = co_await ctx.try_step(
        "book", [&] { return agency_.book("hotel"); }, once);
    if (count.ok()) co_return std::string("booked");
    co_await ctx.step("ask", [&] {
      effect({.target = "desk", .action = "ask", .arguments = "hotel", .repeatable = true},
             [&](EffectOutcome&) { asked.insert("hotel"); });
    });
    co_return std::string("unknown");
  });
  scenario.world(agency_, asked);
  const Exploration exploration = explore(scenario);
  EXPECT_THAT(verdicts(exploration), IsEmpty());
  EXPECT_TRUE(exploration.certificate.closed);
}

}  // namespace
}  // namespace reprise
