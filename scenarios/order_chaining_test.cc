// Scenario 1: a chain of plain functions, in every situation and with every published mistake.
#include "scenarios/order_chaining.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reprise/testing/testing.h"
#include "scenarios/agreement_test_support.h"

namespace scenarios::order_chaining {
namespace {

using reprise::ExecutionStatus;
using reprise::RunRecord;
using reprise::Scenario;
using reprise::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;

// --- without faults -----------------------------------------------------------------------------

std::string result_of(const RunRecord& record, std::size_t execution = 0) {
  return record.outcomes.at(execution).result.str();
}

TEST(OrderChaining, CompletesAnOrder) {
  OrderChaining chain(Situation::kCompleted);
  Scenario scenario = chain.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(result_of(record),
            R"({"orderId":"order-1","paymentId":"pay-order-1-1","status":"completed",)"
            R"("timestamp":"2026-01-01T00:00:00Z","trackingId":"track-order-1"})");
  EXPECT_EQ(chain.shop().stock("lamp"), 3);
  EXPECT_EQ(chain.shop().allocated("lamp"), 2);
  EXPECT_TRUE(chain.shop().carrier.has("order-1"));
  EXPECT_EQ(chain.shop().payments.captured_cents("order-1"), 2 * 2500 + 310);
  EXPECT_THAT(history_lines(record, "order-1"),
              ElementsAre("ExecutionStarted",                                            //
                          "StepStarted validate-order", "StepSucceeded validate-order",  //
                          "ChainedInvokeStarted authorize-payment",                      //
                          "ChainedInvokeSucceeded authorize-payment",                    //
                          "ChainedInvokeStarted allocate-inventory",                     //
                          "ChainedInvokeSucceeded allocate-inventory",                   //
                          "ChainedInvokeStarted fulfill-order",                          //
                          "ChainedInvokeSucceeded fulfill-order",                        //
                          "StepStarted get-timestamp", "StepSucceeded get-timestamp",    //
                          "ExecutionSucceeded"));
}

TEST(OrderChaining, RejectsAnOrderWithAllThatIsWrongWithIt) {
  OrderChaining chain(Situation::kRejected);
  Scenario scenario = chain.scenario();
  const OrderResult result = nlohmann::json::parse(result_of(run(scenario))).get<OrderResult>();
  EXPECT_EQ(result.status, "rejected");
  EXPECT_THAT(result.errors, ElementsAre("the order has no items", "the shipping address is blank",
                                         "the billing address is blank", "there is no card",
                                         "the total is 25.02, the items make 0"));
  EXPECT_THAT(chain.shop().payments.payments(), IsEmpty());
}

TEST(OrderChaining, AllowsACentOfDifferenceInTheTotal) {
  Order order = OrderChaining(Situation::kCompleted).orders().front();
  const double total = order.orderTotal;
  order.orderTotal = total + 0.01;
  EXPECT_THAT(validate(order), IsEmpty());
  order.orderTotal = total - 0.02;
  EXPECT_THAT(validate(order), ElementsAre("the total is 53.08, the items make 53.1"));
  order.orderTotal = total;
  order.items.front().quantity = -2;
  EXPECT_THAT(validate(order), testing::Contains("the quantity of lamp is not positive"));
}

TEST(OrderChaining, StopsWhenTheCardIsDeclined) {
  OrderChaining chain(Situation::kDeclined);
  Scenario scenario = chain.scenario();
  EXPECT_EQ(result_of(run(scenario)),
            R"({"orderId":"order-1","reason":"no funds","status":"payment_declined",)"
            R"("timestamp":"2026-01-01T00:00:00Z"})");
  EXPECT_THAT(chain.shop().holders(), IsEmpty());
}

TEST(OrderChaining, GivesTheFirstItemBackWhenTheSecondIsShort) {
  OrderChaining chain(Situation::kShort);
  Scenario scenario = chain.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(result_of(record),
            R"({"orderId":"order-1","paymentId":"pay-order-1-1","productId":"bulb",)"
            R"("status":"inventory_unavailable","timestamp":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(chain.shop().stock("lamp"), 5);
  EXPECT_THAT(chain.shop().holders(), IsEmpty());
  EXPECT_EQ(chain.shop().payments.captures_of("order-1"), 0);
}

TEST(OrderChaining, RestoresTheStockWhenTheCarrierRefuses) {
  OrderChaining chain(Situation::kNotFulfilled);
  Scenario scenario = chain.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(result_of(record), R"({"orderId":"order-1","paymentId":"pay-order-1-1",)"
                               R"("reason":"the street is flooded","status":"fulfillment_failed",)"
                               R"("timestamp":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(chain.shop().stock("lamp"), 5);
  EXPECT_EQ(chain.shop().stock("bulb"), 2);
  // The compensation is an operation of its own, behind the one that failed.
  EXPECT_THAT(history_lines(record, "order-1"),
              testing::IsSupersetOf(
                  {"ChainedInvokeSucceeded fulfill-order", "StepSucceeded restore-inventory"}));
}

TEST(OrderChaining, SellsTheLastLampsOnce) {
  OrderChaining chain(Situation::kLastLamps);
  Scenario scenario = chain.scenario();
  const RunRecord record = run(scenario);
  EXPECT_THAT(result_of(record, 0), testing::HasSubstr(R"("status":"completed")"));
  EXPECT_THAT(result_of(record, 1), testing::HasSubstr(R"("status":"inventory_unavailable")"));
  EXPECT_EQ(chain.shop().stock("lamp"), 2);
}

TEST(OrderChaining, IsCalledAgainWhenAWorkerDies) {
  OrderChaining chain(Situation::kCompleted);
  Scenario scenario = chain.scenario();
  reprise::ScheduleEvent crash;
  crash.place.kind = reprise::PointKind::kEffect;
  crash.place.moment = reprise::Moment::kAfter;
  crash.place.operation = "order-1/allocate-inventory#1/inventory-worker";
  crash.place.effect = 1;
  const RunRecord record = run(scenario, reprise::Schedule{{crash}});
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_EQ(record.crashes, 1);
  EXPECT_EQ(chain.shop().stock("lamp"), 3);
  EXPECT_THAT(result_of(record), testing::HasSubstr(R"("status":"completed")"));
}

TEST(OrderChaining, FailsAndUndoesWhenAWorkerDiesTooOften) {
  OrderChaining chain(Situation::kCompleted);
  Scenario scenario = chain.scenario();
  reprise::Schedule schedule;
  for (int attempt = 1; attempt <= kWorkerAttempts; ++attempt) {
    reprise::ScheduleEvent& crash = schedule.events.emplace_back();
    crash.place.kind = reprise::PointKind::kEffect;
    crash.place.moment = reprise::Moment::kAfter;
    crash.place.operation =
        "order-1/fulfill-order#" + std::to_string(attempt) + "/fulfillment-worker";
    crash.place.effect = 2;
  }
  const RunRecord record = run(scenario, schedule);
  EXPECT_THAT(record.unreached, IsEmpty());
  EXPECT_EQ(record.outcomes.front().status, ExecutionStatus::kFailed);
  EXPECT_EQ(record.outcomes.front().error->type, "InvokeError");
  EXPECT_EQ(chain.shop().stock("lamp"), 5);
  EXPECT_FALSE(chain.shop().carrier.has("order-1"));
  EXPECT_EQ(chain.shop().payments.refunded_cents("order-1"), 5310);
}

// --- with faults --------------------------------------------------------------------------------

class OrderChainingIn : public testing::TestWithParam<Situation> {};

TEST_P(OrderChainingIn, SurvivesEveryCrash) {
  OrderChaining chain(GetParam());
  Scenario scenario = chain.scenario();
  EXPECT_DURABLE(scenario);
}

INSTANTIATE_TEST_SUITE_P(Situation, OrderChainingIn,
                         testing::Values(Situation::kCompleted, Situation::kRejected,
                                         Situation::kDeclined, Situation::kShort,
                                         Situation::kNotFulfilled, Situation::kLastLamps),
                         [](const auto& test) { return test_name(scenario_name(test.param)); });

// Two orders that do not meet have the states of the one times those of the other.
TEST(OrderChaining, SurvivesACrashAndAnOverlapOfTwoOrders) {
  OrderChaining chain(Situation::kTwoOrders);
  Scenario scenario = chain.scenario();
  const reprise::Exploration exploration = sweep(scenario, 1);
  EXPECT_TRUE(exploration.sound());
  EXPECT_THAT(exploration.certificate.text(), testing::HasSubstr("exhaustive to 1 crash"));
}

TEST(OrderChaining, ClosesOverAnyNumberOfCrashes) {
  OrderChaining chain(Situation::kRejected);
  Scenario scenario = chain.scenario();
  EXPECT_EQ(explore(scenario).certificate.text(),
            "fault points 13/13, closed: 5 states, any number of crashes; 6 environments; 6 "
            "arrivals; 28 faults; 9 "
            "overlaps; 2 limits");
}

// --- the published mistakes ---------------------------------------------------------------------
// The sound version of each is silent in the same situation: see above.

TEST(OrderChainingTwins, TimestampOutsideStep) {
  TimestampOutsideStep twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kUnstableOutcome, 2);
}

TEST(OrderChainingTwins, StepInStep) {
  StepInStep twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kBoundary, 2);
}

TEST(OrderChainingTwins, CheckThenSet) {
  CheckThenSet twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kLostEffect, 2);
}

TEST(OrderChainingTwins, WorkerCalledByHand) {
  WorkerCalledByHand twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 2);
}

TEST(OrderChainingTwins, RestoreUnconditional) {
  RestoreUnconditional twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 2);
}

TEST(OrderChainingTwins, FirstItemKept) {
  FirstItemKept twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kOrphanEffect, 2);
}

// --- the closure against brute force ------------------------------------------------------------

TEST(OrderChainingClosure, FindsWhatBruteForceFinds) {
  for (const Situation situation :
       {Situation::kCompleted, Situation::kRejected, Situation::kDeclined, Situation::kShort,
        Situation::kNotFulfilled}) {
    OrderChaining sound(situation);
    expect_agreement(sound);
  }
  TimestampOutsideStep timestamp;
  expect_agreement(timestamp);
  StepInStep nested;
  expect_agreement(nested);
  WorkerCalledByHand by_hand;
  expect_agreement(by_hand);
  RestoreUnconditional unconditional;
  expect_agreement(unconditional);
  FirstItemKept kept;
  expect_agreement(kept);
}

TEST(OrderChainingClosure, FindsWhatBruteForceFindsForTwoOrders) {
  OrderChaining sound(Situation::kLastLamps);
  expect_agreement(sound);
}

TEST(OrderChainingClosure, FindsWhatBruteForceFindsForAnOverwrittenDecrement) {
  CheckThenSet twin;
  expect_agreement(twin);
}

}  // namespace
}  // namespace scenarios::order_chaining
