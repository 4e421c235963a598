// Scenario 5: the durable invoke of a plain function, its errors, and every published mistake.
#include "scenarios/invoke_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "reprise/testing/testing.h"
#include "scenarios/agreement_test_support.h"

namespace scenarios::invoke_statistics {
namespace {

using reprise::EventType;
using reprise::ExecutionStatus;
using reprise::RunRecord;
using reprise::Scenario;
using reprise::Verdict;
using testing::ElementsAre;

// --- without faults -----------------------------------------------------------------------------

// As the documentation of the sample has it.
constexpr const char* kDocumented =
    R"({"statusCode": 200, "body": "{\"message\": \"Durable orchestration completed )"
    R"(successfully\", \"input_values\": [10, 20, 30, 40, 50], \"processing_result\": )"
    R"({\"operation\": \"sum_and_average\", \"count\": 5, \"sum\": 150, \"average\": 30.0, )"
    R"(\"max\": 50, \"min\": 10}}"})";

TEST(InvokeStatistics, AnswersAsDocumented) {
  InvokeStatistics statistics(Situation::kAnswers);
  Scenario scenario = statistics.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.outcomes.front().result.view(), kDocumented);
  EXPECT_EQ(statistics.world().processor.runs(), 1);
  EXPECT_THAT(history_lines(record, "statistics-1"),
              ElementsAre("ExecutionStarted",                                          //
                          "StepStarted prepare_input", "StepSucceeded prepare_input",  //
                          "ChainedInvokeStarted invoke_processor",                     //
                          "ChainedInvokeSucceeded invoke_processor",                   //
                          "ExecutionSucceeded"));
}

TEST(InvokeStatistics, RefusesAnEmptyInput) {
  InvokeStatistics statistics(Situation::kEmptyInput);
  Scenario scenario = statistics.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.outcomes.front().status, ExecutionStatus::kFailed);
  EXPECT_EQ(record.outcomes.front().error->type, "StepError");
  EXPECT_EQ(statistics.world().processor.runs(), 0);
}

/// The error with which the service recorded the end of the invoke; the handler ends with an
/// InvokeError that has the same message.
reprise::ErrorObject recorded_error(Situation situation) {
  InvokeStatistics statistics(situation);
  Scenario scenario = statistics.scenario();
  const RunRecord record = run(scenario);
  const std::vector<reprise::Event>& events = record.histories.at("statistics-1");
  const auto failed = std::find_if(events.begin(), events.end(), [](const reprise::Event& event) {
    return event.type == EventType::kChainedInvokeFailed;
  });
  if (failed == events.end()) return {};
  const reprise::ErrorObject error = failed->details.error.value().payload.value();
  const reprise::ExecutionOutcome& outcome = record.outcomes.front();
  EXPECT_EQ(outcome.status, ExecutionStatus::kFailed);
  EXPECT_EQ(outcome.error->type, "InvokeError");
  EXPECT_EQ(outcome.error->message, error.message);
  return error;
}

TEST(InvokeStatistics, PassesOnThatTheProcessorFailed) {
  const reprise::ErrorObject error = recorded_error(Situation::kFails);
  EXPECT_EQ(error.type, "ValueError");
  EXPECT_EQ(error.message, "the processor is out of order");
}

TEST(InvokeStatistics, PassesOnThatTheProcessorWasThrottled) {
  EXPECT_EQ(recorded_error(Situation::kThrottled).type, "TooManyRequestsException");
}

TEST(InvokeStatistics, PassesOnThatTheProcessorWasTooSlow) {
  const reprise::ErrorObject error = recorded_error(Situation::kTimesOut);
  EXPECT_EQ(error.type, "Sandbox.Timedout");
  EXPECT_EQ(error.message, "Task timed out after 3.00 seconds");
}

TEST(InvokeStatistics, PassesOnThatTheAnswerWasTooLarge) {
  EXPECT_EQ(recorded_error(Situation::kAnswersTooMuch).type, "Function.ResponseSizeTooLarge");
}

TEST(InvokeStatistics, DoesNotRunTheProcessorAgainAfterItHasFinished) {
  InvokeStatistics statistics(Situation::kAnswers);
  Scenario scenario = statistics.scenario();
  reprise::ScheduleEvent crash;  // of the invocation that has the processor's answer
  crash.place.kind = reprise::PointKind::kResponse;
  crash.place.operation = "statistics-1";
  crash.place.invocation = 2;
  const RunRecord record = run(scenario, reprise::Schedule{{crash}});
  EXPECT_THAT(record.unreached, testing::IsEmpty());
  EXPECT_EQ(record.outcomes.front().result.view(), kDocumented);
  EXPECT_EQ(statistics.world().processor.runs(), 1);
}

// --- with faults --------------------------------------------------------------------------------

class InvokeStatisticsIn : public testing::TestWithParam<Situation> {};

TEST_P(InvokeStatisticsIn, SurvivesEveryCrash) {
  InvokeStatistics statistics(GetParam());
  Scenario scenario = statistics.scenario();
  EXPECT_DURABLE(scenario);
}

INSTANTIATE_TEST_SUITE_P(Situation, InvokeStatisticsIn,
                         testing::Values(Situation::kAnswers, Situation::kEmptyInput,
                                         Situation::kFails, Situation::kThrottled,
                                         Situation::kTimesOut, Situation::kAnswersTooMuch));

TEST(InvokeStatistics, Closes) {
  InvokeStatistics statistics(Situation::kAnswers);
  Scenario scenario = statistics.scenario();
  EXPECT_EQ(explore(scenario).certificate.text(),
            "fault points 13/13, closed: 9 states, any number of crashes; 6 environments; 4 "
            "arrivals; 24 faults; 8 "
            "overlaps; 2 limits");
}

// --- the published mistakes ---------------------------------------------------------------------

TEST(InvokeStatisticsTwins, CalledInHandler) {
  CalledInHandler twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 2);
}

TEST(InvokeStatisticsTwins, CalledInStep) {
  CalledInStep twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 2);
}

TEST(InvokeStatisticsTwins, UnorderedPayload) {
  UnorderedPayload twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDivergentArg, 2);
}

TEST(InvokeStatisticsTwins, EnvironmentOutsideStep) {
  EnvironmentOutsideStep twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDivergentArg, 2);
}

// --- the closure against brute force ------------------------------------------------------------

TEST(InvokeStatisticsClosure, FindsWhatBruteForceFinds) {
  for (const Situation situation : {Situation::kAnswers, Situation::kEmptyInput, Situation::kFails,
                                    Situation::kThrottled, Situation::kTimesOut}) {
    InvokeStatistics sound(situation);
    expect_agreement(sound);
  }
  CalledInHandler in_handler;
  expect_agreement(in_handler);
  CalledInStep in_step;
  expect_agreement(in_step);
  UnorderedPayload unordered;
  expect_agreement(unordered);
  EnvironmentOutsideStep environment;
  expect_agreement(environment);
}

}  // namespace
}  // namespace scenarios::invoke_statistics
