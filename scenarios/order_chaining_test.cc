#include "scenarios/order_chaining.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reprise/testing/testing.h"

namespace scenarios::order_chaining {
namespace {
using reprise::Scenario;
class All : public testing::TestWithParam<Situation> {};
TEST_P(All, Sound) {
  OrderChaining chain(GetParam());
  Scenario scenario = chain.scenario();
  auto e = reprise::explore(scenario);
  for (auto& o : e.benign.outcomes) std::cout << o.name << " " << to_string(o.status) << " " << o.result.view() << (o.error ? *o.error->message : "") << "\n";
  std::cout << e.certificate.text() << " resumes " << e.certificate.resumes << " runs " << e.certificate.runs << "\n";
  EXPECT_DURABLE(scenario);
}
INSTANTIATE_TEST_SUITE_P(S, All, testing::Values(Situation::kCompleted, Situation::kRejected, Situation::kDeclined, Situation::kShort, Situation::kNotFulfilled, Situation::kTwoOrders, Situation::kLastLamps));
template <class T> void show() {
  T chain;
  Scenario scenario = chain.scenario();
  EXPECT_DURABLE(scenario);
}
TEST(Twins, A) { show<TimestampOutsideStep>(); }
TEST(Twins, B) { show<StepInStep>(); }
TEST(Twins, C) { show<CheckThenSet>(); }
TEST(Twins, D) { show<WorkerCalledByHand>(); }
TEST(Twins, E) { show<RestoreUnconditional>(); }
TEST(Twins, F) { show<FirstItemKept>(); }
}  // namespace
}  // namespace scenarios::order_chaining
