// Scenario 2: a long chain with two waits, in every situation and with every published mistake.
#include "scenarios/order_processing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reprise/explore/upgrade_pair.h"
#include "reprise/testing/testing.h"
#include "scenarios/agreement_test_support.h"
#include "scenarios/order_processing_versions.h"

namespace scenarios::order_processing {
namespace {

using reprise::DurableContext;
using reprise::ExecutionStatus;
using reprise::RunRecord;
using reprise::Scenario;
using reprise::Task;
using reprise::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kWaitingMs = 480'000;

std::vector<std::string> history_of(OrderProcessing& processing, const std::string& order) {
  return order_status(processing.shop().orders, order).history;
}

OrderResult result_of(const RunRecord& record) {
  return nlohmann::json::parse(record.outcomes.at(0).result.str()).get<OrderResult>();
}

// --- without faults -----------------------------------------------------------------------------

TEST(OrderProcessing, CompletesAnOrder) {
  OrderProcessing processing(Situation::kCompleted);
  Scenario scenario = processing.scenario();
  const RunRecord record = run(scenario);
  ASSERT_EQ(record.outcomes.front().status, ExecutionStatus::kSucceeded);
  const OrderResult result = result_of(record);
  EXPECT_EQ(result.orderId, "order-1");
  EXPECT_EQ(result.totalCents, 30'620 + 2'450);  // 8 % of it, rounded
  EXPECT_EQ(result.carrier, "StandardShip");
  EXPECT_EQ(result.points, 30);
  EXPECT_EQ(result.elapsedSeconds, 480);
  EXPECT_THAT(history_of(processing, "order-1"),
              ElementsAre("received", "paid", "reserved", "awaiting-warehouse", "picked",
                          "packaged", "awaiting-carrier", "shipped", "completed"));
  EXPECT_EQ(processing.book().stock("lamp"), 4);
  EXPECT_EQ(processing.book().customer("customer-7", "points"), 30);
  EXPECT_EQ(processing.book().shipments_of("order-1"), 1);
  EXPECT_EQ(processing.shop().payments.captured_cents("order-1"), 30'620);
  EXPECT_THAT(processing.shop().mailer.sent_to("ann@example.com"), SizeIs(1));
  EXPECT_THAT(processing.shop().sms.inbox("+4915201234567"),
              ElementsAre("On its way: " + result.trackingId));
}

// 480 s of virtual waiting in three invocations; the clock of the machine is asked by nobody.
TEST(OrderProcessing, WaitsEightMinutesWithoutSleeping) {
  OrderProcessing processing(Situation::kCompleted);
  Scenario scenario = processing.scenario();
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.virtual_ms, kWaitingMs);
  EXPECT_EQ(record.invocations, 3);
}

TEST(OrderProcessing, HasSeventeenOperations) {
  OrderProcessing processing(Situation::kExpensive);
  Scenario scenario = processing.scenario();
  const RunRecord record = run(scenario);
  std::vector<std::string> ended;
  for (const std::string& line : history_lines(record, "order-1")) {
    if (line.find("Succeeded ") != std::string::npos) ended.push_back(line);
  }
  EXPECT_THAT(ended,
              ElementsAre("StepSucceeded validate-order", "StepSucceeded check-inventory",
                          "StepSucceeded process-payment", "StepSucceeded reserve-inventory",
                          "StepSucceeded fraud-check", "StepSucceeded credit-check",
                          "StepSucceeded generate-invoice", "WaitSucceeded wait-for-warehouse",
                          "StepSucceeded pick-items", "StepSucceeded quality-check",
                          "StepSucceeded package-order", "StepSucceeded generate-shipping-label",
                          "WaitSucceeded wait-for-carrier", "StepSucceeded ship-order",
                          "StepSucceeded send-notifications", "StepSucceeded update-loyalty-points",
                          "StepSucceeded complete-order"));
  EXPECT_EQ(result_of(record).carrier, "ExpressShip");
}

TEST(OrderProcessing, ChecksTheCreditOnlyAboveAThousand) {
  OrderProcessing processing(Situation::kCompleted);
  Scenario scenario = processing.scenario();
  EXPECT_THAT(history_lines(run(scenario), "order-1"),
              testing::Not(testing::Contains("StepStarted credit-check")));
}

TEST(OrderProcessing, MakesAnIdForAnOrderThatHasNone) {
  OrderProcessing processing(Situation::kWithoutId);
  Scenario scenario = processing.scenario();
  const OrderResult result = result_of(run(scenario));
  EXPECT_THAT(result.orderId, testing::MatchesRegex("order-[0-9a-f]{8}"));
  EXPECT_THAT(processing.book().orders(), ElementsAre(result.orderId));
}

TEST(OrderProcessing, MailsWhoWantsNoTextMessages) {
  OrderProcessing processing(Situation::kOptedOut);
  Scenario scenario = processing.scenario();
  EXPECT_EQ(run(scenario).outcomes.front().status, ExecutionStatus::kSucceeded);
  EXPECT_THAT(processing.shop().mailer.outbox(), SizeIs(1));
  EXPECT_THAT(processing.shop().sms.accepted(), IsEmpty());
}

struct Failure {
  Situation situation;
  std::string reason;
  std::vector<std::string> history;
  int payments;
};

class OrderProcessingFails : public testing::TestWithParam<Failure> {};

TEST_P(OrderProcessingFails, WithTheFirstErrorAndUndoesWhatWasDone) {
  OrderProcessing processing(GetParam().situation);
  Scenario scenario = processing.scenario();
  const RunRecord record = run(scenario);
  ASSERT_EQ(record.outcomes.front().status, ExecutionStatus::kFailed);
  EXPECT_THAT(*record.outcomes.front().error->message, HasSubstr(GetParam().reason));
  EXPECT_THAT(history_of(processing, "order-1"), GetParam().history);
  EXPECT_THAT(processing.book().item("order-1").at("reason").get<std::string>(),
              HasSubstr(GetParam().reason));
  EXPECT_EQ(processing.book().stock("lamp"), 5);
  EXPECT_EQ(processing.book().stock("bulb"), 40);
  const auto& payments = processing.shop().payments;
  EXPECT_EQ(payments.captures_of("order-1"), GetParam().payments);
  EXPECT_EQ(payments.captured_cents("order-1"), payments.refunded_cents("order-1"));
  EXPECT_THAT(processing.shop().mailer.outbox(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Situation, OrderProcessingFails,
    testing::Values(
        Failure{Situation::kRejected, "the quantity of bulb is wrong", {"failed"}, 0},
        Failure{Situation::kOutOfStock, "short of bulb", {"received", "failed"}, 0},
        Failure{Situation::kDeclined, "no funds", {"received", "failed"}, 0},
        Failure{Situation::kFraud, "a risk", {"received", "paid", "reserved", "failed"}, 1},
        Failure{
            Situation::kNoCredit, "enough credit", {"received", "paid", "reserved", "failed"}, 1},
        Failure{Situation::kDamaged,
                "an item is damaged",
                {"received", "paid", "reserved", "awaiting-warehouse", "picked", "failed"},
                1}),
    [](const auto& test) { return "Number" + std::to_string(test.index + 1); });

TEST(OrderProcessing, NamesEverythingThatIsWrongWithAnOrder) {
  Order order = OrderProcessing(Situation::kRejected).orders().front();
  EXPECT_THAT(validate(order), ElementsAre("the quantity of bulb is wrong", "there is no customer",
                                           "the address is blank", "there is no card"));
  order.lines.clear();
  EXPECT_THAT(validate(order), testing::Contains("the order has no lines"));
}

// --- the status query ---------------------------------------------------------------------------

TEST(OrderStatusQuery, KnowsWhatIsImpossible) {
  OrderProcessing processing(Situation::kCompleted);
  Scenario scenario = processing.scenario();
  EXPECT_FALSE(order_status(processing.shop().orders, "order-1").found);
  run(scenario);
  OrderStatus status = order_status(processing.shop().orders, "order-1");
  EXPECT_EQ(impossibility(status), "");
  OrderStatus back = status;
  back.status = "packaged";
  EXPECT_EQ(impossibility(back), "packaged although it is completed");
  back.history.pop_back();
  EXPECT_EQ(impossibility(back), "packaged although it is shipped");
  back.status = "shipped";
  EXPECT_EQ(impossibility(back), "shipped with elapsedSeconds");
  EXPECT_TRUE(goes_on_from(back, status));
  EXPECT_FALSE(goes_on_from(status, back));
  back.history.erase(back.history.begin());
  EXPECT_EQ(impossibility(back), "paid as number 1 of its way");
  status.details.erase("trackingId");
  EXPECT_EQ(impossibility(status), "completed without trackingId");
}

// A client looks again and again; the plain function may be called at any moment.  What it answers
// depends on when it is asked; that its answers fit each other does not.
TEST(OrderStatusQuery, SeesNoTimeRunBackwards) {
  OrderProcessing processing(Situation::kWatched);
  Scenario scenario = processing.scenario();
  const reprise::Exploration exploration = sweep(scenario, 1);
  EXPECT_TRUE(exploration.sound());
  EXPECT_THAT(exploration.certificate.text(), HasSubstr("exhaustive to 1 crash"));
  const RunRecord record = run(scenario);
  EXPECT_EQ(record.outcomes.at(1).result, "\"everything in order\"");
}

// The same question from outside: at every place, twice, and last of all.
TEST(OrderStatusQuery, MayComeAtAnyMoment) {
  OrderProcessing processing(Situation::kDamaged);
  Scenario scenario = processing.scenario();
  int asked = 0;
  scenario.external_event(
      "status-query", [] { return true; },
      [&] {
        ++asked;
        EXPECT_EQ(impossibility(order_status(processing.shop().orders, "order-1")), "");
      });
  EXPECT_DURABLE(scenario);
  EXPECT_GT(asked, 100);
}

// --- with faults --------------------------------------------------------------------------------

std::string test_name(Situation situation) {
  const std::string name = scenario_name(situation);
  std::string test;
  bool upper = true;
  for (const char c : name.substr(name.find('.') + 1)) {
    if (c != '-') test += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = c == '-';
  }
  return test;
}

class OrderProcessingIn : public testing::TestWithParam<Situation> {};

TEST_P(OrderProcessingIn, SurvivesEveryCrash) {
  OrderProcessing processing(GetParam());
  Scenario scenario = processing.scenario();
  EXPECT_DURABLE(scenario);
}

INSTANTIATE_TEST_SUITE_P(Situation, OrderProcessingIn,
                         testing::Values(Situation::kCompleted, Situation::kExpensive,
                                         Situation::kWithoutId, Situation::kOptedOut,
                                         Situation::kRejected, Situation::kOutOfStock,
                                         Situation::kDeclined, Situation::kFraud,
                                         Situation::kNoCredit, Situation::kDamaged),
                         [](const auto& test) { return test_name(test.param); });

TEST(OrderProcessing, ClosesOverAnyNumberOfCrashes) {
  OrderProcessing processing(Situation::kFraud);
  Scenario scenario = processing.scenario();
  EXPECT_EQ(explore(scenario).certificate.text(),
            "fault points 51/51, closed: 20 states, any number of crashes; 6 environments; 2 "
            "arrivals; 105 faults; 39 overlaps; 1 limits");
}

// Two orders that do not meet have the states of the one times those of the other.
TEST(OrderProcessing, SurvivesACrashAndAnOverlapOfTwoOrders) {
  OrderProcessing processing(Situation::kTwoOrders);
  Scenario scenario = processing.scenario();
  EXPECT_TRUE(sweep(scenario, 1).sound());
}

// Both have seen enough lamps before one of them takes them.  Then the other is paid back, which no
// run does in which one comes after the other: here the invariants say what is right.
TEST(OrderProcessing, SellsTheLastLampsOnce) {
  OrderProcessing processing(Situation::kLastLamps);
  Scenario scenario = processing.scenario();
  scenario.without(reprise::Mechanism::kRefinement);
  scenario.sometimes("somebody is paid back",
                     [&] { return processing.shop().payments.refunded_cents("order-1") > 0; });
  EXPECT_TRUE(sweep(scenario, 1).sound());
}

// --- the published mistakes ---------------------------------------------------------------------
// The sound version of each is silent in the same situation: see above.

TEST(OrderProcessingTwins, StatusOutsideStep) {
  StatusOutsideStep twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kInvariant, 0);
}

TEST(OrderProcessingTwins, IdFromClock) {
  IdFromClock twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kOrphanEffect, 2);
}

TEST(OrderProcessingTwins, RefundWithoutKey) {
  RefundWithoutKey twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 2);
}

TEST(OrderProcessingTwins, MailWithTheWrite) {
  MailWithTheWrite twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kDuplicateEffect, 2);
}

TEST(OrderProcessingTwins, ElapsedFromId) {
  ElapsedFromId twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kUnstableOutcome, 2);
}

// The body does not pass on what ends its process: BOUNDARY, whatever else it does.
TEST(OrderProcessingTwins, CatchEverything) {
  CatchEverything twin;
  Scenario scenario = twin.scenario();
  EXPECT_FINDS(scenario, Verdict::kBoundary, 2);
}

// --- the closure against brute force ------------------------------------------------------------

TEST(OrderProcessingClosure, FindsWhatBruteForceFinds) {
  for (const Situation situation : {Situation::kRejected, Situation::kDeclined}) {
    OrderProcessing sound(situation);
    expect_agreement(sound);
  }
  RefundWithoutKey refund;
  expect_agreement(refund);
}

TEST(OrderProcessingClosure, FindsWhatBruteForceFindsForAWholeOrder) {
  OrderProcessing sound(Situation::kCompleted);
  expect_agreement(sound);
}

// --- other versions -----------------------------------------------------------------------------

template <class Version>
struct Upgrade {
  Upgrade() { after.set_processor(std::make_unique<Version>(after.shop())); }

  OrderProcessing before{Situation::kCompleted};
  OrderProcessing after{Situation::kCompleted};
  Scenario from = before.scenario();
  Scenario to = after.scenario();
};

TEST(OrderProcessingUpgrades, AnotherTaxIsSafeBothWays) {
  Upgrade<HigherTax> upgrade;
  EXPECT_UPGRADABLE(upgrade.from, upgrade.to);
}

TEST(OrderProcessingUpgrades, AnOperationBehindTheLastOneIsSafeForward) {
  Upgrade<AskingForReview> upgrade;
  const reprise::UpgradePairReport report = check_upgrade(upgrade.from, upgrade.to);
  EXPECT_TRUE(report.forward.ok());
  EXPECT_FALSE(report.roll_back.ok());
}

TEST(OrderProcessingUpgrades, WhoWaitsForTheWarehouseCanStillBeWeighed) {
  Upgrade<Weighing> upgrade;
  const reprise::UpgradeReport report = check_upgrade(upgrade.from, upgrade.to).forward;
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(describe(report.histories.front()),
              testing::AllOf(HasSubstr("suspended at wait \"wait-for-warehouse\""),
                             HasSubstr("breaks from step \"generate-shipping-label\" on")));
}

TEST(OrderProcessingUpgrades, AnotherWaitIsForWhoHasNotComeToIt) {
  Upgrade<FasterCarrier> upgrade;
  const reprise::UpgradeReport report = check_upgrade(upgrade.from, upgrade.to).forward;
  ASSERT_THAT(report.histories.front().breaks, SizeIs(1));
  const reprise::UpgradeReason& reason = report.histories.front().breaks.front().reason;
  EXPECT_EQ(reason.verdict, Verdict::kDivergentArg);
  EXPECT_EQ(reason.operation, "wait-for-carrier#1");
}

// Who has been accepted already cannot go on: the record says the time in another way.
TEST(OrderProcessingUpgrades, AResultOfAnotherFormIsForWhoHasNotBegun) {
  Upgrade<DatedAcceptance> upgrade;
  const reprise::UpgradeReport report = check_upgrade(upgrade.from, upgrade.to).forward;
  ASSERT_THAT(report.histories.front().breaks, SizeIs(1));
  const reprise::UpgradeReason& reason = report.histories.front().breaks.front().reason;
  EXPECT_EQ(reason.verdict, Verdict::kUndecodable);
  EXPECT_EQ(reason.operation, "validate-order#1");
}

}  // namespace
}  // namespace scenarios::order_processing
