#include "reprise/checks/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

LedgerEntry entry(std::string action, std::string arguments,
                  std::string operation = "order/pay#1") {
  LedgerEntry entry;
  entry.operation = SharedText(std::move(operation));
  entry.attempt = 1;
  entry.invocation = 1;
  entry.target = "bank";
  entry.action = std::move(action);
  entry.arguments = std::move(arguments);
  return entry;
}

EndedRun ended(std::string result, Ledger ledger, World::Copy world) {
  EndedRun run;
  run.record.outcomes = {
      {"order", ExecutionStatus::kSucceeded, SharedText(std::move(result)), nullptr}};
  run.record.ledger = std::move(ledger);
  run.world = std::move(world);
  return run;
}

class Refinement : public testing::Test {
 protected:
  Refinement() { world_.add(value_); }
  World::Copy world(int value) {
    value_ = value;
    return world_.save();
  }
  std::vector<std::string> found(const EndedRun& run, const std::vector<EndedRun>& references) {
    std::vector<std::string> verdicts;
    References held;
    held.crash_free = references;
    for (const Finding& finding : checks::refinement(world_, run, held)) {
      verdicts.push_back(std::string(to_string(finding.verdict)) + " " + finding.subject);
    }
    return verdicts;
  }
  int value_ = 0;
  World world_;
};

TEST_F(Refinement, AcceptsTheOutcomeOfAnyRunWithoutFaults) {
  const EndedRun a = ended("1", {entry("debit", "10")}, world(90));
  const EndedRun b = ended("2", {entry("debit", "20")}, world(80));
  EXPECT_THAT(found(b, {a, b}), IsEmpty());
}

TEST_F(Refinement, AcceptsEffectsThatWereRepeatedWithoutADifference) {
  const EndedRun once = ended("1", {entry("put", "x")}, world(1));
  const EndedRun twice = ended("1", {entry("put", "x"), entry("put", "x")}, world(1));
  EXPECT_THAT(found(twice, {once}), IsEmpty());
}

TEST_F(Refinement, CallsOneEffectMoreADuplicate) {
  const EndedRun once = ended("1", {entry("debit", "10")}, world(90));
  const EndedRun twice = ended("1", {entry("debit", "10"), entry("debit", "10")}, world(80));
  EXPECT_THAT(found(twice, {once}), ElementsAre("DUPLICATE_EFFECT bank.debit"));
}

TEST_F(Refinement, CallsOneEffectLessALoss) {
  const EndedRun once = ended("1", {entry("debit", "10")}, world(90));
  EXPECT_THAT(found(ended("1", {}, world(100)), {once}), ElementsAre("LOST_EFFECT bank.debit"));
}

TEST_F(Refinement, CallsAnEffectThatNoReferenceHasAnOrphan) {
  const EndedRun none = ended("1", {}, world(100));
  EXPECT_THAT(found(ended("1", {entry("debit", "10")}, world(90)), {none}),
              ElementsAre("ORPHAN_EFFECT bank.debit"));
}

TEST_F(Refinement, CallsAnotherResultUnstable) {
  const EndedRun reference = ended("\"12:00\"", {}, world(0));
  EXPECT_THAT(found(ended("\"12:01\"", {}, world(0)), {reference}),
              ElementsAre("UNSTABLE_OUTCOME result"));
  EXPECT_THAT(found(ended("\"12:00\"", {}, world(1)), {reference}),
              ElementsAre("UNSTABLE_OUTCOME world"));
}

TEST_F(Refinement, IgnoresEffectsThatChangedNothing) {
  LedgerEntry recognised = entry("debit", "10");
  recognised.changed = false;
  const EndedRun once = ended("1", {entry("debit", "10")}, world(90));
  const EndedRun other = ended("2", {entry("debit", "10"), recognised}, world(90));
  EXPECT_THAT(found(other, {once}), ElementsAre("UNSTABLE_OUTCOME result"));
}

TEST(UnownedEffects, AreFoundOnceARealReplayRepeatsThem) {
  LedgerEntry first = entry("mail", "hello", "order");
  first.owned = false;
  LedgerEntry again = first;
  RunRecord record;
  record.ledger = {first, again};
  EXPECT_THAT(checks::unowned_effects(record), IsEmpty())
      << "twice in one invocation is its author's business";
  record.ledger[1].invocation = 2;
  const auto findings = checks::unowned_effects(record);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kDuplicateEffect);
  record.ledger[1].changed = false;
  EXPECT_THAT(checks::unowned_effects(record), IsEmpty())
      << "a service that recognises the repeat is fine";
}

TEST(Incidents, BecomeTheVerdictOfTheirKind) {
  RunRecord record;
  const auto verdict = [&](Incident::Kind kind, const std::string& message) {
    Incident incident;
    incident.kind = kind;
    incident.message = message;
    record.incidents = {incident};
    return checks::incidents(record)[0].verdict;
  };
  EXPECT_EQ(verdict(Incident::Kind::kDivergence, ""), Verdict::kDivergentOp);
  EXPECT_EQ(verdict(Incident::Kind::kUnvisited, ""), Verdict::kDivergentOp);
  EXPECT_EQ(verdict(Incident::Kind::kArguments, ""), Verdict::kDivergentArg);
  EXPECT_EQ(verdict(Incident::Kind::kMisuse, ""), Verdict::kBoundary);
  EXPECT_EQ(verdict(Incident::Kind::kServiceRejected,
                    "STEP output payload size must be less than or equal to 262144 bytes."),
            Verdict::kLimit);
}

TEST(Incidents, AttemptsWithoutEndAreNoQuestionOfSize) {
  RunRecord record;
  Incident incident;
  incident.kind = Incident::Kind::kServiceRejected;
  incident.message = "Durable execution exceeded the maximum number of operations of 3000.";
  record.incidents = {incident};
  EXPECT_EQ(checks::incidents(record)[0].verdict, Verdict::kLimit);
  record.incidents[0].recorded = "2998 attempts of order/send#1";
  const Finding finding = checks::incidents(record)[0];
  EXPECT_EQ(finding.verdict, Verdict::kStuck);
  EXPECT_THAT(finding.what, testing::StartsWith("2998 attempts of order/send#1"));
}

TEST(Progress, ReportsStuckAndRunawayRuns) {
  RunRecord record;
  EXPECT_THAT(checks::progress(record), IsEmpty());
  record.end = RunEnd::kStuck;
  record.end_reason = "order waits and nothing will wake it";
  const auto findings = checks::progress(record);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kStuck);
  EXPECT_THAT(findings[0].what, HasSubstr("nothing will wake it"));
  record.end = RunEnd::kRunaway;
  const auto runaway = checks::progress(record);
  ASSERT_THAT(runaway, SizeIs(1));
  EXPECT_EQ(runaway[0].verdict, Verdict::kStuck);
  EXPECT_NE(runaway[0].subject, findings[0].subject);
}

}  // namespace
}  // namespace reprise
