#include "reprise/testing/durability_score.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "reprise/runtime/simulation.h"
#include "reprise/testing/testing.h"
#include "reprise/world/effect.h"

namespace reprise {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

/// Counts what is not done under a key that was seen before.
struct Till {
  std::map<std::string, int> charges;

  void charge(const std::string& key) {
    effect({.target = "till", .action = "charge", .key = key}, [&](EffectOutcome& outcome) {
      if (!charges.try_emplace(key, 1).second) outcome.unchanged();
    });
  }
  friend bool operator==(const Till&, const Till&) = default;
};

class DurabilityScoreTest : public testing::Test {
 protected:
  Scenario order() {
    Scenario scenario("order", [this](DurableContext ctx) -> Task<int> {
      const int price = co_await ctx.step("price", [] { return 12; });
      co_await ctx.step("charge", [&] { till_.charge("charge"); });
      co_await ctx.wait("pause", absl::Hours(1));
      co_await ctx.wait_for_callback<bool>("approve", [](const std::string&) {});
      co_return price;
    });
    scenario.world(till_).answer_callback("approve", "true");
    return scenario;
  }

  Till till_;
};

TEST_F(DurabilityScoreTest, OfAnExplorationIsFull) {
  Scenario scenario = order();
  const DurabilityScore score = durability_score(scenario, [&] { EXPECT_DURABLE(scenario); });
  EXPECT_THAT(score.survivors, IsEmpty()) << score.text();
  EXPECT_GT(score.total(), 5);
  // A price that is computed again, and a charge with a key, are the same as before.
  EXPECT_THAT(score.equivalent, Contains(Field(&Mutant::operation, std::string("order/price#1"))));
}

TEST_F(DurabilityScoreTest, OfATestThatLooksAtNothingIsPoor) {
  Scenario scenario = order();
  const DurabilityScore score = durability_score(scenario, [&] { run(scenario); });
  EXPECT_GT(score.survivors.size(), score.noticed.size()) << score.text();
  EXPECT_THAT(score.text(), HasSubstr("survives: order/charge#1: its effects are lost"));
}

TEST_F(DurabilityScoreTest, OfATestThatLooksAtTheWorldSeesLostEffects) {
  Scenario scenario = order();
  const DurabilityScore score = durability_score(scenario, [&] {
    const RunRecord record = run(scenario);
    EXPECT_EQ(record.end, RunEnd::kCompleted);
    EXPECT_EQ(till_.charges.size(), 1U);
    till_ = {};
  });
  EXPECT_THAT(score.noticed, Contains(Mutant{Mutant::Kind::kLostEffect, "order/charge#1"}));
  EXPECT_THAT(score.noticed, Contains(Mutant{Mutant::Kind::kNoCompletion, "approve"}));
}

TEST_F(DurabilityScoreTest, NeedsASuiteThatPasses) {
  Scenario scenario = order();
  EXPECT_THROW(durability_score(scenario, [] { ADD_FAILURE() << "broken"; }), ProgramError);
}

}  // namespace
}  // namespace reprise
