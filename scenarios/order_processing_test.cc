#include "scenarios/order_processing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reprise/testing/testing.h"
#include "scenarios/agreement_test_support.h"
namespace scenarios::order_processing {
namespace {
using reprise::Scenario;
class OrderProcessingIn : public testing::TestWithParam<Situation> {};

TEST_P(OrderProcessingIn, SurvivesEveryCrash) {
  OrderProcessing processing(GetParam());
  Scenario scenario = processing.scenario();
  EXPECT_DURABLE(scenario);
}
INSTANTIATE_TEST_SUITE_P(S, OrderProcessingIn,
                         testing::Values(Situation::kCompleted, Situation::kExpensive,
                                         Situation::kWithoutId, Situation::kOptedOut,
                                         Situation::kRejected, Situation::kOutOfStock,
                                         Situation::kDeclined, Situation::kFraud,
                                         Situation::kNoCredit, Situation::kDamaged));
TEST(Twins, A) {
  StatusOutsideStep t;
  Scenario s = t.scenario();
  EXPECT_DURABLE(s);
}
TEST(Twins, B) {
  IdFromClock t;
  Scenario s = t.scenario();
  EXPECT_DURABLE(s);
}
TEST(Twins, C) {
  RefundWithoutKey t;
  Scenario s = t.scenario();
  EXPECT_DURABLE(s);
}
TEST(Twins, D) {
  MailWithTheWrite t;
  Scenario s = t.scenario();
  EXPECT_DURABLE(s);
}
TEST(Twins, E) {
  ElapsedFromId t;
  Scenario s = t.scenario();
  EXPECT_DURABLE(s);
}
TEST(Big, LastLamps) {
  OrderProcessing t(Situation::kLastLamps);
  Scenario s = t.scenario();
  EXPECT_TRUE(sweep(s, 1).sound());
}
TEST(Big, Watched) {
  OrderProcessing t(Situation::kWatched);
  Scenario s = t.scenario();
  EXPECT_TRUE(sweep(s, 1).sound());
}
}  // namespace
}  // namespace scenarios::order_processing
