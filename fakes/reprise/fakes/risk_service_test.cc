#include "reprise/fakes/risk_service.h"

#include <gtest/gtest.h>

#include <concepts>
#include <stdexcept>

#include "reprise/fakes/recording_sink_test_support.h"

namespace reprise::fakes {
namespace {

static_assert(std::copyable<RiskService> && std::equality_comparable<RiskService>);

TEST(RiskService, ScoresWhatItKnows) {
  RiskService risk;
  risk.set_score("tx-7", 4);
  EXPECT_EQ(risk.score_of("tx-7"), (RiskAnswer{RiskStatus::kScored, 4}));
  EXPECT_TRUE(risk.score_of("tx-7").ok());
  EXPECT_EQ(risk.score_of("tx-8").status, RiskStatus::kUnknown);
  EXPECT_FALSE(risk.score_of("tx-8").ok());
}

TEST(RiskService, HasNoAnswerForWhatItFailsFor) {
  RiskService risk;
  risk.set_score("tx-7", 4);
  risk.set_score("tx-8", 1);
  risk.fail_for("tx-7");
  EXPECT_EQ(risk.score_of("tx-7").status, RiskStatus::kUnavailable);
  EXPECT_TRUE(risk.score_of("tx-8").ok());
}

TEST(RiskService, AQuestionIsAnEffectThatChangesNothing) {
  RiskService risk("scores");
  risk.set_score("tx-7", 4);
  const RiskService before = risk;
  RecordingSink run;
  risk.score_of("tx-7");
  EXPECT_EQ(run.last().call, "scores.score(tx-7)");
  EXPECT_FALSE(run.last().changed);
  EXPECT_TRUE(run.last().repeatable);
  EXPECT_EQ(risk, before);
}

TEST(RiskService, ADeadProcessGetsNoAnswer) {
  RiskService risk;
  risk.set_score("tx-7", 4);
  RecordingSink run;
  run.tear_down();
  EXPECT_EQ(risk.score_of("tx-7").status, RiskStatus::kNoAnswer);
  EXPECT_EQ(to_string(RiskStatus::kNoAnswer), "NoAnswer");
}

}  // namespace
}  // namespace reprise::fakes
