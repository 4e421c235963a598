// Scenario 3: fraud detection, in every situation and with every published mistake.
#include "scenarios/fraud_detection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/testing/testing.h"
#include "scenarios/agreement_test_support.h"

namespace scenarios::fraud_detection {
namespace {

using reprise::Arrival;
using reprise::ExecutionStatus;
using reprise::FunctionConfig;
using reprise::InvocationType;
using reprise::RunRecord;
using reprise::Scenario;
using reprise::Schedule;
using reprise::ScheduleEvent;
using reprise::Verdict;
using reprise::fakes::ClientAnswer;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// --- without faults: every branch ---------------------------------------------------------------

Decision decision_of(const RunRecord& record, std::size_t execution = 0) {
  return nlohmann::json::parse(record.outcomes.at(execution).result.view()).get<Decision>();
}

/// How long the run took, in virtual hours.
double hours(const RunRecord& record) {
  return static_cast<double>(record.virtual_ms) / (3600.0 * 1000.0);
}

TEST(FraudDetection, AuthorisesALowRisk) {
  FraudDetection detection(Situation::kLowRisk);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.outcomes.front().result,
            R"({"answer":"","id":3,"paymentId":"pay-tx-3-1","score":2,"status":"authorized"})");
  EXPECT_THAT(
      history_lines(record, "tx-3"),
      ElementsAre("ExecutionStarted",                                    //
                  "StepStarted fraudCheck", "StepSucceeded fraudCheck",  //
                  "StepStarted authorize-3", "StepSucceeded authorize-3", "ExecutionSucceeded"));
}

TEST(FraudDetection, AsksForTheScoreThatIsMissing) {
  FraudDetection detection(Situation::kUnscored);
  Scenario scenario = detection.scenario();
  const Decision decision = decision_of(run(scenario));
  EXPECT_EQ(decision.score, 1);
  EXPECT_EQ(decision.status, "authorized");
}

TEST(FraudDetection, CountsEveryErrorOfTheRiskServiceAsFive) {
  FraudDetection detection(Situation::kUnscorable);
  Scenario scenario = detection.scenario();
  const Decision decision = decision_of(run(scenario));
  EXPECT_EQ(decision.score, 5);
  EXPECT_EQ(decision.status, "sent to fraud department");
}

TEST(FraudDetection, SendsAHighRiskToTheFraudDepartment) {
  FraudDetection detection(Situation::kHighRisk);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(decision_of(record).status, "sent to fraud department");
  EXPECT_EQ(detection.bank().department.reason(3), "high risk");
  EXPECT_EQ(detection.bank().authorisations(3), 0U);
  EXPECT_THAT(history_lines(record, "tx-3"), Contains("StepSucceeded sendToFraudDepartment-3"));
}

TEST(FraudDetection, SuspendsAMediumRiskUntilTheCustomerAnswers) {
  FraudDetection detection(Situation::kBothAnswered);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario);
  const Decision decision = decision_of(record);
  EXPECT_EQ(decision.status, "authorized");
  EXPECT_EQ(decision.answer, "yes, by mail");
  EXPECT_FALSE(detection.bank().suspensions.get("tx-3").is_null());
  EXPECT_THAT(detection.bank().email.outbox(), SizeIs(1));
  EXPECT_THAT(detection.bank().sms.outbox(), SizeIs(1));
  EXPECT_THAT(history_lines(record, "tx-3"),
              testing::IsSupersetOf(
                  {"StepSucceeded suspend-3", "ContextStarted human-verification",
                   "ContextStarted SendVerificationEmail", "ContextStarted SendVerificationSMS",
                   "ContextSucceeded human-verification", "StepSucceeded finalize-3"}));
}

// Practice 6: the timeout of the callbacks ends the wait, and there is time left for what follows.
TEST(FraudDetection, EscalatesWhenNobodyAnswersForADay) {
  FraudDetection detection(Situation::kNobodyAnswers);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.outcomes.front().status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(decision_of(record).status, "escalated");
  EXPECT_EQ(detection.bank().department.reason(3), "not verified");
  EXPECT_EQ(detection.bank().authorisations(3), 0U);
  EXPECT_THAT(history_lines(record, "tx-3"), Contains("StepSucceeded timeout-escalate-3"));
  EXPECT_EQ(hours(record), 24);
}

TEST(FraudDetection, TakesTheTextMessageWhenTheMailBounces) {
  FraudDetection detection(Situation::kMailBounces);
  Scenario scenario = detection.scenario();
  const Decision decision = decision_of(run(scenario));
  EXPECT_EQ(decision.status, "authorized");
  EXPECT_EQ(decision.answer, "yes, by sms");
  EXPECT_FALSE(detection.bank().department.has(3));
}

// --- practice 1: idempotent steps ---------------------------------------------------------------

ScheduleEvent crash_after_effect(const std::string& operation, int attempt = 1) {
  ScheduleEvent crash;
  crash.kind = ScheduleEvent::Kind::kCrash;
  crash.place.kind = reprise::PointKind::kEffect;
  crash.place.moment = reprise::Moment::kAfter;
  crash.place.operation = operation;
  crash.place.attempt = attempt;
  crash.place.effect = 1;
  return crash;
}

TEST(FraudDetection, PaysAgainUnderTheSameKeyAfterACrash) {
  FraudDetection detection(Situation::kLowRisk);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario, Schedule{{crash_after_effect("tx-3/authorize-3#1")}});
  EXPECT_THAT(record.unreached, IsEmpty());
  ASSERT_THAT(record.ledger, SizeIs(2));
  for (const reprise::LedgerEntry& entry : record.ledger) EXPECT_EQ(entry.key, "tx-3");
  EXPECT_FALSE(record.ledger.back().changed);
  EXPECT_EQ(detection.bank().authorisations(3), 1U);
}

TEST(FraudDetection, ChargesTheLegacyServiceOnce) {
  FraudDetection detection(Situation::kLegacyVendor);
  Scenario scenario = detection.scenario();
  EXPECT_EQ(decision_of(run(scenario)).status, "authorized");
  EXPECT_THAT(detection.bank().legacy.payments(), SizeIs(1));
  EXPECT_THAT(detection.bank().payments.payments(), IsEmpty());
}

// Two layers: who starts an execution under another name meets the key of the payment.
TEST(FraudDetection, AuthorisesOnceAlsoForTwoExecutions) {
  FraudDetection detection(Situation::kTwoNames);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario);
  ASSERT_THAT(record.outcomes, SizeIs(2));
  EXPECT_EQ(record.outcomes[0].result, record.outcomes[1].result);
  EXPECT_EQ(detection.bank().authorisations(3), 1U);
}

TEST(FraudDetection, DoesNotRepeatAChargeOfTheLegacyServiceThatWasInterrupted) {
  FraudDetection detection(Situation::kLegacyVendor);
  Scenario scenario = detection.scenario();
  const RunRecord record =
      run(scenario, Schedule{{crash_after_effect("tx-3/charge-legacy-system#1")}});
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_EQ(decision_of(record).status, "charge unknown");
  EXPECT_EQ(detection.bank().department.reason(3), "charge unknown");
  EXPECT_EQ(detection.bank().authorisations(3), 1U);
}

// --- practice 2: one execution for a name -------------------------------------------------------

/// What the service answers to somebody who starts executions by hand.
std::vector<ClientAnswer> start_by_hand(FraudDetection& detection, const Transaction& first,
                                        const Transaction& second) {
  std::vector<ClientAnswer> answers;
  Scenario scenario = detection.scenario();
  scenario.external_event(
      "two clicks", [] { return true; },
      [&] {
        for (const Transaction& tx : {first, second}) {
          answers.push_back(
              detection.bank().lambda.start("fraud-detection:$LATEST", "by-hand", tx));
        }
      });
  const RunRecord record = run(scenario);
  EXPECT_THAT(record.outcomes, SizeIs(2));  // that of the scenario, and one by hand
  return answers;
}

TEST(FraudDetection, StartedTwiceByTheSameNameIsOneExecution) {
  FraudDetection detection(Situation::kHighRisk);
  const Transaction& tx = detection.transactions().front();
  const std::vector<ClientAnswer> answers = start_by_hand(detection, tx, tx);
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_TRUE(answers[0].ok());
  EXPECT_FALSE(answers[0].existing);
  EXPECT_TRUE(answers[1].existing);
  EXPECT_EQ(answers[0].execution_arn, answers[1].execution_arn);
}

TEST(FraudDetection, StartedByTheSameNameWithAnotherPayloadIsAnError) {
  FraudDetection detection(Situation::kHighRisk);
  Transaction other = detection.transactions().front();
  other.amount += 1;
  const std::vector<ClientAnswer> answers =
      start_by_hand(detection, detection.transactions().front(), other);
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_FALSE(answers[1].ok());
  EXPECT_EQ(answers[1].error, "DurableExecutionAlreadyStartedException");
}

// --- practice 3: a plain function between queue and handler -------------------------------------

TEST(FraudDetection, IsStartedByWhatComesThroughTheQueue) {
  FraudDetection detection(Situation::kQueued);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario);
  ASSERT_THAT(record.outcomes, SizeIs(1));
  EXPECT_EQ(record.outcomes.front().name, "tx-3");
  EXPECT_EQ(decision_of(record).status, "authorized");
  EXPECT_THAT(detection.intake().queue().messages(), IsEmpty());
}

ScheduleEvent delivered_twice() {
  ScheduleEvent twice;
  twice.kind = ScheduleEvent::Kind::kArrival;
  twice.subject = "transaction";
  twice.arrival = Arrival::kTwice;
  return twice;
}

TEST(FraudDetection, AMessageThatComesTwiceStartsOneExecution) {
  FraudDetection detection(Situation::kQueued);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario, Schedule{{delivered_twice()}});
  EXPECT_THAT(record.outcomes, SizeIs(1));
  EXPECT_THAT(detection.intake().queue().messages(), IsEmpty());
}

// The process dies between the start and its answer to the mapping: the message comes again.
TEST(FraudDetection, AMessageThatIsDeliveredAgainStartsOneExecution) {
  FraudDetection detection(Situation::kQueued);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario, Schedule{{crash_after_effect("intake/intermediary")}});
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_THAT(record.outcomes, SizeIs(1));
  EXPECT_EQ(record.virtual_ms, 720'000);  // the visibility timeout
  EXPECT_THAT(detection.intake().queue().messages(), IsEmpty());
}

TEST(FraudDetection, APoisonMessageReachesTheDeadLettersAndHoldsNobodyUp) {
  FraudDetection detection(Situation::kPoison);
  Scenario scenario = detection.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(decision_of(record).status, "authorized");
  EXPECT_THAT(detection.intake().queue().messages(), IsEmpty());
  ASSERT_THAT(detection.intake().queue().dead_letters(), SizeIs(1));
  EXPECT_EQ(detection.intake().queue().dead_letters().front().receive_count, Intake::kReceives);
}

// Nothing in the message is wrong, but whoever works on it dies each time.
TEST(FraudDetection, AMessageWhoseProcessDiesEachTimeIsADeadLetterAndNoLoss) {
  FraudDetection detection(Situation::kQueued);
  Scenario scenario = detection.scenario();
  Schedule schedule;
  for (int delivery = 1; delivery <= Intake::kReceives; ++delivery) {
    schedule.events.push_back(crash_after_effect("intake/intermediary", delivery));
    schedule.events.back().place.moment = reprise::Moment::kBefore;
  }
  const RunRecord record = run(scenario, schedule);
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_THAT(record.outcomes, IsEmpty());
  EXPECT_THAT(detection.intake().queue().dead_letters(), SizeIs(1));
}

// --- practice 4: timeouts and the way of invoking -----------------------------------------------

TEST(FraudDetection, IsNotStartedSynchronouslyForADay) {
  FraudDetection detection(Situation::kHighRisk);
  Scenario scenario = detection.scenario();
  ClientAnswer answer;
  scenario.external_event(
      "synchronous start", [] { return true; },
      [&] {
        answer = detection.bank().lambda.start("fraud-detection:$LATEST", "tx-sync-test",
                                               detection.transactions().front(),
                                               InvocationType::kRequestResponse);
      });
  EXPECT_THAT(run(scenario).outcomes, SizeIs(1));
  EXPECT_EQ(answer.error, "InvalidParameterValueException");
  EXPECT_EQ(answer.message,
            "You cannot synchronously invoke a durable function with an executionTimeout greater "
            "than 15 minutes.");
}

// Without the intermediary: a mapping invokes synchronously, so every delivery is refused.
TEST(FraudDetection, IsNotInvokedByAMappingItself) {
  FraudDetection detection(Situation::kQueued);
  reprise::fakes::Queue& queue = detection.intake().queue();
  reprise::fakes::EventSourceMappingOptions options;
  options.function = kFunction;
  options.function_timeout = absl::Seconds(kFunctionTimeoutSeconds);
  reprise::fakes::EventSourceMapping mapping("direct", queue, options);
  FunctionConfig config;
  config.execution_timeout_seconds = kExecutionTimeoutSeconds;
  const auto handler = [](reprise::DurableContext, nlohmann::json) -> reprise::Task<> {
    co_return;
  };
  Scenario scenario("fraud-detection.direct");
  scenario.durable_function(kFunction, handler, config).event_source(mapping).world(queue, mapping);
  scenario.external_event(
      "transaction", [] { return true; }, [&] { queue.send("{}"); });
  EXPECT_THAT(run(scenario).outcomes, IsEmpty());
  EXPECT_THAT(queue.dead_letters(), SizeIs(1));
}

// --- practice 5: the first answer wins ----------------------------------------------------------

ScheduleEvent arrival(const std::string& subject, Arrival how) {
  ScheduleEvent event;
  event.kind = ScheduleEvent::Kind::kArrival;
  event.subject = subject;
  event.arrival = how;
  return event;
}

TEST(FraudDetection, TakesTheFirstAnswerWhicheverChannelItComesBy) {
  FraudDetection detection(Situation::kBothAnswered);
  Scenario scenario = detection.scenario();
  EXPECT_EQ(hours(run(scenario)), 1);
  const RunRecord text_first =
      run(scenario, Schedule{{arrival("SendVerificationEmail", Arrival::kLate)}});
  EXPECT_EQ(decision_of(text_first).answer, "yes, by text");
  EXPECT_EQ(hours(text_first), 2);
}

TEST(FraudDetection, TheAnswerOfTheLoserChangesNothing) {
  FraudDetection detection(Situation::kBothAnswered);
  Scenario scenario = detection.scenario();
  const RunRecord benign = run(scenario);
  const Bank bank = detection.bank();
  for (const Arrival how :
       {Arrival::kLate, Arrival::kTwice, Arrival::kContradicted, Arrival::kNever,
        Arrival::kAtDeadline, Arrival::kAfterDeadline, Arrival::kBeforeDeadline}) {
    const RunRecord record = run(scenario, Schedule{{arrival("SendVerificationSMS", how)}});
    EXPECT_EQ(record.outcomes, benign.outcomes);
    EXPECT_EQ(detection.bank(), bank);
  }
}

TEST(FraudDetection, OneAnswerInTimeIsEnough) {
  FraudDetection detection(Situation::kBothAnswered);
  Scenario scenario = detection.scenario();
  const auto run_with = [&](Arrival mail, Arrival text) {
    return decision_of(run(scenario, Schedule{{arrival("SendVerificationEmail", mail),
                                               arrival("SendVerificationSMS", text)}}));
  };
  EXPECT_EQ(run_with(Arrival::kNever, Arrival::kBeforeDeadline).answer, "yes, by text");
  EXPECT_EQ(run_with(Arrival::kBeforeDeadline, Arrival::kNever).answer, "yes, by mail");
  EXPECT_EQ(run_with(Arrival::kNever, Arrival::kNever).status, "escalated");
  EXPECT_EQ(run_with(Arrival::kAfterDeadline, Arrival::kAfterDeadline).status, "escalated");
}

// --- a new version while executions are under way -----------------------------------------------

// The handler as published, and mended: who waits for the customer goes on with either.
TEST(FraudDetection, IsMendedWhileCustomersAreWaitedFor) {
  for (const Situation situation : {Situation::kBothAnswered, Situation::kNobodyAnswers}) {
    FraudDetection published(situation, Flaw::kFailureOutvotes);
    FraudDetection mended(situation);
    Scenario before = published.scenario();
    Scenario after = mended.scenario();
    EXPECT_UPGRADABLE(before, after);
  }
}

// Who was escalated although he had answered is behind the place that was mended.
TEST(FraudDetection, CannotBeMendedForWhomItHasDecidedWrongly) {
  FraudDetection published(Situation::kMailBounces, Flaw::kFailureOutvotes);
  FraudDetection mended(Situation::kMailBounces);
  Scenario before = published.scenario();
  Scenario after = mended.scenario();
  const reprise::UpgradePairReport report = reprise::check_upgrade(before, after);
  EXPECT_FALSE(report.forward.ok());
  EXPECT_THAT(describe(report),
              HasSubstr("because the new handler calls step \"finalize-3\" where the history holds "
                        "step \"timeout-escalate-3\""));
}

// --- with faults --------------------------------------------------------------------------------

class FraudDetectionIn : public testing::TestWithParam<Situation> {};

// Crashes, arrivals, overlaps, environments, faults: all that the harness has, and closed.
TEST_P(FraudDetectionIn, SurvivesEveryCrash) {
  FraudDetection detection(GetParam());
  Scenario scenario = detection.scenario();
  EXPECT_DURABLE(scenario);
  EXPECT_THAT(explore(scenario).certificate.text(), HasSubstr("any number of crashes"));
}

INSTANTIATE_TEST_SUITE_P(Situation, FraudDetectionIn,
                         testing::Values(Situation::kLowRisk, Situation::kUnscored,
                                         Situation::kUnscorable, Situation::kHighRisk,
                                         Situation::kLegacyVendor, Situation::kMailAnswered,
                                         Situation::kBothAnswered, Situation::kMailBounces,
                                         Situation::kNobodyAnswers, Situation::kTwoNames,
                                         Situation::kTwoTransactions, Situation::kQueued,
                                         Situation::kPoison),
                         [](const auto& test) { return test_name(scenario_name(test.param)); });

// --- the published mistakes ---------------------------------------------------------------------
// The sound version of each is silent in the same situation: see above.

TEST(FraudDetectionTwins, NoKey) {
  NoKey twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 1);
}

TEST(FraudDetectionTwins, RandomKey) {
  RandomKey twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 1);
}

TEST(FraudDetectionTwins, BothAwaited) {
  BothAwaited twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kInvariant, 0);
}

TEST(FraudDetectionTwins, FailureOutvotes) {
  FailureOutvotes twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kInvariant, 0);
}

TEST(FraudDetectionTwins, NoTimeout) {
  NoTimeout twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kStuck, 0);
}

TEST(FraudDetectionTwins, ShortExecution) {
  ShortExecution twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kStuck, 0);
}

TEST(FraudDetectionTwins, ExceptionAwaited) {
  ExceptionAwaited twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kInvariant, 0);
}

TEST(FraudDetectionTwins, NamesCounted) {
  NamesCounted twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDivergentOp, 0);
}

TEST(FraudDetectionTwins, StartedUnnamed) {
  StartedUnnamed twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 1);
}

TEST(FraudDetectionTwins, LegacyRetried) {
  LegacyRetried twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 1);
}

// --- the closure against brute force ------------------------------------------------------------

// Without LegacyRetried: a second crash charges a third time, of which brute force says more.
TEST(FraudDetectionClosure, FindsWhatBruteForceFinds) {
  for (const Situation situation : {Situation::kLowRisk, Situation::kUnscored, Situation::kHighRisk,
                                    Situation::kLegacyVendor, Situation::kQueued}) {
    FraudDetection sound(situation);
    expect_agreement(sound);
  }
  NoKey no_key;
  expect_agreement(no_key);
  RandomKey random_key;
  expect_agreement(random_key);
  StartedUnnamed unnamed;
  expect_agreement(unnamed);
}

}  // namespace
}  // namespace scenarios::fraud_detection
